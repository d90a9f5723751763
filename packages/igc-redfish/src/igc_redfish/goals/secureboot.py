"""Goals about UEFI Secure Boot, which is stored at once and in force from the next boot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from igc_redfish.bodies import has, link_at, value_at
from igc_redfish.family import GoalFamily
from igc_redfish.service.refusal import Refusal
from igc_redfish.service.rules import on_action, on_event, on_patch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from igc_core.models import Goal
    from igc_core.protocols import Reader, Survey
    from igc_core.rest import Json, JsonObject
    from igc_redfish.service.transaction import Transaction

STORED, IN_FORCE, MODE = "SecureBootEnable", "SecureBootCurrentBoot", "SecureBootMode"
#: The mode that each ``ResetKeysType`` leads to (SecureBoot schema).
_MODES = {"ResetAllKeysToDefault": "UserMode", "DeleteAllKeys": "SetupMode", "DeletePK": "SetupMode"}


class SecureBootFamily(GoalFamily):
    """Secure boot is stored as wanted and in force; a restart brings the one to the other."""

    family = "secureboot"
    verbs: ClassVar[Mapping[str, tuple[str, ...]]] = {"enable": (), "disable": ()}
    requires: ClassVar[tuple[str, ...]] = ("power",)
    loses: ClassVar[frozenset[str]] = frozenset({"action SecureBoot.ResetKeys"})

    def targets(self, verb: str, service: Survey) -> Sequence[str]:  # noqa: ARG002 - the same for both
        """List the resources that show whether secure boot is enabled."""
        return [uri for uri in service.of_type("SecureBoot") if isinstance(value_at(service.get(uri), STORED), bool)]

    def wanted(self, goal: Goal) -> Mapping[str, Json]:
        """Ask for the stored switch and for what is in force."""
        enable = goal.verb == "enable"
        return {STORED: enable, IN_FORCE: _in_force(enable)}

    def observe(self, goal: Goal, now: Reader, before: Reader) -> Mapping[str, Json]:  # noqa: ARG002 - a state
        """Read both; a resource that does not tell what is in force is believed."""
        body = now.get(goal.target)
        stored = value_at(body, STORED)
        return {STORED: stored, IN_FORCE: value_at(body, IN_FORCE, _in_force(stored is True))}

    def prepare(self, goal: Goal, transaction: Transaction) -> None:
        """Have the opposite stored and in force."""
        enabled = goal.verb == "disable"
        transaction.set(goal.target, STORED, enabled)
        if has(transaction.get(goal.target), IN_FORCE):
            transaction.set(goal.target, IN_FORCE, _in_force(enabled))

    def payloads(self, goal: Goal) -> Mapping[str, Sequence[JsonObject]]:
        """The switch."""
        return {"patch SecureBoot": [{STORED: goal.verb == "enable"}]}

    @on_patch("SecureBoot")
    def store(self, transaction: Transaction, uri: str, payload: dict[str, Any]) -> None:
        """Refuse secure boot to a host that boots in legacy mode."""
        if payload.get(STORED) is not True:
            return
        for system in _systems(transaction, uri):
            if transaction.value(system, "Boot/BootSourceOverrideMode") == "Legacy":
                raise Refusal("PropertyValueConflict", STORED, "BootSourceOverrideMode", related=[f"#/{STORED}"])

    @on_action("SecureBoot.ResetKeys")
    def reset_keys(self, transaction: Transaction, uri: str, payload: dict[str, Any]) -> None:
        """Remember what shall become of the keys at the next boot."""
        mode = _MODES.get(str(payload.get("ResetKeysType")))
        if mode is None:
            raise Refusal("ActionParameterMissing", "SecureBoot.ResetKeys", "ResetKeysType")
        transaction.remember(f"secureboot-mode:{uri}", mode)

    @on_event("boot")
    def enforce(self, transaction: Transaction, uri: str, _payload: dict[str, Any]) -> None:
        """Put in force what is stored."""
        place = transaction.resolve(link_at(transaction.get(uri), "SecureBoot"))
        if place is None:
            return
        force = _in_force(transaction.value(place, STORED) is True)
        if transaction.value(place, IN_FORCE, force) != force:
            transaction.set(place, IN_FORCE, force)
        mode = transaction.recall(f"secureboot-mode:{place}")
        if mode is not None:
            transaction.remember(f"secureboot-mode:{place}", None)
            transaction.set(place, MODE, mode)


def _in_force(enabled: bool) -> str:
    return "Enabled" if enabled else "Disabled"


def _systems(transaction: Transaction, uri: str) -> list[str]:
    found = transaction.of_type("ComputerSystem")
    return [system for system in found if transaction.resolve(link_at(transaction.get(system), "SecureBoot")) == uri]
