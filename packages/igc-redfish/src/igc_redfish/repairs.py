"""Completes a captured tree with what the tree itself holds or links to; nothing else is invented.

A crawler often stores a collection with its members expanded but not the members themselves, or meets an empty log
whose entries it does not visit. A real service answers a GET of such URIs, so the simulated one does too.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from igc_redfish.bodies import as_array, as_object, link_at, type_name
from igc_redfish.capture.uri import canonical
from igc_redfish.facts import facts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from igc_core.rest import JsonObject
    from igc_redfish.machine import Machine

#: A body that carries one of these under its own URI is a resource, not a mere link with decoration.
_IDENTITY_KEYS = ("Id", "MemberId", "MemberID")


def repair(machine: Machine) -> tuple[dict[str, JsonObject], tuple[str, ...]]:
    """Find the resources that a tree lacks although it tells what they are.

    Args:
        machine: A machine whose index covers its capture alone.

    Returns:
        The bodies to add, by URI, and one sentence for each kind of addition at each place.
    """
    added: dict[str, JsonObject] = {}
    sentences: list[str] = []
    for uri in machine.uris():
        body = machine.get(uri)
        if body is None:
            continue
        sentences += _unfold(machine, uri, body, added)
        sentences += _complete_action_infos(machine, uri, body, added)
        kind = type_name(body)
        if kind == "Bios":
            sentences += _complete_settings(machine, uri, body, added)
        elif kind == "LogService":
            sentences += _complete_entries(machine, uri, body, added)
    return added, tuple(sentences)


def _unfold(machine: Machine, uri: str, body: JsonObject, added: dict[str, JsonObject]) -> Iterator[str]:
    """Make the resources that are embedded whole in a body readable at their own URIs."""
    found: Counter[str] = Counter()
    for place, part in _embedded(body):
        target = canonical(part["@odata.id"], uri)
        if target not in added and machine.resolve(target) is None:
            added[target] = part
            found[place] += 1
    for place, count in found.items():
        subject, owner = ("1 resource", "its own URI") if count == 1 else (f"{count} resources", "their own URIs")
        yield f"{subject} embedded in {place} of {uri} can be read at {owner}"


def _embedded(body: JsonObject) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the whole resources inside a body, with the top property that holds each."""
    stack: list[tuple[str, Any]] = list(body.items())[::-1]
    while stack:
        place, value = stack.pop()
        if isinstance(value, dict):
            part = as_object(value)
            if _is_resource(part):
                yield place, part
            stack.extend((place, item) for item in part.values())
        elif isinstance(value, list):
            stack.extend((place, item) for item in reversed(as_array(value)))


def _is_resource(value: dict[str, Any]) -> bool:
    uri = value.get("@odata.id")
    if not isinstance(uri, str) or not uri.startswith("/redfish/") or "#" in uri or "?" in uri:
        return False
    return any(key in value for key in _IDENTITY_KEYS)


def _complete_settings(machine: Machine, uri: str, body: JsonObject, added: dict[str, JsonObject]) -> Iterator[str]:
    """Give a BIOS the settings resource that it links to, with nothing pending (DSP0266, "Settings resource").

    One that was captured without attributes is served as what it must be: a resource of the type that it stages for.
    """
    link = link_at(body, "@Redfish.Settings/SettingsObject")
    kept = {key: body[key] for key in ("@odata.type", "AttributeRegistry") if key in body}
    found = machine.resolve(link) if link else None
    if found is not None and found != uri and "Attributes" not in (machine.get(found) or {}):
        added[found] = {**(machine.get(found) or {}), **kept, "Attributes": {}}
        yield f"{found} was captured without attributes: it is served as a BIOS with nothing pending"
    target = _missing(machine, link)
    if not target or target in added:
        return
    added[target] = {
        "@odata.id": target,
        **kept,
        "Id": target.rpartition("/")[2],
        "Name": "BIOS Pending Settings",
        "Attributes": {},
    }
    yield f"{uri} links to {target}, which was not captured: it is served with nothing pending"


def _complete_entries(machine: Machine, uri: str, body: JsonObject, added: dict[str, JsonObject]) -> Iterator[str]:
    """Give a log the collection of entries that it links to, empty."""
    target = _missing(machine, link_at(body, "Entries"))
    if not target or target in added:
        return
    added[target] = {
        "@odata.id": target,
        "@odata.type": "#LogEntryCollection.LogEntryCollection",
        "Name": "Log Entries",
        "Members": [],
        "Members@odata.count": 0,
    }
    yield f"{uri} links to {target}, which was not captured: it is served without entries"


def _complete_action_infos(machine: Machine, uri: str, body: JsonObject, added: dict[str, JsonObject]) -> Iterator[str]:
    """Give standard actions the ActionInfo resources that they link to, with the parameters of the schema."""
    for name, action in as_object(body.get("Actions")).items():
        fact = facts().action(name.removeprefix("#"))
        target = _missing(machine, str(as_object(action).get("@Redfish.ActionInfo", "")).rstrip("/"))
        if fact is None or not target or target in added:
            continue
        added[target] = {
            "@odata.id": target,
            "@odata.type": "#ActionInfo.v1_4_2.ActionInfo",
            "Id": target.rpartition("/")[2],
            "Name": f"{name.removeprefix('#')} Action Info",
            "Parameters": [
                {
                    "Name": parameter,
                    "Required": known.required,
                    "DataType": "String",
                    **({"AllowableValues": list(known.enum)} if known.enum else {}),
                }
                for parameter, known in fact.parameters.items()
            ],
        }
        yield f"{uri} links to {target}, which was not captured: it is served with the schema's parameters"


def _missing(machine: Machine, target: str) -> str:
    """Return the URI if it is one of this service and nothing was captured there, else ``""``."""
    uri = target.partition("#")[0]
    return uri if uri.startswith("/redfish/") and machine.resolve(uri) is None else ""
