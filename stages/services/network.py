"""What the environment says: keys, and which certificates are trusted."""

from __future__ import annotations

import os

from pivot_sum.stages.errors import KeyRefused

CERTIFICATES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
"""Environment variables that name a file with root certificates, the first that is set counts."""


def trusted_certificates() -> str | None:
    """The file with root certificates that the environment names."""
    return next((os.environ[name] for name in CERTIFICATES if os.environ.get(name)), None)


def key_in(variable: str) -> str:
    """The key in an environment variable; empty where there is none. Raises `KeyRefused` for what
    cannot be one, without repeating it."""
    found = os.environ.get(variable, "").strip()
    if not found.isascii() or not found.isprintable() or set(found) & set(" '\"`"):
        raise KeyRefused(
            f"what stands in {variable} cannot be a key: it holds whitespace, quotes or other"
            " strange characters"
        )
    return found
