"""What a chat model says in place of an answer: that it will not, that it needs the text, or
several answers to choose from.

Whether "I'm sorry, but I can't do that." is a refusal or the translation of a turn that says so,
the source decides.
"""

from __future__ import annotations

import re
from typing import Literal

from pivot_sum.stages.services.chat_dressing import Question
from pivot_sum.stages.text.remarks import ABOUT_THE_TEXT

Instead = Literal["refusal", "echo", "asks back", "alternatives"]


def instead_of_an_answer(text: str, question: Question) -> Instead | None:
    """What a reply without its dressing is, where it is certainly no answer."""
    if text == question.request.strip() != question.source.strip():
        return "echo"
    text = text.replace("’", "'")
    if _is_refusal(text, question):
        return "refusal"
    speaks_of_it = question.is_translation and _ABOUT_THE_TASK.search(question.source)
    if _ASKS_BACK.match(text) and not speaks_of_it:
        return "asks back"
    if _ALTERNATIVES.search(text) and not speaks_of_it and "1" not in question.source:
        return "alternatives"
    return None


_APOLOGY = re.compile(
    r"(?:unfortunately,? )?(?:(?:i'm|i am) (?:(?:so|very|really|truly) )?(?:sorry|afraid)\b|sorry\b"
    r"|(?:my )?apolog|i apolog|unfortunately)|죄송|미안|유감|안타깝",
    re.IGNORECASE,
)
_CANNOT = re.compile(
    r"\b(?:i|we)(?:'m| am)? (?:can't|cannot|can not|won't|will not|must decline|unable|not able"
    r"|do not feel|don't feel)"
    r"|(?:수(?:는|가|도)? ?없|어렵|어려|못|않)[^.!?\n]{0,12}(?:니다|요)(?![가-힣])",
    re.IGNORECASE,
)
_A_MODEL = re.compile(
    r"\bas an ai\b|\b(?:i'm|i am) an ai\b|\blanguage model\b|content policy"
    r"|저는 (?:AI|인공지능|언어 ?모델)|(?:AI|인공지능|언어 ?모델)(?:로서|이므로|이기 때문)",
    re.IGNORECASE,
)
_ITS_TASK = re.compile(
    r"\b(?:translate|translation|summari[sz]e|rewrite) (?:of )?(?:this|that|the|your)"
    r"|\b(?:this|that|your) request|번역|요약|교정"
    r"|(?:요청|내용)[^.\n]{0,20}(?:도와|처리|제공|응답|답변)",
    re.IGNORECASE,
)
_SERVICE = re.compile(
    r"\b(?:assist|help (?:you )?with|comply|fulfil|provide (?:that|this|assistance)"
    r"|engage (?:in|with)|generate)\b"
    r"|도와|도움|도울|제공|답변|응답|수행|지원",
    re.IGNORECASE,
)
"""Words of models that refuse; in a turn they come from a word for help in its source."""

_SORRY_IN_SOURCE = re.compile(
    r"죄송|미안|유감|아쉽|안타깝|실례|송구|어쩌|ㅠ|\b(?:sorry|apolog\w*|afraid|unfortunately|regret\w*|excuse)\b",
    re.IGNORECASE,
)
_CANNOT_IN_SOURCE = re.compile(
    r"없|못|안 |안돼|않|어렵|어려|힘들|불가|곤란|싫|거절|사양|아니"
    r"|n['’]t\b|\b(?:cannot|not|unable|never|no|declin\w*|refus\w*|impossible|difficult|hard)\b",
    re.IGNORECASE,
)
_HELP_IN_SOURCE = re.compile(
    r"도와|도움|돕|도울|제공|답|들어|드릴|드리|해 ?줄|알려|지원|만들"
    r"|\b(?:help\w*|assist\w*|provide|answer\w*|support\w*|do|give|make|comply|tell)\b",
    re.IGNORECASE,
)
_ABOUT_THE_TASK = re.compile(
    r"인공 ?지능|언어 ?모델|챗봇|요청|부탁|정책|통역|문장|내용|글\b|보내|입력|붙여|옵션|선택"
    r"|\bAI\b|\b(?:request\w*|policy|assistant|model|interpret\w*|sentence|text|send|paste|option\w*)\b"
    rf"|요약|번역|{ABOUT_THE_TEXT.pattern}",
    re.IGNORECASE,
)


def _is_refusal(text: str, question: Question) -> bool:
    """Whether a reply begins by saying that the model cannot, and its source says no such thing."""
    begins = " ".join(re.split(r"(?<=[.!?])\s+", text, maxsplit=2)[:2])
    sorry, cannot = _APOLOGY.match(begins), _CANNOT.search(begins)
    a_model, task = _A_MODEL.search(begins), cannot and _ITS_TASK.search(begins)
    service = cannot and _SERVICE.search(begins)
    if not question.is_translation:
        # A summary speaks of others; one that speaks for itself refuses.
        return bool(a_model or (cannot and sorry) or (_CANNOT.match(begins) and (task or service)))
    source = question.source
    if a_model or task:
        return not _ABOUT_THE_TASK.search(source)
    if not cannot or not (sorry or _CANNOT.match(begins)):
        return False
    if service:
        return not (_CANNOT_IN_SOURCE.search(source) and _HELP_IN_SOURCE.search(source))
    # "I can't wait!" is said without a word for it in the source.
    return bool(sorry) and not (_CANNOT_IN_SOURCE.search(source) or _SORRY_IN_SOURCE.search(source))


_ASKS_BACK = re.compile(
    r"(?:[^.!?\n]{0,60}[.!,] )?(?:please|could you(?: please)?|can you(?: please)?) "
    r"(?:provide|share|send|paste|give)(?: me)?(?: with)? (?:the|your|a) "
    r"(?:[a-z]+ ){0,3}(?:text|sentence|dialogue|conversation|turn|summary)"
    r"|[^.!?\n]{0,40}(?:번역|요약|교정)(?:할|하실|이 필요한) [^.!?\n]{0,30}"
    r"(?:주세요|주시|바랍니다|알려|입력)",
    re.IGNORECASE,
)
_ALTERNATIVES = re.compile(
    r"^[ \t*#>-]*(?:option|version|alternative|translation|번역|옵션|버전|대안) ?1\b.*"
    r"^[ \t*#>-]*(?:option|version|alternative|translation|번역|옵션|버전|대안) ?2\b",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)
