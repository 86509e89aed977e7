"""The versions of the readers, apart from them: whoever replays a run names them without using
them, and they take a while to import."""

from __future__ import annotations

from typing import Final

READER: Final = 3
"""In the signature of every metric of values, and in the identity of every stage that checks or
repairs values: to be raised where they are read in another way."""

ROLES: Final = 2
"""The same for who did what, in the identity of stages that look for swapped speakers."""
