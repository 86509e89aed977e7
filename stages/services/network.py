"""Which certificates are trusted, as the environment says."""

from __future__ import annotations

import os

CERTIFICATES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
"""Environment variables that name a file with root certificates, the first that is set counts."""


def trusted_certificates() -> str | None:
    """The file with root certificates that the environment names."""
    return next((os.environ[name] for name in CERTIFICATES if os.environ.get(name)), None)
