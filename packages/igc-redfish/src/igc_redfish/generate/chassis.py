"""Chassis: what holds the systems and carries the locator light."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_redfish.generate.site import links, locator
from igc_redfish.generate.spelling import ROOT
from igc_redfish.generate.tree import Tree, link

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
        **locator(tree, site, "chassis", site.chassis.index(uri)),
        "Links": {"ManagedBy": links(site.managers[:1])},
    }
    body["Links"] |= {"ComputerSystems": links(inside)} if inside else {}
    body["Links"] |= _containment(tree, site, uri)
    if inside:
        on = any(tree.bodies[system]["PowerState"] == "On" for system in inside)
        body["PowerState"] = "On" if on else "Off"
    if _can_be_reset(tree, site, uri):
        resets = {"ResetType": tree.style.resets}
        body["Actions"] = dict([tree.action(uri, "Chassis.Reset", resets, ["ResetType"])])
    return body


def _can_be_reset(tree: Tree, site: Site, uri: str) -> bool:
    match tree.style.chassis_resets:
        case "all":
            return not tree.lacks(site.chassis.index(uri))
        case "lone":
            return not site.at_home(uri)
        case _:
            return False


def _containment(tree: Tree, site: Site, uri: str) -> Body:
    """Link a chassis with the one around it and those in it."""
    if tree.style.chassis == "each":
        return {}
    outer = site.around(tree.style.nesting, uri)
    inner = [other for other in site.chassis if site.around(tree.style.nesting, other) == uri]
    return ({"Contains": links(inner)} if inner else {}) | ({"ContainedBy": link(outer)} if outer else {})
