"""Which privilege a change takes, and the registry that says so (DSP0266, "Operation-to-privilege mapping")."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from igc_redfish.bodies import link_at, type_name
from igc_redfish.facts import facts
from igc_redfish.service.documents import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from igc_core.rest import JsonObject
    from igc_redfish.machine import Machine

_ALL: Final = ("Login", "ConfigureManager", "ConfigureUsers", "ConfigureSelf", "ConfigureComponents")
#: Top-level branches whose changes need another privilege than ConfigureManager.
_BRANCHES: Final[Mapping[str, str]] = {
    "Systems": "ConfigureComponents",
    "Chassis": "ConfigureComponents",
    "Fabrics": "ConfigureComponents",
    "Storage": "ConfigureComponents",
    "StorageServices": "ConfigureComponents",
    "CompositionService": "ConfigureComponents",
    "PowerEquipment": "ConfigureComponents",
    "AccountService": "ConfigureUsers",
}
_CHANGES: Final = ("PATCH", "POST", "PUT", "DELETE")


class Changes:
    """Tells which privilege a change takes, by the branch of the tree."""

    def __init__(self, root: JsonObject) -> None:
        """Find the branches where the service root says that they are."""
        self._needed = {
            (link_at(root, key) or f"{ROOT}/{key}").casefold(): privilege for key, privilege in _BRANCHES.items()
        }

    def need(self, uri: str) -> str:
        """Name the privilege that a change of a resource takes."""
        return self._needed.get(_branch(uri), "ConfigureManager")


def registry(machine: Machine, uri: str) -> dict[str, Any]:
    """Write the privilege registry of a machine: what is enforced here, for each type of resource that it has.

    Args:
        machine: The machine.
        uri: Where the registry is.
    """
    places = _places(machine)
    return {
        "@odata.id": uri,
        "@odata.type": "#PrivilegeRegistry.v1_1_5.PrivilegeRegistry",
        "Id": uri.rpartition("/")[2],
        "Name": "Privilege Registry",
        "PrivilegesUsed": list(_ALL),
        "OEMPrivilegesUsed": [],
        "Mappings": [_mapping(kind, found) for kind, found in sorted(places.items())],
    }


@lru_cache(maxsize=4096)
def _branch(uri: str) -> str:
    return "/".join(uri.split("/")[:4]).casefold()


def _places(machine: Machine) -> dict[str, dict[str, list[str]]]:
    """Sort resources by type, and by what their changes take; types that may yet come into being are among them."""
    changes = Changes(machine.get(ROOT) or {})
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    kinds = {place: type_name(machine.get(place) or {}) for place in machine.reachable}
    for place, kind in kinds.items():
        if kind:
            found[kind][changes.need(place)].append(place)
    present = frozenset(found)
    for place, kind in kinds.items():
        member = facts().member_type(kind)
        if member and member not in present:
            found[member][changes.need(place)].append(f"{place}/{{{member}Id}}")
    return found


def _mapping(kind: str, places: Mapping[str, list[str]]) -> dict[str, Any]:
    """Map a type; where its resources lie in several branches, the fewer of them are exceptions."""
    usual, *others = sorted(places, key=lambda privilege: len(places[privilege]), reverse=True)
    found: dict[str, Any] = {"Entity": kind, "OperationMap": _operations(usual)}
    if kind == "Session":
        found["OperationMap"]["DELETE"].append({"Privilege": ["ConfigureSelf"]})
    if kind == "SessionCollection":
        found["OperationMap"]["POST"] = [{"Privilege": ["Login"]}]
    if others:
        found["ResourceURIOverrides"] = [
            {"Targets": sorted(places[privilege]), "OperationMap": _operations(privilege)} for privilege in others
        ]
    if kind == "ManagerAccount":
        own = [{"Privilege": [usual]}, {"Privilege": ["ConfigureSelf"]}]
        found["PropertyOverrides"] = [{"Targets": ["Password"], "OperationMap": {**_operations(usual), "PATCH": own}}]
    return found


def _operations(privilege: str) -> dict[str, list[dict[str, list[str]]]]:
    reads = {method: [{"Privilege": ["Login"]}] for method in ("GET", "HEAD")}
    return {**reads, **{method: [{"Privilege": [privilege]}] for method in _CHANGES}}
