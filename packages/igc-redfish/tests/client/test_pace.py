from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from igc_redfish.client.pace import Pace, Patience, retry_after_s


def test_rate_spaces_requests_of_all_threads() -> None:
    pace = Pace(rate=100)
    threads = [threading.Thread(target=lambda: [pace.wait() for _ in range(4)]) for _ in range(3)]
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - begun >= 0.11
    assert pace.requests == 12


def test_without_a_rate_nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    pace = Pace()
    monkeypatch.setattr(pace, "rest", lambda seconds: pytest.fail(f"rested for {seconds} s"))
    for _ in range(1000):
        pace.wait()
    assert pace.requests == 1000


def test_hold_makes_everybody_wait() -> None:
    pace = Pace()
    pace.hold(0.1)
    begun = time.monotonic()
    pace.wait()
    assert time.monotonic() - begun >= 0.09


def test_stop_wakes_who_waits() -> None:
    pace = Pace()
    pace.hold(60)
    threading.Timer(0.05, pace.stop).start()
    begun = time.monotonic()
    pace.wait()
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("rate", [1e-12, 1e-320])
def test_a_rate_of_next_to_nothing_waits_and_is_no_failure(rate: float) -> None:
    pace = Pace(rate)
    pace.wait()
    threading.Timer(0.05, pace.stop).start()
    pace.wait()
    assert pace.stopped


def test_pauses_grow_and_are_bounded() -> None:
    patience = Patience(first_s=1, longest_s=5)
    for attempt, most in enumerate([1, 2, 4, 5, 5], 1):
        assert all(most / 2 <= patience.pause_s(attempt) <= most for _ in range(50))


def test_pauses_differ_from_client_to_client() -> None:
    assert len({Patience().pause_s(1) for _ in range(20)}) > 1


@pytest.mark.parametrize(
    ("text", "seconds"), [("7", 7.0), (" 0 ", 0.0), ("", None), (None, None), ("soon", None), ("-3", None)]
)
def test_retry_after_is_read(text: str | None, seconds: float | None) -> None:
    assert retry_after_s(text) == seconds


def test_retry_after_may_be_a_date() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    assert retry_after_s(later) == pytest.approx(30, abs=2)
    assert retry_after_s("Wed, 21 Oct 2015 07:28:00 GMT") == 0


def test_a_date_that_no_calendar_has_says_nothing() -> None:
    assert retry_after_s("Mon, 01 Jan 99999999999999 00:00:00 GMT") is None
