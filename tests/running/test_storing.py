"""What is stored while a stage is still at work: every batch of the engine, in one transaction, and
what an interruption leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fakeengine import TextEngine
from fakestages import Keeping, Progress, samples, step

from pivot_sum.cache import Cache
from pivot_sum.running.results import StepResult
from pivot_sum.running.runner import Runner
from pivot_sum.stages.base import Annotating, Answer, declared_identity
from pivot_sum.stages.engines import local_model
from pivot_sum.stages.engines.base import Generated, Search
from pivot_sum.stages.errors import BadOutput, StageError, WrongLanguage
from pivot_sum.stages.finishing import keeper
from pivot_sum.stages.summarize import Summarize
from pivot_sum.stages.translate import Translate

KOREAN = [f"오늘은 {number}번 버스를 타고 도서관에 가요." for number in range(10, 22)]


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Cache]:
    with Cache(tmp_path / "cache.sqlite3") as opened:
        yield opened


class Engine(TextEngine):
    """Answers by a rule, a few texts at a time, and notes how many rows were on disk before each
    time."""

    model_type = "m2m_100"
    tokenizer_class = "NllbTokenizer"

    def __init__(self, cache: Cache, batch: int, rule: Callable[[str, Search], str]) -> None:
        super().__init__()
        self.cache, self.batch, self.rule = cache, batch, rule
        self.on_disk: list[int] = []
        self.asked: list[list[str]] = []
        self.tokenizer = SimpleNamespace(
            unk_token_id=3, src_lang="", convert_tokens_to_ids={"kor_Hang": 7, "eng_Latn": 8}.get
        )

    def answers_to(
        self, texts: list[str], search: Search, forced_token: str | None
    ) -> list[Generated]:
        with Cache(self.cache.path, read_only=True) as other:
            self.on_disk.append(other.info().rows)
        self.asked.append(texts)
        return [Generated(self.rule(text, search), True) for text in texts]


def english(text: str, search: Search) -> str:
    number = "".join(character for character in text if character.isdigit())
    return f"I take bus number {number} to the library today."


Made = tuple[Engine, Progress, Callable[[], StepResult]]
Make = Callable[..., Made]


@pytest.fixture
def make(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> Make:
    def make(
        stage: Any, texts: Sequence[str], rule: Callable[[str, Search], str], batch: int = 4
    ) -> Made:
        engine, progress = Engine(cache, batch, rule), Progress()
        monkeypatch.setattr(local_model, "engine_for", lambda spec: engine)
        monkeypatch.setattr(
            local_model.LocalModel, "resolve", lambda self: {"model": "a model"}, raising=True
        )

        def run() -> StepResult:
            runner = Runner(samples(*texts), cache, progress)
            return next(iter(runner.run([step(stage)], [0])))

        return engine, progress, run

    return make


def translate(**fields: Any) -> Translate:
    return Translate(model="demo:none", source="ko", target="en", device="cpu", **fields)


def test_every_batch_of_the_engine_is_stored_and_shown_before_the_next(make: Make) -> None:
    engine, progress, run = make(translate(), KOREAN, english)
    result = run()
    assert engine.on_disk == [0, 4, 8]
    assert progress.advances == [4, 4, 4]
    assert result.texts == [english(text, translate().search) for text in KOREAN]
    assert result.computed == 12


def test_summaries_are_stored_batch_by_batch_as_well(make: Make) -> None:
    texts = [f"#Person1#: I take bus {number} to town.\n#Person2#: Fine." for number in range(6)]
    stage = Summarize(model="demo:none", language="en", device="cpu")
    engine, progress, run = make(stage, texts, lambda text, search: "#Person1# goes to town.", 2)
    engine.model_type = "bart"
    run()
    assert (engine.on_disk, progress.advances) == ([0, 2, 4], [2, 2, 2])


@pytest.mark.parametrize("batch", [1, 5, 1000])
def test_the_answers_do_not_depend_on_when_they_are_stored(batch: int, make: Make) -> None:
    """Texts with placeholders, that go down the ladder, and flagged ones, that are tried again."""

    def rule(text: str, search: Search) -> str:
        if "#" in text:
            return "Give it to Person one"  # loses every placeholder that is shown as it is
        if "15" in text and search.num_beams == 4:
            return text  # a copy: flagged
        return english(text, search)

    texts = [*KOREAN, *(f"{text} #Person1#에게도 말해요." for text in KOREAN[:5])]
    (engine, progress, run) = make(translate(), texts, rule, batch)
    result = run()
    stage = translate()
    assert [Answer(row.output, row.note) for row in rows(engine.cache, texts)] == stage.answers(  # type: ignore[arg-type]
        texts
    )
    assert sum(progress.advances) == result.computed == len(texts)
    assert result.counts["retries"] == {"beams": 1}
    assert result.counts["rungs"]["plain"] == 12


def rows(cache: Cache, texts: Sequence[str]) -> list[Any]:
    found = cache.get({**declared_identity(translate()), "model": "a model"}, texts)
    return [found[text] for text in texts]


def test_a_flagged_text_waits_for_its_retries_and_keeps_no_other_waiting(make: Make) -> None:
    def rule(text: str, search: Search) -> str:
        return text if "15" in text and search.num_beams == 4 else english(text, search)

    engine, progress, run = make(translate(retries=("beams",)), KOREAN, rule)
    result = run()
    assert progress.advances == [4, 3, 4, 1]
    assert engine.asked[-1] == [KOREAN[5]]
    assert result.counts["retries"] == {"beams": 1}


def test_what_is_finished_at_an_interruption_is_stored_and_counted(make: Make) -> None:
    def rule(text: str, search: Search) -> str:
        if text == KOREAN[-1]:
            raise KeyboardInterrupt
        return english(text, search)

    engine, _, run = make(translate(), KOREAN, rule)
    with pytest.raises(KeyboardInterrupt) as caught:
        run()
    assert str(caught.value) == (
        "step 1 (shout): 8 of 12 missing texts are computed and kept; the same command goes on"
        " from there"
    )
    assert engine.cache.info().rows == 8
    again, progress, run = make(translate(), KOREAN, english)
    assert run().cached == 8
    assert again.asked == [KOREAN[8:]]
    assert progress.steps == [("step 1 (shout)", 8, 4)]


def test_an_interruption_before_the_first_answer_promises_nothing(make: Make) -> None:
    def interrupted(text: str, search: Search) -> str:
        raise KeyboardInterrupt

    _, _, run = make(translate(), KOREAN, interrupted)
    with pytest.raises(KeyboardInterrupt, match=r"^step 1 \(shout\): nothing is computed yet$"):
        run()


def test_a_failure_says_how_much_is_kept_of_the_batch_it_came_up_in(make: Make) -> None:
    def rule(text: str, search: Search) -> str:
        if text == KOREAN[-1]:
            raise StageError("no memory")
        return english(text, search)

    _, _, run = make(translate(), KOREAN, rule)
    with pytest.raises(StageError, match=r"no memory \(8 of 12 missing texts are computed"):
        run()


@dataclass(frozen=True, kw_only=True)
class Reporting(Annotating, Keeping):
    """Finishes texts in portions, and ends with an error where it is told to."""

    portions: Sequence[Mapping[str, Any]] = field(default=(), metadata={"identity": False})
    end: BaseException | None = field(default=None, metadata={"identity": False})

    def answers(self, texts: Sequence[str], /) -> list[Answer]:
        for portion in self.portions:
            keeper().finished(portion)
        if self.end:
            raise self.end
        return [Answer("ready") for _ in texts]


def english_answers(start: int, end: int, said: str = "a good answer") -> dict[str, Answer]:
    return {text: Answer(said) for text in KOREAN[start:end]}


def run(cache: Cache, stage: Any) -> StepResult:
    return next(iter(Runner(samples(*KOREAN), cache, Progress()).run([step(stage)], [0])))


def test_small_portions_in_the_wrong_language_are_judged_together(cache: Cache) -> None:
    portions = [english_answers(start, start + 2, "한국어 대답") for start in range(0, 12, 2)]
    stage = Reporting(target="en", batch_size=12, portions=portions, end=StageError("later"))
    with pytest.raises(StageError, match="later"):
        run(cache, stage)
    assert cache.info().rows == 0
    # Ten of twelve in the end: the two others are what the stage returns, and they are right.
    stage = Reporting(target="en", batch_size=12, portions=portions[:5])
    assert run(cache, stage).counts["flags"] == {"wrong script": 10}
    assert cache.info().rows == 12


def test_all_in_the_wrong_language_is_refused_whatever_was_reported(cache: Cache) -> None:
    wrong = english_answers(0, 12, "한국어 대답")

    class Wrong(Reporting):
        def answers(self, texts: Sequence[str], /) -> list[Answer]:
            keeper().finished(dict(list(wrong.items())[:3]))
            return [wrong[text] for text in texts]

    with pytest.raises(WrongLanguage, match="of 12 answers none is"):
        run(cache, Wrong(target="en", batch_size=12))
    assert cache.info().rows == 0


def test_the_first_answer_in_the_language_lets_those_before_it_be_stored(cache: Cache) -> None:
    stage = Reporting(
        target="en",
        batch_size=12,
        portions=[english_answers(0, 3, "한국어 대답"), english_answers(3, 5)],
        end=KeyboardInterrupt(),
    )
    with pytest.raises(KeyboardInterrupt, match="5 of 12"):
        run(cache, stage)


def test_what_is_no_answer_is_refused_and_what_was_not_asked_is_not_stored(cache: Cache) -> None:
    with pytest.raises(BadOutput, match="some of which are not texts"):
        run(cache, Reporting(target="en", portions=[{KOREAN[0]: "a text"}]))
    assert cache.info().rows == 0
    run(cache, Reporting(target="en", portions=[{"elsewhere": Answer("a text")}]))
    assert cache.info().rows == len(KOREAN)


def test_outside_of_a_run_nobody_stores_anything() -> None:
    keeper().finished({"a": Answer("b")})
    keeper().remember({"a": Answer("b")})
    assert keeper().recall(["a"]) == {}
