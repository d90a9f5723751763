"""What a service takes but never shows again: passwords, keys, and what may hold them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from igc_redfish.bodies import as_array, as_object
from igc_redfish.facts import facts

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Hidden besides what the schemas mark so. Headers may hold secrets, so the schema empties them in answers; a trap
#: community is hidden in an AggregationSource, and no less secret in a subscription.
_HIDDEN = frozenset({("EventDestination", "HttpHeaders"), ("EventDestination", "SNMP/TrapCommunity")})


def without_write_only(kind: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Show a body without the values that no answer shows (DSP0266, "Properties": write-only).

    Args:
        kind: Type of the resource.
        body: A resource, or a change of one. Nulls and empty lists stay, as that is how such values are shown.

    Returns:
        What is left; the body itself where that is all of it. An object that held nothing else is left out, except in
        a list, where positions count.
    """
    return body if _hiding(kind).isdisjoint(body) else _visible(kind, "", body)


@cache
def _hiding(kind: str) -> frozenset[str]:
    """Name the properties of a type that are hidden, or have members that are."""
    marked = (path for path, fact in facts().properties(kind).items() if fact.write_only)
    added = (path for owner, path in _HIDDEN if owner == kind)
    return frozenset(path.partition("/")[0] for path in (*marked, *added))


def _visible(kind: str, stem: str, body: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in body.items():
        path = f"{stem}{key}"
        if value not in (None, []) and _is_hidden(kind, path):
            continue
        left = _left_of(kind, f"{path}/", value)
        if left != {} or value == {}:
            found[key] = left
    return found


def _left_of(kind: str, stem: str, value: Any) -> Any:
    if isinstance(value, dict):
        return _visible(kind, stem, as_object(value))
    if isinstance(value, list):
        return [_left_of(kind, stem, item) for item in as_array(value)]
    return value


def _is_hidden(kind: str, path: str) -> bool:
    fact = facts().property(kind, path)
    return (fact is not None and fact.write_only) or (kind, path) in _HIDDEN
