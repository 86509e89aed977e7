"""Right answers of chat models, written for the tests: they have to come through unchanged."""

from __future__ import annotations

from hostilereplies import TENT

from pivot_sum.stages.services.chat_dressing import Question

KO_EN = r"""
네.|Yes.
오케이!|OK!
3시 30분이요.|At 3:30.
#Person1#: 안녕하세요?|#Person1#: Hello?
#Person1#은 어디 있어요?|Where is #Person1#?
죄송하지만 그건 어렵습니다.|I'm sorry, but I can't do that.
죄송하지만 도와드릴 수 없습니다.|I'm sorry, but I can't help you with that.
미안, 오늘은 못 가.|Sorry, I can't go today.
어쩌죠, 지금은 안 되는데요.|I'm sorry, but I can't right now.
유감스럽지만 제공해 드릴 수 없습니다.|I'm afraid we cannot provide that.
그 부탁은 들어줄 수 없어요.|I can't fulfill that request.
저는 인공지능이라서 나이가 없어요.|I'm an AI, so I don't have an age.
이건 번역 못 하겠어.|I can't translate this.
기대돼요!|I can't wait!
세상에!|I can't believe it!
필요한 게 있으면 알려 주세요.|Let me know if you need anything.
네.\n더 필요하시면 말씀하세요.|Yes.\nLet me know if you need anything else.
여기 번역본이에요: 내일 봐요.|Here is the translation: see you tomorrow.
번역: 내일 봐요.|Translation: see you tomorrow.
요약: 내일 만나요.|Summary: we meet tomorrow.
정답은 이거예요: 3번.|The answer is this: number 3.
안내: 오늘은 쉽니다.|Note: we are closed today.
오늘은 쉽니다.\n안내: 내일 엽니다.|Closed today.\nNote: we open tomorrow.
"네"라고 했어요.|"Yes," he said, "yes."
“좋아요.”|“Fine.”
'정'이에요.|"Jeong."
번역할 문장을 보내 주세요.|Please send me the text to translate.
물론이죠! 여기 있어요.|Sure! Here it is.
여기 메뉴예요: 커피와 차.|Here is the menu: coffee and tea.
옵션 1은 싸고 옵션 2는 비싸요.|Option 1 is cheap.\nOption 2 is expensive.
**중요**|**Important**
`rm -rf`를 쳤어.|`rm -rf`
<think>라고 쓰여 있었어.|It said <think>.
[1] 네.|[1] Yes.
(웃음) 좋아요.|(laughs) Fine.
국민연금공단이에요.|It is the National Pension Service (NPS).
민지: 안녕!|Minji: Hi!
영어: 90점, 국어: 80점|English: 90, Korean: 80
{이름}|{name}
맞아요, 다음은 요약이에요.|Right, the summary is next.
""".strip()

EN_KO = r"""
I'm sorry, but I can't help you.|죄송하지만 도와드릴 수 없습니다.
Unfortunately, we cannot provide towels.|죄송하지만 수건은 제공하지 않습니다.
It will help you not get bored.|지루하지 않도록 도와줄 거예요.
Let me know if you have questions.|궁금한 점이 있으면 말씀해 주세요.
Fine.\nDo you need anything else?|좋아요.\n더 필요한 것 있으세요?
The answer is no.|답은 아니요예요.
Sure, the next one is lunch.|네, 다음은 점심이에요.
Here is the summary of the meeting.|여기 회의 요약입니다.
It's #Person1#'s.|#Person1# 거예요.
Please enter the text to be translated.|번역할 글을 입력해 주세요.
""".strip()

SUMMARIES = """
en|#Person1# is sorry but can't come. #Person2# asks #Person1# to call later.
en|#Person2# says: "I can't help you."
en|Sorry for being late, #Person1# explains that the bus broke down.
en|Here, #Person1# buys a tent. Notes are taken by #Person2#.
ko|#Person1#은 죄송하지만 도울 수 없다고 말한다.
ko|#Person1#은 번역을 부탁하고 #Person2#는 못 한다고 말한다.
ko|#Person1#은 원고에 틀린 곳이 없다고 말한다.
ko|#Person1#은 수정할 것이 없다.
ko|#Person2#는 숙제를 보여 준다. 고칠 것이 없다.
ko|#Person1#과 #Person2#는 의견이 일치한다.
en|#Person1# finds no errors in the report. No changes are needed.
ko|다음은 #Person1#의 차례라고 #Person2#가 알려 준다.
""".strip()


def right_answers() -> list[tuple[Question, str]]:
    """Right answers, each with its question."""
    found = []
    for table, target in ((KO_EN, "en"), (EN_KO, "ko")):
        for line in table.splitlines():
            source, answer = line.replace("\\n", "\n").split("|")
            found.append((Question(source, "translate", target), answer))
    for line in SUMMARIES.splitlines():
        target, answer = line.split("|")
        found.append((Question(TENT, "summarize", target), answer))
        found.append((Question(answer, "rewrite", target), answer))
    return found
