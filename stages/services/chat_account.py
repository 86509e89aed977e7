"""Where a chat server's key and address come from."""

from __future__ import annotations

import os
import re
from urllib.parse import urlsplit

from pivot_sum.stages.errors import KeyRefused, ServiceRefused
from pivot_sum.stages.services.network import key_in

SERVER_VARIABLE = "OPENAI_BASE_URL"
MAKERS = "https://api.openai.com/v1"
"""OpenAI's own server."""
_MAKERS_HOST = urlsplit(MAKERS).hostname
_VARIABLE = re.compile("[A-Z][A-Z0-9_]*")


def server(base_url: str) -> str | None:
    """The address of the server: the recipe's, else the environment's; None for OpenAI's own,
    also where the variable is empty. Raises `ServiceRefused` where it is none."""
    address = (base_url.strip() or os.environ.get(SERVER_VARIABLE, "").strip()).rstrip("/")
    if found := mistake_in_address(address):
        raise ServiceRefused(f"the address of the server (base_url, or {SERVER_VARIABLE}) {found}")
    return None if not address or urlsplit(address).hostname == _MAKERS_HOST else address


def mistake_in_address(address: str) -> str:
    """What is wrong with an address; empty where nothing is. A password or key in it is not
    repeated."""
    if not address:
        return ""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return "cannot be read as an address"
    if parts.username or parts.password:
        return (
            "holds a user or a password, which would be stored with every result; leave it out and"
            " put the key into the environment"
        )
    if parts.query or parts.fragment:
        return (
            "holds a ? or #; end it before that, and put a key that stands there into the"
            " environment: an address is stored with every result"
        )
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return f"is {address!r}; it has to be an address such as http://localhost:8000/v1"
    return ""


def mistake_in_variable(name: str) -> str:
    """What is wrong with the name of an environment variable; empty where nothing is. The name is
    not repeated: it may be a key that somebody put there."""
    if _VARIABLE.fullmatch(name):
        return ""
    return (
        "names the environment variable that holds the key, such as OPENAI_API_KEY; the key itself"
        " does not belong into a recipe"
    )


def key(variable: str, address: str | None) -> str:
    """The key. A server other than OpenAI's may need none. Raises `KeyRefused`."""
    found = key_in(variable)
    if not found and address is None:
        raise KeyRefused(
            f"OpenAI needs a key: set the environment variable {variable} (never in a recipe), or"
            " name another server in base_url"
        )
    return found
