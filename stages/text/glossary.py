"""Glossaries: term pairs in a CSV file, known by their content, and where their terms stand in a
text."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from unicodedata import normalize

from pivot_sum.stages.errors import ModelUnreachable, StageError
from pivot_sum.stages.text.scripts import LATIN


def read_terms(path: Path, what: str = "glossary") -> dict[str, str]:
    """Term pairs of a CSV file; `what` it is, for messages. Raises `ModelUnreachable` where there
    is no file, `StageError` where it does not hold such pairs."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [
                [cell.strip() for cell in row]
                for row in csv.reader(file)
                if any(cell.strip() for cell in row)
            ]
    except FileNotFoundError:
        raise ModelUnreachable(
            f"{what} {path} does not exist (looked in {path.absolute()}); give a CSV file of term"
            " pairs"
        ) from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise StageError(f"{what} {path} cannot be read as CSV in UTF-8: {error}") from error
    terms: dict[str, str] = {}
    for number, row in enumerate(rows, 1):
        if (
            len(row) != 2
            or not all(row)
            or not all(cell.isprintable() for cell in row)
            or row[0] in terms
        ):
            raise StageError(
                f"{what} {path}, entry {number} ({','.join(row)[:60]!r}): an entry is a term and"
                " its translation, `source,target`, and no term occurs twice"
            )
        terms[row[0]] = row[1]
    if not terms:
        raise StageError(
            f"{what} {path} is empty; write one `source,target` a line, or leave the field out"
        )
    return terms


def content_hash(terms: Mapping[str, str]) -> str:
    return hashlib.sha256(
        json.dumps(sorted(terms.items()), ensure_ascii=False).encode()
    ).hexdigest()


class Terms:
    """Term pairs, as they are found in texts.

    Latin letters match in any case, but for a term all in capitals (`US` is not `us`); a term is
    never part of a longer word. Behind one in Hangul particles may stand.
    """

    def __init__(self, terms: Mapping[str, str]) -> None:
        self._terms = {normalize("NFC", term): meaning for term, meaning in terms.items()}

    def found_in(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Where each term begins and ends, and its translation. Some may overlap."""
        folded = text.casefold()
        for term, meaning in self._terms.items():
            if term.casefold() in folded:
                for match in _pattern(term).finditer(text):
                    # a term of its own in exactly this case goes before
                    if match.group() == term or match.group() not in self._terms:
                        yield *match.span(), meaning


@lru_cache(maxsize=4096)
def _pattern(term: str) -> re.Pattern[str]:
    first, last = term[0], term[-1]
    before = _WORD_BEGINS if "가" <= first <= "힣" else _LATIN_BEGINS if first.isalnum() else ""
    behind = PARTICLES if "가" <= last <= "힣" else _LATIN_ENDS if last.isalnum() else ""
    exact = term.isascii() and term.isupper()
    return re.compile(before + re.escape(term) + behind, 0 if exact else re.IGNORECASE)


_WORD_BEGINS = r"(?<!\w)"
_LATIN_BEGINS = f"(?<![{LATIN}0-9])"
_LATIN_ENDS = f"(?![{LATIN}0-9])"
PARTICLES = (
    "(?=(?:님|씨|들)?(?:은|는|이|가|을|를|과|와|의|도|만|에|에게|에게서|에서|한테|한테서|께|께서|으?로|으?로서|으?로써|"
    "부터|까지|이?랑|하고|처럼|보다|만큼|마다|밖에|조차|마저|이?나|이?든|이?든지|이?라도|이?라고|이?라는|이?란|이?라서?|"
    "이?며|이?고|이?야|요|이?다|이?죠|이지|인데?|이?니까?|이?면|이에요|예요|입니[가-힣]+|이었[가-힣]+|였[가-힣]+){0,4}"
    "(?![가-힣]))"
)
"""What may stand behind a noun in the same word, with nothing of another noun."""
