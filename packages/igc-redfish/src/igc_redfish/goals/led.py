"""Indicator lights: the light by which a person finds a part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from igc_redfish.bodies import as_objects, as_texts, value_at
from igc_redfish.family import GoalFamily
from igc_redfish.service.rules import on_patch

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from igc_core.models import Goal
    from igc_core.protocols import Reader, Survey
    from igc_core.rest import Json, JsonObject
    from igc_redfish.service.transaction import Transaction

#: Types that have a light, those first that people look for.
TYPES = (
    "ComputerSystem",
    "Chassis",
    "Manager",
    "Drive",
    "PowerSupply",
    "Fan",
    "Switch",
    "Port",
    "Outlet",
    "Battery",
    "Heater",
)
#: Lights that goals are about, at most.
MAX_TARGETS = 32
ACTIVE, LED = "LocationIndicatorActive", "IndicatorLED"


class LedFamily(GoalFamily):
    """Wants a light on, off or blinking, whichever of the two properties tells of it."""

    family = "led"
    verbs: ClassVar[Mapping[str, tuple[str, ...]]] = {"on": (), "off": (), "blink": ()}

    def targets(self, verb: str, service: Survey) -> Sequence[str]:
        """Resources that show the state of their light; for blinking, the property that knows of it."""
        keys = (LED,) if verb == "blink" else (ACTIVE, LED)
        bodies = ((uri, service.get(uri) or {}) for kind in TYPES for uri in service.of_type(kind))
        lit = [(uri, body) for uri, body in bodies if any(body.get(key) is not None for key in keys)]
        return [uri for uri, body in lit if verb != "blink" or "Blinking" in _allowed(body)][:MAX_TARGETS]

    def goals(self, service: Survey) -> Iterable[Goal]:
        """On and off for each light."""
        return (goal for goal in super().goals(service) if goal.verb != "blink")

    # -- how a machine reacts --------------------------------------------------------------------------------------

    @on_patch(*TYPES)
    def change(self, transaction: Transaction, uri: str, payload: dict[str, Any]) -> None:
        """Keep both properties of a light consistent, and the light of a system's enclosure with the system's."""
        if ACTIVE not in payload and LED not in payload:
            return
        body = transaction.get(uri) or {}
        state = _state(body, payload)
        payload.update({key: value for key, value in state.items() if key in body})
        for other in _same_light(transaction, uri):
            shown = transaction.get(other) or {}
            transaction.merge(other, {key: value for key, value in state.items() if key in shown})

    def prepare(self, goal: Goal, transaction: Transaction) -> None:
        """Switch the light to the other state."""
        body = transaction.get(goal.target) or {}
        state = _state(body, {ACTIVE: goal.verb == "off"})
        transaction.merge(goal.target, {key: value for key, value in state.items() if key in body})

    # -- when a goal is reached ------------------------------------------------------------------------------------

    def wanted(self, goal: Goal) -> Mapping[str, Json]:
        """Active or not, or blinking."""
        return {LED: "Blinking"} if goal.verb == "blink" else {ACTIVE: goal.verb == "on"}

    def observe(self, goal: Goal, now: Reader, before: Reader) -> Mapping[str, Json]:  # noqa: ARG002
        """What the resource shows: old ones have ``IndicatorLED`` alone."""
        body = now.get(goal.target) or {}
        return {LED: body.get(LED)} if goal.verb == "blink" else {ACTIVE: _is_active(body)}

    def payloads(self, goal: Goal) -> Mapping[str, Sequence[JsonObject]]:
        """A PATCH of either property."""
        if goal.verb == "blink":
            bodies: list[JsonObject] = [{LED: "Blinking"}]
        else:
            bodies = [{ACTIVE: goal.verb == "on"}, {LED: "Lit" if goal.verb == "on" else "Off"}]
        if goal.verb == "on":
            bodies.append({LED: "Blinking"})
        return {f"patch {kind}": bodies for kind in TYPES}


def _is_active(body: JsonObject) -> bool:
    active = body.get(ACTIVE)
    return active if isinstance(active, bool) else body.get(LED) in {"Lit", "Blinking"}


def _allowed(body: JsonObject) -> list[str]:
    """Return the values of ``IndicatorLED``; all of the schema's where the body names none."""
    return as_texts(body.get(f"{LED}@Redfish.AllowableValues")) or ["Lit", "Blinking", "Off"]


def _state(body: JsonObject, change: Mapping[str, Json]) -> dict[str, Json]:
    """Complete a change of one property to both; ``IndicatorLED`` decides where both are given."""
    if isinstance(change.get(LED), str):
        return {LED: change[LED], ACTIVE: change[LED] in {"Lit", "Blinking"}}
    active = change.get(ACTIVE) is True
    lit = "Lit" if "Lit" in _allowed(body) else "Blinking"
    return {LED: lit if active else "Off", ACTIVE: active}


def _same_light(transaction: Transaction, uri: str) -> list[str]:
    """List the other resources that show the same light.

    A system and its only chassis share one where the captured host showed both in the same state.
    """
    machine = transaction.machine
    for system in transaction.of_type("ComputerSystem"):
        links = as_objects(value_at(transaction.get(system), "Links/Chassis"))
        pair = [system, *filter(transaction.get, map(machine.canonical, links))]
        if uri in pair and len(pair) == 2:  # noqa: PLR2004 - the system and its chassis
            states = [_is_active(machine.get(one) or {}) for one in pair]
            return [one for one in pair if one != uri] if states[0] == states[1] else []
    return []
