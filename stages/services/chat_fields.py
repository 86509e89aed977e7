"""The fields of a stage that asks a chat-completions server, what they cost, and whom they mean."""

from __future__ import annotations

import json
from abc import abstractmethod
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

from annotated_types import Ge, Le, MinLen

from pivot_sum.stages.base import Note, option, required
from pivot_sum.stages.budget import TOKENS, Cost
from pivot_sum.stages.errors import StageError
from pivot_sum.stages.fields import CheckedFields
from pivot_sum.stages.guards.tokens import Kind
from pivot_sum.stages.placeholders.protection import Protection
from pivot_sum.stages.services import chat_account as account
from pivot_sum.stages.services.asking import AsksService
from pivot_sum.stages.services.chat_names import FINDER
from pivot_sum.stages.services.chat_prompts import Prompt, read_prompt
from pivot_sum.stages.text.glossary import content_hash, read_terms

if TYPE_CHECKING:
    from pivot_sum.stages.services.chat_batch_client import BatchService

Language = Literal["ko", "en"]
ChatTask = Literal["translate", "summarize", "rewrite"]


class Asked(NamedTuple):
    """What a chat model is asked about a text. Where `complaint` is not empty, `previous` was its
    answer before, and that is what is wrong with it."""

    part: str
    context: str = ""
    original: str = ""
    previous: str = ""
    complaint: str = ""
    names: str = ""


