"""What a chat model is told where its answer was flagged."""

from __future__ import annotations

from collections.abc import Sequence


def complaint_about(flags: Sequence[str], target: str) -> str:
    """What is wrong with an answer in the language `target`, in words for the model; empty where no
    flag has any."""
    known = [_COMPLAINTS[flag] for flag in flags if flag in _COMPLAINTS]
    return "; ".join(known).format(target={"ko": "Korean", "en": "English"}[target])


_COMPLAINTS: dict[str, str] = {
    "empty": "it was empty",
    "wrong script": "parts of it are not in {target}",
    "length": "its length does not fit that of the text",
    "repetition": "it repeats itself",
    "copy": "most of it is copied from the text",
    "added note": "it holds remarks of your own",
    "invented placeholder": "it names a #...# that the text does not have",
    "no counterpart": "something of the text is missing, or something was added",
    "changed number": "a number, time, amount or date is not that of the text",
    "unsupported number": "it holds a number, time, amount or date that the text does not",
    "swapped speakers": "it says of one speaker what the other one does in the text",
}
