"""The verdict at the end of a run, against the dialogues: what a step only passes on is still
seen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commandline import pivot_sum, write_csv
from fakestages import Noting, Repairing, Selecting, run, step

from pivot_sum.cache import Cache
from pivot_sum.comparison.compare import compare
from pivot_sum.comparison.systems import load_systems
from pivot_sum.routing.judging import judge
from pivot_sum.running.execute import Request, execute
from pivot_sum.running.reading import StepLine, read_step
from pivot_sum.running.run import Run
from pivot_sum.scoring import load_metric
from pivot_sum.stages.base import Answer
from pivot_sum.stages.clean import Clean
from pivot_sum.stages.polish import Polish

STAGES = '''
from pivot_sum import Rule


class LastTurn(Rule):
    """Takes the last turn for a summary, in which the speaker talks to somebody."""

    name = "last-turn"
    version = 1
    task = "summarize"
    placeholders = "select"

    def apply(self, text):
        speaker, _, words = text.split("\\n")[-1].partition(": ")
        if "모두" in text:
            return "모두에게 인사한다."
        return f"{speaker}은 {'#Person3#' if '누구' in words else '#Person1#'}에게 말한다: {words}"

'''
RECIPE = """\
steps:
  - {name: clean, stage: clean}
  - {name: summarize, stage: "end_stages:LastTurn"}
  - {name: polish, stage: polish}
