"""pivot-sum: Korean dialogues summarised through English, every stage cached, replayable offline."""

from importlib.util import find_spec
from pathlib import Path

__version__ = "0.1.0"


def _refuse_strangers() -> None:
    """`cache` and `stages` are common names: refuse packages of that name that are not the ones installed with us.

    Raises `ImportError` naming the intruder.
    """
    home = Path(__file__).resolve().parent.parent
    for neighbour in ("stages", "cache"):
        spec = find_spec(neighbour)
        found = Path(spec.origin).resolve().parent if spec and spec.origin else None
        if found != home / neighbour:
            raise ImportError(
                f"pivot-sum needs its own package {neighbour!r} in {home / neighbour}, but Python finds {found or 'none'}. "
                f"Another installed package is called {neighbour!r}: install pivot-sum in a virtual environment of its own"
            )


_refuse_strangers()
