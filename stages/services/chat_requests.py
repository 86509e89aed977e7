"""What a stage asks of a chat model: the messages, and what is taken for an answer."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from pivot_sum.stages.base import Answer, Note
from pivot_sum.stages.budget import Cost, summed
from pivot_sum.stages.services.asking import Asking
from pivot_sum.stages.services.chat_dressing import Question
from pivot_sum.stages.services.chat_fields import Asked, ChatFields
from pivot_sum.stages.services.chat_names import mentioned_names
from pivot_sum.stages.services.chat_numbered import can_be_numbered, numbered, read_numbered
from pivot_sum.stages.services.chat_reply import NotAnAnswer, Reply, read_reply
from pivot_sum.stages.services.chat_tokens import estimated_messages, most_read
from pivot_sum.stages.services.failures import Refused

if TYPE_CHECKING:
    from pivot_sum.stages.services.chat_client import Completion

TOO_LONG = "too long"
"""The flag of a reply that is none, because the model does not read that much at once."""
_TRIES = 3
"""How often one question is asked while the reply is no answer (a refusal, an empty one)."""
_LANGUAGES = {"ko": "Korean", "en": "English"}


class Request(NamedTuple):
    """The messages of a request, and the longest answer to it in tokens."""

    messages: list[dict[str, str]]
    limit: int

    def most(self) -> tuple[int, int]:
        """How many tokens are read and written at most."""
        return most_read(self.messages), self.limit


Exchange: TypeAlias = "Generator[Request, Completion, Answer | None]"
"""The requests a question takes, each made of what came back for the one before: a completion is
sent in, or `Refused` thrown where the server found the request too long or filtered it. It returns
the answer."""


@dataclass(frozen=True, kw_only=True)
class ChatRequests(ChatFields):
    """How a chat model is asked."""

    @abstractmethod
    def first_questions(self, texts: Sequence[str]) -> dict[Asked, int]:
        """What is asked at first, and about how many tokens each answer has."""

    def cost(self, texts: Sequence[str]) -> Cost:
        """An estimate, by a rule of thumb for the length in tokens, where every first answer is
        taken."""
        lengths = self.first_questions(texts)
        return summed(
            *(
                self.price(
                    estimated_messages(self.messages(job)), sum(lengths[asked] for asked in job)
                )
                for job in self.jobs(list(lengths))
            )
        )

    def messages(self, questions: Sequence[Asked]) -> list[dict[str, str]]:
        """What is sent for one question, or several with one context."""
        first, text = questions[0], self._shown(questions)
        found = self.template.messages(
            text=text,
            context=first.context,
            original=first.original,
            names=first.names,
            glossary=self._glossary_for(questions),
            source=_LANGUAGES[self.source],
            target=_LANGUAGES[self.target],
        )
        if first.complaint:
            found += _again(first.previous, first.complaint, text)
        return found

    def jobs(self, questions: Sequence[Asked]) -> list[list[Asked]]:
        """One question each, or as many with one context as go into a request."""
        groups: dict[tuple[str, ...], list[Asked]] = {}
        alone = []
        for asked in questions:
            if asked.complaint or not can_be_numbered(asked.part):
                alone.append([asked])
            else:
                groups.setdefault((asked.context, asked.original, asked.names), []).append(asked)
        size = self.texts_per_request
        return alone + [
            same[start : start + size]
            for same in groups.values()
            for start in range(0, len(same), size)
        ]

    def send(
        self, questions: Sequence[Asked], asking: Asking[Asked]
    ) -> Iterator[Mapping[Asked, Answer]]:
        """Ask, several texts in one request where there are several; where that fails, halves."""
        if len(questions) == 1:
            if (answer := self._answer(questions[0], asking)) is not None:
                yield {questions[0]: answer}
            return
        answers = self._answers(questions, asking)
        if answers is not None:
            yield dict(zip(questions, answers, strict=True))
            return
        middle = len(questions) // 2
        for half in (questions[:middle], questions[middle:]):
            yield from self.send(half, asking)

    def _answer(self, asked: Asked, asking: Asking[Asked]) -> Answer | None:
        """The answer to one question; None where there is none, which `asking` then knows."""
        exchange = self.exchange(asked, asking)
        try:
            request = next(exchange)
            while True:
                try:
                    completion = self._complete(*request, asking)
                except Refused as error:
                    request = exchange.throw(error)
                else:
                    request = exchange.send(completion)
        except StopIteration as end:
            answer: Answer | None = end.value
            return answer

    def exchange(self, asked: Asked, asking: Asking[Asked]) -> Exchange:
        """Ask one question until the reply is an answer, `_TRIES` times at most; None where none
        is, which `asking` then knows."""
        messages, limit = self.messages([asked]), self.max_tokens
        read = written = 0
        why = NotAnAnswer("empty", "")
        for _ in range(_TRIES):
            try:
                completion = yield Request(messages, limit)
            except Refused as error:
                if error.is_too_large:
                    return Answer("", {"flags": [TOO_LONG]})
                asking.unanswered[asked] = f"filtered: {self.service.shown(error)}"
                return None
            read, written = read + completion.read, written + completion.written
            try:
                answer = self._answers_in(completion, [asked], messages)[0]
            except NotAnAnswer as error:
                why = error
                if error.kind == "cut":
                    limit *= 2
                else:
                    said = completion.reply.content or ""
                    more = _again(said, str(error), self._shown([asked]))
                    messages = [*self.messages([asked]), *more]
                continue
            return Answer(
                answer.text, {**answer.note, "billed": read + written, "written": written}
            )
        said = self.service.shown(why)
        if why.kind == "cut":
            said += f"; with {limit // 2} tokens it is not at its end: raise max_tokens"
        asking.unanswered[asked] = said
        return None

    def _answers(self, questions: Sequence[Asked], asking: Asking[Asked]) -> list[Answer] | None:
        """The answers to several questions in one request; None where they do not come back one
        for one."""
        messages = self.messages(questions)
        try:
            completion = self._complete(messages, self.max_tokens * len(questions), asking)
            answers = self._answers_in(completion, questions, messages)
        except (Refused, NotAnAnswer):
            return None
        # The bill is noted with the first: together they cost what the request did.
        bill: Note = {"billed": completion.read + completion.written, "written": completion.written}
        none: Note = {"billed": 0, "written": 0}
        return [
            Answer(answer.text, {**answer.note, **(none if place else bill)})
            for place, answer in enumerate(answers)
        ]

    def _answers_in(
        self,
        completion: Completion,
        questions: Sequence[Asked],
        messages: Sequence[Mapping[str, str]],
    ) -> list[Answer]:
        """The answers in a reply, one a question, and in the note what was taken off around them.
        Raises `NotAnAnswer`."""
        parts = [asked.part for asked in questions]
        request = messages[-1]["content"]
        if self.texts_per_request == 1:
            read = [
                read_reply(completion.reply, Question(parts[0], self.task, self.target, request))
            ]
        else:
            whole = Question(self._shown(questions), self.task, self.target, request)
            texts = read_numbered(read_reply(completion.reply, whole).text, len(parts))
            if texts is None:
                raise NotAnAnswer("numbers", f"not one line for each of {len(parts)} numbers")
            read = [
                read_reply(Reply(content=text), Question(part, self.task, self.target))
                for part, text in zip(parts, texts, strict=True)
            ]
        return [Answer(text, _note_on(stripped)) for text, stripped in read]

    def _complete(
        self, messages: Sequence[Mapping[str, str]], limit: int, asking: Asking[Asked]
    ) -> Completion:
        options = self.settings(limit)
        if self.extra_body:
            options["extra_body"] = json.loads(self.extra_body)
        return self.service.complete(
            messages,
            options,
            limit,
            self.price,
            asking.budget,
            asking.stopped,
        )

    def settings(self, limit: int) -> dict[str, Any]:
        """What is sent beside the messages, without `extra_body`."""
        found: dict[str, Any] = {"model": self.model, self.token_limit: limit}
        if self.temperature is not None:
            found["temperature"] = self.temperature
        if self.seed is not None:
            found["seed"] = self.seed
        return found

    def most(self, request: Request) -> Cost:
        """What a request may cost at most."""
        return self.price(*request.most())

    def _shown(self, questions: Sequence[Asked]) -> str:
        if self.texts_per_request == 1:
            return questions[0].part
        # On one line each, whatever breaks lines inside of it.
        return numbered([" ".join(asked.part.split()) for asked in questions])

    def names_in(self, text: str) -> str:
        """The names in a text, where the prompt shows them: they are part of what is asked."""
        if "names" not in self.template.variables:
            return ""
        return ", ".join(mentioned_names(text, self.source))

    def _glossary_for(self, questions: Sequence[Asked]) -> str:
        text = " ".join(asked.part + asked.original for asked in questions).casefold()
        return "\n".join(
            f"{term} → {meaning}" for term, meaning in self.terms.items() if term.casefold() in text
        )


def _note_on(stripped: Sequence[str]) -> Note:
    names = [kind if kind == "nothing to correct" else f"{kind} removed" for kind in stripped]
    return {"repairs": dict.fromkeys(names, 1)} if names else {}


def _again(previous: str, complaint: str, text: str) -> list[dict[str, str]]:
    """The messages that ask for a better answer."""
    return [
        *([{"role": "assistant", "content": previous}] if previous.strip() else []),
        {
            "role": "user",
            "content": f"That was not right: {complaint}. Answer again, with the corrected text and"
            f" nothing else. Everything between two # stays as it is. The text was:\n\n{text}",
        },
    ]
