"""Hostile replies of chat models, written for the tests, with what becomes of each."""

from __future__ import annotations

from typing import NamedTuple

from pivot_sum.stages.services.chat_dressing import Question
from pivot_sum.stages.services.chat_reply import NotAnAnswer, Reply, read_reply

HUNYUAN = "Translate the following segment into English, without additional explanation.\n\n"
TENT = "#Person1#: 텐트 아직 있나요?\n#Person2#: 하나 남았어요. 4만 원에 드릴게요."
LATE = "#Person1#은 #Person2#에게 회의가 3시라고 알려 준다."


class Case(NamedTuple):
    """What was asked, what came, and what becomes of it: the answer, or the kind of failure."""

    what: str
    question: Question
    reply: Reply
    becomes: str
    stripped: str = ""
    """What is taken off, joined by commas; empty where the reply is no answer."""


def english(source: str, request: str = "") -> Question:
    return Question(source, "translate", "en", request)


def korean(source: str) -> Question:
    return Question(source, "translate", "ko")


def summary(source: str = TENT, target: str = "en") -> Question:
    return Question(source, "summarize", target)


def said(content: str | None, finish_reason: str | None = "stop", **parts: str) -> Reply:
    return Reply(content=content, finish_reason=finish_reason, refusal=parts.get("refusal"))


