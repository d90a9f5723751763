"""What makers add beside the standard: properties, actions and resources of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from igc_redfish.generate import naming
from igc_redfish.generate.tree import Tree, link

if TYPE_CHECKING:
    from igc_redfish.generate.site import Site
    from igc_redfish.generate.tree import Body

_NOUNS = (
    "Attestation",
    "Backup",
    "Console",
    "Diagnostics",
    "Federation",
    "Heatmap",
    "Licensing",
    "Profile",
    "Snapshot",
)
_KEYS = ("Mode", "Level", "Policy", "Revision", "Hint", "Tier", "Window", "Slot", "Owner", "Flags", "Limit", "Source")
_ACTIONS = ("ExportConfiguration", "ClearCounters", "RunSelfTest", "DumpTrace", "LockDown", "RotateKeys")
_ACTING_TYPES = ("Manager", "ComputerSystem", "UpdateService", "Chassis")
_DEPTH_MAX = 3


def add_oem_subtree(tree: Tree, site: Site, count: int) -> None:
    """Add the maker's own resources below a manager, linked from its ``Oem`` object, a few levels deep."""
    manager = site.managers[0]
    holders = [(manager, 0)]
    for _ in range(count):
        holder, depth = tree.rng.choice(holders)
        name = f"{tree.rng.choice(_NOUNS)}{len(tree)}"
        uri = f"{holder}/Oem/{tree.style.vendor}/{name}" if holder == manager else f"{holder}/{name}"
        tree.bodies[uri] = _resource(tree, uri, name)
        _oem_of(tree, tree.bodies[holder]).setdefault("Links", {})[name] = link(uri)
        if depth < _DEPTH_MAX:
            holders.append((uri, depth + 1))


def _resource(tree: Tree, uri: str, name: str) -> Body:
    """Invent a resource of a type of the maker's own."""
    kind = f"{tree.style.vendor}{name.rstrip('0123456789')}"
    identity = {
        "@odata.id": uri,
        "@odata.type": f"#{kind}.v1_{tree.rng.randint(0, 4)}_0.{kind}",
        "Id": name,
        "Name": name,
    }
    return identity | _properties(tree)


def sprinkle(tree: Tree) -> None:
    """Give resources vendor-specific properties and actions, as often as the style says."""
    style = tree.style
    if style.oem:
        for body in tree.bodies.values():
            if "Members" not in body and tree.chance(style.oem):
                _oem_of(tree, body).update(_properties(tree))
    if style.oem_actions:
        for uri, body in tree.bodies.items():
            if body["@odata.type"].rpartition(".")[2] in _ACTING_TYPES and "Actions" in body:
                _add_actions(tree, uri, body)


def _oem_of(tree: Tree, body: Body) -> Body:
    """Return the maker's object in the ``Oem`` part of a resource."""
    made: Body = body.setdefault("Oem", {}).setdefault(tree.style.vendor, {})
    return made


def _properties(tree: Tree) -> Body:
    """Invent some properties; their types follow no rule."""
    rng = tree.rng
    options: tuple[Any, ...] = (
        rng.randint(0, 9999),
        str(rng.randint(0, 99)),
        "Auto",
        None,
        False,
        [],
        naming.serial(rng, 6),
    )
    return {f"{rng.choice(_NOUNS)}{key}": rng.choice(options) for key in rng.sample(_KEYS, rng.randint(1, 4))}


def _add_actions(tree: Tree, uri: str, body: Body) -> None:
    vendor = tree.style.vendor
    kind = body["@odata.type"].rpartition(".")[2]
    body["Actions"]["Oem"] = {
        f"#{vendor}{kind}.{name}": {"target": f"{uri}/Actions/Oem/{vendor}{kind}.{name}"}
        for name in tree.rng.sample(_ACTIONS, tree.rng.randint(1, 2))
    }
