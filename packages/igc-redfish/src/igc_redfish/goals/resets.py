"""The kinds of reset, and how one can be seen afterwards."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from igc_redfish.bodies import value_at
from igc_redfish.service.transaction import EPOCH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from igc_core.protocols import Reader
    from igc_redfish.service.transaction import Transaction

#: Values of ``ResetType`` by what they do (Resource schema); ``Off`` is what some firmware calls a graceful shutdown.
TO_ON = frozenset({"On", "ForceOn"})
TO_OFF = frozenset({"ForceOff", "GracefulShutdown", "Off"})
RESTARTS = frozenset({"ForceRestart", "GracefulRestart", "PowerCycle", "FullPowerCycle"})
#: Presses the button: on goes off, off goes on.
BUTTON = "PushPowerButton"

#: What an observation says of a time that must lie after the episode's beginning.
LATER, SAME = "later", "same"


def date_reset(transaction: Transaction, uri: str, counter: str = "resets") -> None:
    """Count a reset in the hidden memory under ``<counter>:<uri>``, and date it where the resource shows a date.

    Each reset is dated a second later than the virtual clock gives it, so that two in the same instant differ.
    """
    count = int(transaction.recall(f"{counter}:{uri}", 0)) + 1
    transaction.remember(f"{counter}:{uri}", count)
    if transaction.value(uri, "LastResetTime") is not None:
        moment = EPOCH + timedelta(seconds=transaction.world.clock_s + count)
        transaction.set(uri, "LastResetTime", moment.strftime("%Y-%m-%dT%H:%M:%SZ"))


def resets_counted(memory: Mapping[str, Any]) -> int:
    """Sum the host resets that a world remembers (those of managers have a counter of their own)."""
    return sum(int(count) for key, count in memory.items() if key.startswith("resets:"))


def compare_times(uri: str, now: Reader, before: Reader) -> str:
    """Tell whether ``LastResetTime`` is another one than it was."""
    return SAME if value_at(now.get(uri), "LastResetTime") == value_at(before.get(uri), "LastResetTime") else LATER
