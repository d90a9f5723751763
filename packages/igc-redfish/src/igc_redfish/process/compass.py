"""How far resource types are from each other in DMTF's schemas.

The schemas say which property of a type links to which other type. So a link can be judged before it is followed, on a
machine of any vendor: a chassis' ``ThermalSubsystem`` is two reads away from a fan, its ``Drives`` never lead there.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from igc_redfish.facts import facts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: Cost of a link that a resource contains, and of one that only refers elsewhere, in reads.
_CONTAINS, _REFERS = 1, 2
_REFERENCES = ("Links/", "Redundancy/")
#: Property paths that may lead to anything, and so tell nothing.
_VAGUE = ("Conditions/", "Related")
_SETTINGS = "@Redfish.Settings/SettingsObject"


def expected_type(source_type: str, relation: str) -> str:
    """Name the type that a link leads to as far as the schemas tell.

    Args:
        source_type: Type of the resource that holds the link.
        relation: Path of the link in it, without indices: ``"Members"``, ``"Links/Chassis"``.

    Returns:
        A type such as ``"FanCollection"``; ``""`` where the schemas do not know.
    """
    if relation == _SETTINGS:
        return source_type
    if relation.endswith("@Redfish.ActionInfo"):
        return "ActionInfo"
    fact = facts().property(source_type, relation)
    return fact.target if fact is not None and fact.target != "Resource" else ""


@lru_cache(maxsize=65536)
def types_on(uri: str) -> frozenset[str]:
    """Types of the resources along a path as far as the schemas tell by its names, collections left out.

    Of ``/redfish/v1/Managers/BMC/LogServices/SEL`` they are ``Manager`` and ``LogService``. Where a service has names
    of its own, the schemas tell nothing from there on.
    """
    return frozenset(kind for kind in _kinds_on(uri) if kind and not facts().member_type(kind))


def type_at(uri: str) -> str:
    """Type of the resource at the end of a path as far as the schemas tell by its names, ``""`` where they do not."""
    *_, last = ("", *_kinds_on(uri))
    return last


@lru_cache(maxsize=65536)
def _kinds_on(uri: str) -> tuple[str, ...]:
    """Types along a path below the service root; the first one that the schemas do not know is ``""`` and the last."""
    kind, found = "ServiceRoot", list[str]()
    for segment in uri.split("/")[3:]:
        kind = facts().member_type(kind) or _property_types(kind).get(segment.lower(), "")
        found.append(kind)
        if not kind:
            break
    return tuple(found)


@cache
def _property_types(kind: str) -> Mapping[str, str]:
    """Types that the properties at the top of a type lead to, by the name in lower case."""
    return {path.lower(): expected_type(kind, path) for path in facts().properties(kind) if "/" not in path}


@cache
def reads_to(kind: str) -> Mapping[str, int]:
    """Fewest reads from a resource of each type to one of ``kind``, by the schemas (Dijkstra, 1959).

    Types from which the schemas show no way are missing. A link under ``Links`` counts two, since it crosses over to
    another part of the tree.
    """
    found: dict[str, int] = {}
    queue = [(0, kind)]
    while queue:
        cost, here = heapq.heappop(queue)
        if here in found:
            continue
        found[here] = cost
        for source, step in _sources().get(here, {}).items():
            if source not in found:
                heapq.heappush(queue, (cost + step, source))
    return found


@cache
def _sources() -> Mapping[str, Mapping[str, int]]:
    """Which types link to each type, and at what cost."""
    found: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for source in facts().types:
        for target, cost in _targets(source):
            found[target][source] = min(cost, found[target].get(source, cost))
    return found


def _targets(source: str) -> Iterator[tuple[str, int]]:
    for path, fact in facts().properties(source).items():
        if fact.target and fact.target != "Resource" and not any(vague in path for vague in _VAGUE):
            yield fact.target, _REFERS if path.startswith(_REFERENCES) else _CONTAINS
