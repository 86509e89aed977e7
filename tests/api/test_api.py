"""The Python API: what a notebook or a script does with the package."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas
import pytest
from commandline import TEXT_RECIPE, dialogues, everything_in

import pivot_sum
from pivot_sum.cache.errors import CacheError
from pivot_sum.data.memory import data_file
from pivot_sum.errors import (
    CacheMiss,
    ColumnMissing,
    DataUnreadable,
    NotComparable,
    RecipeInvalid,
    RunFolderError,
    ScoreRefused,
)
from pivot_sum.scoring import Scores
from pivot_sum.stages.errors import StageError

ROWS: list[dict[str, Any]] = [
    {
        "fname": id_,
        "dialogue": f"{text} ㅋㅋ",
        "summary1": f"#Person1#은 #Person2#와 {id_}에서 만나기로 한다.",
        "summary2": "둘은 만나기로 한다.",
    }
    for id_, text in dialogues(12)
]
OTHER = "steps:\n  - {name: clean, stage: clean}\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with two recipes that need no model."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PIVOT_SUM_CACHE", raising=False)
    (tmp_path / "text.yaml").write_text(TEXT_RECIPE, encoding="utf-8")
    (tmp_path / "other.yaml").write_text(OTHER, encoding="utf-8")
    return tmp_path


class Dataset:
    """What a `datasets.Dataset` shows of itself."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.rows = rows
        self.column_names = list(rows[0])

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.rows)


def run(data: Any = None, **options: Any) -> pivot_sum.Run:
    return pivot_sum.run("text.yaml", ROWS if data is None else data, progress=False, **options)


# Names and weight


def test_every_public_name_is_there_and_no_other() -> None:
    assert all(getattr(pivot_sum, name) is not None for name in pivot_sum.__all__)
    assert {name for name in dir(pivot_sum) if not name.startswith("_")} == set(pivot_sum.__all__)
    with pytest.raises(AttributeError, match="no attribute 'rum'"):
        _ = pivot_sum.rum  # type: ignore[attr-defined]


