"""Stopping in good order."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    Handler: TypeAlias = "Callable[[int, Any], Any]"

#: A terminal that was closed; not every system tells.
_HANG_UP: int | None = getattr(signal, "SIGHUP", None)
#: What tells a program to end besides Ctrl-C.
TERMINATIONS: tuple[int, ...] = (signal.SIGTERM, *(() if _HANG_UP is None else (_HANG_UP,)))


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
    """Turn the first Ctrl-C, request to terminate or closed terminal into a wish to stop; the second stops at once.

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
    with handling((signal.SIGINT, *TERMINATIONS), note):
        yield interruption


@contextmanager
def handling(numbers: Sequence[int], handler: Handler) -> Generator[None]:
    """Handle signals otherwise for a while; only in the main thread.

    A hang-up that is ignored stays so, as whoever started the program with ``nohup`` wants it to go on.
    """
    kept = {number for number in numbers if number == _HANG_UP and signal.getsignal(number) is signal.SIG_IGN}
    before = {number: signal.signal(number, handler) for number in numbers if number not in kept}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)
