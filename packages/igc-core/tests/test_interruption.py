from __future__ import annotations

import os
import signal
import threading

import pytest

from igc_core.interruption import interruptible


def test_first_signal_asks_and_the_second_insists() -> None:
    before = signal.getsignal(signal.SIGINT)
    with interruptible() as interruption:
        os.kill(os.getpid(), signal.SIGINT)
        assert interruption.requested
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGHUP])
def test_whatever_ends_a_program_asks_first(end: signal.Signals) -> None:
    before = signal.getsignal(end)
    with interruptible() as interruption:
        os.kill(os.getpid(), end)
        assert interruption.requested
    assert signal.getsignal(end) is before


def test_a_hang_up_that_is_ignored_stays_so() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interruptible() as interruption:
            os.kill(os.getpid(), signal.SIGHUP)
            assert not interruption.requested
    finally:
        signal.signal(signal.SIGHUP, before)


def test_outside_the_main_thread_signals_are_left_alone() -> None:
    before = signal.getsignal(signal.SIGINT)
    found: list[bool] = []

    def inside() -> None:
        with interruptible() as interruption:
            found.append(signal.getsignal(signal.SIGINT) is before)
            interruption.request()
            found.append(interruption.requested)

    thread = threading.Thread(target=inside)
    thread.start()
    thread.join()
    assert found == [True, True]
