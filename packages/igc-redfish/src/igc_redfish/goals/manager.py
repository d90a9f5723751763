"""The goal that a manager has been restarted, and the outage that this costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from igc_redfish.bodies import action_target, value_at
from igc_redfish.family import GoalFamily
from igc_redfish.goals.choices import choices
from igc_redfish.goals.resets import LATER, compare_times, date_reset
from igc_redfish.service.outage import DOWN_UNTIL
from igc_redfish.service.rules import on_action, on_event

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from igc_core.models import Goal
    from igc_core.protocols import Reader, Survey
    from igc_core.rest import Json
    from igc_redfish.service.transaction import Transaction

_RESET = "Manager.Reset"


class ManagerFamily(GoalFamily):
    """A manager has been restarted; hosts go on as they were.

    It can be wanted where ``LastResetTime`` tells of it.
    """

    family = "manager"
    verbs: ClassVar[Mapping[str, tuple[str, ...]]] = {"reset": ()}

    def targets(self, verb: str, service: Survey) -> Sequence[str]:  # noqa: ARG002 - there is one verb
        """List the managers that can be restarted and date it, each action once."""
        found: dict[str, str] = {}
        for uri in service.of_type("Manager"):
            body = service.get(uri)
            restarts = [kind for kind in choices(service, uri, _RESET, "ResetType") if "Re" in kind or "Cycle" in kind]
            if restarts and value_at(body, "LastResetTime") is not None:
                found.setdefault(action_target(body, _RESET).casefold(), uri)
        return list(found.values())

    def wanted(self, goal: Goal) -> Mapping[str, Json]:  # noqa: ARG002 - there is one verb
        """Ask for a later reset."""
        return {"LastResetTime": LATER}

    def observe(self, goal: Goal, now: Reader, before: Reader) -> Mapping[str, Json]:
        """Compare the times of the last reset."""
        return {"LastResetTime": compare_times(goal.target, now, before)}

    @on_action(_RESET)
    def reset(self, transaction: Transaction, uri: str, _payload: dict[str, Any]) -> None:
        """Take the service down and tell of it; sessions end with it."""
        self.restart(transaction, uri, {})

    @on_event("manager-restart")
    def restart(self, transaction: Transaction, uri: str, _payload: dict[str, Any]) -> None:
        """Restart a manager for whatever reason (a reset, or new firmware)."""
        outage_s = transaction.profile.delays.manager_s
        if outage_s:
            transaction.remember(DOWN_UNTIL, transaction.world.clock_s + outage_s)
        transaction.emit("manager-reset", uri)
        transaction.cancel("manager-up", uri)
        transaction.later(outage_s, "manager-up", uri)

    @on_event("manager-up")
    def come_up(self, transaction: Transaction, uri: str, _payload: dict[str, Any]) -> None:
        """Serve again and date the reset."""
        date_reset(transaction, uri, "manager-resets")
        message = f"The manager {uri} has restarted."
        entry = {"MessageId": "ResourceEvent.1.4.ResourceChanged", "Message": message, "Severity": "OK"}
        transaction.emit("log", uri, entry)
