"""How commands for real hosts end when they are told to."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator


@contextmanager
def ending_in_order() -> Generator[None]:
    """Take SIGTERM for Ctrl-C, so that sessions are closed and the condition of the host is told then, too."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
