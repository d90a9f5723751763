"""BIOS attributes: what an attribute registry, the attribute itself, or else its present value says of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from igc_redfish.bodies import as_array, as_object, as_objects, type_name, value_at
from igc_redfish.service.refusal import Complaint

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from igc_core.rest import Json, JsonObject
    from igc_redfish.goals.choices import Catalogue

#: Where firmware describes an attribute in place, its value stands under this key.
_VALUE = "current_value"
#: Pairs of values that are each other's alternative where nothing lists the choices.
_OPPOSITES = {"Enabled": "Disabled", "Disabled": "Enabled", "On": "Off", "Off": "On", "Yes": "No", "No": "Yes"}
_KINDS: Mapping[type, str] = {bool: "Boolean", int: "Integer", float: "Integer", str: "String"}


@dataclass(frozen=True, slots=True)
class Attribute:
    """One BIOS attribute (AttributeRegistry schema, ``Attributes``).

    Attributes:
        name: Its name.
        kind: ``Enumeration``, ``Integer``, ``Boolean``, ``String`` or ``Password``; ``""`` accepts anything.
        writable: Whether it may be set now.
        choices: Values of an enumeration.
        low: Least integer, or least length of a text.
        high: Greatest integer, or greatest length of a text.
        step: Distance of permitted integers.
        default: Value after a reset to defaults, None where it is not told.
    """

    name: str
    kind: str
    writable: bool = True
    choices: tuple[Json, ...] = ()
    low: int | None = None
    high: int | None = None
    step: int = 1
    default: Json = None

    def complaint(self, value: Json) -> Complaint | None:
        """Say what is wrong with a value, or nothing."""
        if not self.writable:
            return self._complain("PropertyNotWritable")
        if not self._fits(value):
            return self._complain("PropertyValueTypeError", value)
        if self.kind == "Enumeration" and value not in self.choices:
            return self._complain("PropertyValueNotInList", value)
        size = len(value) if isinstance(value, str) else value
        if self.kind in {"Integer", "String"} and isinstance(size, int):
            below, above = self.low is not None and size < self.low, self.high is not None and size > self.high
            if below or above or (self.kind == "Integer" and self.step > 1 and (size - (self.low or 0)) % self.step):
                return self._complain("PropertyValueOutOfRange", value)
        return None

    def alternative(self, present: Json) -> Json:
        """Return another value that the attribute may take, or None where none is known for certain."""
        if not self.writable:
            return None
        if self.kind == "Enumeration" and present in self.choices and len(self.choices) > 1:
            return self.choices[(self.choices.index(present) + 1) % len(self.choices)]
        if isinstance(present, bool):
            return not present
        if isinstance(present, int) and self.kind == "Integer":
            if self.low is None and self.high is None:
                return 1 - present if present in {0, 1} else None
            near = (present + self.step, present - self.step)
            return next((value for value in near if self.complaint(value) is None), None)
        return _OPPOSITES.get(present) if isinstance(present, str) and self.kind == "String" else None

    def _fits(self, value: Json) -> bool:
        if self.kind == "Boolean":
            return isinstance(value, bool)
        if self.kind == "Integer":
            return isinstance(value, int) and not isinstance(value, bool)
        return isinstance(value, str) or self.kind not in {"String", "Password"}

    def _complain(self, key: str, *value: Json) -> Complaint:
        return Complaint(key, (*map(str, value), self.name), (f"#/Attributes/{self.name}",))


def shown_value(attribute: Json) -> Json:
    """Return an attribute's value, whether it stands bare or within its description."""
    return attribute[_VALUE] if isinstance(attribute, dict) and _VALUE in attribute else attribute


def with_value(attribute: Json, value: Json) -> Json:
    """Return an attribute as its resource shows it, with another value."""
    return {**attribute, _VALUE: value} if isinstance(attribute, dict) and _VALUE in attribute else value


