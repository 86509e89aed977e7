"""Baselines: what needs no work."""

from __future__ import annotations

from pivot_sum.data.samples import Sample
from pivot_sum.scoring import baselines

DIALOGUES = (
    (
        "#Person1#: 안녕하세요.\r\n#Person2#: 네, 무엇을 도와드릴까요?\n\n#Person1#: 책을 찾아요. "
        " \n#Person2#: 이쪽이에요."
    ),
    "#Person1#: 네.",
)


def test_each_baseline_has_one_text_a_dialogue_in_order() -> None:
    samples = [
        Sample(f"d{number}", dialogue, (), None, None) for number, dialogue in enumerate(DIALOGUES)
    ]
    one, two, three, _ = (
        "#Person1#: 안녕하세요.",
        "#Person2#: 네, 무엇을 도와드릴까요?",
        "#Person1#: 책을 찾아요.",
        "",
    )
    assert {name: list(texts) for name, texts in baselines(samples).items()} == {
        "constant": ["#Person1#은 #Person2#"] * 2,
        "lead-1": [one, "#Person1#: 네."],
        "lead-3": [f"{one} {two} {three}", "#Person1#: 네."],
        "longest turn": [two, "#Person1#: 네."],
    }
