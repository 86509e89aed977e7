"""Which way of counting could have given the competition's scores: `python
benchmarks/competition.py DATA [--tokenizers mecab-ko,kiwi,...]`.

The competition says morphemes, the mean over the references, ROUGE-1, -2 and -L; not which tagger,
nor what becomes of placeholders. A team published all three values of one submission. Without its
texts, they are imitated here: in the references of DATA, pieces of one or three words are replaced
by pieces of other references, as many as give the published ROUGE-1, and pieces change places with
their neighbours, as many as give the published ROUGE-L. What ROUGE-2 is then has not been adjusted:
a way of counting fits the better, the nearer it comes to the published value. Once words with
placeholders are changed as all others are, once they are left as they are. Prints a table in
Markdown: no text of the data.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Sequence
from pathlib import Path

from tokenizer_choice import can_be_had

from pivot_sum.data.samples import read_samples
from pivot_sum.scoring import WAYS, Rouge, RougeF1, load_tokenizer
from pivot_sum.stages.text.placeholders import PLACEHOLDER

PUBLISHED = RougeF1(0.5660, 0.3675, 0.4719)
"""KoBART, the organiser's baseline, on the hidden test set: final 46.8487. From a team's log of its
submissions, October 2025."""
SEED = 12345
STEPS = 9
LENGTHS = (1, 3)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, metavar="DATA")
    parser.add_argument("--tokenizers", default="mecab-ko,kiwi,syllable,eojeol")
    asked = parser.parse_args()
    references = [sample.references[0] for sample in read_samples(asked.data)]
    columns = [(length, kept) for kept in (False, True) for length in LENGTHS]
    print(
        "| tokenizer | placeholders |",
        " | ".join(
            f"pieces of {length}, placeholders {'kept' if kept else 'changed'}"
            for length, kept in columns
        ),
        "|",
    )
    print("|---|---|" + "---|" * len(columns))
    for name in filter(can_be_had, asked.tokenizers.split(",")):
        for way in WAYS:
            rouge = Rouge(load_tokenizer(name), way)
            cells = [fitted(rouge, references, length, kept) for length, kept in columns]
            print(f"| {name} | {way} |", " | ".join(map(shown, cells)), "|", flush=True)
    print(f"\npublished: {shown(PUBLISHED)}. Each cell: ROUGE-2 (ROUGE-1 / ROUGE-L).")


def shown(found: RougeF1) -> str:
    return f"{100 * found.rouge2:.1f} ({100 * found.rouge1:.1f} / {100 * found.rougeL:.1f})"


def fitted(rouge: Rouge, references: Sequence[str], length: int, kept: bool) -> RougeF1:
    """The scores of the imitation that has the published ROUGE-1 and, as far as it can be had,
    ROUGE-L."""

    def scores(replaced: float, moved: float) -> RougeF1:
        texts = imitation(references, length, kept, replaced, moved)
        rows = [
            rouge.pair(text, reference) for text, reference in zip(texts, references, strict=True)
        ]
        return RougeF1(*(sum(column) / len(rows) for column in zip(*rows, strict=True)))

    replaced = found(lambda share: scores(share, 0.0).rouge1 > PUBLISHED.rouge1)
    moved = found(lambda share: scores(replaced, share).rougeL > PUBLISHED.rougeL)
    return scores(replaced, moved)


def found(too_little: Callable[[float], bool]) -> float:
    """The share between 0 and 1 from which on it is no longer too little."""
    low, high = 0.0, 1.0
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if too_little(middle) else (low, middle)
    return (low + high) / 2


def imitation(
    references: Sequence[str], length: int, kept: bool, replaced: float, moved: float
) -> list[str]:
    """The references with that share of their pieces replaced and of neighbours exchanged."""
    draw = random.Random(SEED)
    texts = [text.split() for text in references]
    all_pieces = [piece for words in texts for piece in pieces(words, length)]
    made = []
    for words in texts:
        own = []
        for piece in pieces(words, length):
            fixed = kept and any(PLACEHOLDER.search(word) for word in piece)
            other, chance = draw.choice(all_pieces), draw.random()
            own.append(piece if fixed or chance >= replaced else other)
        for place in range(1, len(own)):
            if draw.random() < moved:
                own[place - 1], own[place] = own[place], own[place - 1]
        made.append(" ".join(word for piece in own for word in piece))
    return made


def pieces(words: Sequence[str], length: int) -> list[Sequence[str]]:
    return [words[start : start + length] for start in range(0, len(words), length)]


if __name__ == "__main__":
    main()
