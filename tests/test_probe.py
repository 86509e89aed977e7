"""`pivot-sum probe`: which masks survive a translator, counted on the texts a step gets, natural
and made."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import pytest
from commandline import PIVOT, dialogues, pivot_project, pivot_sum, write_csv

from pivot_sum.errors import CacheMiss, UnknownStep
from pivot_sum.probe import ENOUGH_TEXTS, StepProbe, Survival, Tally, probe
from pivot_sum.running.execute import Request, execute
from pivot_sum.stages import STAGES
from pivot_sum.stages.base import Annotating, Answer, PlaceholderPolicy, Task, required
from pivot_sum.stages.placeholders.ladder import through_ladder
from pivot_sum.stages.text.placeholders import find

SEEN: list[str] = []


@dataclass(frozen=True, kw_only=True)
class Shouting(Annotating):
    """Translates each word by one word, in capitals, which some sentinels do not survive; remembers
    what it was asked."""

    name: ClassVar[str] = "shout"
    version: ClassVar[int] = 1
    task: ClassVar[Task] = "translate"
    placeholders: ClassVar[PlaceholderPolicy] = "keep"

    source: Literal["ko", "en"] = required("language of the texts it takes")
    target: Literal["ko", "en"] = required("language of the texts it gives")
    masks: tuple[Literal["as-is", "word", "xml", "bracket"], ...] = ("xml", "as-is")
    batch_size: int = 50

    def answers(self, texts: Sequence[str], /) -> list[Answer]:
        SEEN.extend(texts)
        results = through_ladder(list(texts), self._shouted, self.masks)
        return [Answer(result.text, {"rung": result.rung}) for result in results]

    def _shouted(self, texts: Sequence[str]) -> list[str]:
        word, of = (
            ("WORD", "[가-힣]+") if self.target == "en" else ("말", r"\b(?:WORD|Please|call)\b")
        )
        return [
            re.sub(of, word, text.replace("<", "").replace("#PhoneNumber#", "#Phone#")).upper()
            for text in texts
        ]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with `data.csv` and `shout.yaml`, which goes to English and back by shouting."""
    monkeypatch.setitem(STAGES, "shout", Shouting)
    monkeypatch.chdir(tmp_path)
    SEEN.clear()
    write_csv(tmp_path / "data.csv", dialogues(30))
    (tmp_path / "shout.yaml").write_text(
        "data: {file: data.csv}\n"
        "steps:\n"
        "  - {name: clean, stage: clean}\n"
        "  - {name: there, stage: shout, over: turn, source: ko, target: en}\n"
        "  - {name: back, stage: shout, over: sentence, source: en, target: ko}\n",
        encoding="utf-8",
    )
    return tmp_path


def probed(step: str | None = None, **changes: Any) -> list[StepProbe]:
    return probe(Request("shout.yaml", **changes), step)


def test_every_mask_the_stage_knows_is_counted_on_natural_and_made_texts(project: Path) -> None:
    [found] = probed("there")
    # 10 of 30 dialogues have a #PhoneNumber# of their own; 30 first turns and one answer have none
    assert (found.natural, found.made) == (10, 31)
    assert (found.step, found.model, found.source, found.target, found.over) == (
        "there",
        "shout",
        "ko",
        "en",
        "turn",
    )
    counts = {survival.mask: (survival.natural, survival.made) for survival in found.masks}
    # every other made text addresses somebody, the rest holds a #PhoneNumber#, which this
    # translator changes
    people = 16
    assert counts == {
        "as-is": (Tally(10, 0), Tally(31, people)),
        "word": (Tally(10, 0), Tally(31, people)),  # `PHONENUMBER` may be meant as such
        "xml": (Tally(10, 0), Tally(31, 0)),
        "bracket": (Tally(10, 10), Tally(31, 31)),
    }
    assert found.order == ["bracket", "as-is", "word"]


