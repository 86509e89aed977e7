"""What stands behind a number in Korean and says what it is a number of, and the words that are
values without a number."""

from __future__ import annotations

import re

from pivot_sum.stages.ledgers.values import Kind, Word

PARTICLE = (
    "(?=$|[^가-힣]|[은는이가을를의에도만와과로요나야쯤씩짜간동전후뒤까부마밖입예인안내란든며랑처보라초중뿐으였]"
    "|정도|이상|이하|미만|하고)"
)
"""What may stand behind a unit of one syllable, which could as well begin another word."""

_UNITS: tuple[tuple[str, Kind, str, float], ...] = (
    ("시간", "duration", "hour", 1),
    (f"분{PARTICLE}(?!의 ?[0-9일이삼]|이서)", "duration", "minute", 1),
    (f"초{PARTICLE}(?!중|보)", "duration", "second", 1),
    (f"주일|주{PARTICLE}(?!의)", "duration", "week", 1),
    (f"개월|달(?!러){PARTICLE}", "duration", "month", 1),
    ("년대", "date", "decade", 1),
    (f"년{PARTICLE}|년(?=생|차|째)", "duration", "year", 1),
    (f"월{PARTICLE}|월(?=달|말|하|중|초)", "date", "month", 1),
    (f"일{PARTICLE}|일(?=차|째|분|짜리|날)", "duration", "day", 1),
    (f"달러|불{PARTICLE}", "money", "USD", 1),
    ("센트", "money", "USD", 0.01),
    (f"원{PARTICLE}|원(?=가량)", "money", "KRW", 1),
    ("위안|RMB", "money", "CNY", 1),
    ("유로", "money", "EUR", 1),
    (f"엔{PARTICLE}", "money", "JPY", 1),
    (f"%|퍼센트|프로{PARTICLE}", "percent", "%", 1),
    ("킬로미터|km", "quantity", "km", 1),
    ("킬로그램|킬로|kg", "quantity", "kg", 1),
    ("센티미터|센티|cm", "quantity", "cm", 1),
    ("그램|g(?![A-Za-z])", "quantity", "g", 1),
    ("미터|m(?![A-Za-z])", "quantity", "m", 1),
    ("마일", "quantity", "mile", 1),
    ("리터", "quantity", "liter", 1),
    (f"도(?: ?[CF])?{PARTICLE}|°C|℃|°", "quantity", "degree", 1),
    ("인치", "quantity", "inch", 1),
    ("피트", "quantity", "foot", 1),
)
_UNIT = re.compile(" ?(?:" + "|".join(f"(?P<u{i}>{u[0]})" for i, u in enumerate(_UNITS)) + ")")


def unit_at(text: str, place: int) -> tuple[Kind, str, float, int] | None:
    """The unit that stands at a place: kind, unit, what one is worth in it, and where it ends."""
    match = _UNIT.match(text, place)
    if match is None:
        return None
    _, kind, unit, factor = _UNITS[int((match.lastgroup or "")[1:])]
    return kind, unit, factor, match.end()


COUNTER = re.compile(
    " ?(?:번째|중주|중창|사람|마리|켤레|가지|군데|송이|그루|봉지|박스|상자|호실|호선|번지|페이지"
    "|과목|학년|블록|정거장|정류장|인분|차례|조각|방울|숟갈|스푼|접시|그릇|다발|세트|종류|단계|자리|명|개(?!월|인|미|발)"
    "|(?:장|권|대|번|병|잔|살|벌|곳|채|통|층|호|쪽|줄|쌍|팀|점|회|차|세|위|등|배|표|석|편|짝|판|알|컵|캔"
    f"|팩|봉|종|분|끼|박|건|척|갑|모|평|칸|집|째){PARTICLE})"
)
"""What things are counted by."""
COUNTED_BY_ONE_SYLLABLE = re.compile(
    " ?(?:중주|중창|층|호실|호선|번지|페이지|과목|학년|단계|인분|등급|개월|개국|주일|월|달러|센트"
    "|위안|유로|퍼센트|프로|%|킬로|km|kg|마일|리터|미터|센티)| (?:일|분|초|년|주|도|원|불|번|등|위)"
    "|(?:일|년|주)(?= ?(?:동안|간|전|후|뒤|안에|내에|만에|째))"
)
"""What may stand behind a single Sino-Korean syllable. 사장, 오세요 and 구분 are words."""
OFTEN_A_WORD = re.compile(f"시라도|시도|(?:대|차|점|회|석|집|세|편|판|표){PARTICLE}")
"""세대, 열차 and 한시라도 are words as often as numbers with a counter."""
NATIVE_NEEDS_SPACE = re.compile("일|주(?!일)|도|원|초|불|년|통")
"""세일, 네일 and 두통 are words, 세 일 are three days."""

