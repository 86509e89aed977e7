"""Whether the two speakers of a summary are exchanged: who asks, tells, offers, buys and wants in
it against who does so in the dialogue.

Each clause of the summary is held against the sentences of its subject and of the other speaker:
against those near it in content, and by how often each of them asks, proposes or serves at all. The
cues and what they weigh were chosen on one half of real dialogues, the threshold too, and reported
on the other (docs/ledgers.md).
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from pivot_sum.stages.ledgers.roles_clauses import Clause, clauses
from pivot_sum.stages.ledgers.roles_names import persons_named
from pivot_sum.stages.ledgers.roles_turns import Said, content, said

LANGUAGES: Final = ("ko", "en")
"""The languages that roles are read in."""

CERTAIN: Final = 3.0
"""From this margin on summaries are flagged: none of the correct ones of the tuning half was."""

WEIGHTS: Final[Mapping[str, Mapping[str, tuple[float, float]]]] = {
    "every": {
        "any": (0.4, 0),
        "statement": (0.9, 0.5),
        "first person": (0.6, 0),
        "proposal": (0.6, 0),
    },
    "state": {"hearer": (-0.1, 0), "seller": (0, -0.2)},
    "seek": {
        "question": (0.3, 0.2),
        "first person": (0.4, 0),
        "want": (0.3, 0),
        "buyer": (0, 0.2),
        "seller": (0, -0.7),
    },
    "ask": {"question": (0.5, 0.6), "statement": (0, -0.6)},
    "request": {"request": (0.2, 0.2), "question": (0.3, 0)},
    "buy": {"seller": (0, -0.5)},
    "speak": {
        "statement": (0, 0.9),
        "proposal": (0.3, 0),
        "hearer": (0.3, 0),
        "seller": (0, 0.8),
    },
    "tell": {"statement": (0.2, 0), "question": (-0.6, -0.5)},
    "suggest": {"any": (0.7, 0), "statement": (0.6, 0)},
    "serve": {
        "seller": (0, 0.7),
        "offer": (0, 0.2),
        "first person": (-0.3, 0),
        "want": (-0.3, 0),
    },
    "own": {"first person": (0.5, 0), "statement": (0.2, 0)},
}
"""For a kind of clause and a sign of sentences: what it weighs that those near the clause are its
subject's and not the other speaker's, and that those of the whole dialogue are."""
NAME: Final = 2.9
"""What it weighs that a summary calls one speaker by name and the other by placeholder."""
_KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "state": ("every", "state"),
    "ask": ("every", "seek", "ask"),
    "request": ("every", "seek", "request"),
    "buy": ("every", "seek", "buy"),
    "want": ("every", "seek"),
    "tell": ("every", "speak", "tell"),
    "suggest": ("every", "speak", "suggest"),
    "serve": ("every", "speak", "serve"),
    "own": ("own",),
    "react": (),
}
"""The kinds of clause that an act makes. A reaction is about what the other one said: such a clause
is near the wrong sentences."""
_MOST = 2.0
"""How much one cue counts at most, however many clauses it is found in."""

MOST_PAIRS: Final = 200_000
"""Each clause of a summary is looked for in each sentence of its dialogue: a hundred in 2,000."""

Pair = tuple[str, str]


def swapped_speakers(dialogue: str, summary: str, language: str) -> bool:
    """Whether the speakers of a summary are certainly exchanged. Raises what `margin` does."""
    return margin(dialogue, summary, language) <= -CERTAIN


def margin(dialogue: str, summary: str, language: str) -> float:
    """How much better the dialogue explains a summary as it is than with its two speakers
    exchanged, as a natural logarithm of odds; with them exchanged it is the same below 0.

    0 where nothing tells: the speakers do all together, or the dialogue has not exactly two; and
    where both texts are so long that clauses times sentences are more than `MOST_PAIRS`.
    Raises ValueError for a language that is not in `LANGUAGES`.
    """
    if language not in LANGUAGES:
        raise ValueError(f"roles are read in {' and '.join(LANGUAGES)}, not in {language!r}")
    turns = said(dialogue, language)
    speakers = sorted({each.speaker for each in turns})
    if len(speakers) != 2:
        return 0.0
    pair = speakers[0], speakers[1]
    return NAME * _by_name(dialogue, summary, language, pair) + sum(
        WEIGHTS[kind][sign][place] * max(-_MOST, min(_MOST, value))
        for (kind, sign, place), value in _cues(turns, summary, language).items()
    )


def _cues(
    turns: Sequence[Said], summary: str, language: str
) -> Mapping[tuple[str, str, int], float]:
    """What speaks for the subjects of a summary (above 0) or against them."""
    known = Counter(each for turn in turns for each in turn.content)
    rarity = {each: math.log(1 + len(turns) / times) for each, times in known.items()}
    found: defaultdict[tuple[str, str, int], float] = defaultdict(float)
    acts = list(clauses(summary, language))
    for clause in acts if len(acts) * len(turns) <= MOST_PAIRS else ():
        near = _advantage(turns, clause.person, _likeness(turns, clause, rarity), norm=2)
        shares = _advantage(turns, clause.person, [1.0] * len(turns), norm=1)
        for kind in _KINDS[clause.act]:
            for sign in WEIGHTS[kind]:
                for place, cue in enumerate((near, shares)):
                    found[kind, sign, place] += cue.get(sign, 0)
    return found


def _likeness(turns: Sequence[Said], clause: Clause, rarity: Mapping[str, float]) -> list[float]:
    """How much of a clause's content each sentence of the dialogue has, rare content first."""
    wanted = content(clause.text)
    return [sum(rarity[each] for each in wanted & turn.content) for turn in turns]


def _advantage(
    turns: Sequence[Said], person: str, amounts: Sequence[float], *, norm: int
) -> dict[str, float]:
    """How much more of the sentences with each sign are a person's than the other speaker's, from
    -1 to 1. Norm 1 adds the amounts of sentences up, norm 2 lets large ones decide; where there is
    little of both, the difference counts less."""
    own: defaultdict[str, float] = defaultdict(float)
    others: defaultdict[str, float] = defaultdict(float)
    for turn, amount in zip(turns, amounts, strict=True):
        for sign in turn.signs if amount else ():
            (own if turn.speaker == person else others)[sign] += amount**norm
    return {
        sign: (mine - theirs) / (mine + theirs + norm)
        for sign in own.keys() | others.keys()
        for mine, theirs in [(own[sign] ** (1 / norm), others[sign] ** (1 / norm))]
    }


def _by_name(dialogue: str, summary: str, language: str, pair: Pair) -> int:
    """1 where a summary that calls a speaker by name has the other one's placeholder, -1 where it
    has that of the one it names."""
    other = {pair[0]: pair[1], pair[1]: pair[0]}
    if (pair[0] in summary) == (pair[1] in summary):
        return 0  # whoever is called what: reading the names of a long summary takes a while
    found = sum(
        (other[person] in summary) - (person in summary)
        for person in persons_named(dialogue, summary, language, pair).values()
    )
    return max(-1, min(1, found))
