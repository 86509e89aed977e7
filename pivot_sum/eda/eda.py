"""`pivot-sum eda`: a data file in one page, before anything is run over it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from pivot_sum.data.files import DEMO_FILE, data_path
from pivot_sum.data.readers import read_table
from pivot_sum.data.samples import Sample, file_sha256, read_samples
from pivot_sum.eda.facts import Facts, facts, turn_frame
from pivot_sum.eda.tokens import DEMO_RECIPES, TokenCounts, count_tokens, recipes_at_hand
from pivot_sum.eda.words import Word, content_words, most_telling
from pivot_sum.errors import TokenizerMissing
from pivot_sum.html import plots
from pivot_sum.html.i18n import Interface
from pivot_sum.html.marks import marked, person
from pivot_sum.html.page import Plot, render
from pivot_sum.html.plots import quartiles
from pivot_sum.html.svg import Caption
from pivot_sum.recipes.recipe import Recipe, load_recipe
from pivot_sum.stages.clean import Clean

if TYPE_CHECKING:
    import pandas

WORDS = 25
TOPICS = 20
TOPIC = "topic"


@dataclass(frozen=True)
class Measure:
    """Lengths of one kind: in numbers, as a plot, and where the longest is."""

    name: str
    values: Sequence[float]
    longest: str
    plot: Plot

    @property
    def numbers(self) -> list[str]:
        """Least, median, mean, what 95 % do not exceed, most."""
        mean = sum(self.values) / len(self.values)
        middle, high, most = middle_and_most(self.values)
        return [f"{min(self.values):,.0f}", middle, f"{mean:,.1f}", high, most]


def middle_and_most(values: Sequence[float]) -> list[str]:
    """Median, what 95 % do not exceed (nearest rank), and the most."""
    ordered = sorted(values)
    return [
        f"{value:,.0f}"
        for value in (median(ordered), ordered[math.ceil(0.95 * len(ordered)) - 1], ordered[-1])
    ]


@dataclass(frozen=True)
class Eda:
    """A page, and what a command says about it."""

    html: str
    dialogues: int
    tokens: Sequence[TokenCounts]
    facts: Facts
    of_demo: bool
    """Whether the file is the shipped one."""


def eda(
    file: str,
    recipes: Sequence[str] = (),
    settings: Sequence[str] = (),
    *,
    limit: int | None = None,
) -> Eda:
    """The page of a data file; `demo:dialogues` are the shipped ones.

    `recipes`: whose tokenizers to count with, and how the columns are called; without any, the
    shipped recipes whose tokenizers are on this machine, or else the demo's. Where mecab-ko is not
    installed, the page says so in place of the words. Raises the data errors and those of recipes.
    """
    path = data_path(file)
    loaded = [load_recipe(name, settings) for name in recipes] or (
        [] if path == DEMO_FILE else recipes_at_hand(settings)
    )
    loaded = loaded or [load_recipe(name, settings) for name in DEMO_RECIPES]
    samples = read_samples(path, loaded[0].columns, limit)
    speakers = next(
        (step.stage.speakers for step in loaded[0].steps if isinstance(step.stage, Clean)), ()
    )
    found = facts(samples, loaded[0].data.language, speakers)
    tokens = [counts for recipe in loaded for counts in count_tokens(recipe, samples)]
    interface = Interface()
    words, missing = _words(found, samples)
    html = _page(
        interface, path, samples, found, tokens, words, missing, _topics(path, limit), loaded
    )
    return Eda(html, len(samples), tokens, found, path == DEMO_FILE)


def _page(
    interface: Interface,
    path: Path,
    samples: Sequence[Sample],
    found: Facts,
    tokens: Sequence[TokenCounts],
    words: Mapping[str, Sequence[Word]],
    missing: str,
    topics: Sequence[tuple[str, int]],
    recipes: Sequence[Recipe],
) -> str:
    sections = [
        ("lengths", "section-lengths"),
        ("speakers", "section-speakers"),
        ("placeholders", "section-placeholders"),
        ("repeats", "section-repeats"),
        *([("topics", "section-topics")] if topics else []),
        ("words", "section-words"),
        ("tokens", "section-tokens"),
    ]
    return render(
        "eda",
        interface,
        path.name,
        sections,
        samples=samples,
        sha256=file_sha256(path),
        references=sorted({len(sample.references) for sample in samples}),
        english=sum(sample.english_dialogue is not None for sample in samples),
        facts=found,
        total_turns=sum(len(said) for said in found.turns.values()),
        measures=_measures(interface, samples, found),
        total_references=sum(len(sample.references) for sample in samples),
        marked=marked,
        person=person,
        token_numbers=lambda counts: [f"{len(counts):,}", *middle_and_most(counts)],
        words=words,
        tokenizer_missing=missing,
        topics=topics[:TOPICS],
        all_topics=len(topics),
        tokens=tokens,
        recipes=recipes,
        only_demo=path != DEMO_FILE and all(counts.of_demo for counts in tokens),
    )


def _measures(interface: Interface, samples: Sequence[Sample], found: Facts) -> list[Measure]:
    import pandas

    said = turn_frame(found.turns).set_index("id").utterance
    dialogues = pandas.Series({sample.id: len(sample.dialogue) for sample in samples})
    references = [(sample.id, len(text)) for sample in samples for text in sample.references]
    summaries = pandas.Series([length for _, length in references], [id for id, _ in references])
    kinds = {
        "turns-per-dialogue": said.groupby(level=0).size().reindex(dialogues.index, fill_value=0),
        "characters-per-dialogue": dialogues,
        "characters-per-turn": said.str.len(),
        "characters-per-summary": summaries,
        "summary-share": 100 * summaries / dialogues.reindex(summaries.index),
    }
    return [_measure(interface, name, values) for name, values in kinds.items() if len(values)]


def _measure(interface: Interface, name: str, values: pandas.Series) -> Measure:
    """`values`: by the id of the sample."""
    low, middle, high = quartiles(values.to_list())
    caption = Caption(name, "plot-one-shows", (f"{low:.0f}", f"{middle:.0f}", f"{high:.0f}"))
    svg = plots.histograms(interface, name, caption, {"": values.to_list()}, f"axis-{name}")
    return Measure(name, values.to_list(), str(values.idxmax()), Plot(svg, caption))


def _words(found: Facts, samples: Sequence[Sample]) -> tuple[dict[str, list[Word]], str]:
    """The most telling words of dialogues and of references, or why there are none."""
    try:
        cut = content_words()
    except TokenizerMissing as error:
        return {}, str(error)
    dialogues = [
        [word for turn in said for word in cut(turn.utterance)] for said in found.turns.values()
    ]
    references = [
        [word for text in sample.references for word in cut(text)]
        for sample in samples
        if sample.references
    ]
    return {
        "dialogues": most_telling(dialogues, WORDS),
        **({"references": most_telling(references, WORDS)} if references else {}),
    }, ""


def _topics(path: Path, limit: int | None) -> list[tuple[str, int]]:
    """The values of the column `topic` with how often they occur, the most frequent first; none
    without such a column."""
    topics = [str(row[TOPIC]) for row in read_table(path, limit).rows if row.get(TOPIC)]
    return sorted(Counter(topics).items(), key=lambda item: (-item[1], item[0]))
