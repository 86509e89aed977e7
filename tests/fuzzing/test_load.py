"""Dialogues as nobody writes them, through every command that reads texts. The long form, with
10,000 turns and 100,000 characters, is benchmarks/load.py."""

from __future__ import annotations

import pytest
from load import checked


@pytest.mark.parametrize("load", ["turns", "planes", "NUL", "half a character"])
def test_every_command_gives_a_result_or_one_message_and_no_text_is_changed(load: str) -> None:
    ran, refused, faults = checked(size=0.01, seconds=60, only=[load])
    assert not faults and ran > 20 and refused < ran
