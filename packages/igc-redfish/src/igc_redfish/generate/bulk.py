"""Fills a service up to its size with the parts of which real machines have many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from igc_redfish.generate import (
    adapters,
    directory,
    environment,
    hardware,
    logs,
    paperwork,
    peripherals,
    storage,
    update,
)
from igc_redfish.generate.oem import add_oem_subtree

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from igc_redfish.generate.site import Site
    from igc_redfish.generate.storage import Shelf
    from igc_redfish.generate.tree import Tree


@dataclass(frozen=True, slots=True)
class Room:
    """What a service has so far that can take more.

    Attributes:
        site: Its systems, chassis and managers.
        shelves: Its storage subsystems.
        inventory: URI of its firmware inventory, or ``""``.
    """

    site: Site
    shelves: Sequence[Shelf]
    inventory: str


def _drives(tree: Tree, room: Room, count: int) -> None:
    shelves = room.shelves
    for index, shelf in enumerate(shelves):
        share = count // len(shelves) + (index < count % len(shelves))
        for name in storage.drive_ids(tree, shelf, share):
            storage.add_drive(tree, shelf, name)


def _components(tree: Tree, room: Room, count: int) -> None:
    if room.inventory:
        update.add_components(tree, room.inventory, count)


def _log_entries(tree: Tree, room: Room, count: int) -> None:
    entries = [
        uri for uri, body in tree.bodies.items() if body["@odata.type"] == "#LogEntryCollection.LogEntryCollection"
    ]
    for index in range(count if entries else 0):
        uri = entries[index % len(entries)]
        logs.add_entry(tree, uri, room.site.managers[0], len(tree.bodies[uri]["Members"]) + 1)


#: Each adds at most so many resources; one that cannot use the room leaves it.
FILLERS: Mapping[str, Callable[[Tree, Room, int], None]] = {
    "processors": lambda tree, room, count: hardware.add_processors(tree, room.site, count),
    "memory": lambda tree, room, count: hardware.add_memory(tree, room.site, count),
    "pcie": lambda tree, room, count: hardware.add_pcie(tree, room.site, count),
    "adapters": lambda tree, room, count: adapters.add_adapters(tree, room.site, count),
    "fabric": lambda tree, _room, count: adapters.add_fabric(tree, count),
    "boot-options": lambda tree, room, count: hardware.add_boot_options(tree, room.site, count),
    "fans": lambda tree, room, count: environment.add_cooling(tree, room.site, count),
    "supplies": lambda tree, room, count: environment.add_supply(tree, room.site, count),
    "sensors": lambda tree, room, count: environment.add_sensors(tree, room.site, count),
    "drives": _drives,
    "components": _components,
    "log-entries": _log_entries,
    "certificates": lambda tree, room, count: paperwork.add_certificates(tree, room.site, count),
    "cables": lambda tree, _room, count: paperwork.add_cables(tree, count),
    "licenses": lambda tree, _room, count: paperwork.add_licenses(tree, count),
    "metrics": lambda tree, _room, count: paperwork.add_metrics(tree, count),
    "schemas": lambda tree, _room, count: paperwork.add_schemas(tree, count),
    "directory": lambda tree, _room, count: directory.add_directory(tree, count),
    "outlets": lambda tree, room, count: peripherals.add_outlets(tree, room.site, count),
    "blocks": lambda tree, _room, count: peripherals.add_blocks(tree, count),
    "peripherals": lambda tree, _room, count: peripherals.add_peripherals(tree, count),
    "oem": lambda tree, room, count: add_oem_subtree(tree, room.site, count),
}


def fill(tree: Tree, room: Room) -> None:
    """Add resources until the service has the size that its style asks for."""
    style = tree.style
    spare = style.size - len(tree)
    total = sum(weight for _, weight in style.bulk)
    for name, weight in style.bulk:
        FILLERS[name](tree, room, int(spare * weight / total))
    for name in (style.filler, "schemas"):
        if len(tree) < style.size:
            FILLERS[name](tree, room, style.size - len(tree))
