"""One request to DeepL over HTTP, and a look at the answer before anybody reads it."""

from __future__ import annotations

import errno
import html
import json
import os
import re
import ssl
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from socket import gaierror
from typing import Any

import requests
from deepl.http_client import HttpClient

_LONGEST_MESSAGE = 300


class Refused(Exception):
    """An HTTP status other than success. Nothing was billed."""

    def __init__(self, status: int, said: str, retry_after: float | None) -> None:
        super().__init__(f"{status}{': ' if said else ''}{said}")
        self.status = status
        self.retry_after = retry_after


class Unusable(Exception):
    """No answer, or none that makes sense. It may have been billed, unless it was never `sent`."""

    def __init__(self, said: str, *, sent: bool = True) -> None:
        super().__init__(said)
        self.sent = sent


class Untrusted(Unusable):
    """The server's certificate is not trusted, or what is trusted cannot be read. Trying again
    changes nothing."""

    def __init__(self, said: str) -> None:
        super().__init__(said, sent=False)


class OneTry(HttpClient):
    """Sends a request once and looks at the answer; stands in for the package's client, which tries
    again by itself."""

    def __init__(self, timeout: float) -> None:
        super().__init__(send_platform_info=False)
        self._timeout = timeout

    def request_with_backoff(  # type: ignore[no-untyped-def]  # so it is in the package
        self, method, url, data, json, headers, stream=False, **settings
    ):
        for dictionary in (json or {}).get("dictionaries", ()):
            # The package writes them in upper case; DeepL's OpenAPI knows them in lower case alone.
            for name in ("source_lang", "target_lang"):
                dictionary[name] = dictionary[name].lower()
        request = self._prepare_request(method, url, data, json, headers, **settings)
        try:
            response = self._session.send(request, timeout=self._timeout, **self._surroundings(url))
        except requests.Timeout as error:
            raise Unusable(
                f"no answer within {self._timeout:g} s", sent=_connected(error)
            ) from None
        except requests.RequestException as error:
            if isinstance(_innermost(error), ssl.SSLCertVerificationError):
                raise Untrusted(_cause(error)) from None
            raise Unusable(
                f"a broken connection ({_cause(error)})", sent=_connected(error)
            ) from None
        except OSError as error:  # the file of certificates is not there
            raise Untrusted(str(error)) from None
        response.encoding = "UTF-8"
        if not 200 <= response.status_code < 300:
            raise Refused(
                response.status_code,
                _said(response.text),
                _seconds(response.headers.get("Retry-After")),
            )
        _check(response.text, len(json["text"]) if json and "text" in json else None)
        return response.status_code, response.text

    def _surroundings(self, url: str) -> dict[str, Any]:
        """Proxies and trusted certificates as the environment names them."""
        settings = self._session.merge_environment_settings(url, {}, False, None, None)
        if settings["verify"] is True:
            settings["verify"] = os.environ.get("SSL_CERT_FILE") or True
        return {name: settings[name] for name in ("proxies", "verify", "cert")}


def _check(content: str, texts: int | None) -> None:
    """Raises `Unusable` for anything but JSON, with as many translations as `texts` were sent, each
    text and number."""
    try:
        answer = json.loads(content)
    except ValueError:
        raise Unusable("an answer that is not whole JSON") from None
    if texts is None:
        return
    translations = answer.get("translations") if isinstance(answer, dict) else None
    if not isinstance(translations, list):
        raise Unusable("an answer without translations")
    if len(translations) != texts:
        raise Unusable(f"{len(translations)} translations for {texts} texts")
    for translation in translations:
        if not (
            isinstance(translation, dict)
            and isinstance(translation.get("text"), str)
            and isinstance(translation.get("billed_characters"), int)
        ):
            raise Unusable("a translation that is not a text with its billed characters")


def _said(content: str) -> str:
    """What the service said about an error, on one line."""
    try:
        answer = json.loads(content)
    except ValueError:
        answer = None
        if content.lstrip().startswith(
            "<"
        ):  # a page of a server or proxy, which is made for browsers
            content = html.unescape(_TAG.sub(" ", content))
    if isinstance(answer, dict):
        parts = [str(answer[name]) for name in ("message", "Message", "detail") if answer.get(name)]
        content = ", ".join(parts) or content
    return " ".join(content.split())[:_LONGEST_MESSAGE]


_TAG = re.compile(r"<(?:script|style)\b.*?</(?:script|style)>|<[^<>]*>", re.DOTALL | re.IGNORECASE)


def _connected(error: BaseException) -> bool:
    """Whether a request that failed may have reached the server."""
    chain: BaseException | None = error
    while chain is not None:
        if isinstance(chain, requests.ConnectTimeout | ConnectionRefusedError | gaierror):
            return False
        if isinstance(chain, OSError) and chain.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH):
            return False
        chain = chain.__cause__ or chain.__context__
    return True


def _cause(error: BaseException) -> str:
    """The innermost reason: the outer ones repeat the whole request."""
    inner = _innermost(error)
    return str(inner) or type(inner).__name__


def _innermost(error: BaseException) -> BaseException:
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__ or error
    return error


def _seconds(retry_after: str | None) -> float | None:
    """A `Retry-After` header, seconds or a date, as seconds from now; None where there is none that
    can be read."""
    if retry_after is None:
        return None
    if re.fullmatch(r"\s*[0-9]+(\.[0-9]+)?\s*", retry_after):
        return float(retry_after)
    try:
        moment = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    return max(0.0, (moment.astimezone(UTC) - datetime.now(UTC)).total_seconds())
