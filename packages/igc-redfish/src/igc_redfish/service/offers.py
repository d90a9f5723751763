"""The actions that resources offer, and the check of what a client sends to them (DSP0266, "POST (Action)")."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from igc_redfish.bodies import as_array, as_object, as_objects
from igc_redfish.facts import ParameterFact, facts
from igc_redfish.service.refusal import Complaint, Refusal
from igc_redfish.service.values import Allowed, fault_of, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from igc_core.rest import JsonObject
    from igc_redfish.machine import Machine
    from igc_redfish.service.world import World

#: Data types of an ActionInfo (DSP0266, "ActionInfo") in our terms.
_DATA_TYPES = {
    "Boolean": ("boolean", ""),
    "Number": ("number", ""),
    "String": ("string", ""),
    "Object": ("object", ""),
    "NumberArray": ("array", "number"),
    "StringArray": ("array", "string"),
    "ObjectArray": ("array", "object"),
}

#: Where an UpdateService takes images that clients push; whoever takes one there turns it into a SimpleUpdate.
PUSH_URIS: Final = ("HttpPushUri", "MultipartHttpPushUri")
SIMPLE_UPDATE: Final = "UpdateService.SimpleUpdate"


@dataclass(frozen=True, slots=True)
class Offer:
    """One action of one resource.

    Attributes:
        uri: The resource that bears it.
        name: ``"ComputerSystem.Reset"``.
        body: Its object under ``Actions``: target, allowable values, ActionInfo.
    """

    uri: str
    name: str
    body: Mapping[str, Any]


class Offers:
    """Finds the action behind a target URI."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def find(self, world: World, target: str) -> Offer | None:
        """Find who offers an action at a target now; the resource above the target is asked first."""
        wanted = _folded(target)
        owner = world.resolve(target.partition("/Actions/")[0])
        if owner is not None:
            for offer in offers(owner, world.get(owner) or {}):
                if _folded(str(offer.body["target"])) == wanted:
                    return offer
        for uri in self._targets.get(wanted, ()):
            for offer in offers(uri, world.get(uri) or {}):
                if _folded(str(offer.body["target"])) == wanted:
                    return offer
        return self._pushed(world, wanted)

    def _pushed(self, world: World, wanted: str) -> Offer | None:
        """Take a push URI for the target of an update."""
        for uri in world.of_type("UpdateService"):
            stated = [str(value) for key in PUSH_URIS if (value := (world.get(uri) or {}).get(key))]
            if wanted in map(_folded, stated):
                return Offer(uri, SIMPLE_UPDATE, {"target": wanted})
        return None

    @cached_property
    def _targets(self) -> dict[str, list[str]]:
        """Resources whose actions have targets elsewhere than below them."""
        found: dict[str, list[str]] = {}
        for uri in self._machine.uris():
            for offer in offers(uri, self._machine.get(uri) or {}):
                found.setdefault(_folded(str(offer.body["target"])), []).append(uri)
        return found


def offers(uri: str, body: JsonObject) -> Iterator[Offer]:
    """Yield the actions that a body offers, makers' own included."""
    actions = as_object(body.get("Actions"))
    for key, value in (*actions.items(), *as_object(actions.get("Oem")).items()):
        offer = as_object(value)
        target = offer.get("target", offer.get("Target"))
        if isinstance(target, str) and target:
            yield Offer(uri, key.rpartition("#")[2], {**offer, "target": target})


def demand_parameters(world: World, offer: Offer, payload: Mapping[str, Any]) -> None:
    """Check what a client sends to an action.

    Raises:
        Refusal: 400 with one message for each parameter that is unknown, missing, mistyped or out of range.
    """
    known = _known(world, offer)
    complaints: list[Complaint] = []
    for name, value in payload.items():
        if "@" in name:
            continue
        parameter = known.get(name) if known is not None else ParameterFact("any")
        if parameter is None:
            complaints.append(Complaint("ActionParameterUnknown", (offer.name, name), (f"#/{name}",)))
            continue
        fault = fault_of(value, parameter, _allowable(offer, name))
        if fault is not None:
            arguments = (shown(name, value), name, offer.name)
            key = f"ActionParameterValue{fault}"
            complaints.append(Complaint(key, arguments, (f"#/{name}",)))
    for name, parameter in (known or {}).items():
        if parameter.required and name not in payload:
            complaints.append(Complaint("ActionParameterMissing", (offer.name, name), (f"#/{name}",)))
    if complaints:
        raise Refusal(complaints[0].key, complaints=complaints)


def _known(world: World, offer: Offer) -> Mapping[str, ParameterFact] | None:
    """Unite what the schema, the ActionInfo and the offer itself say of parameters; None where nothing does."""
    fact = facts().action(offer.name)
    link = offer.body.get("@Redfish.ActionInfo")
    info = world.get(link) if isinstance(link, str) else None
    listed = {str(item["Name"]): item for item in as_objects((info or {}).get("Parameters")) if "Name" in item}
    inline = [key.partition("@")[0] for key in offer.body if key.endswith("@Redfish.AllowableValues")]
    if fact is None and not listed:
        return None
    known: dict[str, ParameterFact] = dict(fact.parameters) if fact is not None else {}
    known.update({name: ParameterFact("any") for name in inline if name not in known})
    known.update({name: _from_info(item, known.get(name)) for name, item in listed.items()})
    return known


def _from_info(item: Mapping[str, Any], fact: ParameterFact | None) -> ParameterFact:
    kind, inner = _DATA_TYPES.get(str(item.get("DataType")), (fact.type, fact.item) if fact else ("any", ""))
    if fact is not None and fact.type == "integer" and kind == "number":
        kind = "integer"
    values = tuple(value for value in as_array(item.get("AllowableValues")) if isinstance(value, str))
    return ParameterFact(
        kind,
        inner,
        required=item.get("Required") is True,
        enum=values or (fact.enum if fact is not None else ()),
        minimum=_number(item.get("MinimumValue")),
        maximum=_number(item.get("MaximumValue")),
    )


def _allowable(offer: Offer, name: str) -> Allowed:
    values = as_array(offer.body.get(f"{name}@Redfish.AllowableValues"))
    return tuple(values) if values else None


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _folded(target: str) -> str:
    return target.rstrip("/").casefold()