"""
ROWS = [
    ("kept", "#Person1#: 도서관에 갈까?\n#PErson2#: 네, 좋아요.", "둘은 도서관에 간다."),
    ("invented", "#Person1#: 도서관에 갈까?\n#Person2#: 누구랑요?", "누구와 갈지 묻는다."),
    ("lost", "#Person1#: #PhoneNumber#로 전화 주세요.\n#Person2#: 모두 안녕.", "인사한다."),
    ("none", "도서관에 갈까?\n네, 모두 가요.", "둘은 도서관에 간다."),
]
NAMED = "민수: 도서관에 갈까?\n지영: 누구랑요?\n민수: 수진이랑.\n지영: 네."


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "end_stages.py").write_text(STAGES, encoding="utf-8")
    (tmp_path / "end.yaml").write_text(RECIPE, encoding="utf-8")
    write_csv(tmp_path / "data.csv", ROWS, ("fname", "dialogue", "summary"))
    return tmp_path


def ran(**changes: object) -> Run:
    request: dict[str, object] = {"recipe": "end.yaml", "data": "data.csv", "out": Path("out")}
    return execute(Request(**(request | changes)))  # type: ignore[arg-type]


def last(run: Run) -> dict[str, StepLine]:
    return {line.id: line for line in read_step(run.folder, run.record.steps[-1])}


def test_speakers_a_summary_invents_are_invented_at_the_end_though_polish_kept_them(
    project: Path,
) -> None:
    finished = ran()
    record = json.loads(Path("out/run.json").read_text(encoding="utf-8"))
    assert record["end"] == {
        "step": "polish",
        "against": "clean",
        "verdicts": {"lost": 1, "kept": 1, "invented": 1},
    }
    assert record["format"] == 2
    assert finished.record.steps[-1].verdicts == {"kept": 2}
    assert {id: line.end for id, line in last(finished).items()} == {
        "kept": "kept",
        "invented": "invented",
        "lost": "lost",
        "none": None,
    }
    assert last(finished)["invented"].remarks == {}
    assert last(finished)["invented"].noticed == {"placeholder invented at the end": 1}
    assert last(finished)["kept"].noticed == {}


def test_the_end_is_printed_and_stands_where_remarks_are(project: Path) -> None:
    printed = pivot_sum(project, "run", "end.yaml", "--data", "data.csv", "--out", "out").stdout
    said = "placeholders at the end, against the dialogues: "
    assert said in printed
    assert said in pivot_sum(project, "show", "out").stdout
    noted = pivot_sum(project, "show", "out", "--remarks").stdout
    assert "placeholder invented at the end" in noted and "placeholder lost at the end" in noted
    shown = pivot_sum(project, "show", "out", "--id", "invented").stdout
    assert shown.count("(placeholder invented at the end)") == 1
    listed = json.loads(pivot_sum(project, "show", "out", "--remarks", "--json").stdout)["remarks"]
    assert {"step": "polish", "id": "lost", "remarks": {"placeholder lost at the end": 1}} in listed
    pivot_sum(project, "report", "out", "--tokenizer", "syllable", "--out", "report.html")
    page = (project / "report.html").read_text(encoding="utf-8")
    assert 'value="placeholder invented at the end"' in page
    assert "최종 결과에 지어낸 자리표시자" in page


def test_compare_and_route_take_the_end_from_the_run(project: Path) -> None:
    write_csv(
        project / "data.csv",
        [("a", NAMED, "둘은 도서관에 간다.")],
        ("fname", "dialogue", "summary"),
    )
    ran(settings=["clean.speakers=auto"])
    ran(settings=["clean.speakers=auto", "polish.speakers=name"], out=Path("named"))
    metric = load_metric(tokenizer="syllable")
    systems, samples = load_systems(["out", "named"])
    rows = compare(systems, samples, {"rouge": metric}).systems
    assert [row.verdicts for row in rows] == [{"kept": 1}, {"kept": 1}]
    assert [system.texts["a"] for system in systems] == [
        "#Person2#는 #Person1#에게 말한다: 네.",
        "지영은 민수에게 말한다: 네.",
    ]
    [judged] = judge(systems, samples, metric)
    assert not any("placeholder" in flag for one in judged for flag in one.flags)


def test_names_put_back_are_the_speakers_at_the_end_and_a_replay_finds_them(project: Path) -> None:
    rows = [
        ("a", NAMED),
        ("b", NAMED.replace("네.", "누구요?")),
        ("c", NAMED.replace("지영", "태호")),
    ]
    write_csv(project / "data.csv", rows)
    settings = ["clean.speakers=auto", "polish.speakers=name"]
    first = ran(settings=settings)
    assert first.summaries == {
        "a": "지영은 민수에게 말한다: 네.",
        "b": "지영은 #Person3#에게 말한다: 누구요?",
        "c": "태호는 민수에게 말한다: 네.",
    }
    assert first.record.end is not None and first.record.end.verdicts == {"kept": 2, "invented": 1}
    again = ran(settings=settings, offline=True, out=Path("again"))
    assert again.summaries == first.summaries
    assert again.record.end == first.record.end
    assert [step.computed for step in again.record.steps] == [0, 0, 0]
    assert [step.verdicts for step in first.record.steps] == [
        {"kept": 3},
        {"kept": 2, "invented": 1},
        {"kept": 3},
    ]


def test_the_note_on_speakers_says_which_field_to_set(
    project: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_csv(project / "data.csv", [("a", NAMED), ("b", "모두 안녕.\n네.")])
    ran()
    assert "add --set clean.speakers=auto, which makes them `#Person1#:`" in caplog.text
    caplog.clear()
    ran(settings=["clean.speakers=auto"], out=Path("named"))
    assert "no dialogue of" not in caplog.text
    write_csv(project / "data.csv", [("b", "팀장: 모두 안녕.\n네.")])
    ran(settings=["clean.speakers=auto"], out=Path("none"))
    assert "no dialogue of" in caplog.text and "have to be rewritten" in caplog.text
    ran(settings=["clean.speakers=[수지]"], out=Path("given"))
    assert "name the speakers: --set 'clean.speakers=[민수, 영희]'" in caplog.text


def test_a_part_of_a_recipe_is_judged_at_the_end_of_what_was_run(project: Path) -> None:
    summed = ran(stages="..summarize")
    assert summed.record.end is not None
    assert (summed.record.end.step, summed.record.end.verdicts["invented"]) == ("summarize", 1)
    assert ran(stages="clean", out=Path("cleaned")).record.end is None


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache.sqlite3")


def test_until_something_selects_all_placeholders_have_to_be_there(cache: Cache) -> None:
    dialogues = ["#Person1#: #PhoneNumber# 네.", "#Person1#: 네.", "네."]
    stars = Noting(answer=lambda text: Answer(text.replace("#PhoneNumber#", "***")))
    same = Noting(setting="b", answer=Answer)
    steps = [step(Clean(), name="clean"), step(stars, name="a"), step(same, name="b")]
    assert run(cache, dialogues, *steps)[-1].ends == ["lost", "kept", None]
    chosen = [*steps, step(Selecting(answer=lambda text: text), name="c")]
    assert run(cache, dialogues, *chosen)[-1].ends == ["kept", "kept", None]


def test_what_clean_repaired_is_the_dialogues_own_with_and_without_the_step(cache: Cache) -> None:
    damaged = ["##PErson1#: 네.\n#사람2#: 아니요."]
    fixing = Repairing(answer=lambda text: Clean()([text])[0])
    assert run(cache, damaged, step(fixing, name="a"))[-1].ends == ["kept"]
    steps = [step(Clean(), name="clean"), step(Polish(), "turn", "polish")]
    assert run(cache, damaged, *steps)[-1].ends == ["kept"]


def test_what_the_guard_and_the_verdict_find_invented_is_counted_once(cache: Cache) -> None:
    def answer(text: str) -> Answer:
        other = {"가": "#Person9# 가", "나": "Person9 나"}.get(text, text)
        return Answer(other, {"flags": ["invented placeholder", "split"] if other != text else []})

    [result] = run(cache, ["가", "나", "다"], step(Noting(answer=answer)))
    assert result.counts["verdicts"] == {"invented": 2}
    assert result.counts["flags"] == {"split": 2}
    assert [dict(found) for found in result.remarks] == [
        {"placeholder invented": 1, "split": 1},
        {"placeholder invented": 1, "split": 1},
        {},
    ]
