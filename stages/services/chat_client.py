"""Requests to a chat-completions server, sent by the official `openai` package, and what the errors
of such servers mean.

The package's own retries are off: `ServiceClient` decides for all services. Servers of other makers
report the same error in different ways; what is said here was read in their sources and issues
(OpenAI, Azure, vLLM, llama.cpp, Ollama, TensorRT-LLM).
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable, Mapping, Sequence
from threading import Event
from typing import Any, ClassVar, NamedTuple, TypeVar

import httpx2
import openai
from openai.types.chat import ChatCompletion

from pivot_sum.stages.budget import Budget, Cost
from pivot_sum.stages.errors import KeyRefused, QuotaExceeded, ServiceRefused, StageError
from pivot_sum.stages.services.chat_account import MAKERS, SERVER_VARIABLE
from pivot_sum.stages.services.chat_reply import Reply
from pivot_sum.stages.services.chat_tokens import most_read
from pivot_sum.stages.services.client import ServiceClient
from pivot_sum.stages.services.failures import (
    Refused,
    Unusable,
    broken_connection,
    may_have_arrived,
    seconds_of,
    text_of_error,
)
from pivot_sum.stages.services.network import IN_THE_OPEN, is_in_the_open, trusted_certificates
from pivot_sum.stages.text.writable import unwritable

Given = TypeVar("Given")

Message = Mapping[str, str]
"""`role` and `content`."""

NO_CREDIT = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})
"""Codes OpenAI gives with status 429 where waiting does not help."""
CONTENT_FILTER = "content_filter"

_TOO_LONG_CODES = frozenset(
    {"context_length_exceeded", "string_above_max_length", "exceed_context_size_error"}
)
_TOO_LONG = re.compile(
    r"context (?:length|size|window)|maximum.{0,20} tokens|(?:prompt|input) is too long"
    r"|too many tokens",
    re.IGNORECASE,
)


class Completion(NamedTuple):
    """What a server answered, and the tokens it is counted as."""

    reply: Reply
    read: int
    written: int


class ChatService(ServiceClient):
    """A chat-completions server as one key sees it. `address` None is OpenAI's own; an empty `key`
    sends none."""

    service: ClassVar[str] = "the chat server"
    handled_codes: ClassVar[frozenset[str]] = frozenset({CONTENT_FILTER})

    def __init__(
        self,
        key: str,
        address: str | None,
        *,
        key_variable: str,
        timeout: float,
        attempts: int,
        pause: float,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        super().__init__(
            key,
            key_variable=key_variable,
            timeout=timeout,
            attempts=attempts,
            pause=pause,
            sleep=sleep,
        )
        self.address = address
        if key and address and is_in_the_open(address):
            self._note(IN_THE_OPEN, address, key_variable)
        try:
            certificates = trusted_certificates()
            verify = ssl.create_default_context(cafile=certificates) if certificates else True
        except (OSError, ssl.SSLError) as error:
            raise ServiceRefused(
                f"the file of root certificates {certificates} cannot be read ({error}); correct"
                " REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE or SSL_CERT_FILE"
            ) from None
        self._client = openai.OpenAI(
            api_key=key or "none",
            base_url=address or MAKERS,  # the package takes an empty variable for an address
            timeout=timeout,
            max_retries=0,
            # The key, and the texts, go nowhere but where they are meant for.
            http_client=openai.DefaultHttpxClient(verify=verify, follow_redirects=False),
        )

    @property
    def address_hint(self) -> str:
        """Where the address is set."""
        return f"and at {self.address or 'OpenAI'}: base_url, or {SERVER_VARIABLE} if it is set"

    def complete(
        self,
        messages: Sequence[Message],
        options: Mapping[str, Any],
        limit: int,
        price: Callable[[int, int], Cost],
        budget: Budget,
        stopped: Event,
    ) -> Completion:
        """One completion of at most `limit` tokens. `price` gives the cost of so many tokens read
        and written.

        Raises `StageError`, `Stopped`, and `Refused` where the messages are longer than the model
        reads, or a filter refused them (`code` is `CONTENT_FILTER`).
        """

        read = most_read(messages)

        def once() -> tuple[Completion, Cost]:
            found = self._read(self._send(messages, options), read, limit)
            return found, price(found.read, found.written)

        return self.paid(once, price(read, limit), budget, stopped)

    def explained(self, error: Refused) -> StageError:
        """What the codes of chat servers mean."""
        said = self.shown(error)
        if error.code in NO_CREDIT or error.status == 402:
            return QuotaExceeded(
                f"the account at {self.address or 'OpenAI'} has no credit left ({said}); raise its"
                " limit or use another key, then run the same command again"
            )
        match error.status:
            case 401 | 403:
                at = self.address or "OpenAI"
                return KeyRefused(
                    f"{at} does not accept the key in {self.key_variable} ({said}); set that"
                    " variable to a key of this server, or name another variable in key_variable"
                )
            case 404:
                return ServiceRefused(
                    f"{self.address or 'OpenAI'} knows no such model or address ({said}); is model"
                    " spelled as the server lists it under /models, and does base_url end in /v1"
                    " where it has to?"
                )
            case 400 | 422:
                return ServiceRefused(
                    f"{self.address or 'OpenAI'} refused a request ({said}); some models take no"
                    " temperature or seed (set them to null) or want max_completion_tokens: see"
                    " `pivot-sum stages chat`"
                )
        return super().explained(error)

    def _send(self, messages: Sequence[Message], options: Mapping[str, Any]) -> Any:
        # The package cannot express messages that are plain mappings in its types.
        create: Any = self._client.chat.completions.create
        return self.called(lambda: create(messages=list(messages), **options))

    def called(self, call: Callable[[], Given]) -> Given:
        """What a call of the package gives. Raises `Refused` and `Unusable` for its errors."""
        try:
            return call()
        except openai.APITimeoutError as error:
            raise Unusable(
                f"no answer within {self._timeout:g} s",
                sent=may_have_arrived(error, httpx2.ConnectTimeout),
            ) from None
        except openai.APIConnectionError as error:
            raise broken_connection(error, httpx2.ConnectTimeout) from None
        except openai.APIStatusError as error:
            raise refused(error) from None
        except openai.APIError as error:
            raise Unusable(f"an answer of an unknown form ({error})") from None

    def _read(self, answer: Any, read: int, written: int) -> Completion:
        """An answer, counted as `read` and `written` where the server does not count. Raises
        `Unusable` for anything but a completion with a message."""
        if not isinstance(answer, ChatCompletion):
            raise Unusable("an answer that is not JSON")
        if not answer.choices or answer.choices[0].message is None:
            raise Unusable("an answer without a message")
        choice, usage = answer.choices[0], answer.usage
        message = choice.message
        reasoning = getattr(message, "reasoning_content", None) or getattr(
            message, "reasoning", None
        )
        if not isinstance(message.content, str | None) or not isinstance(
            message.refusal, str | None
        ):
            raise Unusable("a message that is no text")
        if found := unwritable(message.content or ""):
            raise Unusable(f"a message with {found}")
        # A server that does not count may say so by 0.
        least = 1 if message.content else 0
        return Completion(
            Reply(
                content=message.content,
                finish_reason=choice.finish_reason,
                refusal=message.refusal,
                tool_calls=bool(message.tool_calls),
                reasoning=reasoning if isinstance(reasoning, str) else None,
            ),
            self.counted(usage.prompt_tokens if usage else None, read, at_least=1),
            self.counted(usage.completion_tokens if usage else None, written, at_least=least),
        )


def refused(error: openai.APIStatusError) -> Refused:
    """What a refusal means."""
    said, code = text_of_error(error.response.text), str(error.code or error.type or "")
    headers = error.response.headers
    milliseconds = headers.get("retry-after-ms", "")
    return Refused(
        error.status_code,
        said,
        float(milliseconds) / 1000
        if re.fullmatch("[0-9]+", milliseconds)
        else seconds_of(headers.get("retry-after")),
        code=CONTENT_FILTER if CONTENT_FILTER in (error.code, error.type) else code,
        for_good=bool({error.code, error.type} & NO_CREDIT),
        is_too_large=error.status_code in (400, 422, 500)
        and (code in _TOO_LONG_CODES or bool(_TOO_LONG.search(said))),
    )
