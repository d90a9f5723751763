"""A maker's directory: one resource at the root of the service that lists many others, flat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_redfish.generate.spelling import ROOT
from igc_redfish.generate.tree import Tree, link

if TYPE_CHECKING:
    from igc_redfish.generate.tree import Body

_KIND = "Directory"
_WHAT = ("", "All", "Link", "Object", "Resource", "Service", "System")
_LISTING = ("Directory", "Directory", "Catalog", "Index", "List", "Map", "Registry", "Tree")
_LISTS = ("Instances", "Entries", "Resources", "Items")
_MOST = 500
_BELOW_LINKS = 0.7


def add_directory(tree: Tree, count: int) -> None:
    """Add the directory, still empty, linked from the ``Oem`` object of the root."""
    vendor, rng = tree.style.vendor, tree.fork("directory")
    name, listing = rng.choice(_WHAT) + rng.choice(_LISTING), rng.choice(_LISTS)
    uri = tree.at(ROOT, name)
    if count < 1 or uri in tree.bodies:
        return
    kind = f"{vendor}{_KIND}"
    body: Body = {"@odata.id": uri, "@odata.type": f"#{kind}.v1_0_0.{kind}", "Id": name, "Name": name, listing: []}
    tree.bodies[uri] = body
    oem: Body = tree.bodies[ROOT].setdefault("Oem", {}).setdefault(vendor, {})
    holder: Body = oem.setdefault("Links", {}) if rng.random() < _BELOW_LINKS else oem
    holder[name] = link(uri)


def fill_directory(tree: Tree) -> None:
    """List what there is by now."""
    suffix = f".{tree.style.vendor}{_KIND}"
    for uri, body in tree.bodies.items():
        if body["@odata.type"].endswith(suffix):
            others = [other for other in tree.bodies if other not in {uri, ROOT}]
            step = -(-len(others) // _MOST)
            listing = next(name for name in _LISTS if name in body)
            body[listing] = [link(other) for other in others[::step]]