def test_made_texts_address_a_speaker_of_the_dialogue_or_name_a_number(project: Path) -> None:
    [found] = probed("there")
    made = [text for text in dict.fromkeys(SEEN) if text not in {answer for _, answer in turns()}]
    assert len(made) == found.made
    assert all(len(find(text)) == 1 for text in made)
    assert "#Person2#, 민수 씨, 두 시에 도서관에서 볼까요?" in made
    assert "#PhoneNumber#로 전화해 주세요, 지영 씨, 두 시에 도서관에서 볼까요?" in made


def turns() -> list[tuple[str, str]]:
    """The two utterances of each of the 30 dialogues, without heads."""
    parts = [dialogue.split("\n") for _, dialogue in dialogues(30)]
    return [(first.partition(": ")[2], second.partition(": ")[2]) for first, second in parts]


def test_where_the_data_has_enough_nothing_is_made(project: Path) -> None:
    rows = [
        (f"d{n}", f"#Person1#: {n}번 #Address#로 와요.\n#Person2#: 네.")
        for n in range(ENOUGH_TEXTS)
    ]
    write_csv(project / "data.csv", rows)
    [found] = probed("there")
    assert (found.natural, found.made) == (ENOUGH_TEXTS, 0)


def test_a_text_that_occurs_often_counts_once(project: Path) -> None:
    write_csv(
        project / "data.csv",
        [(f"d{n}", "#Person1#: #Person2#, 어디야?\n#Person2#: 네.") for n in range(5)],
    )
    [found] = probed("there")
    assert (found.natural, found.made) == (1, 1)


def test_without_a_step_every_step_with_masks_is_probed_on_what_it_gets(project: Path) -> None:
    there, back = probed(limit=6)
    assert (there.step, back.step) == ("there", "back")
    assert (back.source, back.target, back.over) == ("en", "ko", "sentence")
    assert any(text.startswith("Please call #PhoneNumber#, WORD") for text in SEEN)
    assert back.natural == 2


def test_progress_names_step_and_mask_and_how_many_there_are(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    probed("back", limit=6)
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(":")[0] for line in lines[:4]] == [
        "step 1 (clean)",
        "step 2 (there)",
        "back, mask as-is (1 of 4), natural texts",
        "back, mask as-is (1 of 4), made texts",
    ]
    assert lines[-1].startswith("back, mask bracket (4 of 4), made texts: 0 cached, ")


def test_what_takes_whole_dialogues_is_probed_turn_by_turn(project: Path) -> None:
    [found] = probed("there", settings=["there.over=dialogue"])
    assert (found.over, found.natural) == ("turn", 10)


def test_a_second_probe_and_an_offline_one_come_from_the_cache(project: Path) -> None:
    first = probed()
    SEEN.clear()
    assert probed() == probed(offline=True) == first
    assert SEEN == []
    write_csv(project / "data.csv", dialogues(31))
    with pytest.raises(CacheMiss):
        probed(offline=True)


def test_a_run_uses_what_a_probe_of_its_mask_computed(project: Path) -> None:
    write_csv(project / "data.csv", [("d", "#Person1#: #Person2#, 어디야?")])
    probed("there")
    SEEN.clear()
    execute(
        Request(
            "shout.yaml", stages="clean..there", settings=["there.masks=[bracket]"], out=Path("out")
        )
    )
    assert SEEN == []


@pytest.mark.parametrize(
    ("step", "settings", "message"),
    [
        (
            "clean",
            [],
            "--step clean: the recipe has no such step with masks; there are: there, back",
        ),
        ("nowhere", [], "there are: there, back"),
    ],
)
def test_a_step_that_cannot_be_probed_is_refused(
    project: Path, step: str, settings: list[str], message: str
) -> None:
    with pytest.raises(UnknownStep, match=message):
        probed(step, settings=settings)


def test_a_recipe_without_masks_is_refused(project: Path) -> None:
    (project / "shout.yaml").write_text(
        "data: {file: data.csv}\nsteps: [{name: clean, stage: clean}]\n", encoding="utf-8"
    )
    with pytest.raises(UnknownStep, match="no step with masks"):
        probed()


