"""Assertions about a page in a browser."""

from __future__ import annotations

from typing import Any

# Milliseconds a page may take for what a browser does later: painting, following a link.
PATIENCE = 30_000


def eventually(part: Any) -> Any:
    """Playwright's assertions about a part of a page, which wait until they hold."""
    from playwright.sync_api import expect

    return expect(part)
