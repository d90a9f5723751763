"""How fast a host is asked, and how patiently again."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

#: Too many requests, and what gateways and busy services answer (RFC 6585, section 4; RFC 9110, section 15.6).
BUSY_STATUSES = frozenset({429, 502, 503, 504})
#: Of our own, so that threads which wait here leave alone what others have seeded; it spreads load and guards nothing.
_JITTER: Final = random.Random()  # noqa: S311


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a safe request is repeated, and after how long.

    Attributes:
        attempts: Times that one request is sent at most; 1 repeats nothing.
        first_s: Longest pause before the first repetition; it doubles with each.
        longest_s: Longest pause of ours, and the longest ``Retry-After`` that is waited for.
    """

    attempts: int = 4
    first_s: float = 0.5
    longest_s: float = 60.0

    def pause_s(self, attempt: int) -> float:
        """Draw the pause after an attempt: at least half of what the back-off allows (equal jitter)."""
        most = min(self.longest_s, self.first_s * 2 ** (attempt - 1))
        return _JITTER.uniform(most / 2, most)


class Pace:
    """Spaces and counts requests, for all threads that ask one host.

    Args:
        rate: Requests a second at most; 0 for no bound.

    Attributes:
        requests: How many were sent.
    """

    def __init__(self, rate: float = 0.0) -> None:
        self._interval_s = 1 / rate if rate > 0 else 0.0
        self._lock = threading.Lock()
        self._next = 0.0
        self.requests = 0
        self._stopped = threading.Event()

    def wait(self) -> None:
        """Wait for the next moment at which a request may be sent."""
        with self._lock:
            self.requests += 1
            now = time.monotonic()
            start = max(now, self._next)
            self._next = start + self._interval_s if self._interval_s else self._next
        if start > now:
            self.rest(start - now)

    def hold(self, seconds: float) -> None:
        """Let nobody send anything for a while: the host has asked for it."""
        with self._lock:
            self._next = max(self._next, time.monotonic() + seconds)

    def rest(self, seconds: float) -> bool:
        """Sleep, but not past the moment at which all is to end; tell whether the sleep was whole."""
        return not self._stopped.wait(min(seconds, threading.TIMEOUT_MAX))

    def stop(self) -> None:
        """Wake all who wait."""
        self._stopped.set()

    @property
    def stopped(self) -> bool:
        """Whether all is to end."""
        return self._stopped.is_set()


def retry_after_s(text: str | None) -> float | None:
    """Read a ``Retry-After`` header: seconds, or a date (RFC 9110, section 10.2.3); None where it says nothing."""
    if not text:
        return None
    if text.strip().isdecimal():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # the latter for years of many digits
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