@pytest.mark.parametrize(
    ("texts", "survived", "low", "high"),
    # Newcombe, Statistics in Medicine 17 (1998), table I, method 3: 81/263, 15/148, 0/20, 1/29
    [
        (263, 81, 0.2553, 0.3662),
        (148, 15, 0.0624, 0.1605),
        (20, 0, 0.0, 0.1611),
        (29, 1, 0.0061, 0.1718),
        (29, 29, 0.8830, 1.0),
    ],
)
def test_the_interval_is_wilsons(texts: int, survived: int, low: float, high: float) -> None:
    assert Tally(texts, survived).interval == pytest.approx((low, high), abs=5e-5)


def test_without_texts_nothing_is_known() -> None:
    nothing = Survival("as-is", Tally(0, 0), Tally(0, 0)).as_json()
    assert (nothing["rate"], nothing["low"], nothing["high"]) == (None, 0.0, 1.0)


def test_masks_are_ordered_by_the_lower_end_ties_as_usual_and_dead_ones_left_out() -> None:
    masks = tuple(
        Survival(name, Tally(texts, survived), Tally(0, 0))
        for name, texts, survived in [
            ("as-is", 9, 5),
            ("word", 9, 9),
            ("xml", 9, 0),
            ("bracket", 99, 99),
            ("number", 9, 9),
        ]
    )
    found = StepProbe("s", "m", "ko", "en", "turn", 9, 0, masks)
    assert found.order == ["bracket", "word", "number", "as-is"]


# On the command line, with a small real checkpoint


@pytest.fixture(scope="module")
def checkpoints(nllb: Path, bart: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose random models were probed once in the first direction, the table in
    `printed.txt`."""
    folder = pivot_project(tmp_path_factory.mktemp("probe") / "project", nllb, bart, dialogues(6))
    printed = pivot_sum(folder, *PROBE, "--write", "better.yaml").stdout
    (folder / "printed.txt").write_text(printed, encoding="utf-8")
    return folder


PROBE = ["probe", *PIVOT[1:], "--step", "to-english"]


def test_the_table_says_how_many_texts_came_back_and_what_to_type_next(checkpoints: Path) -> None:
    lines = (checkpoints / "printed.txt").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "to-english: ko -> en, models/nllb, over turn"
    names = [line.split()[0] for line in lines[2:9]]
    assert names == ["as-is", "word", "name", "xml", "bracket", "underscore", "number"]
    assert '<x id="1"/>' in lines[5] and "2 of" not in lines[5].split("%")[0]
    assert "texts: 2 as they stand in the data, 7 made by putting placeholders into others" in lines
    assert "written: better.yaml (what --set changed is not in it)" in lines
    assert lines[-1] == "  pivot-sum run better.yaml --data data.csv"


def test_a_program_reads_the_same_from_the_cache(checkpoints: Path) -> None:
    told = json.loads(pivot_sum(checkpoints, *PROBE, "--offline", "--json").stdout)
    [step] = told["steps"]
    assert told["written"] is None
    assert {
        "step",
        "model",
        "source",
        "target",
        "over",
        "natural",
        "made",
        "masks",
        "order",
    } == step.keys()
    for mask in step["masks"]:
        assert mask["texts"] == mask["natural"]["texts"] + mask["made"]["texts"] == 9
        assert mask["survived"] == mask["natural"]["survived"] + mask["made"]["survived"]
        assert 0 <= mask["low"] <= mask["rate"] <= mask["high"] <= 1


def test_a_file_that_exists_is_not_overwritten_and_nothing_is_computed(checkpoints: Path) -> None:
    refused = pivot_sum(checkpoints, *PROBE, "--write", "data.csv", code=23)
    assert refused.message.startswith("--write data.csv: this file exists")
    assert "step " not in refused.stderr
