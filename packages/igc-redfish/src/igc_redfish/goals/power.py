"""Goals about power: on, off, restarted; and the power states of every simulated host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from igc_redfish.bodies import as_objects, type_name, value_at
from igc_redfish.family import GoalFamily
from igc_redfish.goals.choices import choices
from igc_redfish.goals.resets import BUTTON, LATER, RESTARTS, TO_OFF, TO_ON, compare_times, date_reset
from igc_redfish.service.refusal import Refusal
from igc_redfish.service.rules import on_action, on_event

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from igc_core.models import Goal
    from igc_core.protocols import Reader, Survey
    from igc_core.rest import Json
    from igc_redfish.goals.choices import Catalogue
    from igc_redfish.service.transaction import Transaction

ON, OFF, RISING, FALLING = "On", "Off", "PoweringOn", "PoweringOff"
_SYSTEM_RESET, _CHASSIS_RESET = "ComputerSystem.Reset", "Chassis.Reset"
#: How each power state is logged (ResourceEvent registry).
_MESSAGES = {
    ON: "ResourcePoweredOn",
    OFF: "ResourcePoweredOff",
    RISING: "ResourcePoweringOn",
    FALLING: "ResourcePoweringOff",
}


class PowerFamily(GoalFamily):
    """A host, or a chassis without hosts, is on, off, or has been restarted.

    A restart can be wanted where ``LastResetTime`` tells of it. ``power-lost``, ``power-good`` and ``post-done`` are
    the effects that the delays of the profile put off; the last emits ``boot``.
    """

    family = "power"
    verbs: ClassVar[Mapping[str, tuple[str, ...]]] = {"on": (), "off": (), "restart": ()}

    def targets(self, verb: str, service: Survey) -> Sequence[str]:
        """List what shows a power state and can be brought into the wanted one, hosts first."""
        lone = (uri for uri in service.of_type("Chassis") if not hosts_in(service, uri))
        return [uri for uri in (*service.of_type("ComputerSystem"), *lone) if _expressible(verb, service, uri)]

    def wanted(self, goal: Goal) -> Mapping[str, Json]:
        """Ask for the power state, and for a later reset where a restart is meant."""
        if goal.verb == "restart":
            return {"PowerState": ON, "LastResetTime": LATER}
        return {"PowerState": ON if goal.verb == "on" else OFF}

    def observe(self, goal: Goal, now: Reader, before: Reader) -> Mapping[str, Json]:
        """Read the power state, and compare the times of the last reset."""
        seen: dict[str, Json] = {"PowerState": value_at(now.get(goal.target), "PowerState")}
        if goal.verb == "restart":
            seen["LastResetTime"] = compare_times(goal.target, now, before)
        return seen

    def prepare(self, goal: Goal, transaction: Transaction) -> None:
        """Be in the opposite state as if it had always been so: nothing is counted, logged or told."""
        if goal.verb != "restart":
            off = goal.verb == "on"
            _set_power(transaction, goal.target, OFF if off else ON)
            _show_state(transaction, goal.target, "Disabled" if off else "Enabled", "None" if off else "OSRunning")

    @on_action(_SYSTEM_RESET)
    def reset_system(self, transaction: Transaction, uri: str, payload: dict[str, Any]) -> None:
        """Reset a host."""
        _reset(transaction, uri, _reset_type(payload, _SYSTEM_RESET))

    @on_action(_CHASSIS_RESET)
    def reset_chassis(self, transaction: Transaction, uri: str, payload: dict[str, Any]) -> None:
        """Reset every host in a chassis, or the chassis itself where it holds none."""
        for target in hosts_in(transaction, uri) or [transaction.resolve(uri) or uri]:
            _reset(transaction, target, _reset_type(payload, _CHASSIS_RESET))

    @on_event("power-lost")
    def lose_power(self, transaction: Transaction, uri: str, _payload: dict[str, Any]) -> None:
        """Arrive at off."""
        _show(transaction, uri, OFF)

    @on_event("power-good")
    def gain_power(self, transaction: Transaction, uri: str, _payload: dict[str, Any]) -> None:
        """Enter the power-on self test."""
        _show(transaction, uri, ON)
        if _is_host(transaction, uri):
            date_reset(transaction, uri)
            _show_state(transaction, uri, "Starting", "PrimaryProcessorInitializationStarted")
            transaction.later(transaction.profile.delays.post_s, "post-done", uri)

    @on_event("post-done")
    def finish_post(self, transaction: Transaction, uri: str, _payload: dict[str, Any]) -> None:
        """Leave the self test: what was staged takes force, exactly once."""
        _show_state(transaction, uri, "Enabled", "OSRunning")
        transaction.emit("boot", uri)


def hosts_in(service: Catalogue, chassis: str) -> list[str]:
    """List the hosts that a chassis contains, whichever of the two links to the other."""
    inside = {uri.casefold() for uri in _linked(service, chassis, "Links/ComputerSystems")}
    return [
        uri
        for uri in service.of_type("ComputerSystem")
        if uri.casefold() in inside
        or chassis.casefold() in (link.casefold() for link in _linked(service, uri, "Links/Chassis"))
    ]


def _linked(service: Catalogue, uri: str, path: str) -> list[str]:
    links = as_objects(value_at(service.get(uri), path))
    return [str(link.get("@odata.id", "")).rstrip("/") for link in links]


def _expressible(verb: str, service: Survey, uri: str) -> bool:
    body = service.get(uri)
    if not isinstance(value_at(body, "PowerState"), str):
        return False
    offered = {*choices(service, uri, _SYSTEM_RESET, "ResetType"), *choices(service, uri, _CHASSIS_RESET, "ResetType")}
    if type_name(body or {}) == "ComputerSystem":
        for chassis in _linked(service, uri, "Links/Chassis"):
            offered.update(choices(service, chassis, _CHASSIS_RESET, "ResetType"))
    on, off = not offered.isdisjoint({*TO_ON, BUTTON}), not offered.isdisjoint({*TO_OFF, BUTTON})
    restart = (not offered.isdisjoint(RESTARTS) or (on and off)) and value_at(body, "LastResetTime") is not None
    return {"on": on, "off": off, "restart": restart}[verb]


def _reset_type(payload: dict[str, Any], action: str) -> str:
    kind = payload.get("ResetType")
    if not isinstance(kind, str):
        raise Refusal("ActionParameterMissing", action, "ResetType")
    return kind


def _reset(transaction: Transaction, uri: str, kind: str) -> None:
    """Start what a reset type asks for; a transition under way gives way to it."""
    running = transaction.value(uri, "PowerState", ON) not in {OFF, FALLING}
    if kind == BUTTON:
        kind = "GracefulShutdown" if running else "On"
    if kind == "Nmi":
        _log(transaction, uri, "ResourceStateChanged", f"A non-maskable interrupt was sent to {uri}.")
    elif (kind in TO_ON and running) or (kind in TO_OFF and not running):
        if transaction.profile.reset_noop_refused:
            raise Refusal("ActionParameterValueConflict", "ResetType", kind, related=["#/ResetType"])
    elif kind in TO_OFF:
        _begin(transaction, uri, "power-lost", 0.0 if kind == "ForceOff" else transaction.profile.delays.power_s)
    elif kind in TO_ON or kind in RESTARTS:
        if kind in RESTARTS and not running and transaction.profile.restart_when_off_refused:
            raise Refusal("ResourceInStandby", status=409)
        _begin(transaction, uri, "power-good", transaction.profile.delays.power_s)
    else:
        raise Refusal("ActionParameterNotSupported", "ResetType", "Reset")


def _begin(transaction: Transaction, uri: str, effect: str, delay_s: float) -> None:
    for pending in ("power-lost", "power-good", "post-done"):
        transaction.cancel(pending, uri)
    off = transaction.value(uri, "PowerState") in {OFF, FALLING}
    if delay_s and (effect == "power-lost" or off):
        _show(transaction, uri, FALLING if effect == "power-lost" else RISING)
    transaction.later(delay_s, effect, uri)


def _show(transaction: Transaction, uri: str, state: str) -> None:
    """Show a power state, log it and tell of it."""
    if transaction.value(uri, "PowerState") == state:
        return
    _set_power(transaction, uri, state)
    if state == OFF:
        _show_state(transaction, uri, "Disabled", "None")
    transaction.emit("power-changed", uri, {"PowerState": state})
    _log(transaction, uri, _MESSAGES[state], f"The resource {uri} has changed its power state to {state}.")


def _set_power(transaction: Transaction, uri: str, state: str) -> None:
    """Write a power state to a host and to the chassis that holds nothing else."""
    transaction.set(uri, "PowerState", state)
    for chassis in _linked(transaction, uri, "Links/Chassis") if _is_host(transaction, uri) else ():
        if transaction.value(chassis, "PowerState") and hosts_in(transaction, chassis) == [uri]:
            transaction.set(chassis, "PowerState", state)


def _show_state(transaction: Transaction, uri: str, state: str, progress: str) -> None:
    """Let what else a host shows follow: ``Status.State`` and ``BootProgress``."""
    if not _is_host(transaction, uri):
        return
    if transaction.value(uri, "Status/State") is not None:
        transaction.set(uri, "Status/State", state)
    if transaction.value(uri, "BootProgress/LastState") is not None:
        transaction.set(uri, "BootProgress/LastState", progress)
    if transaction.value(uri, "BootProgress/LastStateTime") is not None:
        transaction.set(uri, "BootProgress/LastStateTime", transaction.now)


def _is_host(transaction: Transaction, uri: str) -> bool:
    return type_name(transaction.get(uri) or {}) == "ComputerSystem"


def _log(transaction: Transaction, uri: str, key: str, message: str) -> None:
    entry = {"MessageId": f"ResourceEvent.1.4.{key}", "Message": message, "Severity": "OK"}
    transaction.emit("log", uri, entry)
