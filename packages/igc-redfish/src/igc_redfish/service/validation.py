"""What of a PATCH or a POST fits the resource (DSP0266, "PATCH (update)" and "POST (create)")."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from igc_redfish.bodies import as_array, as_object
from igc_redfish.facts import facts
from igc_redfish.service.refusal import Complaint
from igc_redfish.service.values import Allowed, fault_of, kind_of, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from igc_core.rest import JsonObject
    from igc_redfish.facts import PropertyFact

#: Properties of a resource that no client gives, not even at its creation.
_SERVICE_OWNED = frozenset({"Id", "Status", "Actions"})


@dataclass(slots=True)
class Checked:
    """A payload, sorted.

    Attributes:
        good: What fits, in the payload's own shape; annotations of the request included.
        complaints: One message for each property that does not.
    """

    good: dict[str, Any]
    complaints: list[Complaint]

    @property
    def changes(self) -> bool:
        """Whether anything fits that is not an annotation."""
        for key in self.good:  # noqa: SIM110 - a generator costs more than the one name that there is
            if "@" not in key:
                return True
        return False


class _Place(NamedTuple):
    """Where in a resource the check has come to.

    Attributes:
        known: What the schema says of the resource, by property path.
        path: Property path with a trailing slash, without indices, ``""`` at the top.
        pointer: JSON pointer of the same place, with indices.
        judge: Who knows its members: the ``"schema"``; the resource, by what it ``"shows"`` (makers' own parts); or
            nobody, so that all are ``"free"`` (attributes, which a registry describes).
    """

    known: Mapping[str, PropertyFact]
    path: str = ""
    pointer: str = "#"
    judge: Literal["schema", "shows", "free"] = "schema"

    def pointer_to(self, name: str) -> str:
        """Point to a member (RFC 6901)."""
        return f"{self.pointer}/{name.replace('~', '~0').replace('/', '~1')}"

    def within(self, name: str, fact: PropertyFact | None = None) -> _Place:
        """Go into a member."""
        judge = self.judge if fact is None or not fact.open else "shows" if name == "Oem" else "free"
        return _Place(self.known, f"{self.path}{name}/", self.pointer_to(name), judge)

    def complaint(self, key: str, name: str) -> Complaint:
        """Complain of a member."""
        return Complaint(key, (name,), (self.pointer_to(name),))


def check_patch(type_name: str, shape: JsonObject, payload: Mapping[str, Any]) -> Checked:
    """Sort the properties of a PATCH.

    Args:
        type_name: Type of the resource.
        shape: What the resource shows; a property that it does not show is unknown.
        payload: The request.
    """
    checked = Checked({}, [])
    _check_object(_top(type_name), shape, payload, checked, checked.good)
    return checked


@lru_cache(maxsize=4096)
def _top(type_name: str) -> _Place:
    return _Place(facts().properties(type_name), judge="schema" if facts().knows(type_name) else "shows")


def check_create(type_name: str, payload: Mapping[str, Any]) -> list[Complaint]:
    """Name what is wrong with a new member: unknown, mistyped, owned by the service, or missing."""
    complaints: list[Complaint] = []
    known = facts().properties(type_name)
    if not known:
        return complaints
    for name, value in payload.items():
        if "@" in name:
            continue
        fact, pointer = known.get(name), f"#/{name}"
        if fact is None:
            complaints.append(Complaint("PropertyUnknown", (name,), (pointer,)))
        elif name in _SERVICE_OWNED:
            complaints.append(Complaint("PropertyNotWritable", (name,), (pointer,)))
        elif (fault := fault_of(value, fact)) is not None:
            complaints.append(_value_complaint(fault, name, value, pointer))
    needed = (path for path, fact in known.items() if fact.required_on_create and "/" not in path)
    complaints += [Complaint("PropertyMissing", (name,), (f"#/{name}",)) for name in needed if name not in payload]
    return complaints


def shows_writable(type_name: str, body: JsonObject, *, without: frozenset[str] = frozenset()) -> bool:
    """Tell whether a body shows anything that a PATCH may set."""
    known = facts().properties(type_name)
    if not known:
        return True
    tops = _writable_tops(type_name)
    if not without and not tops.plain.isdisjoint(body):
        return True
    return any(key in body and key not in without and _shows(known, key, known[key], body[key]) for key in tops.all)


def witness(type_name: str, body: JsonObject) -> str:
    """Name a property of a body by which alone it shows something that a PATCH may set; ``""`` where none does."""
    plain = _writable_tops(type_name).plain if facts().properties(type_name) else frozenset[str]()
    return next((key for key in plain if key in body), "")


class _Tops(NamedTuple):
    """Writable properties at the top of a type; those of which nothing below matters are plain."""

    all: tuple[str, ...]
    plain: frozenset[str]


@cache
def _writable_tops(type_name: str) -> _Tops:
    known = facts().properties(type_name)
    found = tuple(path for path, fact in known.items() if fact.writable and "/" not in path)
    return _Tops(found, frozenset(path for path in found if known[path].type != "object" or known[path].open))


def staged_elsewhere(type_name: str, body: JsonObject, settings: JsonObject) -> frozenset[str]:
    """Name the attribute objects that a settings resource stages, so that they are not set directly."""
    known = facts().properties(type_name)
    return frozenset(
        key for key in body if key in settings and key in known and known[key].open and known[key].writable
    )


def _shows(known: Mapping[str, PropertyFact], path: str, fact: PropertyFact, value: Any) -> bool:
    if fact.type != "object" or fact.open:
        return True
    for key, item in as_object(value).items():
        below = known.get(f"{path}/{key}")
        if below is not None and below.writable and _shows(known, f"{path}/{key}", below, item):
            return True
    return False


def _check_object(
    place: _Place, present: Mapping[str, Any], change: Mapping[str, Any], checked: Checked, good: dict[str, Any]
) -> None:
    writable = present.get("@Redfish.WriteableProperties")
    for name, value in change.items():
        if "@" in name:
            if name.startswith("@Redfish.") and not place.path:
                good[name] = value
            continue
        fact = place.known.get(place.path + name)
        if name not in present and place.judge != "free" and (fact is None or not fact.write_only):
            checked.complaints.append(place.complaint("PropertyUnknown", name))
        elif isinstance(writable, list) and name not in writable:
            checked.complaints.append(place.complaint("PropertyNotWritable", name))
        elif fact is None:
            _check_unnamed(place, name, present, value, checked, good)
        else:
            _check_named(place, name, present, fact, value, checked, good)


def _check_unnamed(
    place: _Place, name: str, present: Mapping[str, Any], value: Any, checked: Checked, good: dict[str, Any]
) -> None:
    """Judge a property that the schema does not name by the value it has now."""
    current = present.get(name)
    if place.judge == "schema" or (not place.path and name in {*_SERVICE_OWNED, "Name", "Members"}):
        checked.complaints.append(place.complaint("PropertyNotWritable", name))
    elif current is not None and value is not None and kind_of(current) != kind_of(value):
        checked.complaints.append(_value_complaint("TypeError", name, value, place.pointer_to(name)))
    elif (allowed := _allowable(present, name)) is not None and value != current and value not in allowed:
        checked.complaints.append(_value_complaint("NotInList", name, value, place.pointer_to(name)))
    elif isinstance(value, dict) and place.judge == "shows":
        _check_inner(place.within(name), name, as_object(current), as_object(value), checked, good)
    else:
        good[name] = value


def _check_named(
    place: _Place,
    name: str,
    present: Mapping[str, Any],
    fact: PropertyFact,
    value: Any,
    checked: Checked,
    good: dict[str, Any],
) -> None:
    if not fact.writable and not fact.open:
        checked.complaints.append(place.complaint("PropertyNotWritable", name))
        return
    current = present.get(name)
    same = value == current and type(value) is type(current)
    fault = None if same else fault_of(value, fact, _allowable(present, name))
    if fault is not None:
        checked.complaints.append(_value_complaint(fault, name, value, place.pointer_to(name)))
        return
    if fact.type == "object" and isinstance(value, dict):
        _check_inner(place.within(name, fact), name, as_object(current), as_object(value), checked, good)
    elif fact.type == "array" and fact.item == "object" and isinstance(value, list):
        _check_elements(place.within(name, fact), name, as_array(current), as_array(value), checked, good)
    else:
        good[name] = value


def _check_inner(
    place: _Place,
    name: str,
    present: Mapping[str, Any],
    change: Mapping[str, Any],
    checked: Checked,
    good: dict[str, Any],
) -> None:
    below: dict[str, Any] = {}
    _check_object(place, present, change, checked, below)
    if below:
        good[name] = below


def _check_elements(
    place: _Place, name: str, present: list[Any], change: list[Any], checked: Checked, good: dict[str, Any]
) -> None:
    """Check an array of objects, which fits whole or not at all; a new element may show what the schema names."""
    elements: list[Any] = []
    faults = len(checked.complaints)
    for index, item in enumerate(change):
        if not isinstance(item, dict):
            elements.append(item)
            continue
        below: dict[str, Any] = {}
        shape = as_object(present[index]) if index < len(present) else {}
        element = as_object(item)
        named: dict[str, Any] = {key: None for key in element if f"{place.path}{key}" in place.known}
        inner = place._replace(pointer=f"{place.pointer}/{index}")
        _check_object(inner, {**named, **shape}, element, checked, below)
        elements.append(below)
    if len(checked.complaints) == faults:
        good[name] = elements


def _allowable(present: Mapping[str, Any], name: str) -> Allowed:
    values = as_array(present.get(f"{name}@Redfish.AllowableValues"))
    return tuple(values) if values else None


def _value_complaint(fault: str, name: str, value: Any, pointer: str) -> Complaint:
    return Complaint(f"PropertyValue{fault}", (shown(name, value), name), (pointer,))
