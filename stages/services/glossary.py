"""Glossaries: term pairs in a CSV file, known by their content."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from pivot_sum.stages.errors import ModelUnreachable, StageError


def read_terms(path: Path) -> dict[str, str]:
    """Term pairs of a CSV file. Raises `ModelUnreachable` where there is no file, `StageError`
    where it is no glossary."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [
                [cell.strip() for cell in row]
                for row in csv.reader(file)
                if any(cell.strip() for cell in row)
            ]
    except FileNotFoundError:
        raise ModelUnreachable(
            f"glossary {path} does not exist (looked in {path.absolute()}); give a CSV file of term"
            " pairs"
        ) from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise StageError(f"glossary {path} cannot be read as CSV in UTF-8: {error}") from error
    terms: dict[str, str] = {}
    for number, row in enumerate(rows, 1):
        if (
            len(row) != 2
            or not all(row)
            or not all(cell.isprintable() for cell in row)
            or row[0] in terms
        ):
            raise StageError(
                f"glossary {path}, entry {number} ({','.join(row)[:60]!r}): an entry is a term and"
                " its translation, `source,target`, and no term occurs twice"
            )
        terms[row[0]] = row[1]
    if not terms:
        raise StageError(
            f"glossary {path} is empty; write one `source,target` a line, or leave the field out"
        )
    return terms


def content_hash(terms: Mapping[str, str]) -> str:
    return hashlib.sha256(
        json.dumps(sorted(terms.items()), ensure_ascii=False).encode()
    ).hexdigest()
