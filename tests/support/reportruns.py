"""Small finished runs for reports, written as a run writes them but without any model: a pivot and
a direct one."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pivot_sum.data.samples import read_samples
from pivot_sum.recipes.recipe import load_recipe
from pivot_sum.running.folder import RunFolder
from pivot_sum.running.results import Block, StepResult

HOSTILE = (
    "</script><script>document.title='taken over'</script><img src=x"
    " onerror=\"document.title='taken over'\">&amp;"
)
"""What must show as text wherever it stands."""

DIALOGUES: Mapping[str, Mapping[str, Any]] = {
    "r_0": {
        "dialogue": (
            "#Person1#: 내일 아침에 우산을 빌려줄 수 있어요?\n#Person2#: 네, 현관에 두고 갈게요."
        ),
        "dialogue_en": (
            "#Person1#: Can you lend me an umbrella tomorrow morning?\n#Person2#: Yes, I will leave"
            " it at the door."
        ),
        "summary1": (
            "#Person1#은 #Person2#에게 우산을 빌려 달라고 하고, #Person2#는 현관에 두겠다고 한다."
        ),
        "summary2": "#Person2#는 #Person1#에게 우산을 빌려주기로 하고 현관에 둔다.",
        "english": (
            "#Person1# asks #Person2# for an umbrella, and #Person2# will leave it at the door."
        ),
        "pivot": (
            "#Person1#은 #Person2#에게 우산을 빌려 달라고 하고, #Person2#는 문 앞에 두겠다고 한다."
        ),
        "direct": (
            "#Person1#은 #Person2#에게 우산을 빌려 달라고 하고, #Person2#는 현관에 두겠다고 한다."
        ),
    },
    "r_1": {  # the pivot swaps the speakers
        "dialogue": (
            "#Person1#: 냉장고에서 소리가 나요.\n#Person2#: 기사님을 보낼게요.\n#Person1#: 오후에"
            " 와 주세요."
        ),
        "dialogue_en": (
            "#Person1#: The fridge is noisy.\n#Person2#: We will send someone.\n#Person1#: This"
            " afternoon, please."
        ),
        "summary1": (
            "#Person1#은 냉장고에서 소리가 난다고 하고, #Person2#는 기사를 보내겠다고 약속한다."
        ),
        "summary2": "#Person1#의 새 냉장고가 시끄러워서 #Person2#가 오후에 기사를 보낸다.",
        "english": "#Person2# says the fridge is noisy, and #Person1# promises to send someone.",
        "pivot": (
            "#Person2#는 냉장고에서 소리가 난다고 하고, #Person1#은 기사를 보내겠다고 약속한다."
        ),
        "direct": (
            "#Person1#은 냉장고에서 소리가 난다고 하고, #Person2#는 기사를 보내겠다고 약속한다."
        ),
    },
    "r_2": {  # the worst: the pivot answers with something else, and its placeholder is damaged
        "dialogue": (
            f"#Person1#: 이 글을 화면에 띄워 보세요: {HOSTILE}\n#Person2#: 그대로 보이네요."
        ),
        "dialogue_en": (
            f"#Person1#: Put this on the screen: {HOSTILE}\n#Person2#: It shows as it is."
        ),
        "summary1": "#Person2#는 #Person1#이 보낸 글이 화면에 그대로 보인다고 말한다.",
        "summary2": "#Person1#이 글을 보내자 #Person2#는 그대로 보인다고 한다.",
        "english": f"#person2# cooks rice. {HOSTILE}",
        "pivot": f"#person2# 밥을 짓는다. {HOSTILE}",
        "direct": "#Person2#는 #Person1#이 보낸 글이 화면에 그대로 보인다고 말한다.",
    },
    "r_3": {
        "dialogue": "#Person1#: 번호 알려 주세요.\r\n#Person2#:  #PhoneNumber#예요.",
        "dialogue_en": "#Person1#: Your number, please.\n#Person2#: It is #PhoneNumber#.",
        "summary1": "#Person2#는 #Person1#에게 전화번호 #PhoneNumber#를 알려 준다.",
        "summary2": "#Person1#이 묻자 #Person2#가 전화번호를 말한다.",
        "english": "#Person2# tells #Person1# the number #PhoneNumber#.",
        "pivot": "#Person2#는 #Person1#에게 번호 #PhoneNumber#를 말한다.",
        "direct": "#Person2#가 번호를 말한다.",
    },
}

REMARKS: Mapping[tuple[str, str], Mapping[str, int]] = {
    ("summarize", "r_2"): {"placeholder invented": 1, "no counterpart": 1},
    ("to-korean", "r_2"): {"placeholder lost": 1},
    ("to-korean", "r_3"): {"placeholder repaired": 1},
}
"""What the pivot's steps remarked on which dialogues."""

