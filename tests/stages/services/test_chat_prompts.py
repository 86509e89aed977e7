"""Prompts of chat models: what is sent, and what is said about mistakes in a template."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pivot_sum.stages.errors import ModelUnreachable, StageError
from pivot_sum.stages.services.chat_prompts import (
    PROMPTS_FOLDER,
    VARIABLES,
    Prompt,
    parse_prompt,
    read_prompt,
    shipped_prompts,
)

SIMPLE = "## user\n\n{text}"
WHOLE = """## system

Translate from {source} into {target}. A brace is {{this}}.

Terms:
{glossary}

Keep #Person1#.

## user

하나

## assistant

one {{1}}

## user

Names: {names}

{text}
"""


def mistakes(template: str) -> list[str]:
    with pytest.raises(StageError) as caught:
        parse_prompt(template, "prompt mine.md")
    first, *others = str(caught.value).splitlines()
    assert first == "prompt mine.md cannot be used:"
    return [other.strip() for other in others]


def contents(prompt: Prompt, **variables: str) -> list[str]:
    return [message["content"] for message in prompt.messages(**variables)]


def test_sections_become_messages_in_their_order() -> None:
    prompt = parse_prompt(WHOLE, "prompt")
    assert prompt.messages(
        source="Korean", target="English", text="둘", glossary="둘 = two", names="지미", context=""
    ) == [
        {
            "role": "system",
            "content": "Translate from Korean into English. A brace is {this}.\n\nTerms:\n둘 = two"
            "\n\nKeep #Person1#.",
        },
        {"role": "user", "content": "하나"},
        {"role": "assistant", "content": "one {1}"},
        {"role": "user", "content": "Names: 지미\n\n둘"},
    ]
    assert prompt.variables == {"source", "target", "glossary", "names", "text"}


@pytest.mark.parametrize("empty", [{}, {"glossary": "", "names": " \n"}])
def test_a_paragraph_whose_variable_is_empty_is_left_out(empty: dict[str, str]) -> None:
    prompt = parse_prompt(WHOLE, "prompt")
    system, *_, request = contents(prompt, source="Korean", target="English", text="둘", **empty)
    assert system == "Translate from Korean into English. A brace is {this}.\n\nKeep #Person1#."
    assert request == "둘"


def test_a_system_section_of_nothing_else_is_left_out_whole() -> None:
    prompt = parse_prompt("## system\n\nTerms: {glossary}\n\n## user\n\n{text}", "prompt")
    assert prompt.messages(text="둘", glossary="") == [{"role": "user", "content": "둘"}]


@given(st.text() | st.sampled_from(["{text}", "{{", "## user\n\n{names}", "\n\n\n", "\\1", "}{"]))
def test_what_a_text_holds_is_never_read_as_template(text: str) -> None:
    prompt = parse_prompt("## system\n\n{context}\n\nEnd\n\n## user\n\n<{text}>", "prompt")
    system = f"{text}\n\nEnd" if text.strip() else "End"
    assert contents(prompt, text=text, context=text, names="no") == [system, f"<{text}>"]


def test_a_variable_that_is_not_given_is_no_empty_one() -> None:
    with pytest.raises(KeyError, match="original"):
        parse_prompt("## user\n\n{original}\n\n{text}", "prompt").messages(text="둘")


def test_line_ends_and_byte_order_marks_change_no_identity(tmp_path: Path) -> None:
    kept = parse_prompt(WHOLE, "prompt")
    for number, data in enumerate(
        (WHOLE.encode(), WHOLE.replace("\n", "\r\n").encode("utf-8-sig"), f"\n{WHOLE}\n".encode())
    ):
        path = tmp_path / f"{number}.md"
        path.write_bytes(data)
        assert read_prompt(str(path)) == kept
    assert kept.text == WHOLE.strip()


# Where a prompt comes from


def test_a_template_of_several_lines_is_read_as_it_stands() -> None:
    assert read_prompt(SIMPLE).messages(text="둘") == [{"role": "user", "content": "둘"}]


def test_a_shipped_name_comes_before_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("translate", "own.md"):
        Path(name).write_text(SIMPLE, encoding="utf-8")
    assert read_prompt("translate").text != SIMPLE
    assert read_prompt("own.md").text == read_prompt("./translate").text == SIMPLE


def test_a_prompt_that_does_not_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelUnreachable) as caught:
        read_prompt("sumarize")
    message = str(caught.value)
    assert "did you mean summarize?" in message
    assert "rewrite-ko" in message and str(tmp_path / "sumarize") in message


@pytest.mark.parametrize("data", [b"\xff\xfe## user", None, b""])
def test_a_file_that_is_no_prompt(data: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "mine.md"
    path.mkdir() if data is None else path.write_bytes(data)
    with pytest.raises(StageError, match=r"mine\.md") as caught:
        read_prompt(str(path))
    assert not isinstance(caught.value, ModelUnreachable)


# Mistakes in a template


def test_every_mistake_is_told_at_once() -> None:
    found = mistakes(
        "hello\n## system\n{targt} {x\n## user\n{source}\n## assistant\n## user\n{names} {txt}"
    )
    assert [one.partition(";")[0] for one in found] == [
        "line 1: text before the first section ('hello')",
        "section system (line 2): unknown variable {targt} (did you mean target?)",
        "section system (line 2): a single {",
        "section user (line 4): {source} in an example",
        "section assistant (line 6): is empty",
        "section user (line 7): unknown variable {txt} (did you mean text?)",
        "section user (line 7): {text} is missing",
    ]


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("", "the last section has to be ## user"),
        ("## user\n{text}\n## assistant\nyes", "the last section has to be ## user"),
        ("## sytem\nBe brief.\n## user\n{text}", "did you mean system?"),
        ("## Rules\nBe brief.\n## user\n{text}", "a heading inside of one begins with ###"),
        ("## user\na\n## user\n{text}", "the order is system"),
        ("## user\na\n## system\nb\n## user\n{text}", "the order is system"),
        ("## assistant\na\n## user\n{text}", "the order is system"),
        ("## user\nNames: {names}\n{text}", "{text} stands in one paragraph with {names}"),
        ("## user\n{text} }", "a single }; write }}"),
        ("## user\n{ text }", "unknown variable { text } (did you mean text?)"),
        ("## user\n{{text}}", "{text} is missing"),
    ],
)
def test_a_mistake(template: str, said: str) -> None:
    assert any(said in one for one in mistakes(template))


def test_a_heading_of_a_lower_level_is_text() -> None:
    prompt = parse_prompt("## system\n# A\n### B\n## user\n{text}", "prompt")
    assert contents(prompt, text="둘") == ["# A\n### B", "둘"]


# The prompts that come with the program


@pytest.mark.parametrize("name", [path.stem for path in PROMPTS_FOLDER.glob("*.md")])
def test_a_shipped_prompt_keeps_placeholders_and_leaves_no_empty_headline(name: str) -> None:
    prompt = read_prompt(name)
    full = {variable: f"<{variable}>" for variable in VARIABLES}
    filled = "\n\n".join(contents(prompt, **full))
    assert {variable for variable in VARIABLES if f"<{variable}>" in filled} == prompt.variables
    for message in contents(prompt, **full) + contents(
        prompt, **(full | {"context": "", "names": "", "glossary": ""})
    ):
        assert not message.endswith(":") and ":\n\n\n" not in message
    bare = contents(prompt, **(full | {"context": "", "names": "", "glossary": ""}))
    assert not any("Terms" in message or "Names in" in message for message in bare)
    if name != "translate-hunyuan-mt":
        assert "#Person1#" in filled and "#PhoneNumber#" in filled


def test_the_shipped_prompts() -> None:
    assert shipped_prompts() == [
        "rewrite-ko",
        "summarize",
        "summarize-ko",
        "translate",
        "translate-hunyuan-mt",
        "translate-numbered",
    ]
    assert "original" in read_prompt("rewrite-ko").variables


def test_hunyuan_mt_is_asked_as_its_model_card_says() -> None:
    assert read_prompt("translate-hunyuan-mt").messages(text="내일 봐요.", target="English") == [
        {
            "role": "user",
            "content": "Translate the following segment into English, without additional"
            " explanation.\n\n내일 봐요.",
        }
    ]