HOUR = re.compile(
    f" ?시(?:{PARTICLE}|(?=[가부]))(?!간|작|나리)"
    "(?: ?(?P<half>반)(?=$|[^가-힣]|[에이쯤까부으은을도정요인입])"
    "| ?(?P<minute>[0-9]{1,2}|[이삼사오]?십[일이삼사오육칠팔구]?|오) ?분)?"
)
HALVES = {"오전": "am", "새벽": "am", "아침": "am", "낮": "pm", "오후": "pm", "저녁": "pm"}
HALF_BEFORE = re.compile("(오전|새벽|아침|오후|저녁|낮|밤)(?:에|,)? ?(?:약 |한 )?$")

WORDS: tuple[Word, ...] = (
    ("정오", "time", 0, "pm", True),
    ("자정", "time", 0, "am", True),
    ("(?<![가-힣])하루", "duration", 1, "day", False),
    ("(?<![가-힣])이틀", "duration", 2, "day", True),
    ("(?<![가-힣])사흘", "duration", 3, "day", True),
    ("(?<![가-힣])나흘", "duration", 4, "day", True),
    ("(?<![가-힣])닷새", "duration", 5, "day", True),
    ("(?<![가-힣])엿새", "duration", 6, "day", True),
    ("(?<![가-힣])열흘", "duration", 10, "day", True),
    ("(?<![가-힣])보름(?!달)", "duration", 15, "day", False),
    ("(?<![가-힣])반 ?시간", "duration", 30, "minute", True),
    ("(?<![가-힣])반년", "duration", 6, "month", True),
    ("(?<![가-힣])반 ?달", "duration", 0.5, "month", False),
    ("오전|(?<![가-힣])아침(?!밥|식)", "half of day", 0, "am", False),
    ("오후|(?<![가-힣])저녁(?!밥|식)", "half of day", 0, "pm", False),
    ("영하|영상", "number", 0, "", False),
    ("절반|(?<![가-힣])반", "number", 0.5, "", False),
    ("(?<![가-힣])쓰리(?![가-힣])", "number", 3, "", False),
    ("처음|첫(?! ?번째)(?:째)?", "ordinal", 1, "", False),
    ("둘째", "ordinal", 2, "", False),
    ("셋째", "ordinal", 3, "", False),
    (
        "양(?:쪽|측|손|발|팔|국|팀)|쌍둥이|커플|부부|더블|트윈|(?<![가-힣])쌍",
        "number",
        2,
        "",
        False,
    ),
    ("(?<![가-힣])(?:내일)?모레", "relative", 2, "day", False),
    ("(?<![가-힣])내일", "relative", 1, "day", False),
    ("(?<![가-힣])(?:어제|어젯밤)", "relative", -1, "day", False),
    ("그저께|(?<![가-힣])그제", "relative", -2, "day", False),
    ("(?<![가-힣])오늘", "relative", 0, "day", False),
    ("다다음 ?주", "relative", 2, "week", False),
    ("(?<!다)다음 ?주", "relative", 1, "week", False),
    ("(?:지난|저번) ?주", "relative", -1, "week", False),
    ("이번 ?주", "relative", 0, "week", False),
    ("다음 ?달", "relative", 1, "month", False),
    ("(?:지난|저번) ?달", "relative", -1, "month", False),
    ("이번 ?달|(?<![가-힣])이달", "relative", 0, "month", False),
    ("(?<![가-힣])내년", "relative", 1, "year", False),
    ("(?<![가-힣])작년|지난해", "relative", -1, "year", False),
    ("(?<![가-힣])(?:올해|금년)", "relative", 0, "year", False),
)
"""Patterns of words, and their values: kind, amount, unit, whether certain."""

NO_NUMBER = frozenset((
    "이만", "일만", "오만", "사만", "구만", "이천", "일천", "사천", "천만",
    "백만", "만일", "천일", "백일", "이조", "사조", "오조", "구조", "일조",
    "백구", "만", "천", "백", "억", "조", "십", "만사", "천사", "만이",
    "백이", "천이", "십이", "십일", "십사", "십오", "십구", "사백", "일백",
    "일", "이", "삼", "사", "오", "육", "칠", "팔", "구",
))  # fmt: skip
"""Syllables that are words or names as well: numbers only where a unit says so."""
