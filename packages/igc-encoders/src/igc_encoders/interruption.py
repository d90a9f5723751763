"""Stopping in good order."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Generator

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interruption:
    """Whether somebody asked to stop.

    Attributes:
        requested: Whether somebody did.
    """

    def __init__(self) -> None:
        self.requested = False

    def request(self) -> None:
        """Ask to stop at the next good moment."""
        self.requested = True


@contextmanager
def interruptible() -> Generator[Interruption]:
    """Turn the first Ctrl-C, or a request to terminate, into a wish to stop; the second stops at once.

    Outside the main thread signals cannot be caught, and the wish can only be uttered by calling ``request``.

    Yields:
        Whether to stop.
    """
    interruption = Interruption()

    def note(number: int, frame: Any) -> None:  # noqa: ARG001 - the signature of a signal handler
        if interruption.requested:
            raise KeyboardInterrupt
        interruption.request()

    if threading.current_thread() is not threading.main_thread():
        yield interruption
        return
    before = {number: signal.signal(number, note) for number in _SIGNALS}
    try:
        yield interruption
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
