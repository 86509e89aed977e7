"""What a chat model says in place of a corrected summary where it found nothing to correct.

Such a sentence speaks of the summary and of correcting, in words of a closed list and no others; a
summary of people has others.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher

_SENTENCE_END = re.compile(r"(?<=[.!?。])\s+|\n+")
_LONGEST = 120
"""Characters of one such sentence."""
_SAME = 0.8
"""How alike a summary has to be that is repeated beside such a sentence, 0 to 1 (difflib's ratio).
What is less alike may be an explanation."""

# Speakers stand in it only as those of the dialogue: `#Person1#과 #Person2#의 대화`.
_SPEAKERS = re.compile(r"#[A-Za-z0-9]+#(?:과|와|의|,)(?= )|#[A-Za-z0-9]+# and #[A-Za-z0-9]+#'s?")
_WORD = re.compile(r"[^\W_]+(?:['’][a-z]+)?|#")
_KOREAN = re.compile(
    r"(?:네|예|이|그|위|위의|해당|주어진|제시된|제공된|제공하신|받은|원래|현재|기존|따라서|그러므로|그래서"
    r"|전혀|특별히|따로|별도로|딱히|더|이상|더이상|모두|모든|매우|아주|이미|잘|그대로|충실히|충실하게"
    r"|요약(?:문|본)?|대화문?|원문|내용|사실|사항|부분|곳|것|게|점|데|필요|문제|오류|오타|작업"
    r"|수정|교정|변경|정정|보완|고칠|고쳐야|바꿀|손볼|틀린|잘못된|잘못|어색한|다른|할|될|할만한|만한"
    r"|정확|일치|올바|올바르게|맞|적절|반영|유지|사용|문제없|필요없|이상없|두|쓰|보)"
    r"(?:은|는|이|가|을|를|에|에는|에서|에서는|의|과|와|도|으로|로|한|하게|히|하고|하며|하여|하므로|할"
    r"|될|되어|해야|하시면|시면|면|어도|셔도|하셔도)?(?:할|될)?"
    r"(?:하지|되지|지)?"
    r"(?:합니다|됩니다|습니다|입니다|릅니다|해요|돼요|어요|아요|이에요|예요|하다|한다|되다|된다|다|함|됨|음"
    r"|하였습니다|했습니다|네요)?"
    r"|(?:없|있|않|같|불필요하?|보이|보입|발견되|찾)"
    r"(?:습니다|니다|어요|아요|네요|다|음|는|으므로|으며|고|을|지|은|어|는다|했습니다|합니다|함)?"
    r"|됩니다|합니다|좋습니다|맞습니다|하겠습니다|두겠습니다|둡니다|씁니다"
)
_NOTHING_KO = re.compile(
    r"(?:수정|교정|변경|정정|보완|고칠|고쳐|바꿀|손볼|틀린|잘못|오류|오타|어색"
    r"|대화\S* 다른|요약\S* .*문제)"
    r".*(?:없|않|불필요)|그대로 .*(?:사용|유지|둡|두|쓰)"
)
_RIGHT_KO = re.compile(
    r"(?:(?:요약|대화).*|^(?:(?:네|예) )?(?:이미 |모두 |매우 )?)"
    r"(?:정확|일치|올바|맞습|맞음|적절|반영)"
)
_ENGLISH = re.compile(
    r"no|nothing|none|not|any|don't|doesn't|didn't|isn't|aren't|do|does|did|is|are|was|were|it|its"
    r"|it's|there|there's|the|this|that|your|given|provided|original|korean|summary|dialogue"
    r"|conversation|content|facts?|corrections?|correct(?:ed|ly)?|chang(?:es?|ed)|edit(?:s|ed|ing)?"
    r"|errors?|mistakes?|revis(?:ions?|ed?)|modif(?:ications?|ied|y)|fix(?:es|ed)?|need(?:s|ed)?"
    r"|necessary|requir(?:es?|ed)|to|be|made|make|as|already|accurate(?:ly)?|reflects?|match(?:es)?"
    r"|consistent|faithful(?:ly)?|with|of|and|in|for|so|therefore|all|fully|completely|entirely"
    r"|perfectly|good|fine|stands?|i|i've|found|find|have|has|remains?|unchanged|looks?|well"
)
_NOTHING_EN = re.compile(
    r"\b(?:no|nothing|none|any)\b.*\b(?:correct|chang|edit|error|mistake|revis|modif|fix)"
    r"|(?:\bnot|n't)\b.*\b(?:need|require|find|found)|\bunchanged\b"
)
_RIGHT_EN = re.compile(
    r"\bsummary\b.*\b(?:accurate|correct|match|consistent|faithful|reflect|fine|good|stands)"
)
_NO = re.compile(r"\b(?:no|not|nothing)\b|n't\b|없|않|틀린|잘못")


def uncorrected(text: str, summary: str) -> str | None:
    """The summary, where an answer says that nothing is to be corrected in it, and no more; as the
    answer repeats it, where it does. None where the answer says no such thing."""
    if text == summary:
        return None
    sentences = [part for part in _SENTENCE_END.split(text) if part.strip()]
    others = [part for part in sentences if not _stands(part)]
    if len(others) == len(sentences):
        return None
    if not others:
        return summary
    repeated = " ".join(others)
    alike = SequenceMatcher(None, repeated, " ".join(summary.split()), autojunk=False).ratio()
    its_own = any(_stands(part) for part in _SENTENCE_END.split(summary))
    return repeated if alike >= _SAME and not its_own else None


def _stands(sentence: str) -> bool:
    """Whether a sentence says that the summary needs no correction, or is right."""
    sentence = sentence.strip().strip("()[]*\"'“”").replace("’", "'").lower()
    words = _WORD.findall(_SPEAKERS.sub("", sentence))
    if not words or len(sentence) > _LONGEST:
        return False
    plain = " ".join(words)
    for known, nothing, right in (
        (_KOREAN, _NOTHING_KO, _RIGHT_KO),
        (_ENGLISH, _NOTHING_EN, _RIGHT_EN),
    ):
        if all(known.fullmatch(word) for word in words):
            return bool(nothing.search(plain) or (right.search(plain) and not _NO.search(plain)))
    return False
