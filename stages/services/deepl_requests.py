"""Requests to DeepL: how much goes into one, what is tried again and when, and whether an answer is
one.

The official package sends the requests. Its own retries are replaced, because they do not know
`Retry-After`, and it checks neither how many translations came back nor of what type they are.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from threading import Event
from typing import Any, NamedTuple, TypeVar

import deepl
from deepl.api_data import MultilingualGlossaryDictionaryEntries
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    wait_exponential_jitter,
)

from pivot_sum.stages.errors import (
    KeyRefused,
    QuotaExceeded,
    ServiceRefused,
    ServiceUnavailable,
    StageError,
    TextTooLong,
)
from pivot_sum.stages.services.budget import CHARACTERS, Budget
from pivot_sum.stages.services.deepl_http import OneTry, Refused, Untrusted, Unusable
from pivot_sum.stages.services.deepl_xml import bare, visible

Result = TypeVar("Result")

MAX_TEXTS = 50
"""Texts DeepL takes in one request."""
MAX_BODY = 128 * 1024
"""Bytes DeepL takes in one request."""
_ENVELOPE = 2048
"""Bytes left for everything in a request that is neither text nor context."""

_RETRYABLE_STATUS = {429, 500, 502, 503, 504, 529}
_TOO_LARGE = {413, 414}
_LONGEST_PAUSE = 60.0
_LONGEST_RETRY_AFTER = 300.0
"""Seconds. A service that asks for a longer wait is better asked again by a later run."""


class Translation(NamedTuple):
    """A translation as it came, and the characters billed for it."""

    text: str
    billed: int


class Stopped(Exception):
    """Another request failed for good, so this one was not sent."""


class Service:
    """DeepL as one key sees it. For several threads.

    `attempts` is how often a request is sent at most, `pause` the seconds before the second time;
    they double from time to time, unless the service says how long to wait. `sleep` replaces
    waiting in tests.
    """

    def __init__(
        self,
        key: str,
        server: str | None,
        *,
        timeout: float,
        attempts: int,
        pause: float,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        self._key = key
        self._client = deepl.DeepLClient(key, server_url=server, send_platform_info=False)
        self._client._client = OneTry(timeout)
        self._attempts = attempts
        self._pause = pause
        self._backoff = wait_exponential_jitter(multiplier=pause, max=_LONGEST_PAUSE, jitter=pause)
        self._sleep = sleep

    def translate(
        self,
        texts: Sequence[str],
        context: str,
        options: Mapping[str, Any],
        budget: Budget,
        stopped: Event,
    ) -> Iterator[list[Translation]]:
        """One answer a text, in order, in as few requests as DeepL's limits allow; each request's
        as soon as they are there.

        `texts` are XML, `options` go to `deepl.Translator.translate_text`. A set `stopped` ends
        waiting and sends nothing more. Raises `pivot_sum.stages.errors.StageError`, and `Stopped`.
        """
        for part in _parts(texts, MAX_BODY - _ENVELOPE - _size(context)):
            yield from self._bisecting(part, context, options, budget, stopped)

    def glossary(self, name: str, source: str, target: str, terms: Mapping[str, str]) -> str:
        """The id of the account's glossary of that name and content, which is made where there is
        none."""

        def find_or_make() -> str:
            for known in self._client.list_multilingual_glossaries():
                if known.name == name and any(
                    (entry.source_lang.lower(), entry.target_lang.lower(), entry.entry_count)
                    == (source, target, len(terms))
                    for entry in known.dictionaries
                ):
                    return known.glossary_id
            entries = MultilingualGlossaryDictionaryEntries(source, target, dict(terms))
            return self._client.create_multilingual_glossary(name, [entries]).glossary_id

        return self._with_retries(find_or_make, Event())

    def allows_formality(self, target: str) -> bool:
        """Whether DeepL can be told how formal to be in this target language."""

        def ask() -> bool:
            languages = self._client.get_target_languages()
            return any(
                language.code.upper() == target and language.supports_formality
                for language in languages
            )

        return self._with_retries(ask, Event())

    def _bisecting(
        self,
        texts: list[str],
        context: str,
        options: Mapping[str, Any],
        budget: Budget,
        stopped: Event,
    ) -> Iterator[list[Translation]]:
        """The answers of one request; where it is too large for the service, of its halves."""

        def ask() -> list[Translation]:
            # Some servers bill tags as well: what is set aside never falls short.
            cost = {CHARACTERS: sum(map(len, texts))}
            budget.reserve(cost)
            try:
                found = self._client.translate_text(texts, context=context or None, **options)
            except (Refused, Unusable) as error:
                if isinstance(error, Refused) or not error.sent:
                    budget.settle(cost, {})
                raise
            assert isinstance(found, list)  # it is one text for one text only
            answers = [Translation(result.text, result.billed_characters) for result in found]
            budget.settle(cost, {CHARACTERS: sum(answer.billed for answer in answers)})
            return answers

        try:
            answers = self._with_retries(ask, stopped)
        except Refused as error:
            if len(texts) == 1:
                beside = f" (and {len(context):,} of context)" if context else ""
                raise TextTooLong(
                    f"a text of {visible(texts[0]):,} characters{beside} is too large for DeepL"
                    f" ({self._without_key(error)}): {bare(texts[0])[:60]!r}...; run over smaller"
                    " units (over: turn or sentence) or with less context"
                ) from None
            middle = len(texts) // 2
            for half in (texts[:middle], texts[middle:]):
                yield from self._bisecting(half, context, options, budget, stopped)
        else:
            yield answers

    def _with_retries(self, request: Callable[[], Result], stopped: Event) -> Result:
        """Send a request, again where that may help. Raises `StageError`, `Stopped`, and `Refused`
        where it is too large."""

        def rest(seconds: float) -> None:
            stopped.wait(seconds)

        def once() -> Result:
            if stopped.is_set():
                raise Stopped
            try:
                return request()
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise Unusable(f"an answer of an unknown form ({type(error).__name__})") from error

        retrying = Retrying(
            retry=retry_if_exception(_is_retryable),
            wait=self._wait,
            stop=stop_after_attempt(self._attempts),
            sleep=self._sleep or rest,
            reraise=True,
        )
        try:
            return retrying(once)
        except Refused as error:
            if error.status in _TOO_LARGE:
                raise
            raise self._explained(error) from None
        except Untrusted as error:
            raise ServiceUnavailable(
                f"the certificate of DeepL's server is not trusted ({self._without_key(error)}); if"
                " a proxy of your network stands in between, name the file with its root"
                " certificate in REQUESTS_CA_BUNDLE (or CURL_CA_BUNDLE, SSL_CERT_FILE)"
            ) from None
        except Unusable as error:
            raise ServiceUnavailable(
                f"DeepL gave no usable answer in {self._attempts} tries, the last time"
                f" {self._without_key(error)}; look at the network (and at DEEPL_SERVER_URL, if it"
                " is set) and run the same command again"
            ) from None
        except deepl.DeepLException as error:
            raise ServiceRefused(
                f"the request to DeepL cannot be made: {self._without_key(error)}"
            ) from None

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, Refused) and error.retry_after is not None:
            return error.retry_after + random.uniform(
                0, self._pause
            )  # requests that wait together do not return together
        return self._backoff(state)

    def _explained(self, error: Refused) -> StageError:
        said = self._without_key(error)
        match error.status:
            case 401 | 403:
                return KeyRefused(
                    f"DeepL does not accept the key in DEEPL_AUTH_KEY ({said}); copy it again from"
                    " your DeepL account (a key that ends in :fx belongs to DeepL API Free)"
                )
            case 456:
                return QuotaExceeded(
                    f"DeepL's quota for this billing period is used up ({said}); raise the limit in"
                    " your DeepL account, use another key or wait for the next period, then run"
                    " the same command again"
                )
            case 404:
                return ServiceRefused(
                    f"DeepL knows nothing at this address ({said}); is DEEPL_SERVER_URL right (if"
                    " it is set), or was the glossary deleted meanwhile?"
                )
            case status if (
                status in _RETRYABLE_STATUS and (error.retry_after or 0) > _LONGEST_RETRY_AFTER
            ):
                return ServiceUnavailable(
                    f"DeepL asked to wait {error.retry_after:,.0f} s ({said}); run again then"
                )
            case status if status in _RETRYABLE_STATUS:
                return ServiceUnavailable(
                    f"DeepL could not answer in {self._attempts} tries ({said}); run the same"
                    " command later"
                )
        return ServiceRefused(
            f"DeepL refused a request ({said}); compare the step's fields with `pivot-sum stages"
            " deepl`"
        )

    def _without_key(self, error: Exception) -> str:
        """An error's text. The key is never shown, whoever put it there."""
        return str(error).replace(self._key, "***")


def _is_retryable(error: BaseException) -> bool:
    if isinstance(error, Refused):
        return (
            error.status in _RETRYABLE_STATUS and (error.retry_after or 0) <= _LONGEST_RETRY_AFTER
        )
    return isinstance(error, Unusable) and not isinstance(error, Untrusted)


def _parts(texts: Sequence[str], bytes_left: int) -> Iterator[list[str]]:
    """Texts in order, as many at a time as fit into one request; one that does not fit alone goes
    alone."""
    part: list[str] = []
    size = 0
    for text in texts:
        more = _size(text)
        if part and (len(part) == MAX_TEXTS or size + more > bytes_left):
            yield part
            part, size = [], 0
        part.append(text)
        size += more
    if part:
        yield part


def _size(text: str) -> int:
    """Bytes of a text in the body of a request: JSON writes a Korean character as six."""
    return len(json.dumps(text)) + 2