HOSTILE = [
    Case(
        "thinking before the answer",
        english("내일 봐요."),
        said("<think>Polite form. 'See you tomorrow' fits.</think>\n\nSee you tomorrow."),
        "See you tomorrow.",
        "thinking",
    ),
    Case(
        "only the end of the thinking (its beginning stands in the model's own template)",
        english("내일 봐요."),
        said("Polite, so 'see you'.\n</think>\nSee you tomorrow."),
        "See you tomorrow.",
        "thinking",
    ),
    Case(
        "thinking without an end",
        english("내일 봐요."),
        said("◁think▷The user wants English. 'See you tomorrow.' Wait, maybe"),
        "thinking",
    ),
    Case(
        "thinking in a field of its own, and no answer",
        english("내일 봐요."),
        Reply(content=None, reasoning="Let me see which register this is."),
        "thinking",
    ),
    Case(
        "an introduction",
        english("내일 봐요."),
        said("Sure! Here is the English translation:\n\nSee you tomorrow."),
        "See you tomorrow.",
        "introduction",
    ),
    Case(
        "an introduction in Korean",
        korean("See you tomorrow."),
        said("네, 다음은 요청하신 번역입니다: 내일 봐요."),
        "내일 봐요.",
        "introduction",
    ),
    Case(
        "a heading in bold, quotation marks, a note and an offer",
        korean("See you tomorrow."),
        said(
            "**번역:** “내일 봐요.”\n\n*참고: 존댓말로 옮겼습니다.*"
            "\n\n더 필요한 것이 있으면 말씀해 주세요!"
        ),
        "내일 봐요.",
        "introduction, remark, quotes",
    ),
    Case(
        "a fence with a language",
        summary(),
        said("```text\n#Person1# buys the last tent for 40,000 won.\n```"),
        "#Person1# buys the last tent for 40,000 won.",
        "fence",
    ),
    Case(
        "a JSON object nobody asked for",
        english("내일 봐요."),
        said('```json\n{"translation": "See you tomorrow."}\n```'),
        "See you tomorrow.",
        "fence, wrapper",
    ),
    Case(
        "bold all over",
        summary(),
        said("Summary:\n**#Person1# buys the last tent.**"),
        "#Person1# buys the last tent.",
        "introduction, bold",
    ),
    Case(
        "a note in brackets on the same line",
        english("내일 봐요."),
        said("See you tomorrow. (Note: the original is polite.)"),
        "See you tomorrow.",
        "remark",
    ),
    Case(
        "the reasons of a correction",
        Question(LATE, "rewrite", "ko"),
        said(
            "수정된 요약문: #Person1#은 #Person2#에게 회의가 4시라고 알려 준다."
            "\n\n수정 이유:\n- 3시가 아니라 4시"
        ),
        "#Person1#은 #Person2#에게 회의가 4시라고 알려 준다.",
        "introduction, remark",
    ),
    Case(
        "nothing to correct: the summary stands",
        Question(LATE, "rewrite", "ko"),
        said("요약문이 정확합니다. 수정할 부분이 없습니다."),
        LATE,
        "nothing to correct",
    ),
    Case(
        "the same with the speakers' names",
        Question(LATE, "rewrite", "ko"),
        said("요약문에 틀린 곳이 없습니다. #Person1#과 #Person2#의 대화와 일치합니다."),
        LATE,
        "nothing to correct",
    ),
    Case(
        "the same in English",
        Question(LATE, "rewrite", "ko"),
        said("No corrections are needed."),
        LATE,
        "nothing to correct",
    ),
    Case(
        "the same beside the summary",
        Question(LATE, "rewrite", "ko"),
        said(f"수정할 내용이 없습니다.\n\n{LATE}"),
        LATE,
        "nothing to correct",
    ),
    Case(
        "the whole request again before the answer",
        english("내일 봐요.", f"{HUNYUAN}내일 봐요."),
        said(f"{HUNYUAN}내일 봐요.\n\nSee you tomorrow."),
        "See you tomorrow.",
        "echo",
    ),
    Case(
        "nothing but the request",
        english("내일 봐요.", f"{HUNYUAN}내일 봐요."),
        said(f"{HUNYUAN}내일 봐요."),
        "echo",
    ),
    Case(
        "the source before its translation",
        english("내일 봐요."),
        said("Korean: 내일 봐요.\nEnglish: See you tomorrow."),
        "See you tomorrow.",
        "echo, introduction",
    ),
    Case(
        "tokens of the model's template",
        english("내일 봐요."),
        said("<|im_start|>assistant\nSee you tomorrow.<|im_end|>"),
        "See you tomorrow.",
        "special token",
    ),
    Case(
        "a refusal",
        english("그 놈을 한 대 때려 주고 싶어."),
        said("I’m sorry, but I can’t assist with that."),
        "refusal",
    ),
    Case(
        "a refusal to a source that says it cannot do something itself",
        english("더는 못 참겠어. 그 놈을 때릴 거야."),
        said("I'm sorry, but I cannot translate this content."),
        "refusal",
    ),
    Case(
        "a refusal in Korean",
        korean("I could kill him."),
        said("죄송하지만 해당 내용은 도와드릴 수 없습니다."),
        "refusal",
    ),
    Case(
        "a refusal in place of a summary",
        summary(),
        said("I'm sorry, but I can't summarize this conversation."),
        "refusal",
    ),
    Case(
        "a refusal in its own field",
        english("내일 봐요."),
        said(None, refusal="I can't help with that."),
        "refusal",
    ),
    Case("a model that speaks of itself", english("너 몇 살이야?"),
         said("As an AI language model, I don't have an age."), "refusal"),
    Case("a dialogue that apologises (right)", english("죄송하지만 그건 어렵습니다."),
         said("I'm sorry, but I can't do that."), "I'm sorry, but I can't do that."),
    Case("cut at the limit", english("내일 봐요."), said("See you tomo", "length"), "cut"),
    Case("taken by the filter", english("내일 봐요."), said("See", "content_filter"), "filtered"),
    Case("a call of a tool", english("내일 봐요."),
         Reply(content=None, finish_reason="tool_calls", tool_calls=True), "tool call"),
    Case("nothing", english("내일 봐요."), said(" \n "), "empty"),
    Case("an ending nobody knows", english("내일 봐요."), said("See", "error"), "stopped"),
    Case("a question for the text", english("네."),
         said("Sure! Please provide the text you would like me to translate."), "asks back"),
    Case("two answers to choose from", english("내일 봐요."),
         said("Option 1: See you tomorrow.\nOption 2: I'll see you tomorrow."), "alternatives"),
    Case("a note that may be the turn's own (left; the guard `added note` flags it)",
         english("메모 번역해 줘. 내일 봐요."),
         said("Translate the memo.\nNote: see you tomorrow."),
         "Translate the memo.\nNote: see you tomorrow."),
]  # fmt: skip


def becomes(case: Case) -> tuple[str, str]:
    """What the program makes of a reply, in the terms of `Case`."""
    try:
        read = read_reply(case.reply, case.question)
    except NotAnAnswer as error:
        return error.kind, ""
    return read.text, ", ".join(read.stripped)


def table() -> str:
    """The hostile replies as a Markdown table, by what the program makes of each."""

    def cell(text: str) -> str:
        return "`" + text.replace("\n", "⏎").replace("`", "ˋ").replace("|", "\\|") + "`"

    lines = ["| what | asked | replied | becomes |", "|---|---|---|---|"]
    for case in HOSTILE:
        made, stripped = becomes(case)
        content = case.reply.content or case.reply.refusal or case.reply.reasoning or ""
        ended = case.reply.finish_reason
        replied = (cell(content) if content.strip() else "nothing") + (
            "" if ended == "stop" else f", {ended}"
        )
        asked = f"{case.question.task} {cell(case.question.source)}"
        kept = made == content.strip()
        result = (
            f"{cell(made)}{'' if kept else f'; taken off: {stripped}'}"
            if stripped or kept
            else f"no answer: {made}"
        )
        lines.append(f"| {case.what} | {asked} | {replied} | {result} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
