"""Backends of this package, built by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_redfish.simulator import Simulator
from igc_redfish.sources import goal_book, only_machine

if TYPE_CHECKING:
    from igc_core.plugins import PluginManager


def simulator(location: str, *, plugins: PluginManager | None = None, writable: bool = True) -> Simulator:
    """Simulate one machine.

    Args:
        location: A capture's path or name, or ``generated:SEED``.
        plugins: Where the goal handlers come from; all installed plugins if None.
        writable: Whether the goal handlers give the machine state; else every change is refused.

    Raises:
        CaptureError: The capture is missing or cannot be read.
    """
    machine = only_machine(location)
    return Simulator(machine, list(goal_book(plugins)) if writable else [])
