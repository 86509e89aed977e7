"""A small data file whose facts can be counted by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

HOSTILE = "<script>document.title='taken over'</script>"


ROWS: list[dict[str, Any]] = [
    {
        "fname": "e_0",
        "dialogue": (
            "#Person1#: 안녕하세요.\r\n#Person2#: 네. 안녕하세요.\n#Person1#: 번호는"
            " #PhoneNumber#예요."
        ),
        "summary": "#Person1#은 #Person3#에게 번호를 준다.",
        "topic": "인사",
    },
    {
        "fname": "e_1",
        "dialogue": "##Person1#: 안녕하세요.\n  #Person1#: #키를 눌러요.\n자막",
        "summary": "둘이 인사한다.",
        "topic": "인사",
    },
    {
        "fname": "e_2",
        "dialogue": f"#Person2#: \u200b안녕하세요.\n#Person1#: {HOSTILE}",
        "summary": "인사.",
        "topic": HOSTILE,
    },
]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "data.jsonl"
    path.write_text(
        "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS), encoding="utf-8"
    )
    return path
