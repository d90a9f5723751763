"""How commands for real hosts end when they are told to."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

from igc_core.interruption import TERMINATIONS, handling

if TYPE_CHECKING:
    from collections.abc import Generator


@contextmanager
def ending_in_order() -> Generator[None]:
    """Take SIGTERM, and a terminal that is closed, for Ctrl-C.

    Sessions are closed then, too, and what is known of the host is written down and told.
    """
    with handling(TERMINATIONS, signal.default_int_handler):
        yield
