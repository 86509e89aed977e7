"""A file is written whole or not at all."""

import os
from pathlib import Path

import pytest

from pivot_sum.files import DEEPEST, parse_json, read_text, write_whole


def test_a_text_replaces_the_old_one_with_its_line_ends_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    write_whole(path, "새 줄\r\n\n\r")
    assert path.read_bytes() == "새 줄\r\n\n\r".encode()
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_leaves_the_old_file_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, "new")
    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "half a character \ud83d")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_the_callers_to_explain(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_whole(tmp_path / "nowhere" / "a.txt", "x")


@pytest.mark.parametrize(
    "text", ["NaN", "[1e999]", '"\\ud800"', "[" * 5000 + "]" * 5000, "1" * 5000, "{", "-Infinity"]
)
def test_json_that_not_every_reader_takes_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_json(text)


def test_json_is_read_as_it_is() -> None:
    assert parse_json('{"a": [1, 2.5, "\\u0000가😀", null]}') == {"a": [1, 2.5, "\0가😀", None]}


def test_json_may_be_nested_as_deep_as_is_said_and_no_deeper() -> None:
    at_most = "[" * DEEPEST + "]" * DEEPEST
    assert parse_json(at_most) and parse_json(f"[{','.join(['[]'] * 2 * DEEPEST)}]")
    with pytest.raises(ValueError, match="nested too deep"):
        parse_json(f'{{"a": {at_most}}}')


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, Path("/dev/zero"), tmp_path / "missing"):
        with pytest.raises(OSError):
            read_text(path)
