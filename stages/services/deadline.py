"""A limit on the time of a whole request.

HTTP libraries limit the time between two bytes, so a server that sends a byte now and then is
waited for without an end; and looking up a name in the DNS has no limit at all.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, wait
from threading import Thread
from typing import TypeVar

Result = TypeVar("Result")


class TookTooLong(Exception):
    """A call that was not done in time."""


def within(seconds: float, call: Callable[[], Result]) -> Result:
    """The result of a call, or its error. Raises `TookTooLong` after so many seconds; the call is
    then left to itself, in a thread that does not keep the program from ending."""
    future: Future[Result] = Future()

    def work() -> None:
        try:
            future.set_result(call())
        except BaseException as error:
            future.set_exception(error)

    Thread(target=work, name="request", daemon=True).start()
    if not wait([future], seconds).done:
        raise TookTooLong
    return future.result()