COLUMNS = ("fname", "dialogue", "dialogue_en", "summary1", "summary2")


def write_data(folder: Path, *, references: bool = True) -> Path:
    """The dialogues as JSONL, with or without reference summaries."""
    names = [name for name in COLUMNS if references or not name.startswith("summary")]
    rows = [{name: ({"fname": id} | row)[name] for name in names} for id, row in DIALOGUES.items()]
    path = folder / ("data.jsonl" if references else "test.jsonl")
    path.write_text(
        "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8"
    )
    return path


def cleaned(dialogue: str) -> str:
    """What clean makes of these dialogues."""
    return dialogue.replace("\r\n", "\n").replace(":  ", ": ")


def pivot_run(folder: Path, data: Path) -> Path:
    """A finished run of demo-pivot over the dialogues."""
    texts = {
        "clean": [cleaned(row["dialogue"]) for row in DIALOGUES.values()],
        "to-english": [row["dialogue_en"] for row in DIALOGUES.values()],
        "summarize": [row["english"] for row in DIALOGUES.values()],
        "to-korean": [row["pivot"].replace("은 ", "는 ") for row in DIALOGUES.values()],
        "polish": [row["pivot"] for row in DIALOGUES.values()],
    }
    counts = {
        "to-english": {"rungs": {"plain": 8, "as-is": 1}},
        "to-korean": {"rungs": {"as-is": 2, "cut": 1}},
    }
    return write_run(folder, "demo-pivot", data, texts, REMARKS, counts)


def direct_run(folder: Path, data: Path) -> Path:
    """A finished run of demo-direct over the dialogues."""
    texts = {
        "clean": [cleaned(row["dialogue"]) for row in DIALOGUES.values()],
        "summarize": [row["direct"] for row in DIALOGUES.values()],
        "polish": [row["direct"] for row in DIALOGUES.values()],
    }
    return write_run(folder, "demo-direct", data, texts)


def write_run(
    path: Path,
    recipe: str,
    data: Path,
    texts: Mapping[str, Sequence[str]],
    remarks: Mapping[tuple[str, str], Mapping[str, int]] | None = None,
    counts: Mapping[str, Mapping[str, Mapping[str, int]]] | None = None,
) -> Path:
    """A finished run: what each step of the recipe gave, one text a dialogue, what it remarked, and
    its counts."""
    samples = read_samples(data)
    folder = RunFolder(
        path,
        load_recipe(recipe),
        data,
        samples,
        stages=None,
        set=[],
        limit=None,
        offline=False,
        budget=None,
    )
    folder.start()
    for position, (name, answers) in enumerate(texts.items()):
        noticed = [Counter((remarks or {}).get((name, sample.id), {})) for sample in samples]
        number = len(samples)
        with folder.step_file(position) as given:
            given.add(Block(list(answers), noticed, []))
        result = StepResult(name, {"stage": name}, given, number, number, 0, number, seconds=1.5)
        result.counts["verdicts"].update({"kept": len(samples)})
        for kind, found in ((counts or {}).get(name, {})).items():
            result.counts[kind].update(found)
        folder.add_step(position, result)
    folder.finish([" ".join(text.split()) for text in answers])
    return path
