"""What can go wrong with one request to a service, before it is put into words for people."""

from __future__ import annotations

import errno
import html
import json
import re
import ssl
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from socket import gaierror
from typing import Any

RETRYABLE_STATUS = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529})
TOO_LARGE_STATUS = frozenset({413, 414})
LONGEST_RETRY_AFTER = 300.0
"""Seconds. A service that asks for a longer wait is better asked again by a later run."""


class Refused(Exception):
    """An HTTP status other than success. Nothing was billed.

    `code` is the service's own name for the error, where it gives one; `retry_after` the seconds it
    asks to wait; `for_good` says that waiting does not help, whatever the status; `is_too_large`
    that a smaller request might be taken.
    """

    def __init__(
        self,
        status: int,
        said: str,
        retry_after: float | None = None,
        *,
        code: str = "",
        for_good: bool = False,
        is_too_large: bool = False,
    ) -> None:
        super().__init__(f"{status}{': ' if said else ''}{said}")
        self.status = status
        self.retry_after = retry_after
        self.code = code
        self.for_good = for_good
        self.is_too_large = is_too_large or status in TOO_LARGE_STATUS


class Unusable(Exception):
    """No answer, or none that makes sense. It may have been billed, unless it was never `sent`."""

    def __init__(self, said: str, *, sent: bool = True) -> None:
        super().__init__(said)
        self.sent = sent


class NotMade(Unusable):
    """A request that cannot even be made, by the words of the package that makes it. Trying again
    changes nothing."""

    def __init__(self, said: str) -> None:
        super().__init__(said, sent=False)


class Untrusted(Unusable):
    """The server's certificate is not trusted, or what is trusted cannot be read. Trying again
    changes nothing."""

    def __init__(self, said: str) -> None:
        super().__init__(said, sent=False)


class Stopped(Exception):
    """Another request failed for good, so this one was not sent."""


def is_retryable(error: BaseException) -> bool:
    """Whether the same request may be answered a little later."""
    if isinstance(error, Refused):
        return (
            error.status in RETRYABLE_STATUS
            and not (error.for_good or error.is_too_large)
            and (error.retry_after or 0) <= LONGEST_RETRY_AFTER
        )
    return isinstance(error, Unusable) and not isinstance(error, (NotMade, Untrusted))


def text_of_error(content: str) -> str:
    """What a service said about an error, on one line: the message in its JSON, or the text of a
    page."""
    try:
        answer = json.loads(content)
    except ValueError:
        answer = None
        if content.lstrip().startswith(
            "<"
        ):  # a page of a server or proxy, which is made for browsers
            content = html.unescape(_TAG.sub(" ", content))
    return " ".join((_message(answer) or content).split())


def _message(answer: Any) -> str:
    if isinstance(answer, dict):
        for name in ("error", "message", "Message", "detail"):
            if said := _message(answer.get(name)):
                more = answer.get("detail") if name.lower() == "message" else None
                return f"{said}, {more}" if more and str(more) not in said else said
    return answer if isinstance(answer, str) else ""


_TAG = re.compile(r"<(?:script|style)\b.*?</(?:script|style)>|<[^<>]*>", re.DOTALL | re.IGNORECASE)


def seconds_of(retry_after: str | None) -> float | None:
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


def may_have_arrived(error: BaseException, never_sent: type[BaseException]) -> bool:
    """Whether a request that failed may have reached the server. `never_sent` is the HTTP library's
    error for a connection that was not made in time."""
    chain: BaseException | None = error
    while chain is not None:
        if isinstance(chain, (never_sent, ConnectionRefusedError, gaierror)):
            return False
        if isinstance(chain, OSError) and chain.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH):
            return False
        chain = chain.__cause__ or chain.__context__
    return True


def broken_connection(error: BaseException, never_sent: type[BaseException]) -> Unusable:
    """What a request ended with that got no answer; see `may_have_arrived` for `never_sent`."""
    if isinstance(innermost(error), ssl.SSLCertVerificationError):
        return Untrusted(cause_of(error))
    return Unusable(
        f"a broken connection ({cause_of(error)})", sent=may_have_arrived(error, never_sent)
    )


def cause_of(error: BaseException) -> str:
    """The innermost reason: the outer ones repeat the whole request."""
    inner = innermost(error)
    return str(inner) or type(inner).__name__


def innermost(error: BaseException) -> BaseException:
    """The error all others were raised for."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__ or error
    return error