@dataclass(frozen=True, kw_only=True)
class ChatFields(AsksService[Asked], CheckedFields):
    """The fields of a stage that asks a chat-completions server."""

    concurrency: Annotated[int, Ge(1), Le(64)] = option(
        8, "requests in flight at once", identity=False
    )
    timeout: Annotated[float, Ge(0.1)] = option(
        120.0, "seconds a whole answer may take", identity=False
    )
    batch_size: Annotated[int, Ge(1)] = option(
        400, "texts handed over at once; each is stored as soon as it is finished", identity=False
    )

    task: ChatTask = required(
        "translate; summarize; or rewrite: see the dialogue and a summary, and correct it"
    )
    source: Language = required("language of the texts it takes")
    target: Language = required("language of the texts it gives")
    model: Annotated[str, MinLen(1)] = required("the model, as the server calls it")
    snapshot: Annotated[str, MinLen(1)] = required(
        "what you call today's model, such as 2026-11: a server may change what a name means"
        " without a word; a new name here asks anew"
    )
    base_url: str = option(
        "",
        "address of an OpenAI-compatible server, such as http://localhost:8000/v1; empty:"
        " OPENAI_BASE_URL, else OpenAI's own",
    )
    key_variable: str = option(
        "OPENAI_API_KEY",
        "environment variable that holds the key; a server of your own may need none",
        identity=False,
    )
    prompt: str = option(
        "",
        "a shipped prompt, or a Markdown file of your own; empty: the shipped one for the task; the"
        " identity holds its text",
    )
    glossary: str = option(
        "",
        "CSV file of term pairs, one `source,target` a line, of which the model sees those that"
        " occur; the identity holds its content; empty: none",
    )
    protect: tuple[Kind, ...] = option(
        ("url", "email", "hashtag", "code"),
        "translate: what comes back exactly as it is; a text whose answer lost one is asked again"
        " with placeholders in their place",
    )
    temperature: Annotated[float, Ge(0), Le(0)] | None = option(
        0.0, "0, the likeliest answer; null: not sent, for models that refuse it"
    )
    seed: int | None = option(0, "where a server draws lots all the same; null: not sent")
    max_tokens: Annotated[int, Ge(1)] = option(
        1024, "longest answer in tokens, thinking included; one that reaches it is asked for again"
    )
    token_limit: Literal["max_tokens", "max_completion_tokens"] = option(
        "max_tokens", "what the server calls that limit", identity=False
    )
    extra_body: str = option(
        "",
        "further settings of the server as a JSON object, such as"
        ' {"chat_template_kwargs": {"enable_thinking": false}}',
    )
    max_source_characters: Annotated[int, Ge(0)] = option(
        0,
        "longest text in characters, a longer one is split; 0: split where the server says that it"
        " is too long (Ollama does not say it, but cuts)",
    )
    texts_per_request: Annotated[int, Ge(1), Le(50)] = option(
        1, "texts in one request, numbered; where numbers do not come back they are asked apart"
    )
    batch_api: bool = option(
        False,
        "ask through the server's Batch API: cheaper (write its prices), but the answers may take a"
        " day; all texts are handed over at once, whatever batch_size",
        identity=False,
    )
    price_in: Annotated[float, Ge(0)] = option(
        0.0, "price of a million tokens read, for --dry-run and --budget", identity=False
    )
    price_out: Annotated[float, Ge(0)] = option(
        0.0, "price of a million tokens written", identity=False
    )
    currency: Annotated[str, MinLen(1)] = option("USD", "currency of the prices", identity=False)

    def conflicts(self) -> list[str]:
        """Fields that do not go together, or hold what they cannot."""
        found = super().conflicts()
        if self.task == "translate" and self.source == self.target:
            found.append(f"target: is {self.target}, as the source is; nothing to translate")
        if self.task != "translate" and self.source != self.target:
            found.append(f"target: to {self.task} keeps the language; write {self.source}")
        if self.task == "rewrite" and self.target != "ko" and not self.prompt:
            found.append("prompt: the shipped one corrects Korean; name a prompt of your own")
        if self.glossary and not self.prompt_shows("glossary"):
            found.append("glossary: the prompt has no {glossary}, so no term would be seen")
        if said := account.mistake_in_variable(self.key_variable):
            found.append(f"key_variable: {said}")
        if said := account.mistake_in_address(self.base_url):
            found.append(f"base_url: {said}")
        try:
            is_object = not self.extra_body or isinstance(json.loads(self.extra_body), dict)
        except ValueError:
            is_object = False
        if not is_object:
            found.append("extra_body: is no JSON object")
        return found

    @property
    def units(self) -> tuple[str, ...]:
        """Tokens, and money where a price is given."""
        return (TOKENS, self.currency) if self.price_in or self.price_out else (TOKENS,)

    def from_environment(self) -> dict[str, Any]:
        """The server's address: the recipe's, else the environment's; empty for OpenAI's own."""
        return {"base_url": account.server(self.base_url) or ""}

    def resolve(self) -> dict[str, Any]:
        """Prompt and glossary by content, the version of what finds names where the prompt shows
        them, and the server where it is not OpenAI's."""
        finder = {"names_finder": FINDER} if "names" in self.template.variables else {}
        return finder | {
            "prompt": self.template.text,
            "glossary": content_hash(self.terms) if self.glossary else None,
            "base_url": account.server(self.base_url),
        }

    def price(self, read: int, written: int) -> Cost:
        """The cost of so many tokens."""
        cost: dict[str, float] = {TOKENS: read + written}
        if len(self.units) > 1:
            cost[self.currency] = (read * self.price_in + written * self.price_out) / 1e6
        return cost

    def bill(self, note: Note) -> Cost:
        """What an answer was billed."""
        written = note.get("written", 0)
        return self.price(note.get("billed", 0) - written, written)

    @cached_property
    def template(self) -> Prompt:
        """The prompt. Raises `StageError`."""
        return read_prompt(self.prompt or self.usual_prompt)

    def prompt_shows(self, variable: str) -> bool:
        """Whether the prompt has a place for a variable; True where it cannot be read, which is
        said when it is used."""
        try:
            return variable in self.template.variables
        except StageError:
            return True

    @property
    @abstractmethod
    def usual_prompt(self) -> str:
        """The shipped prompt for the task."""

    @cached_property
    def terms(self) -> dict[str, str]:
        """The glossary."""
        return read_terms(Path(self.glossary)) if self.glossary else {}

    @cached_property
    def protection(self) -> Protection:
        """What the translation of a text has to hold as it is."""
        return Protection(self.protect, self.target)

    @cached_property
    def service(self) -> BatchService:
        """The server. Raises `StageError`."""
        from pivot_sum.stages.services.chat_batch_client import BatchService

        address = account.server(self.base_url)
        return BatchService(
            account.key(self.key_variable, address),
            address,
            key_variable=self.key_variable,
            timeout=self.timeout,
            attempts=self.attempts,
            pause=self.pause,
        )
