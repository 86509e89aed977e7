"""The one client every service is asked through: which requests are sent again and when, what an
error means, and that no key is ever shown.

A service adds one adapter: how a request is sent, and what its own errors mean.
"""

from __future__ import annotations

import logging
import random
from abc import ABC, abstractmethod
from collections.abc import Callable
from threading import Event, Lock
from typing import ClassVar, TypeVar

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    wait_exponential_jitter,
)

from pivot_sum.stages.budget import Budget, Cost
from pivot_sum.stages.errors import KeyRefused, ServiceRefused, ServiceUnavailable, StageError
from pivot_sum.stages.services.deadline import TookTooLong, within
from pivot_sum.stages.services.failures import (
    LONGEST_RETRY_AFTER,
    RETRYABLE_STATUS,
    NotMade,
    Refused,
    Stopped,
    Untrusted,
    Unusable,
    is_retryable,
)

Result = TypeVar("Result")

log = logging.getLogger(__name__)

_LONGEST_PAUSE = 60.0
_LONGEST_MESSAGE = 300
_GRACE = 0.5
"""Seconds that the HTTP library has to notice by itself that the time is over: it knows whether the
request was sent."""
_HIGHEST_COUNT = 10_000_000
"""Tokens or characters. No service reads or writes more in one request."""


