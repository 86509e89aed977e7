"""What is kept in a temporary file: read back as it was, in any order."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from pivot_sum.data import sequences
from pivot_sum.data.samples import Sample, ids_of, on_disk, references_of
from pivot_sum.data.sequences import Mapped, OnDisk, Picked, TextsById, texts_of
from pivot_sum.errors import DataUnwritable

TEXTS = [f"{'가' * (number % 7)}\n#Person{number}#\u2028\U0001f600" for number in range(1_203)]


@pytest.fixture(params=[sequences.IN_MEMORY, 0], ids=["in memory", "in a file"])
def kept(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> OnDisk[str]:
    monkeypatch.setattr(sequences, "IN_MEMORY", request.param or 1)
    return OnDisk(iter(TEXTS))


def test_any_text_is_read_in_any_order(kept: OnDisk[str]) -> None:
    assert len(kept) == len(TEXTS) and list(kept) == TEXTS and kept[-1] == TEXTS[-1]
    places = random.Random(1).sample(range(len(TEXTS)), len(TEXTS))
    assert [kept[place] for place in places] == [TEXTS[place] for place in places]
    assert list(Picked(kept, places)) == [TEXTS[place] for place in places]
    assert (kept[5:9], kept[1200:2000], kept[9:5]) == (TEXTS[5:9], TEXTS[1200:], [])
    with pytest.raises(IndexError):
        kept[len(TEXTS)]


def test_sequences_over_one_file_are_read_side_by_side(kept: OnDisk[str]) -> None:
    lengths = Mapped(kept, lambda part: [len(text) for text in part])
    pairs = zip(kept, lengths, kept, strict=True)
    assert all(one == other and len(one) == length for one, length, other in pairs)


def test_samples_come_back_as_they_were() -> None:
    samples = [
        Sample("a", "#Person1#: 네", ("하나", "둘"), "Yes", None),
        Sample("b", "아니요", (), None, "No", ("translate",), ""),
    ]
    found = on_disk(iter(samples))
    assert list(found) == samples and ids_of(found) == ["a", "b"]
    assert list(references_of(found)) == [("하나", "둘"), ()]


def test_texts_by_id_are_a_mapping_in_order_and_name_what_comes_twice() -> None:
    found = TextsById([("b", "나"), ("a", "가"), ("b", "다")])
    assert dict(found) == {"b": "다", "a": "가"} == found
    assert list(found) == ["b", "a"] and len(found) == 2 and found.repeated == {"b"}
    assert "a" in found and "c" not in found and list(texts_of(["a", "b"], found)) == ["가", "다"]
    with pytest.raises(KeyError):
        found["c"]


def test_a_full_temporary_folder_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Full:
        def __init__(self, *_: Any) -> None:
            pass

        def write(self, _: bytes) -> int:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("tempfile.SpooledTemporaryFile", Full)
    with pytest.raises(DataUnwritable, match=f"{tmp_path}: No space left.*TMPDIR"):
        OnDisk(TEXTS)
