"""A pivot run over three short dialogues in which names and numbers are damaged, with texts written
for this; no model is needed."""

from __future__ import annotations

import json
from pathlib import Path

from reportruns import write_run

ROWS = (
    {  # nothing happens to it
        "fname": "i_0",
        "dialogue": "#Person1#: 표 두 장 주세요.\n#Person2#: 네, 5천 원입니다.",
        "dialogue_en": "#Person1#: Two tickets, please.\n#Person2#: Yes, that is 5,000 won.",
        "summary": "#Person1#은 표 두 장을 5천 원에 산다.",
    },
    {  # the way to English changes the hour
        "fname": "i_1",
        "dialogue": "#Person1#: 언제 만나요?\n#Person2#: 오후 3시에 역에서 봐요.",
        "dialogue_en": "#Person1#: When do we meet?\n#Person2#: At 3 p.m. at the station.",
        "summary": "#Person1#과 #Person2#는 오후 3시에 역에서 만난다.",
    },
    {  # the way back changes the name, and the summariser forgets the day
        "fname": "i_2",
        "dialogue": "#Person1#: 도슨 씨가 오나요?\n#Person2#: 네, 도슨 씨는 화요일에 와요.",
        "dialogue_en": "#Person1#: Is Mr. Dawson coming?\n#Person2#: Yes, Dawson comes on Tuesday.",
        "summary": "#Person2#는 도슨 씨가 화요일에 온다고 한다.",
    },
)


def item_run(folder: Path) -> Path:
    """The run folder; its data lie beside it."""
    data = folder / "items.jsonl"
    data.write_text(
        "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS), encoding="utf-8"
    )
    korean = [
        ROWS[0]["summary"],
        "#Person1#과 #Person2#는 오후 4시에 역에서 만난다.",
        "#Person2#는 더슨 씨가 온다고 한다.",
    ]
    texts = {
        "clean": [row["dialogue"] for row in ROWS],
        "to-english": [
            ROWS[0]["dialogue_en"],
            ROWS[1]["dialogue_en"].replace("3 p.m.", "4 p.m."),
            ROWS[2]["dialogue_en"],
        ],
        "summarize": [
            "#Person1# buys two tickets for 5,000 won.",
            "#Person1# and #Person2# meet at 4 p.m. at the station.",
            "#Person2# says that Mr. Dawson comes.",
        ],
        "to-korean": korean,
        "polish": korean,
    }
    return write_run(folder / "items", "demo-pivot", data, texts)