def shaped(attribute: Json, value: Json) -> Json:
    """Return a value in the shape in which a client writes it: bare, or under the key where it is shown."""
    described = isinstance(attribute, dict) and _VALUE in attribute
    return {_VALUE: shown_value(value)} if described else value


def describe(name: str, shown: Json, entry: Mapping[str, Any] | None) -> Attribute:
    """Describe one attribute.

    Args:
        name: Its name.
        shown: What the BIOS resource shows under the name.
        entry: Its entry of the registry, or None.
    """
    if entry is not None:
        return _from_registry(name, entry)
    value, described = shown_value(shown), as_object(shown)
    listed = tuple(as_array(described.get("AllowableValues")))
    kind = "Enumeration" if listed else _KINDS.get(type(value), "")
    return Attribute(name, kind, choices=listed, default=described.get("default_value"))


def _from_registry(name: str, entry: Mapping[str, Any]) -> Attribute:
    kind = str(entry.get("Type", ""))
    low, high = ("LowerBound", "UpperBound") if kind == "Integer" else ("MinLength", "MaxLength")
    locked = any(entry.get(flag) is True for flag in ("ReadOnly", "GrayOut", "Immutable"))
    return Attribute(
        name,
        kind,
        not locked,
        tuple(choice.get("ValueName") for choice in as_objects(entry.get("Value"))),
        _whole(entry.get(low)),
        _whole(entry.get(high)),
        _whole(entry.get("ScalarIncrement")) or 1,
        entry.get("DefaultValue"),
    )


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


# -- finding the registry ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Registry:
    """The attribute registry of one BIOS.

    Attributes:
        entries: Entry of each attribute, by name.
        governed: Attributes whose value or access depends on others (``Dependencies``).
    """

    entries: Mapping[str, Mapping[str, Any]]
    governed: frozenset[str] = frozenset()


def find_registry(service: Catalogue, bios: JsonObject) -> Registry:
    """Find the registry that describes a BIOS: by its id, or else the one that knows most of its attributes.

    Returns:
        An empty registry where the service has none that knows at least half of them.
    """
    names = set(as_object(bios.get("Attributes")))
    wanted = bios.get("AttributeRegistry")
    best, known = Registry({}), len(names) / 2
    for body in _registries(service):
        entries = as_objects(value_at(body, "RegistryEntries/Attributes"))
        found = {str(entry["AttributeName"]): entry for entry in entries if "AttributeName" in entry}
        score = len(names & found.keys()) + (len(names) if wanted and body.get("Id") == wanted else 0)
        if names and score >= known:
            best, known = Registry(found, frozenset(_governed(body))), score
    return best


def _registries(service: Catalogue) -> Iterator[JsonObject]:
    """Yield every attribute registry that the service serves, linked or named as a file's location."""
    uris: list[str] = list(service.of_type("AttributeRegistry"))
    for file in service.of_type("MessageRegistryFile"):
        locations: Sequence[dict[str, Any]] = as_objects(value_at(service.get(file), "Location"))
        uris += [uri for location in locations if isinstance(uri := location.get("Uri"), str)]
    for uri in dict.fromkeys(uris):
        body = service.get(uri)
        if body is not None and type_name(body) == "AttributeRegistry":
            yield body


def _governed(registry: JsonObject) -> Iterator[str]:
    for dependency in as_objects(value_at(registry, "RegistryEntries/Dependencies")):
        name = value_at(dependency, "Dependency/MapToAttribute")
        if isinstance(name, str):
            yield name


def complaints(bios: JsonObject, registry: Registry, change: Mapping[str, Json]) -> Iterator[Complaint]:
    """Say what is wrong with new values of a BIOS's attributes."""
    current = as_object(bios.get("Attributes"))
    for name, value in change.items():
        if name not in current:
            yield Complaint("PropertyUnknown", (name,), (f"#/Attributes/{name}",))
            continue
        complaint = describe(name, current[name], registry.entries.get(name)).complaint(value)
        if complaint is not None:
            yield complaint