def test_import_alone_loads_nothing_and_a_replay_stays_free_of_pandas(folder: Path) -> None:
    run()
    code = (
        "import sys, pivot_sum\n"
        "own = {name for name in sys.modules if name.startswith('pivot_sum')}\n"
        "assert own == {'pivot_sum'}, own\n"
        f"made = pivot_sum.run('text.yaml', {ROWS!r}, offline=True, score=False)\n"
        "assert len(made.summaries) == 12\n"
        "print(sorted({'pandas', 'numpy', 'torch', 'transformers', 'pyarrow'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr


def test_all_errors_have_one_base() -> None:
    for kind in (CacheMiss, StageError, CacheError):
        assert issubclass(kind, pivot_sum.PivotSumError)
    with pytest.raises(pivot_sum.PivotSumError, match="there is no recipe 'nothing'"):
        pivot_sum.run("nothing")


# Running


def test_a_run_gives_its_texts_its_samples_and_its_scores(folder: Path) -> None:
    made = run()
    assert made.folder.parent == Path("runs") and made.record.status == "finished"
    assert [sample.id for sample in made.samples] == [row["fname"] for row in ROWS]
    assert list(made.steps) == ["clean", "tidy", "spoken"]
    assert list(made.summaries) == [row["fname"] for row in ROWS]
    spoken = {id_: " ".join(text.split()) for id_, text in made.steps["spoken"].items()}
    assert spoken == made.summaries
    assert made.scores is not None and "mecab" in made.scores["signature"]
    again = pivot_sum.load_run(made.folder)
    assert (list(again.samples), again.summaries) == (list(made.samples), made.summaries)
    assert again.record == made.record


@pytest.mark.parametrize("settings", [{"spoken.colloquial": False}, ["spoken.colloquial=false"]])
def test_settings_are_a_mapping_or_what_the_command_line_takes(folder: Path, settings: Any) -> None:
    made = run(settings=settings)
    assert made.record.options.set == ["spoken.colloquial=false"]
    assert made.record.recipe.steps[2]["colloquial"] is False
    with pytest.raises(RecipeInvalid, match=r"steps\[2\]"):
        run(settings={"spoken.colloquial": "perhaps"})


def test_options_are_those_of_the_command_line(folder: Path) -> None:
    with pytest.raises(CacheError, match="There is no cache"):
        run(offline=True, out="never")
    assert not Path("never").exists()
    made = run(stages="clean..tidy", limit=3, cache="c.sqlite3", out="part")
    assert Path("c.sqlite3").exists() and made.folder == Path("part")
    assert [len(texts) for texts in made.steps.values()] == [3, 3]
    assert made.summaries == {} and made.scores is None
    assert len(made.samples) == 3


def test_progress_is_said_only_where_wanted(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    run()
    assert capfd.readouterr().err == ""
    pivot_sum.run("text.yaml", ROWS)
    assert "step 1 (clean): 12 cached, 0 to compute" in capfd.readouterr().err


def test_a_run_whose_data_has_gone_says_so(folder: Path) -> None:
    made = pivot_sum.load_run(run().folder)
    Path(made.record.data.file).unlink()
    with pytest.raises(RunFolderError, match=r"is not there \(looked from "):
        _ = made.samples
    assert made.summaries


def test_a_run_that_cannot_be_scored_says_why(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    english = {**ROWS[0], "dialogue": "#Person1#: The weather is really fine today, is it not?"}
    assert run([english]).scores is None
    assert "not scored" in caplog.text and "another script" in caplog.text


# Data


def test_data_of_every_kind_is_the_same_data(folder: Path) -> None:
    frame = pandas.DataFrame(ROWS)
    frame.to_csv("data.csv", index=False)
    kinds = ["data.csv", Path("data.csv"), frame, ROWS, Dataset(ROWS)]
    expected = pivot_sum.read_samples("data.csv")
    assert len(expected) == 12 and len(expected[0].references) == 2
    for data in kinds:
        assert pivot_sum.read_samples(data) == expected
        assert run(data).summaries == run(ROWS).summaries
        assert pivot_sum.load_run(run(data).folder).samples[:] == expected
    assert pivot_sum.read_samples(frame, limit=2) == expected[:2]


def test_rows_in_memory_are_told_by_what_they_are_and_what_they_hold(folder: Path) -> None:
    first, same = run(pandas.DataFrame(ROWS)), run(ROWS)
    other = run([{**ROWS[0], "dialogue": "#Person1#: 다른 말입니다."}, *ROWS[1:]])
    assert Path(first.record.data.file).name.startswith("DataFrame-of-12-rows-")
    assert first.record.data.sha256 == same.record.data.sha256 != other.record.data.sha256
    before = everything_in(Path(".pivot-sum", "data"))
    run(ROWS)
    assert everything_in(Path(".pivot-sum", "data")) == before


def test_a_file_that_was_changed_behind_our_back_is_written_anew(folder: Path) -> None:
    path = Path(data_file(ROWS, folder))
    path.write_text("{}\n", encoding="utf-8")
    assert data_file(ROWS, folder) == str(path) and path.stat().st_size > 100


def test_missing_values_numbers_and_lists_are_read_as_in_a_file() -> None:
    frame = pandas.DataFrame(
        {
            "fname": [7, 8],
            "dialogue": ["#Person1#: 가", "#Person1#: 나"],
            "summary1": ["다", None],
            "summary2": [float("nan"), pandas.NA],
            "dialogue_en": [["#Person1#: a"], pandas.NaT],
            "when": pandas.to_datetime(["2026-01-01", None]),
        }
    )
    one, two = pivot_sum.read_samples(frame)
    assert (one.id, one.references, one.english_dialogue) == ("7", ("다",), "#Person1#: a")
    assert (two.id, two.references, two.english_dialogue) == ("8", (), None)


def test_columns_are_named(folder: Path) -> None:
    rows = [{"id": "a", "text": "#Person1#: 안녕하세요."}]
    with pytest.raises(ColumnMissing, match="list of 1 rows has no column fname"):
        pivot_sum.read_samples(rows)
    columns = pivot_sum.Columns(id="id", dialogue="text")
    assert pivot_sum.read_samples(rows, columns)[0].id == "a"
    assert pivot_sum.read_samples(rows, {"id": "id", "dialogue": "text"})[0].id == "a"
    noted = [{**rows[0], "note": "둘은 인사한다."}]
    for names in ("note", ["note"]):
        columns = pivot_sum.Columns(id="id", dialogue="text", references=names)
        assert pivot_sum.read_samples(noted, columns)[0].references == ("둘은 인사한다.",)
    made = run(rows, settings={"data.columns.id": "id", "data.columns.dialogue": "text"})
    assert list(made.summaries) == ["a"]


def test_columns_that_are_none_are_refused() -> None:
    with pytest.raises(TypeError, match=r"no 'reference' \(did you mean 'references'\?\), only id"):
        pivot_sum.score({}, ROWS, columns={"reference": "note"})
    with pytest.raises(TypeError, match=r"list is neither a pivot_sum\.Columns nor a mapping"):
        pivot_sum.read_samples(ROWS, ["id"])  # type: ignore[arg-type]  # what is refused


@pytest.mark.parametrize("data", [5, {"train": ROWS}, ["text"], b"raw"])
def test_data_of_no_kind_we_know_is_refused(folder: Path, data: Any) -> None:
    for read in (pivot_sum.read_samples, run):
        with pytest.raises(DataUnreadable, match=r"cannot be read\. Give a path"):
            read(data)


# Looking


def test_a_run_as_a_frame_has_a_row_a_dialogue_and_a_column_a_step(folder: Path) -> None:
    frame = run().to_pandas()
    names = ["id", "dialogue", "reference1", "reference2", "clean", "tidy", "spoken"]
    assert list(frame.columns) == names and len(frame) == 12
    assert frame.loc[3, "dialogue"] == ROWS[3]["dialogue"]
    assert "ㅋㅋ" in frame.loc[3, "clean"] and "ㅋㅋ" not in frame.loc[3, "spoken"]


def test_a_step_never_hides_a_column_of_the_data(folder: Path) -> None:
    Path("text.yaml").write_text("steps:\n  - {name: dialogue, stage: clean}\n", encoding="utf-8")
    assert list(run().to_pandas().columns)[-1] == "step dialogue"


def test_what_a_notebook_shows_of_a_run_is_escaped(folder: Path) -> None:
    said = "#Person1#: <script>alert(1)</script> & 오늘은 정말 날씨가 좋네요, 그렇지요?"
    rows = [{**ROWS[0], "dialogue": said}]
    html = run(rows)._repr_html_()
    assert "<script>" not in html and "&lt;script&gt;alert(1)&lt;/script&gt; &amp;" in html
    assert "<caption>steps</caption>" in html and "tidy" in html and "rouge" in html
    assert pivot_sum.load_run("runs/" + next(Path("runs").iterdir()).name)._repr_html_() == html


# Comparing and scoring


def test_runs_recipes_and_files_are_compared(folder: Path) -> None:
    made = run()
    found = pivot_sum.compare(made, "other.yaml", data=ROWS, resamples=200)
    assert [row.label for row in found.systems] == ["text", "other"]
    assert len(found.samples) == 12 and len(found.differences) == 1
    own = pivot_sum.compare(made.folder, made.folder / "predictions.csv", resamples=200)
    assert own.differences[0].final.delta == 0
    with pytest.raises(NotComparable, match="two systems or more"):
        pivot_sum.compare(made)


def test_compare_asks_for_its_tokenizer_before_it_runs_a_recipe(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "mecab_ko._MeCab", None)
    with pytest.raises(pivot_sum.PivotSumError, match="mecab-ko cannot be loaded"):
        pivot_sum.compare("text.yaml", "other.yaml", data=ROWS)
    assert not Path("runs").exists()


def test_a_comparison_is_a_frame_and_a_table(folder: Path) -> None:
    found = pivot_sum.compare(run(), "other.yaml", resamples=200)
    frame = found.to_pandas()
    assert list(frame["system"])[:2] == ["text", "other"]
    assert frame.loc[1, "difference"] == pytest.approx(found.differences[0].final.delta)
    assert frame.loc[0, "final"] == pytest.approx(found.rows[0].scores["whole"].final)
    assert frame["kind"].value_counts()["system"] == 2
    html = found._repr_html_()
    assert "other" in html and "p-value" in html and found.signatures["whole"] in html


def test_a_run_a_file_and_summaries_by_id_get_the_same_score(folder: Path) -> None:
    made = run()
    scores = pivot_sum.score(made)
    assert isinstance(scores, Scores) and made.scores is not None
    assert scores.final == made.scores["final"]
    assert pivot_sum.score(str(made.folder)).final == scores.final
    assert pivot_sum.score(made.folder / "predictions.csv", ROWS).final == scores.final
    assert pivot_sum.score(dict(made.summaries), ROWS).final == scores.final
    assert pivot_sum.score(made, tokenizer="syllable").final != scores.final
    with pytest.raises(ScoreRefused, match="ids of list have no row"):
        pivot_sum.score({"d1": "둘은 만난다."}, ROWS)
