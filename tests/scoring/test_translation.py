"""chrF and BLEU of translated dialogues against their English originals."""

from __future__ import annotations

import pytest

from pivot_sum.data.samples import Sample
from pivot_sum.errors import ScoreRefused
from pivot_sum.scoring.translation import score_translations

sacrebleu = pytest.importorskip("sacrebleu")

ORIGINAL = (
    "#Person1#: Shall we meet at the library at four?\n#Person2#: Yes, I will bring the books."
)
WORSE = "#Person1#: Do we meet in the library at four?\n#Person2#: Yes, I bring books."


def sample(id: str, original: str | None = ORIGINAL) -> Sample:
    return Sample(
        id, "#Person1#: 네 시에 볼까요?\n#Person2#: 네.", ("둘은 만난다.",), original, None
    )


def test_the_originals_themselves_score_100() -> None:
    scores = score_translations({"d0": ORIGINAL}, [sample("d0")])
    assert (scores.chrf, scores.bleu) == pytest.approx((100, 100))
    assert (scores.turns, scores.dialogues, scores.left_out) == (2, 1, 0)


def test_figures_are_those_of_sacrebleu_turn_by_turn_without_heads() -> None:
    scores = score_translations({"d0": WORSE, "d1": ORIGINAL}, [sample("d0"), sample("d1")])
    ours = [
        "Do we meet in the library at four?",
        "Yes, I bring books.",
        *[line.split(": ")[1] for line in ORIGINAL.split("\n")],
    ]
    originals = [line.split(": ")[1] for line in ORIGINAL.split("\n")] * 2
    assert scores.chrf == sacrebleu.corpus_chrf(ours, [originals]).score
    assert scores.bleu == sacrebleu.corpus_bleu(ours, [originals]).score
    assert 20 < scores.bleu < 90
    assert scores.signatures[0].startswith("chrF") or "nc:6" in scores.signatures[0]
    assert "tok:13a" in scores.signatures[1]
    assert scores.as_json()["turns"] == 4
    assert (scores.dialogues, scores.left_out) == (2, 0)


def test_dialogues_that_do_not_correspond_turn_by_turn_are_left_out_and_counted() -> None:
    one_turn = "#Person1#: Shall we meet?"
    samples = [sample("d0"), sample("d1"), sample("d2", None), sample("d3")]
    scores = score_translations({"d0": ORIGINAL, "d1": one_turn, "d2": ORIGINAL}, samples)
    assert (scores.dialogues, scores.left_out, scores.chrf) == (1, 3, pytest.approx(100))


def test_without_any_original_there_is_nothing_to_score() -> None:
    with pytest.raises(
        ScoreRefused, match="None of 1 dialogues has an English original with as many turns"
    ):
        score_translations({"d0": ORIGINAL}, [sample("d0", None)])
