"""Members that stand whole in their collection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from igc_redfish.bodies import as_objects, type_name
from igc_redfish.capture.uri import canonical, is_resource

if TYPE_CHECKING:
    from igc_core.rest import JsonObject

#: Collections of many small resources that nobody changes one by one: there a request each costs most and tells least.
_WORTHWHILE = frozenset({"LogEntryCollection", "SensorCollection"})
_FEWEST = 4


def worth_expanding(body: JsonObject) -> bool:
    """Tell whether to take the members of a collection from it, rather than to read each."""
    return type_name(body) in _WORTHWHILE and len(as_objects(body.get("Members"))) >= _FEWEST


def inline_members(body: JsonObject, uri: str) -> dict[str, dict[str, Any]]:
    """List the members that stand whole in a collection, by canonical URI.

    Args:
        body: The collection.
        uri: Its canonical URI.
    """
    found: dict[str, dict[str, Any]] = {}
    for member in as_objects(body.get("Members")):
        identity = member.get("@odata.id")
        if isinstance(identity, str) and "#" not in identity and "@odata.type" in member and "Id" in member:
            target = canonical(identity, uri)
            if is_resource(target):
                found.setdefault(target, member)
    return found
