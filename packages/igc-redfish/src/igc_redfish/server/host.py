"""A simulated machine that is being served: its state, its clock, its answers as bytes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from igc_core.rest import Request, Response
    from igc_redfish.simulator import Simulator


class Host:
    """One machine behind a port. Used by one thread only, so a request is one step that nothing interrupts.

    Attributes:
        simulator: The machine and its state.
    """

    def __init__(
        self, simulator: Simulator, *, clock_factor: float = 1.0, now: Callable[[], float] = time.monotonic
    ) -> None:
        """Begin to let time pass.

        Args:
            simulator: The machine.
            clock_factor: Virtual seconds per second; 0 stops the virtual clock.
            now: Tells the time, in seconds.
        """
        self.simulator = simulator
        self._factor = clock_factor
        self._now = now
        self._seen_s = now()

    @property
    def name(self) -> str:
        """Name of the machine."""
        return self.simulator.service.machine.name

    def catch_up(self) -> None:
        """Let as much virtual time pass as real time did; what fell due happens now."""
        now = self._now()
        passed = (now - self._seen_s) * self._factor
        self._seen_s = now
        if passed > 0:
            self.simulator.wait(passed)

    def perform(self, request: Request) -> Response:
        """Answer one request at the present time."""
        self.catch_up()
        return self.simulator.perform(request)
