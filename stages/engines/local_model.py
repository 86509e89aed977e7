"""What every stage that runs a local model has in common: which model, how it searches, where it
runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal, NamedTuple, Self

from annotated_types import Ge, Gt

from pivot_sum.stages.base import Answer, Note, option, required
from pivot_sum.stages.engines.base import Engine, EngineSpec, Generated, Search
from pivot_sum.stages.engines.korean_english import RULE
from pivot_sum.stages.engines.select import (
    INT8_NEEDS_CTRANSLATE2,
    NO_ENSEMBLES,
    choose,
    engine_for,
)
from pivot_sum.stages.errors import TextTooLong
from pivot_sum.stages.fields import Conflicting
from pivot_sum.stages.finishing import Finishing, LookUp
from pivot_sum.stages.models.hub import by_content, fingerprint, name_and_revision
from pivot_sum.stages.models.translators import Prompt
from pivot_sum.stages.text.chunking import split_to_fit

DType = Literal["auto", "float32", "bfloat16", "float16", "int8"]


class Asked(NamedTuple):
    """What a model is asked: a text or a part of one, and how it searches for the answer."""

    search: Search
    part: str


Compute = Callable[[str, LookUp[Asked]], Answer]
"""The answer to a text, made of the model's answers to its parts."""

SPLIT = "split"
UNFINISHED = "unfinished"


