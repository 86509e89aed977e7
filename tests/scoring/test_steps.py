"""The steps of a run whose translations are scored, and which texts are compared with which."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pivot_sum.data.samples import Sample
from pivot_sum.errors import ScoreRefused
from pivot_sum.scoring import translation, translation_quality
from pivot_sum.scoring.translation import translations_of
from pivot_sum.scoring.translation_quality import quality_of

KOREAN = "#Person1#: 네 시에 볼까요?\n#Person2#: 네."
ENGLISH = "#Person1#: Shall we meet at four?\n#Person2#: Yes."
FOLDER = Path("run")


def step(name: str, task: str, source: str = "ko", target: str = "en") -> Any:
    return SimpleNamespace(name=name, task=task, source=source, target=target)


def sample(id: str, original: str | None = ENGLISH) -> Sample:
    return Sample(id, KOREAN, ("둘은 만난다.",), original, None)


PIVOT = (
    step("clean", "clean", "ko", "ko"),
    step("to-english", "translate"),
    step("again", "translate"),
    step("back", "translate", "en", "ko"),
    step("summarize", "summarize", "en", "en"),
    step("to-korean", "translate", "en", "ko"),
    step("again-to-english", "translate"),
)


@pytest.fixture(autouse=True)
def texts(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, str]]:
    """The texts of each step by the ids of the samples; a test may change them."""
    found = {
        "clean": {"a": KOREAN, "b": KOREAN},
        "to-english": {"a": ENGLISH, "b": ENGLISH},
        "again": {"a": "#Person1#: Four?\n#Person2#: Yes.", "b": ENGLISH},
        "back": {"a": KOREAN, "b": KOREAN},
        "summarize": {"a": "They meet at four.", "b": "They meet."},
        "to-korean": {"a": "둘은 네 시에 만난다.", "b": ""},
        "again-to-english": {"a": "They meet at four.", "b": "They meet."},
    }

    def read(folder: Path, step: Any) -> list[Any]:
        assert folder == FOLDER
        return [SimpleNamespace(id=id, text=text) for id, text in found[step.name].items()]

    monkeypatch.setattr(translation, "lines_of_step", read)
    monkeypatch.setattr(translation_quality, "read_step", read)
    return found


def run(*steps: Any) -> Any:
    return SimpleNamespace(steps=steps)


def test_dialogues_in_english_are_scored_until_there_is_a_summary() -> None:
    scores = translations_of(FOLDER, run(*PIVOT), [sample("a"), sample("b")])
    assert list(scores) == ["to-english", "again"]
    assert scores["to-english"].chrf == pytest.approx(100)
    assert scores["again"].chrf < 100


def test_a_run_without_a_summary_is_scored_to_its_end() -> None:
    assert list(translations_of(FOLDER, run(*PIVOT[:4]), [sample("a")])) == ["to-english", "again"]


def test_data_without_english_originals_has_no_scores() -> None:
    assert translations_of(FOLDER, run(*PIVOT), [sample("a", None)]) == {}


class Comet:
    """Gives each row its length, and keeps what it was asked."""

    name = "comet"

    def __init__(self, *, reads: bool = True, needs: bool = False) -> None:
        self.reads_references, self.needs_references = reads, needs
        self.cut = 5
        self.asked: list[tuple[list[str], list[str], list[str] | None]] = []

    def score(
        self, sources: list[str], translations: list[str], references: list[str] | None
    ) -> list[float]:
        self.asked.append((sources, translations, references))
        self.cut += 2
        return [float(len(text)) for text in translations]

    def signature(self, *, references: bool) -> str:
        return f"comet|references:{references}"


def quality(comet: Comet, *steps: Any, samples: Sequence[Sample] | None = None) -> dict[str, Any]:
    known = samples if samples is not None else [sample("a"), sample("b")]
    found = quality_of(FOLDER, run(*(steps or PIVOT)), known, comet)  # type: ignore[arg-type]  # a double
    return {name: one.as_json() for name, one in found.items()}


def test_turns_are_compared_before_the_summary_and_whole_texts_behind_it() -> None:
    comet = Comet()
    found = quality(comet)
    assert list(found) == ["to-english", "again", "back", "to-korean", "again-to-english"]
    turns = ["Shall we meet at four?", "Yes."]
    assert comet.asked[0] == (["네 시에 볼까요?", "네."] * 2, turns * 2, turns * 2)
    assert comet.asked[1] == (turns * 2, ["Four?", "Yes.", *turns], turns * 2)
    assert comet.asked[2][2] is None  # there is no Korean original to compare with
    assert comet.asked[3] == (["They meet at four."], ["둘은 네 시에 만난다."], None)
    assert comet.asked[4] == (["둘은 네 시에 만난다."], ["They meet at four."], None)
    assert found["to-english"] == {
        "comet": (22 + 4) / 2,
        "units": 4,
        "references": True,
        "left_out": 0,
        "cut": 2,
        "signature": "comet|references:True",
    }
    assert (found["to-korean"]["units"], found["to-korean"]["left_out"]) == (1, 1)
    assert found["to-korean"]["references"] is False


def test_dialogues_with_other_turns_than_their_translations_are_left_out(
    texts: dict[str, dict[str, str]],
) -> None:
    texts["to-english"]["a"] = "#Person1#: Shall we meet at four? Yes."
    found = quality(Comet(), PIVOT[1])
    assert (found["to-english"]["units"], found["to-english"]["left_out"]) == (2, 1)
    del texts["to-english"]["b"]
    with pytest.raises(
        ScoreRefused, match=r"None of 2 dialogues .* its translation and its English"
    ):
        quality(Comet(), PIVOT[1])
    with pytest.raises(ScoreRefused, match="as its translation: nothing for comet"):
        quality(Comet(reads=False), PIVOT[1])


def test_a_model_that_needs_references_scores_only_where_there_are_some() -> None:
    assert list(quality(Comet(needs=True))) == ["to-english", "again"]
    with pytest.raises(ScoreRefused, match="needs English originals"):
        quality(Comet(needs=True), samples=[sample("a", None)])
    with pytest.raises(ScoreRefused, match="none of them translates"):
        quality(Comet(), PIVOT[0], PIVOT[4])


def test_of_data_with_some_originals_the_others_are_left_out() -> None:
    comet = Comet()
    found = quality(comet, PIVOT[1], samples=[sample("a"), sample("b", None)])
    assert (found["to-english"]["units"], found["to-english"]["left_out"]) == (2, 1)
    assert comet.asked[0][2] == ["Shall we meet at four?", "Yes."]


def test_what_is_translated_of_a_summary_is_one_text_however_many_lines_it_has(
    texts: dict[str, dict[str, str]],
) -> None:
    texts["summarize"]["a"] = "They meet.\nThey talk."
    del texts["to-korean"]["b"]
    comet = Comet()
    found = quality(comet, *PIVOT[4:6])
    assert comet.asked == [(["They meet.\nThey talk."], ["둘은 네 시에 만난다."], None)]
    assert (found["to-korean"]["units"], found["to-korean"]["left_out"]) == (1, 1)
