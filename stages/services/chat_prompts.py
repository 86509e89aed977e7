"""Prompts of chat models: Markdown files with one section a message, and variables in braces.

A file has the sections `## system` (may be missing), pairs of `## user` and `## assistant` as
examples (may be missing), and a last `## user`, the request. Variables stand in the system section
and in the request; a brace that is none is doubled. A paragraph with a variable that may be empty
(`context`, `names`, `glossary`) is left out where it is.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, NamedTuple, cast

from pivot_sum import configs
from pivot_sum.stages.errors import ModelUnreachable, StageError

PROMPTS_FOLDER = Path(*configs.__path__) / "prompts"

VARIABLES: Mapping[str, str] = {
    "text": "the text to work on; every prompt has it in its last user section",
    "original": "the text the pipeline began with, where the step sees it",
    "source": "language of the text, in English",
    "target": "language of the answer, in English",
    "context": "turns around the text; may be empty",
    "names": "names in the dialogue that are certain; may be empty",
    "glossary": "terms and their translations; may be empty",
}
"""What a prompt may use, and what it stands for."""
MAY_BE_EMPTY = frozenset({"context", "names", "glossary"})

Role = Literal["system", "user", "assistant"]
_ROLES = ("system", "user", "assistant")
_HEADING = re.compile(r"##(?!#)[ \t]*(.*)")
_BRACES = re.compile(r"\{\{|\}\}|\{([^{}\n]*)\}|[{}]")
_BETWEEN_PARAGRAPHS = re.compile(r"\n(?:[ \t]*\n)+")
_NEAR = 0.6
"""How alike an unknown name and a known one have to be, 0 to 1 (difflib's ratio)."""


class _Section(NamedTuple):
    name: str
    line: int
    text: str

    @property
    def variables(self) -> set[str]:
        """What stands in single braces."""
        return {match[1] for match in _BRACES.finditer(self.text) if match[1] is not None}


@dataclass(frozen=True)
class Prompt:
    """A checked template."""

    text: str
    """The whole of it, with `\\n` as line end: what belongs to the identity of a stage."""
    _sections: tuple[_Section, ...]

    @cached_property
    def variables(self) -> frozenset[str]:
        """Which of `VARIABLES` it uses."""
        return frozenset[str]().union(*(section.variables for section in self._sections))

    def messages(self, **variables: str) -> list[dict[str, str]]:
        """The messages to send. What a variable holds is never read as template.

        Takes variables the template does not use as well. Raises `KeyError` where it uses one that
        is not given, and may not be empty.
        """
        found = [(section.name, _filled(section.text, variables)) for section in self._sections]
        return [{"role": role, "content": content} for role, content in found if content]


def _filled(template: str, variables: Mapping[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        if match[1] is None:
            return match[0][0]  # a doubled brace
        return variables.get(match[1], "") if match[1] in MAY_BE_EMPTY else variables[match[1]]

    def is_left_out(paragraph: str) -> bool:
        return any(
            match[1] in MAY_BE_EMPTY and not value(match).strip()
            for match in _BRACES.finditer(paragraph)
        )

    # Each paragraph is filled in one go: a dialogue may hold `{text}`.
    return "\n\n".join(
        _BRACES.sub(value, paragraph)
        for paragraph in _BETWEEN_PARAGRAPHS.split(template)
        if not is_left_out(paragraph)
    )


def shipped_prompts() -> list[str]:
    """The names of the prompts that come with the program."""
    return sorted(path.stem for path in PROMPTS_FOLDER.glob("*.md"))


def read_prompt(given: str) -> Prompt:
    """A prompt by the name of a shipped one or by its file. Several lines are the template itself.

    Raises `ModelUnreachable` where there is none, `StageError` with all mistakes where it cannot be
    used.
    """
    if "\n" in given.strip():
        return parse_prompt(given, "prompt")
    shipped = shipped_prompts()
    path = PROMPTS_FOLDER / f"{given}.md" if given in shipped else Path(given)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ModelUnreachable(
            f"prompt {given!r} does not exist{_did_you_mean(given, shipped)}: none that comes with"
            f" the program is called so ({', '.join(shipped)}), and there is no file"
            f" {path.absolute()}"
        ) from None
    except (OSError, ValueError) as error:
        raise StageError(
            f"prompt {given} cannot be read as a text file in UTF-8: {error}"
        ) from error
    return parse_prompt(text, f"prompt {given}")


def parse_prompt(text: str, where: str) -> Prompt:
    """A template, checked. `where` names it in messages. Raises `StageError` with all mistakes."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    before, sections = _cut(text)
    mistakes = []
    if before:
        mistakes.append(
            f"line 1: text before the first section ({before[:40]!r}); begin with ## system or"
            " ## user"
        )
    mistakes += _order_mistakes(sections)
    for section in sections:
        is_example = section.name != "system" and section is not sections[-1]
        mistakes += [
            f"section {section.name} (line {section.line}): {mistake}"
            for mistake in _mistakes(section, is_example=is_example)
        ]
    if sections and sections[-1].name == "user":
        mistakes += _request_mistakes(sections[-1])
    if mistakes:
        raise StageError(f"{where} cannot be used:\n" + "\n".join(f"  {one}" for one in mistakes))
    return Prompt(text, tuple(sections))


def _cut(text: str) -> tuple[str, list[_Section]]:
    """What stands before the first section, and the sections."""
    headings: list[tuple[str, int]] = [("", 0)]
    bodies: list[list[str]] = [[]]
    for number, line in enumerate(text.split("\n"), 1):
        if heading := _HEADING.fullmatch(line):
            headings.append((heading[1].strip(), number))
            bodies.append([])
        else:
            bodies[-1].append(line)
    found = [
        _Section(name, line, "\n".join(body).strip())
        for (name, line), body in zip(headings, bodies, strict=True)
    ]
    return found[0].text, found[1:]


def _order_mistakes(sections: list[_Section]) -> Iterator[str]:
    names = [section.name for section in sections]
    if unknown := [section for section in sections if section.name not in _ROLES]:
        for section in unknown:
            yield (
                f"line {section.line}: unknown section {section.name!r}"
                f"{_did_you_mean(section.name, _ROLES)}; a section is one of"
                f" {', '.join(_ROLES)} (a heading inside of one begins with ###)"
            )
    elif not names or names[-1] != "user":
        yield "the last section has to be ## user: the request"
    else:
        turns = names[1:] if names[0] == "system" else names
        if turns != [("user", "assistant")[number % 2] for number in range(len(turns))]:
            yield (
                f"the sections are {', '.join(names)}; the order is system (once, or not at all),"
                " examples as pairs of user and assistant, and a last user: the request"
            )


def _mistakes(section: _Section, *, is_example: bool) -> Iterator[str]:
    if not section.text:
        yield "is empty; write something or leave it out"
    for match in _BRACES.finditer(section.text):
        name = cast(str | None, match[1])
        if name is None:
            if len(match[0]) == 1:
                yield f"a single {match[0]}; write {match[0] * 2} for a brace that is meant"
        elif name not in VARIABLES:
            yield (
                f"unknown variable {{{name}}}{_did_you_mean(name, VARIABLES)}; known are"
                f" {', '.join(VARIABLES)} (write {{{{{name}}}}} where braces are meant)"
            )
        elif is_example:
            yield f"{{{name}}} in an example; variables stand in system and in the last user alone"


def _request_mistakes(section: _Section) -> Iterator[str]:
    where = f"section user (line {section.line})"
    if "text" not in section.variables:
        yield f"{where}: {{text}} is missing; it says where the text to work on stands"
    for paragraph in _BETWEEN_PARAGRAPHS.split(section.text):
        used = _Section("", 0, paragraph).variables
        if "text" in used and (others := sorted(used & MAY_BE_EMPTY)):
            yield (
                f"{where}: {{text}} stands in one paragraph with {{{others[0]}}}, and would be left"
                " out with it; put an empty line between them"
            )


def _did_you_mean(name: str, known: Mapping[str, str] | tuple[str, ...] | list[str]) -> str:
    near = difflib.get_close_matches(name.strip().lower(), list(known), n=1, cutoff=_NEAR)
    return f" (did you mean {near[0]}?)" if near else ""
