"""One cache gives the same bytes whichever way it is replayed. The long form is
benchmarks/replay_equality.py."""

from __future__ import annotations

from replay_equality import compared


def test_every_way_to_replay_gives_the_same_bytes() -> None:
    found = compared(dialogues=4)
    assert len(found) == 12 and all(found.values()), found
