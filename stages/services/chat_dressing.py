"""What chat models put around an answer: thinking, introductions, fences, quotation marks, remarks.

Each is taken off only where it is certain that it is not the answer's own, and the source decides
that: a turn about a translation, one in quotation marks, one that ends with an offer to help keep
theirs. What is not certain stays for the guards.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from pivot_sum.stages.text.placeholders import PLACEHOLDER
from pivot_sum.stages.text.remarks import ABOUT_THE_TEXT, headings
from pivot_sum.stages.text.scripts import main_script

Dressing = Literal[
    "thinking",
    "special token",
    "echo",
    "introduction",
    "wrapper",
    "fence",
    "bold",
    "quotes",
    "remark",
]


@dataclass(frozen=True)
class Question:
    """What a model was asked. `request` is the last message as it was sent, the source in it."""

    source: str
    task: Literal["translate", "summarize", "rewrite"]
    target: str
    request: str = ""

    @property
    def is_translation(self) -> bool:
        """A summary tells of its source; a translation says whatever its source says."""
        return self.task == "translate"


def undressed(text: str, question: Question) -> tuple[str, tuple[Dressing, ...]]:
    """An answer without its dressing, and what was taken off, outermost first. Empty where a reply
    is nothing but thinking, or its thinking has no end."""
    text = text.strip()
    found: list[Dressing] = []
    for _ in range(_MOST_LAYERS):
        for name, take_off in _DRESSINGS.items():
            rest = take_off(text, question).strip()
            if rest != text:
                found += [name] if name not in found else []
                text = rest
                break
        else:
            break
    return text, tuple(found)


_MOST_LAYERS = 32
"""No answer is dressed in more; what is left then is checked as it is."""

_THINK = r"think(?:ing)?|thought|reasoning|analysis"
_THINKING = re.compile(
    rf"<(?P<tag>{_THINK})>.*?</(?P=tag)>|\[THINK\].*?\[/THINK\]|◁think▷.*?◁/think▷",
    re.DOTALL | re.IGNORECASE,
)
_OPENED = re.compile(rf"<(?:{_THINK})>|\[THINK\]|◁think▷", re.IGNORECASE)
_CLOSED = re.compile(rf"\A.*(?:</(?:{_THINK})>|\[/THINK\]|◁/think▷)", re.DOTALL | re.IGNORECASE)
_HARMONY = re.compile(r"\A.*<\|channel\|>final(?: [^<]*)?<\|message\|>", re.DOTALL)


def _without_thinking(text: str, question: Question) -> str:
    if any(sign in question.source for sign in ("<|channel|>", "◁")) or (
        _OPENED.search(question.source) or _CLOSED.match(question.source)
    ):
        return text
    if len(_OPENED.findall(text)) <= _MOST_LAYERS:  # each looks for its end through all of the text
        text = _THINKING.sub("", text)
    # The tag that opens it may stand in the model's own template, so that only the other comes.
    for end in (_HARMONY, _CLOSED):
        if match := end.match(text):
            text = text[match.end() :]
    return "" if _OPENED.search(text) else text


_SPECIAL = re.compile(
    r"<\|(?:im_start|start_header_id)\|>assistant(?:<\|end_header_id\|>)?"
    r"|<\|[a-z_0-9]+\|>|</?s>|<(?:end|start)_of_turn>|\[/?INST\]|<pad>|<eos>"
)


def _without_special_tokens(text: str, question: Question) -> str:
    return text if _SPECIAL.search(question.source) else _SPECIAL.sub("", text)


_ORIGINAL: Final = (
    r"(?:\W{0,3}(?:original|source|원문|korean|english|한국어|영어)[ *]*[:：]\**\s*)?"
)
_FOLLOWS = r"(?:\s*(?:→|->|=>|⇒)\s*|[ \t]*\n\s*)"


def _without_echo(text: str, question: Question) -> str:
    source, request = question.source.strip(), question.request.strip()
    if request not in ("", source) and text.startswith(request) and text != request:
        return text[len(request) :]
    # The source in front of its translation; one that is in the right language may be the answer.
    if not question.is_translation or main_script(source) in (None, question.target):
        return text
    if source.casefold() not in text.casefold():
        return text
    said = re.escape(source)
    said = rf"(?:[\"“*]+{said}[\"”*]+|{said})"
    echo = re.match(rf"{_ORIGINAL}{said}{_FOLLOWS}", text, re.IGNORECASE)
    return text[echo.end() :] if echo and text[echo.end() :].strip() else text


_ENGLISH = r"(?:sure|certainly|of course|okay|ok|absolutely|great|alright|got it)"
_KOREAN = r"(?:네|예|물론입니다|물론이죠|알겠습니다|좋습니다)"
_TELLS = r"translat|summar|render|rewrit|correct|revis|version"
_TELLS_KO = r"번역|요약|수정|교정|고친|다듬"
_LABEL = (
    r"(?:(?:the|my|final|korean|english|corrected|revised|rewritten|한국어|영어|최종|수정된|교정된|고친)"
    r" ?){0,3}"
    r"(?:translation|translated text|summary|answer|output|result|response"
    r"|번역|번역문|번역본|번역 결과|요약|요약문|요약 결과|답변|답|결과|출력)"
    r"(?: \((?:korean|english|한국어|영어)\))?"
)
_LANGUAGE = r"korean|english|한국어|영어"
_INTRODUCTION = re.compile(
    # Sure! Here is the translation:
    rf"(?:{_ENGLISH}[!,.]*\s+)?(?:here(?:'s| is| are)|below is|the following is|this is)\b"
    rf"[^\n:：.]{{0,60}}(?:{_TELLS})[^\n:：.]{{0,60}}(?:[:：]\**|[.!]?\s*\n)"
    # 네, 다음은 번역입니다:
    rf"|(?:{_KOREAN}[!,.]*\s+)?(?:다음은|아래는|여기)[^\n:：.]{{0,40}}(?:{_TELLS_KO})[^\n:：.]{{0,30}}"
    r"(?:[:：]\**|[.!]?\s*\n)"
    # the dialogue can be summarised as follows:
    rf"|[^\n:：.]{{0,60}}(?:{_TELLS}|{_TELLS_KO})[^\n:：.]{{0,30}}(?:as follows|다음과 같습니다)"
    r"(?:[:：]\**|[.!]?\s*\n)"
    # Translation:   **번역:**   ## Summary   [번역]
    rf"|(?:#{{1,6}} *)?\**(?:{_LABEL}|{_LANGUAGE})\**[ ]*[:：]\**"
    rf"|(?:#{{1,6}} +\**|\*\*)(?:{_LABEL})\**[ ]*\n"
    rf"|[\[【](?:{_LABEL})[\]】][ ]*[:：]?",
    re.IGNORECASE,
)


def _without_introduction(text: str, question: Question) -> str:
    match = _INTRODUCTION.match(text.replace("’", "'"))
    if match is None:
        return text
    rest = text[match.end() :].strip()
    if not rest or not _is_the_models_own(match.group(), rest, question):
        return text
    return rest


_BEGINS_WITH_HEADING = re.compile(r"[^\n:：,.!?()0-9]{1,40}[:：]")


def _is_the_models_own(said: str, rest: str, question: Question) -> bool:
    """Whether words about the text are the model's: the source has none such, and what it has in
    front of colons is in the rest."""
    source = PLACEHOLDER.sub("", question.source)
    if not question.is_translation:
        return said.strip(" *#:") not in source
    if _BEGINS_WITH_HEADING.match(source) and not _BEGINS_WITH_HEADING.match(rest):
        return False
    return not ABOUT_THE_TEXT.search(source) and len(headings(rest)) >= len(headings(source))


_FENCE = re.compile(r"(`{3,}|~{3,})[\w-]*[ \t]*\n(.*?)\n?[ \t]*\1", re.DOTALL)


def _without_fence(text: str, question: Question) -> str:
    match = _FENCE.fullmatch(text)
    return match[2] if match and match[1][:3] not in question.source else text


_TAG = re.compile(
    r"<(translation|translated|summary|answer|output|result|text|번역|요약)>(.*)</\1>", re.DOTALL
)


def _without_wrapper(text: str, question: Question) -> str:
    """A tag around the whole answer, or a JSON object of nothing else."""
    if (match := _TAG.fullmatch(text)) and match[0][: match[0].index(">")] not in question.source:
        return match[2]
    if text.startswith("{") and text.endswith("}") and "{" not in question.source:
        try:
            held = json.loads(text)
        except ValueError:
            return text
        if len(held) == 1 and isinstance(value := next(iter(held.values())), str) and value.strip():
            return value
    return text


def _without_bold(text: str, question: Question) -> str:
    match = re.fullmatch(r"\*\*([^*]+)\*\*", text)
    return match[1] if match and "**" not in question.source else text


_QUOTES = (("“", "”"), ('"', '"'), ("「", "」"), ("『", "』"), ("«", "»"), ("`", "`"), ("‘", "’"))
_ANY_QUOTE = re.compile("[\"“”„«»「」『』`‘]|(?<![A-Za-z])'|'(?![A-Za-z])")


def _without_quotes(text: str, question: Question) -> str:
    for opening, closing in _QUOTES:
        inside = text[1:-1]
        if (
            len(text) > 2
            and text[0] == opening
            and text[-1] == closing
            and opening not in inside
            and not re.search(rf"{closing}(?![A-Za-z])", inside)
            # A summary may not quote the whole of itself; a dialogue quotes something somewhere.
            and not (question.is_translation and _ANY_QUOTE.search(question.source))
        ):
            return inside
    return text


_REMARK = re.compile(
    r"\n[ \t>*_-]*[(\[（]?[ \t*_]*(?:(?:translator'?s )?notes?|n\.?b\.?|p\.s\.|explanation"
    r"|disclaimer|literal translation|alternatively|breakdown"
    r"|참고|참고 ?사항|주의|비고|역주|해설|설명|각주"
    r"|번역 ?(?:참고|참고사항|노트|설명)|수정 ?(?:사항|이유|내용)|고친 (?:곳|이유))"
    r"[ \t*_]*[:：]",
    re.IGNORECASE,
)
_BRACKETED = re.compile(
    r"[(\[（]\**(?:(?:translator'?s )?note|literally|참고|역주|주|의역|직역)\**[:：]"
    r"[^()\[\]（）]*[)\]）]$",
    re.IGNORECASE,
)
_SIGN = re.compile(r"\n[ \t]*※")
_OFFER = re.compile(
    r"\n[ \t*_]*(?:(?:please )?(?:let me know|feel free)\b|i hope (?:this|that) helps"
    r"|(?:is there|if there's) anything else|if you (?:need|have|want|would|'d)\b|would you like me"
    r"|도움이 되|더 (?:필요|궁금|도와|수정)|추가로|다른 (?:도움|번역|문장)|필요하시면|궁금한)"
    r"[^\n]*$",
    re.IGNORECASE,
)
_MAY_OFFER = re.compile(
    r"알려|말씀|말해|필요|도움|도와|궁금|연락|부담|언제든|얼마든|편하게|원하|더 |또 |다른"
    r"|\b(?:let|know|need\w*|help\w*|ask|question\w*|contact|anything|else|more|hope|want|would|like|free)\b",
    re.IGNORECASE,
)


def _without_remark(text: str, question: Question) -> str:
    plain = text.replace("’", "'")
    if match := _OFFER.search(plain):
        own = not question.is_translation or not _MAY_OFFER.search(question.source)
        if own and _is_whole(text[: match.start()], question):
            return text[: match.start()]
    for match in filter(
        None, (_REMARK.search(plain), _BRACKETED.search(plain), _SIGN.search(plain))
    ):
        rest = text[: match.start()]
        if "※" in match.group() and "※" in question.source:
            continue
        if _is_whole(rest, question) and _is_the_models_own(match.group(), rest, question):
            return rest
    return text


def _is_whole(rest: str, question: Question) -> bool:
    """Whether something is left, in a translation as many lines as its source has."""
    lines = [line for line in rest.splitlines() if line.strip()]
    wanted = question.source.strip().splitlines() if question.is_translation else [""]
    return len(lines) >= sum(bool(line.strip()) for line in wanted) if any(wanted) else bool(lines)


_DRESSINGS: Final[dict[Dressing, Callable[[str, Question], str]]] = {
    "thinking": _without_thinking,
    "special token": _without_special_tokens,
    "echo": _without_echo,
    "wrapper": _without_wrapper,
    "introduction": _without_introduction,
    "fence": _without_fence,
    "bold": _without_bold,
    "quotes": _without_quotes,
    "remark": _without_remark,
}