class ServiceClient(ABC):
    """A service as one key sees it. For several threads.

    `timeout` is how many seconds a whole answer may take, `attempts` how often a request
    is sent at most, `pause` the seconds before the second time; they double from time to time,
    unless the service says how long to wait. `sleep` replaces waiting in tests.
    """

    service: ClassVar[str]
    """What the service is called in messages."""
    handled_codes: ClassVar[frozenset[str]] = frozenset()
    """Errors that whoever asks deals with, as with a request that is too large."""

    def __init__(
        self,
        key: str,
        *,
        key_variable: str,
        timeout: float,
        attempts: int,
        pause: float,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        self.key_variable = key_variable
        self._key = key
        self._timeout = timeout
        self._attempts = attempts
        self._pause = pause
        self._backoff = wait_exponential_jitter(multiplier=pause, max=_LONGEST_PAUSE, jitter=pause)
        self._sleep = sleep
        self._said: set[str] = set()
        self._lock = Lock()

    def with_retries(
        self, request: Callable[[], Result], stopped: Event, *, seconds: float = 0
    ) -> Result:
        """Send a request that costs nothing, again where that may help. A set `stopped` ends
        waiting and sends nothing more. `seconds` is what it may take, if that is more than usual.

        `request` raises `Refused` or `Unusable`. Raises `StageError`, `Stopped`, and `Refused`
        where the request is too large or the error is one of `handled_codes`.
        """
        return self._retried(lambda: self._in_time(request, seconds), stopped)

    def paid(
        self,
        request: Callable[[], tuple[Result, Cost]],
        at_most: Cost,
        budget: Budget,
        stopped: Event,
    ) -> Result:
        """The same for a request that is billed: it gives its result and what that cost. `at_most`
        is set aside in the budget while it is in flight, and counts where no answer comes."""

        def once() -> Result:
            budget.reserve(at_most)
            try:
                result, billed = self._in_time(request)
            except BaseException as error:
                if isinstance(error, Refused) or (isinstance(error, Unusable) and not error.sent):
                    budget.settle(at_most, {})
                else:
                    budget.doubt(at_most, self.shown(error))
                raise
            budget.settle(at_most, billed)
            return result

        return self._retried(once, stopped)

    def _in_time(self, request: Callable[[], Result], seconds: float = 0) -> Result:
        seconds = max(seconds, self._timeout)
        try:
            return within(seconds + _GRACE, request)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise Unusable(f"an answer of an unknown form ({type(error).__name__})") from error
        except TookTooLong:
            raise Unusable(f"no whole answer within {seconds:g} s") from None

    def _retried(self, request: Callable[[], Result], stopped: Event) -> Result:
        """Send a request, again where that may help: see `with_retries`."""

        def rest(seconds: float) -> None:
            stopped.wait(seconds)

        def once() -> Result:
            if stopped.is_set():
                raise Stopped
            return request()

        retrying = Retrying(
            retry=retry_if_exception(is_retryable),
            wait=self._wait,
            stop=stop_after_attempt(self._attempts),
            sleep=self._sleep or rest,
            before_sleep=self._note_unreachable,
            reraise=True,
        )
        try:
            return retrying(once)
        except Refused as error:
            if error.is_too_large or error.code in self.handled_codes:
                raise
            raise self.explained(error) from None
        except NotMade as error:
            raise ServiceRefused(
                f"the request to {self.service} cannot be made: {self.shown(error)}"
            ) from None
        except Untrusted as error:
            raise ServiceUnavailable(
                f"the certificate of {self.service}'s server is not trusted ({self.shown(error)});"
                " if a proxy of your network stands in between, name the file with its root"
                " certificate in REQUESTS_CA_BUNDLE (or CURL_CA_BUNDLE, SSL_CERT_FILE)"
            ) from None
        except Unusable as error:
            raise ServiceUnavailable(
                f"{self.service} gave no usable answer in {self._attempts} tries, the last time"
                f" {self.shown(error)}; look at the network ({self.address_hint}) and run the same"
                " command again"
            ) from None

    @property
    @abstractmethod
    def address_hint(self) -> str:
        """Where the address of the service is set, for messages."""

    def explained(self, error: Refused) -> StageError:
        """The error for people. A service puts those before it that it alone has."""
        said = self.shown(error)
        match error.status:
            case 401 | 403:
                return KeyRefused(
                    f"{self.service} does not accept the key in {self.key_variable} ({said}); copy"
                    " it again from your account"
                )
            case status if (
                status in RETRYABLE_STATUS and (error.retry_after or 0) > LONGEST_RETRY_AFTER
            ):
                return ServiceUnavailable(
                    f"{self.service} asked to wait {error.retry_after:,.0f} s ({said}); run again"
                    " then"
                )
            case status if status in RETRYABLE_STATUS:
                return ServiceUnavailable(
                    f"{self.service} could not answer in {self._attempts} tries ({said}); run the"
                    " same command later"
                )
        return ServiceRefused(f"{self.service} refused a request ({said})")

    def counted(self, said: object, at_most: int, *, at_least: int = 0) -> int:
        """What an answer is counted as: what the service says it was billed, or `at_most`, what it
        can be billed at most, where the service says nothing or what cannot be. That is noted
        once."""
        if type(said) is int and at_least <= said <= _HIGHEST_COUNT:
            return said
        self._note(
            "%s does not say what an answer was billed, or says what cannot be; such answers count"
            " as the most they can be billed",
            self.service,
        )
        return at_most

    def shown(self, error: BaseException) -> str:
        """An error's text, shortened. The key is never shown, whoever put it there: it is taken
        out before the text is cut, which might leave a part of it."""
        said = str(error)
        if self._key:
            said = said.replace(self._key, "***")
        return said if len(said) <= _LONGEST_MESSAGE else f"{said[:_LONGEST_MESSAGE]}..."

    def _note_unreachable(self, state: RetryCallState) -> None:
        """Say that the service cannot be reached, before it is waited for."""
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, Unusable) and not error.sent:
            self._note(
                "%s cannot be reached (%s); it is tried %d times in all, for up to %.0f s",
                self.service,
                self.shown(error),
                self._attempts,
                self._longest_wait,
            )

    def _note(self, message: str, *about: object) -> None:
        """Say something, each message once."""
        with self._lock:
            is_new = message not in self._said
            self._said.add(message)
        if is_new:
            log.warning(message, *about)

    @property
    def _longest_wait(self) -> float:
        """Seconds between the first try and the last, where nothing says how long to wait."""
        return sum(
            min(self._pause * 2.0**number + self._pause, _LONGEST_PAUSE)
            for number in range(self._attempts - 1)
        )

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, Refused) and error.retry_after is not None:
            return error.retry_after + random.uniform(
                0, self._pause
            )  # requests that wait together do not return together
        return self._backoff(state)
