"""Storing what a stage answers as soon as it does, and refusing what must not be stored."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from pivot_sum.cache import Cache, Row
from pivot_sum.stages.answer import Answer
from pivot_sum.stages.base import Stage
from pivot_sum.stages.errors import BadOutput, WrongLanguage
from pivot_sum.stages.text.scripts import main_script
from pivot_sum.stages.text.writable import unwritable

ENOUGH_TO_JUDGE_LANGUAGE = 8
"""A batch with fewer telling texts than this is not judged as a whole; each text still gets its
remark."""


class BatchKeeper:
    """Stores the answers to one batch; a stage's `Keeper`. `stored` is told the rows of every
    portion, which is one transaction.

    Whether the stage answers in its language is judged over the batch, so until one answer is in
    it, the others wait.
    """

    def __init__(
        self,
        cache: Cache,
        identity: Mapping[str, Any],
        stage: Stage,
        batch: Collection[str],
        stored: Callable[[dict[str, Row]], None],
    ) -> None:
        self._cache = cache
        self._identity = identity
        # Apart from the rows of texts, and dropped with them.
        self._replies = replies_to(identity)
        self._stage = stage
        self._stored = stored
        self._open = dict.fromkeys(batch)
        self._waiting: dict[str, Answer] = {}
        self._asked: set[str] = set()
        self._judged = False

    @property
    def folder(self) -> Path:
        """The folder of the cache."""
        return self._cache.path.parent

    def finished(self, answers: Mapping[str, Answer], /) -> None:
        """Store answers, or keep them back until the language can be judged. Raises `BadOutput`."""
        _check_form(self._stage, list(answers), list(answers.values()))
        self._waiting |= {text: answers[text] for text in answers if text in self._open}
        self._judged = self._judged or self._stage.target in _scripts(answers.values())
        if self._judged:
            self._store()

    def remember(self, replies: Mapping[str, Answer], /) -> None:
        """Store replies that cost money."""
        self._asked.update(replies)
        self._put(self._replies, replies)

    def recall(self, asked: Collection[str], /) -> dict[str, Answer]:
        """What was remembered, in this run or an earlier one."""
        rows = self._cache.get(self._replies, asked)
        self._asked.update(rows)
        # The cache types a note as any JSON object; this one was written from an answer's note.
        return {text: Answer(row.output, row.note) for text, row in rows.items()}  # type: ignore[arg-type]

    def part(self, texts: Sequence[str], answers: Sequence[Answer]) -> None:
        """Take what the stage gave to some of the texts in the end. Raises `BadOutput`."""
        _check_form(self._stage, texts, answers)
        self.finished(dict(zip(texts, answers, strict=True)))

    def complete(self, texts: Sequence[str], answers: Sequence[Answer]) -> None:
        """Store what the stage gave in the end. Raises `BadOutput` or `WrongLanguage`."""
        _check_form(self._stage, texts, answers)
        given = dict(zip(texts, answers, strict=True))
        self._waiting = {text: given[text] for text in self._open} | self._waiting
        self.stop()

    def stop(self) -> None:
        """Store what is finished; nothing more will come. Raises `WrongLanguage`, and then keeps no
        reply of the batch either: the service may answer better the next time."""
        if not self._judged:
            try:
                _check_language(self._stage, list(self._waiting.values()))
            except WrongLanguage:
                self._cache.forget(self._replies, self._asked)
                raise
        self._store()

    def _store(self) -> None:
        texts = [text for text in self._open if text in self._waiting]
        if not texts:
            return
        self._put(self._identity, {text: self._waiting[text] for text in texts})
        for text in texts:
            del self._open[text], self._waiting[text]
        # What is stored, not what was just computed: where another process was first, its row is
        # the result.
        self._stored(self._cache.read_back(self._identity, texts))

    def _put(self, identity: Mapping[str, Any], answers: Mapping[str, Answer]) -> None:
        self._cache.put(
            identity, [(text, answer.text, answer.note) for text, answer in answers.items()]
        )


def replies_to(identity: Mapping[str, Any]) -> dict[str, Any]:
    """The identity under which the replies of a stage's service are stored."""
    return {**identity, "replies": True}


def _scripts(answers: Collection[Answer]) -> list[str]:
    return [script for answer in answers if (script := main_script(answer.text)) is not None]


def _check_form(stage: Stage, batch: Sequence[str], answers: Sequence[Answer]) -> None:
    found = "" if len(answers) == len(batch) else f"{len(answers)} results"
    for answer in answers:
        if not (isinstance(answer, Answer) and isinstance(answer.text, str)):
            found = found or f"{len(answers)} results, some of which are not texts"
        elif held := unwritable(answer.text):
            found = found or f"{len(answers)} results, one of which holds {held}"
    if found:
        raise BadOutput(
            f"stage {stage.name} answered {len(batch)} texts with {found}; this is a bug of the"
            " stage, nothing of this batch is stored"
        )


def _check_language(stage: Stage, answers: Collection[Answer]) -> None:
    scripts = _scripts(answers)
    if len(scripts) >= ENOUGH_TO_JUDGE_LANGUAGE and stage.target not in scripts:
        first = next(iter(answers)).text[:60]
        raise WrongLanguage(
            f"stage {stage.name} promised language {stage.target!r}, but of {len(scripts)} answers"
            f" none is (first: {first!r}); nothing of this batch is stored, and the same command"
            " computes it anew. Is it the right model, fine-tuned for this task?"
        )
