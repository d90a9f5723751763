"""Chassis: what holds the systems and carries the locator light."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_redfish.generate.site import links, locator
from igc_redfish.generate.tree import ROOT, Tree, link

if TYPE_CHECKING:
    from igc_redfish.generate.site import Site
    from igc_redfish.generate.tree import Body

_TYPES = {
    "one": ("RackMount", "StandAlone", "Shelf"),
    "each": ("Blade", "Sled"),
    "enclosure": ("Blade", "Sled", "Module"),
}
_MODULE_TYPES = ("Module", "Component", "Zone", "Card")


def add_chassis(tree: Tree, site: Site) -> None:
    """Add every chassis."""
    collection = tree.collect(tree.at(ROOT, "Chassis"), "Chassis", tree.bodies[ROOT], "Chassis")
    kinds = _TYPES.get(tree.style.chassis, _MODULE_TYPES)
    for uri in site.chassis:
        outer = len(site.chassis) > 1 and uri == site.chassis[0] and tree.style.chassis != "each"
        kind = tree.rng.choice(("Enclosure", "RackMount")) if outer else tree.rng.choice(kinds)
        tree.join(collection, uri.rpartition("/")[2], "Chassis", f"{kind} Chassis", _chassis(tree, site, uri, kind))


def _chassis(tree: Tree, site: Site, uri: str, kind: str) -> Body:
    inside = site.at_home(uri)
    body: Body = {
        "ChassisType": kind,
        **tree.identity(kind),
        "AssetTag": tree.rng.choice((None, "", f"R{tree.rng.randint(100, 999)}")),
        "PowerState": tree.rng.choice(("On", "On", "Off")),
        "Status": tree.status(),
        **locator(tree, site, "chassis"),
        "Links": {"ManagedBy": links(site.managers[:1])},
    }
    body["Links"] |= {"ComputerSystems": links(inside)} if inside else {}
    body["Links"] |= _containment(tree, site, uri)
    if inside:
        on = any(tree.bodies[system]["PowerState"] == "On" for system in inside)
        body["PowerState"] = "On" if on else "Off"
    return body


def _containment(tree: Tree, site: Site, uri: str) -> Body:
    """Link the outer chassis with those in it."""
    outer, *inner = site.chassis
    if not inner or tree.style.chassis == "each":
        return {}
    return {"Contains": links(inner)} if uri == outer else {"ContainedBy": link(outer)}
