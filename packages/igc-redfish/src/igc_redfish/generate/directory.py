"""A maker's directory: one resource at the root of the service that lists many others, flat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_redfish.generate.spelling import ROOT
from igc_redfish.generate.tree import Tree, link

if TYPE_CHECKING:
    from igc_redfish.generate.tree import Body

_KIND = "Directory"
_NAMES = ("ResourceDirectory", "Index", "Everything", "Map")
_MOST = 300


def add_directory(tree: Tree, count: int) -> None:
    """Add the directory, still empty, linked from the ``Oem`` object of the root."""
    vendor = tree.style.vendor
    name = tree.fork("directory").choice(_NAMES)
    uri = tree.at(ROOT, name)
    if count < 1 or uri in tree.bodies:
        return
    kind = f"{vendor}{_KIND}"
    body: Body = {"@odata.id": uri, "@odata.type": f"#{kind}.v1_0_0.{kind}", "Id": name, "Name": name, "Instances": []}
    tree.bodies[uri] = body
    oem: Body = tree.bodies[ROOT].setdefault("Oem", {}).setdefault(vendor, {})
    oem.setdefault("Links", {})[name] = link(uri)


def fill_directory(tree: Tree) -> None:
    """List what there is by now."""
    suffix = f".{tree.style.vendor}{_KIND}"
    for uri, body in tree.bodies.items():
        if body["@odata.type"].endswith(suffix):
            others = [other for other in tree.bodies if other not in {uri, ROOT}]
            step = -(-len(others) // _MOST)
            body["Instances"] = [link(other) for other in others[::step]]
