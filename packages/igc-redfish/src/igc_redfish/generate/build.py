"""From a style to a capture."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

import orjson

from igc_redfish.capture import Capture, Resource
from igc_redfish.generate import oem
from igc_redfish.generate.access import add_access
from igc_redfish.generate.bios import add_bios, add_secure_boot
from igc_redfish.generate.bulk import Room, fill
from igc_redfish.generate.chassis import add_chassis
from igc_redfish.generate.lights import add_lights
from igc_redfish.generate.logs import add_logs
from igc_redfish.generate.managers import add_managers
from igc_redfish.generate.media import add_media
from igc_redfish.generate.methods import allowed
from igc_redfish.generate.references import add_references
from igc_redfish.generate.services import add_events, add_registries, add_root, add_tasks
from igc_redfish.generate.site import plan
from igc_redfish.generate.storage import add_storage
from igc_redfish.generate.systems import add_systems
from igc_redfish.generate.tree import Tree
from igc_redfish.generate.update import add_update

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from igc_redfish.generate.style import Style
    from igc_redfish.generate.tree import Body

_IDENTITY = ("@odata.context", "@odata.id", "@odata.type", "@odata.etag", "Id", "Name")


def build(style: Style) -> Capture:
    """Build the service that a style describes.

    Returns:
        A capture named after the style, whose provenance holds the profile.
    """
    tree, room = _core(style)
    fill(tree, room)
    add_lights(tree)
    add_references(tree, room.site)
    oem.sprinkle(tree)
    provenance = {"profile": style.profile.model_dump(mode="json")}
    return Capture.from_resources(style.spec, _finished(tree), source="generated", provenance=provenance)


def core_size(style: Style) -> int:
    """Count the resources that a style needs before any is added to reach its size."""
    return len(_core(style)[0])


def _core(style: Style) -> tuple[Tree, Room]:
    """Add all that the style names."""
    tree = Tree(style)
    add_root(tree)
    site = plan(tree)
    add_systems(tree, site)
    add_chassis(tree, site)
    add_managers(tree, site)
    add_access(tree, site)
    if style.has("registries"):
        add_registries(tree)
    if style.has("tasks"):
        add_tasks(tree)
    if style.has("events"):
        add_events(tree)
    if style.has("bios"):
        add_bios(tree, site)
    if style.has("secure-boot"):
        add_secure_boot(tree, site)
    if style.has("media"):
        add_media(tree, site)
    if style.has("logs"):
        add_logs(tree, site)
    shelves = add_storage(tree, site) if style.has("storage") else []
    inventory = add_update(tree, site) if style.has("update") else ""
    return tree, Room(site, shelves, inventory)


def _finished(tree: Tree) -> list[Resource]:
    """Expand, annotate and order the bodies."""
    style, bodies = tree.style, tree.bodies
    for uri, body in bodies.items():
        if style.contexts:
            body["@odata.context"] = f"/redfish/v1/$metadata#{_context(body)}"
        if style.etags and "Members" not in body:
            body["@odata.etag"] = f'W/"{zlib.crc32(orjson.dumps([uri, body])):08x}"'
    arranged = _arrangement(style)
    finished = {uri: arranged(body) for uri, body in bodies.items()}
    for body in finished.values():
        if body["@odata.type"].rpartition(".")[2].removesuffix("Collection") in style.expanded and "Members" in body:
            body["Members"] = [finished[member["@odata.id"]] for member in body["Members"]]
    return [Resource(uri, body, methods=allowed(style, body)) for uri, body in finished.items()]


def _context(body: Body) -> str:
    kind = body["@odata.type"].rpartition(".")[2]
    return f"{kind}.{kind}"


def _arrangement(style: Style) -> Callable[[Mapping[str, Any]], Body]:
    """Return what puts the properties of a body into the style's order."""
    match style.key_order:
        case "alphabetical":
            return lambda body: dict(sorted(body.items()))
        case "scattered":
            return lambda body: dict(
                sorted(body.items(), key=lambda item: zlib.crc32(f"{style.seed}{item[0]}".encode()))
            )
        case "identity-last":
            return lambda body: dict(sorted(body.items(), key=lambda item: item[0] in _IDENTITY))
        case _:
            return dict
