"""Where DeepL's key and address come from: the environment, on first use."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from pivot_sum.stages.errors import KeyRefused, ServiceRefused
from pivot_sum.stages.services.network import key_in

KEY_VARIABLE = "DEEPL_AUTH_KEY"
SERVER_VARIABLE = "DEEPL_SERVER_URL"


def key() -> str:
    """The account's key. Raises `KeyRefused` where there is none, or it cannot be one."""
    found = key_in(KEY_VARIABLE)
    if not found:
        raise KeyRefused(
            f"DeepL needs a key: set the environment variable {KEY_VARIABLE} (never in a recipe);"
            " your DeepL account shows it under API keys"
        )
    return found


def server() -> str | None:
    """The address to use in place of DeepL's. Raises `ServiceRefused` where it is none."""
    address = os.environ.get(SERVER_VARIABLE) or None
    if address is None:
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        raise ServiceRefused(f"{SERVER_VARIABLE} cannot be read as an address") from None
    if parts.username or parts.password:
        raise ServiceRefused(
            f"{SERVER_VARIABLE} holds a user or a password, which would be stored with every"
            " result; leave it out"
        )
    if parts.scheme not in ("http", "https"):
        raise ServiceRefused(
            f"{SERVER_VARIABLE} is {address!r}; it has to be an address such as"
            " http://localhost:3000"
        )
    return address


def foreign_server() -> str | None:
    """That address where it is not one of DeepL's: what a mock answers is not DeepL's answer."""
    address = server() or ""
    host = urlsplit(address).hostname or address
    return address.rstrip("/") if host and not f".{host}".endswith(".deepl.com") else None
