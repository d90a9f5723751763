"""How the virtual clock of a machine follows the real one."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from igc_redfish.simulator import Simulator


class Clock:
    """Lets virtual time pass as real time does, times a factor.

    A machine may be ahead: a fault delayed an answer, or somebody advanced the clock. What a fault took is owed until
    real time has caught up, and :meth:`owed_s` tells how long a client is to wait for that.

    Attributes:
        factor: Virtual seconds per second; 0 stops the virtual clock.
    """

    def __init__(self, simulator: Simulator, *, factor: float = 1.0, now: Callable[[], float] = time.monotonic) -> None:
        """Begin to let time pass.

        Args:
            simulator: Whose time it is.
            factor: Virtual seconds per second.
            now: Tells the real time, in seconds.
        """
        self.factor = factor
        self._simulator = simulator
        self._now = now
        self.set()

    def set(self) -> None:
        """Let the machine's present time be the right one, as after a jump on purpose."""
        self._start_s = self._now()
        self._origin_s = self._simulator.world.clock_s

    def catch_up(self) -> None:
        """Let as much virtual time pass as is due; what fell due in it happens now."""
        due_s = self._origin_s + (self._now() - self._start_s) * self.factor
        passed = due_s - self._simulator.world.clock_s
        if passed > 0:
            self._simulator.wait(passed)

    def owed_s(self) -> float:
        """Return the real seconds by which the machine is ahead; 0 where the virtual clock stands still."""
        if not self.factor:
            return 0.0
        due_s = self._origin_s + (self._now() - self._start_s) * self.factor
        return max(0.0, (self._simulator.world.clock_s - due_s) / self.factor)
