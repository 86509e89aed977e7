"""Requests to DeepL: how much goes into one, and what its own errors mean. The official package
makes the requests and reads the answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from threading import Event
from typing import Any, ClassVar, NamedTuple

import deepl
from deepl.api_data import MultilingualGlossaryDictionaryEntries

from pivot_sum.stages.budget import CHARACTERS, Budget, Cost
from pivot_sum.stages.errors import (
    KeyRefused,
    QuotaExceeded,
    ServiceRefused,
    StageError,
    TextTooLong,
)
from pivot_sum.stages.services import deepl_account as account
from pivot_sum.stages.services.client import ServiceClient
from pivot_sum.stages.services.deepl_http import OneTry
from pivot_sum.stages.services.deepl_xml import bare, visible
from pivot_sum.stages.services.failures import Refused
from pivot_sum.stages.services.network import IN_THE_OPEN, is_in_the_open

MAX_TEXTS = 50
"""Texts DeepL takes in one request."""
MAX_BODY = 128 * 1024
"""Bytes DeepL takes in one request."""
_ENVELOPE = 2048
"""Bytes left for everything in a request that is neither text, context nor an instruction."""


class Translation(NamedTuple):
    """A translation as it came, and the characters it is counted as."""

    text: str
    billed: int


class Service(ServiceClient):
    """DeepL as one key sees it."""

    service: ClassVar[str] = "DeepL"

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
        super().__init__(
            key,
            key_variable=account.KEY_VARIABLE,
            timeout=timeout,
            attempts=attempts,
            pause=pause,
            sleep=sleep,
        )
        if server and is_in_the_open(server):
            self._note(IN_THE_OPEN, server, account.KEY_VARIABLE)
        self._client = deepl.DeepLClient(key, server_url=server, send_platform_info=False)
        self._client._client = OneTry(timeout)

    @property
    def address_hint(self) -> str:
        """Where the address is set."""
        return f"and at {account.SERVER_VARIABLE}, if it is set"

    def explained(self, error: Refused) -> StageError:
        """What DeepL's own status codes mean."""
        said = self.shown(error)
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
            case 400:
                return ServiceRefused(
                    f"DeepL refused a request ({said}); compare the step's fields with `pivot-sum"
                    " stages deepl`"
                )
        return super().explained(error)

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
        beside = (context, *options.get("custom_instructions", ()))
        for part in _parts(texts, MAX_BODY - _ENVELOPE - sum(map(_size, beside))):
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

        return self.with_retries(find_or_make, Event())

    def allows_formality(self, target: str) -> bool:
        """Whether DeepL can be told how formal to be in this target language."""

        def ask() -> bool:
            languages = self._client.get_target_languages()
            return any(
                language.code.upper() == target and language.supports_formality
                for language in languages
            )

        return self.with_retries(ask, Event())

    def _bisecting(
        self,
        texts: list[str],
        context: str,
        options: Mapping[str, Any],
        budget: Budget,
        stopped: Event,
    ) -> Iterator[list[Translation]]:
        """The answers of one request; where it is too large for the service, of its halves."""

        def ask() -> tuple[list[Translation], Cost]:
            found = self._client.translate_text(texts, context=context or None, **options)
            assert isinstance(found, list)  # it is one text for one text only
            answers = [
                Translation(result.text, self.counted(result.billed_characters, len(text)))
                for text, result in zip(texts, found, strict=True)
            ]
            return answers, {CHARACTERS: sum(answer.billed for answer in answers)}

        try:
            # Some servers bill tags as well: what is set aside never falls short.
            at_most = {CHARACTERS: sum(map(len, texts))}
            answers = self.paid(ask, at_most, budget, stopped)
        except Refused as error:
            if len(texts) == 1:
                beside = f" (and {len(context):,} of context)" if context else ""
                raise TextTooLong(
                    f"a text of {visible(texts[0]):,} characters{beside} is too large for DeepL"
                    f" ({self.shown(error)}): {bare(texts[0])[:60]!r}...; run over smaller"
                    " units (over: turn or sentence) or with less context"
                ) from None
            middle = len(texts) // 2
            for half in (texts[:middle], texts[middle:]):
                yield from self._bisecting(half, context, options, budget, stopped)
        else:
            yield answers


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
