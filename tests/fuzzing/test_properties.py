"""Properties of what reads untrusted texts and files, on made-up ones. A short form runs here,
the same each time; benchmarks/fuzzing.py runs for as long as it is told, other ones each time."""

from __future__ import annotations

import os
from contextlib import suppress
from html.parser import HTMLParser
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pivot_sum import PivotSumError
from pivot_sum.data.predictions import read_predictions_file, write_predictions
from pivot_sum.data.samples import read_samples
from pivot_sum.errors import RecipeInvalid
from pivot_sum.html.marks import marked
from pivot_sum.recipes.recipe import load_recipe
from pivot_sum.stages.clean import Clean
from pivot_sum.stages.ledgers.values_reading import read_values
from pivot_sum.stages.placeholders.masks import _MASKS, mask_from_name
from pivot_sum.stages.services.chat_dressing import Question, undressed
from pivot_sum.stages.services.chat_refusals import instead_of_an_answer
from pivot_sum.stages.text.particles import fix_particles
from pivot_sum.stages.text.segmentation import Over, join, split

LONG = int(os.environ.get("PIVOT_SUM_FUZZ_EXAMPLES", 0))
settings.register_profile(
    "ours",
    max_examples=LONG or 40,
    derandomize=not LONG,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("ours")

PIECES = st.sampled_from(
    [
        *("#Person1#: ", "#Person2#", "#person 1#", "##Email#", "#", "\n", "\r\n", " ", "\u200b"),
        *(
            "세 시 반",
            "3,000원",
            "half past ten",
            "도슨 씨",
            "은",
            "는",
            ".",
            "?",
            "(",
            "[번역]",
            "“",
        ),
        *("<b>", "&", "<think>", "</think>", "```", "Note:", "http://a.kr", "\x00"),
        *("1월 32일", "[번역]", "“"),
    ]
)
TEXTS = st.lists(st.one_of(PIECES, st.text(max_size=6)), max_size=30).map("".join)


@given(TEXTS, st.sampled_from(["dialogue", "turn", "sentence"]), st.sampled_from(["ko", "en"]))
def test_what_is_split_is_joined_again(text: str, over: Over, language: str) -> None:
    parts = split(text, over, language)
    assert join(parts.frame, parts.units) == text
    assert all(unit == unit.strip() != "" for unit in parts.units)


@given(TEXTS, st.sampled_from(sorted(set(_MASKS) - {"as-is"})))
def test_what_is_masked_is_unmasked_again(text: str, name: str) -> None:
    mask = mask_from_name(name)
    if (masked := mask.mask(text)) is not None:
        assert mask.unmask(masked, text) == text


@given(TEXTS)
def test_particles_and_cleaning_are_put_right_once(text: str) -> None:
    once, _ = fix_particles(text)
    assert fix_particles(once) == (once, 0)
    [cleaned] = Clean()([text])
    assert Clean()([cleaned]) == [cleaned]


@given(TEXTS, st.sampled_from(["ko", "en"]))
def test_values_stand_where_they_are_read(text: str, language: str) -> None:
    for value in read_values(text, language):
        assert 0 <= value.start < value.end <= len(text)


@given(TEXTS, TEXTS)
def test_a_chat_answer_is_read_or_refused(answer: str, source: str) -> None:
    question = Question(source, "translate", "ko", source)
    undressed_once, _ = undressed(answer, question)
    assert len(undressed_once) <= len(answer)
    instead_of_an_answer(answer, question)


@given(st.one_of(TEXTS, st.text(alphabet="abn: \n-[]{}&*!#|>'\"?,0", max_size=60)))
def test_any_text_is_a_recipe_or_refused(text: str) -> None:
    with TemporaryDirectory() as place:
        file = Path(place) / "r.yaml"
        file.write_bytes(text.encode("utf-8", "surrogatepass"))
        with pytest.raises(RecipeInvalid):
            load_recipe(str(file))
        file.write_bytes(f"steps:\n- {{name: a, stage: clean}}\n{text}".encode())
        with suppress(RecipeInvalid):
            load_recipe(str(file))


@given(st.binary(max_size=200), st.sampled_from([".csv", ".tsv", ".jsonl"]))
def test_any_bytes_are_data_or_refused(raw: bytes, kind: str) -> None:
    with TemporaryDirectory() as place:
        file = Path(place) / f"d{kind}"
        for content in (raw, b"fname,dialogue\n" + raw, b'{"fname":"a","dialogue":' + raw):
            file.write_bytes(content)
            for read in (read_samples, read_predictions_file):
                with suppress(PivotSumError):
                    read(file)


@given(st.dictionaries(st.text("abc,\"\n'=가", min_size=1).filter(str.strip), TEXTS, min_size=1))
def test_predictions_are_read_as_they_were_written(rows: dict[str, str]) -> None:
    rows = {id: text for id, text in rows.items() if "\0" not in text}
    if not rows:
        return
    with TemporaryDirectory() as place:
        file = Path(place) / "p.csv"
        write_predictions(file, rows.items())
        assert read_predictions_file(file) == rows


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.said.append(data)


@given(TEXTS)
def test_a_text_in_a_page_is_text(text: str) -> None:
    page = _Tags()
    page.feed(str(marked(text)))
    page.close()
    assert page.tags <= {"b"}
    assert "".join(page.said) == text
