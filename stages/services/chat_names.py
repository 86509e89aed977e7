"""Names of people that a text mentions, where it is certain, without a model: speakers, people who
are addressed or spoken of with a title, names in Latin letters within Korean.

What is uncertain is left out: a wrong name in a prompt does more harm than a missing one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pivot_sum.stages.guards.tokens import tokens
from pivot_sum.stages.text.names import speaker_names
from pivot_sum.stages.text.placeholders import PLACEHOLDER

FINDER = 1
"""In the identity of every stage whose prompt shows names: to be raised where others are found."""

_PARTICLES = (
    "은|는|이|가|을|를|과|와|의|도|만|에게|한테|께|께서|랑|이랑|하고|라고|이라고|처럼|보다|부터|까지"
    "|야|아|요|이요|예요|이에요|이죠|죠|네|댁"
)
_BEHIND = rf"(?:(?:{_PARTICLES})+)?(?![가-힣])"
_WITH_SSI = re.compile(rf"(?<![가-힣])(?P<name>[가-힣]{{2,4}})[ ]씨{_BEHIND}")
_JOINED_SSI = re.compile(
    # 날씨, 글씨, 말씨, 솜씨, 불씨, 마음씨, 아저씨 and 아가씨 end so, too
    rf"(?<![가-힣])(?P<name>[가-힣]{{3,4}})(?<!날|글|말|솜|불|볍|음|저|가)씨{_BEHIND}"
)
_SURNAME = (
    "[김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구민나진지엄"
    "채원천방공현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모]"
)
_WITH_NIM = re.compile(rf"(?<![가-힣])(?P<name>{_SURNAME}[가-힣]{{2}})[ ]님{_BEHIND}")
_LATIN = re.compile(
    r"(?<![A-Za-z0-9가-힣_'’-])(?P<name>[A-Z][a-z]+(?:[ -][A-Z][a-z]+){0,2})"
    rf"(?:[ ]?씨)?(?:(?:{_PARTICLES})+)(?![가-힣])"
)
_WITH_TITLE = re.compile(
    r"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof)\b\.?[ ](?P<name>[A-Z][a-z]+(?:[ -][A-Z][a-z]+){0,2})"
)

_NO_NAMES = frozenset(
    {
        # seeds, which are 씨 too
        "수박", "호박", "참외", "사과", "해바라기", "포도", "고추", "복숭아", "살구", "자두",
        "배추", "상추", "토마토", "오이", "당근", "대추", "목화", "석류", "유자", "과일",
        "채소", "감자", "아보카도", "체리", "레몬", "매실", "무우", "시금치", "코스모스",
        "나팔꽃", "봉숭아",
        # titles in front of 님
        "이사장", "주인장", "지배인", "안내원", "은행원", "조교수", "부교수", "정교수", "임차인",
        "임대인", "신청자", "하나님", "공무원", "도지사", "장학사", "주인공", "심판관", "한의사",
        "변호사", "성직자", "여사장", "안주인", "기관장", "원장님", "구청장", "문의자", "고객사",
        "하느님", "선생님", "주치의", "위원장", "지점장", "지사장", "공장장", "소비자", "방문객",
    }
)  # fmt: skip
"""Words that stand where a name would."""


def mentioned_names(text: str, language: str) -> list[str]:
    """The names in a text of this language (`ko`, `en`) in the order in which they first occur:
    who speaks (`민수: …`), `민수 씨`, `김민수씨`, `김민수 님`, `Kate는`, `Mr. Dawson`."""
    plain = text
    for start, end, _ in tokens(text):
        plain = f"{plain[:start]}{' ' * (end - start)}{plain[end:]}"
    plain = PLACEHOLDER.sub(lambda match: " " * len(match.group()), plain)
    speakers = [(text.find(name), name) for name in speaker_names(text)]
    found = sorted([*speakers, *_found(plain, language)])
    return list(dict.fromkeys(name for _, name in found if name not in _NO_NAMES))


def _found(text: str, language: str) -> Iterator[tuple[int, str]]:
    patterns = (_WITH_SSI, _JOINED_SSI, _WITH_NIM, _LATIN) if language == "ko" else (_WITH_TITLE,)
    for pattern in patterns:
        for match in pattern.finditer(text):
            yield match.start("name"), match["name"]