@dataclass(frozen=True, kw_only=True)
class LocalModel(Conflicting):
    """Fields of a stage that runs a sequence-to-sequence model on this machine. Greedy (`num_beams:
    1`) or beam search."""

    model: str = required("demo:NAME, a local folder, or an id on the Hugging Face hub")
    revision: str = option(
        "main", "branch, tag or commit of a hub model; the identity holds the commit it stood for"
    )
    ensemble: tuple[str, ...] = option(
        (),
        "further checkpoints with the same tokenizer that write each answer together with the model"
        " (by the mean of their probabilities): demo:NAME, folders, or ids on the hub (ID@REVISION)"
        "; the identity holds the content of each; on the transformers engine only",
        identity="unless-default",
    )
    engine: Literal["auto", "transformers", "ctranslate2"] = option(
        "auto",
        "the program that runs the model; auto is ctranslate2 where it can run it, and the identity"
        " holds which it was",
    )
    dtype: DType = option(
        "auto",
        "number format of the weights; auto is 16-bit on a GPU, and on a CPU int8 (ctranslate2) or"
        " float32 (transformers)",
    )
    num_beams: Annotated[int, Ge(1)] = option(4, "width of the beam search; 1 is greedy")
    max_new_tokens: Annotated[int, Ge(1)] = option(
        256, "longest answer in tokens; one that reaches it is flagged unfinished"
    )
    min_new_tokens: Annotated[int, Ge(0)] = option(0, "shortest answer in tokens; 0 sets no bound")
    length_penalty: float = option(
        1.0, "above 0 favours longer hypotheses, below 0 shorter ones (beam search only)"
    )
    no_repeat_ngram_size: Annotated[int, Ge(0)] = option(
        0, "no n-gram of this size occurs twice in an answer; 0 allows it"
    )
    repetition_penalty: Annotated[float, Gt(0)] = option(
        1.0, "above 1 makes tokens that occurred already less likely"
    )
    max_source_tokens: Annotated[int, Ge(8)] = option(
        1024, "longest input in tokens; the model's own limit holds too"
    )
    too_long: Literal["split", "report"] = option(
        "split", "longer input: split it at turns or sentences, or stop and say so"
    )
    batch_size: Annotated[int, Ge(1)] = option(
        2048, "texts handed over at once; each is stored as soon as it is finished", identity=False
    )
    batch_tokens: Annotated[int, Ge(0)] = option(
        0,
        "bound on texts x longest text of a batch, in tokens; 0 takes what fits into memory, on a"
        " CPU 2048",
        identity=False,
    )
    vocabulary: Literal["whole", "ko-en"] = option(
        "whole",
        "tokens an answer may hold; ko-en: those that Korean and English can need, by their"
        " characters, which is faster with a multilingual model (ctranslate2 only); a text that"
        " holds others (Hanja, Cyrillic) is answered with the whole vocabulary",
        identity="unless-default",
    )
    padded_batches: bool = option(
        False,
        "int8 on a CPU: batches of texts of unequal length, which is faster for a few hundred long"
        " texts; some answers in a thousand then depend on the texts beside them",
        identity="unless-default",
    )
    device: str = option(
        "auto",
        "auto, cpu, cuda, cuda:1, mps; with ctranslate2 several GPUs at once: cuda:0,1",
        identity=False,
    )
    threads: Annotated[int, Ge(0)] = option(
        0, "CPU threads in all; 0 takes every core there is", identity=False
    )

    def resolve(self) -> dict[str, Any]:
        """The models by content or commit, and the engine and number format in use: the names alone
        could mean something else tomorrow. Raises `StageError`.
        """
        models = by_content([(self.model, self.revision), *self._members])
        known = [fingerprint(*model) for model in models]
        choice = choose(
            self.model,
            self.revision,
            engine=self._engine,
            dtype=self.dtype,
            device=self.device,
            ensemble=bool(self.ensemble),
        )
        # Which of several is called the model changes nothing, so they are in one order.
        which: dict[str, Any]
        which = {"model": None, "ensemble": known} if self.ensemble else {"model": known[0]}
        if self.vocabulary == "ko-en":
            which["vocabulary"] = f"ko-en-{RULE}"
        return which | {
            "revision": None,  # the fingerprint holds the commit
            "engine": choice.engine,
            "dtype": choice.dtype,
        }

    def conflicts(self) -> list[str]:
        """Fields that do not go together, each as `field: what is wrong`."""
        found = super().conflicts()
        if self.dtype == "int8" and (self.engine == "transformers" or self.ensemble):
            found.append(f"dtype: {INT8_NEEDS_CTRANSLATE2}")
        if self.ensemble and self.engine == "ctranslate2":
            found.append(f"engine: {NO_ENSEMBLES}; set engine: transformers, or leave ensemble out")
        if self.vocabulary == "ko-en" and (self.engine == "transformers" or self.ensemble):
            found.append(
                "vocabulary: only CTranslate2 restricts answers to ko-en (engine: ctranslate2, no"
                " ensemble)"
            )
        return found

    def load(self) -> Engine:
        """The loaded model. Raises `pivot_sum.stages.errors.StageError`."""
        return engine_for(
            EngineSpec(
                self.model,
                self.revision,
                self.dtype,
                self.device,
                self.threads,
                self._engine,
                self._members,
                self.vocabulary,
            )
        )

    @property
    def _engine(self) -> str:
        """The engine asked for; what only one of them can do asks for it."""
        return self.engine if self.vocabulary == "whole" else "ctranslate2"

    @property
    def named(self) -> str:
        """The model, and those that answer together with it, for messages."""
        return " + ".join((self.model, *self.ensemble))

    @property
    def _members(self) -> tuple[tuple[str, str], ...]:
        return tuple(map(name_and_revision, self.ensemble))

    @property
    def search(self) -> Search:
        """The generation parameters as the engine takes them."""
        return Search(
            self.num_beams,
            self.max_new_tokens,
            self.min_new_tokens,
            self.length_penalty,
            self.no_repeat_ngram_size,
            self.repetition_penalty,
        )

    def widened(self) -> Self:
        """The same stage with a search that finds other answers: twice as wide, and no four tokens
        twice, which ends loops."""
        return replace(
            self, num_beams=2 * self.num_beams, no_repeat_ngram_size=self.no_repeat_ngram_size or 4
        )

    def answered(
        self, texts: Iterable[str], compute: Compute, language: str, prompt: Prompt
    ) -> dict[str, Answer]:
        """The answer to each text, as `compute` makes it of what the model says to its parts. Each
        text is finished as soon as the batch with its last part is.

        Raises what `answer` does.
        """
        finishing = Finishing(texts, compute)
        while finishing.questions:
            by_search: dict[Search, list[str]] = {}
            for question in finishing.questions:
                by_search.setdefault(question.search, []).append(question.part)
            for search, parts in by_search.items():
                self._answer(parts, language, prompt, search, finishing)
        return finishing.done

    def _answer(
        self,
        parts: Sequence[str],
        language: str,
        prompt: Prompt,
        search: Search,
        finishing: Finishing[Asked],
    ) -> None:
        """Ask the model about distinct texts. Those longer than it reads are split and put together
        again; each answer has its flags.

        The prompt's prefix stands in front of every piece and counts as part of it.

        Raises `TextTooLong` where a text is too long and the stage was told to report that.
        """
        engine = self.load()
        limit = min(self.max_source_tokens, engine.max_positions)
        # Each text is encoded once, all in one call; so is each part of a text that is too long.
        encoded = dict(zip(parts, engine.encode(parts, prompt.prefix), strict=True))

        def tokens(part: str) -> list[int]:
            if part not in encoded:
                (encoded[part],) = engine.encode([part], prompt.prefix)
            return encoded[part]

        pieces: dict[str, list[tuple[str, str]]] = {}
        owners: list[str] = []
        for text in parts:
            if len(encoded[text]) > limit and self.too_long == "report":
                raise TextTooLong(
                    f"a text of {len(encoded[text])} tokens is longer than the {limit} the model"
                    f" reads: {text[:60]!r}...; shorten it, run over smaller units (over: turn or"
                    " sentence), or let it be split (too_long: split)"
                )
            pieces[text] = split_to_fit(text, limit, lambda part: len(tokens(part)), language)
            owners += [text] * len(pieces[text])
        generated: dict[str, dict[int, Generated]] = {text: {} for text in parts}

        def ready(answers: Mapping[int, Generated]) -> None:
            for place, answer in answers.items():
                generated[owners[place]][place] = answer
            finishing.add(
                {
                    Asked(search, text): _joined(
                        pieces[text], [answer for _, answer in sorted(generated[text].items())]
                    )
                    for text in dict.fromkeys(owners[place] for place in answers)
                    if len(generated[text]) == len(pieces[text])
                }
            )

        engine.generate(
            [tokens(piece) for text in parts for piece, _ in pieces[text]],
            search,
            batch_tokens=self.batch_tokens,
            padded=self.padded_batches,
            forced_bos_token=prompt.forced_token,
            ready=ready,
        )


def _joined(parts: list[tuple[str, str]], answers: list[Generated]) -> Answer:
    text = ""
    for (_, separator), answer in zip(parts, answers, strict=True):
        # An answer is one line: the line end after a turn that had to be split off becomes a space.
        text += " ".join(answer.text.split()) + (" " if separator else "")
    flags = [SPLIT] if len(parts) > 1 else []
    if not all(answer.finished for answer in answers):
        flags.append(UNFINISHED)
    note: Note = {"flags": flags} if flags else {}
    return Answer(text.strip(), note)
