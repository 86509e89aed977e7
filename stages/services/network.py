"""What the environment says: keys, and which certificates are trusted; which addresses anybody on
the way can listen to."""

from __future__ import annotations

import os
from ipaddress import ip_address
from urllib.parse import urlsplit

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


def is_in_the_open(address: str) -> bool:
    """Whether what is sent to an address leaves this machine without encryption."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    try:
        is_here = ip_address(host).is_loopback
    except ValueError:  # a name
        is_here = host == "localhost" or host.endswith(".localhost")
    return parts.scheme == "http" and not is_here


IN_THE_OPEN = (
    "%s gets the key in %s without encryption (http://): whoever is on the way can read it, and the"
    " texts; use an https:// address"
)
"""What is said then, of a service and the variable of its key."""
