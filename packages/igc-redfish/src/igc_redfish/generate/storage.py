"""Storage: controllers, drives and volumes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from igc_redfish.generate import naming
from igc_redfish.generate.spelling import ROOT
from igc_redfish.generate.tree import Tree, link

if TYPE_CHECKING:
    from igc_redfish.generate.site import Site
    from igc_redfish.generate.tree import Body

_CAPACITIES = (480103981056, 960197124096, 1920383410176, 3840755982336, 7681501126656)
_RAID_TYPES = ("RAID0", "RAID1", "RAID5", "RAID6", "RAID10")
#: Drives of the volumes that there are from the beginning, by RAID type.
_MADE_OF = {"RAID1": 2, "RAID0": 1, "RAID5": 3}


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where more drives may be put.

    Attributes:
        storage: URI of the storage subsystem.
        drives: URI below which its drives are.
        chassis: URI of the chassis that holds them.
    """

    storage: str
    drives: str
    chassis: str


def add_storage(tree: Tree, site: Site) -> list[Shelf]:
    """Add the storage of every system, with its first drives and volumes; some of it takes no volumes."""
    shelves: list[Shelf] = []
    style = tree.style
    for system in site.systems:
        collection = _collection(tree, system)
        present = len(tree.bodies[collection]["Members"])
        for name in tree.ids.make(_storage_ids(tree), "Storage", present + style.storages)[present:]:
            shelves.append(_add_subsystem(tree, site, system, collection, name))
            _add_drives(tree, shelves[-1], style.drives // style.storages)
            if style.has("volumes") and not tree.lacks(len(shelves) - 1):
                _add_volumes(tree, shelves[-1])
    return shelves


def _collection(tree: Tree, system: str) -> str:
    """Return the collection of a system's storage, made on first use: its own, or one for all at the root."""
    shared = tree.style.storage_home == "root"
    uri = tree.at(ROOT if shared else system, "Storage")
    if uri not in tree.bodies:
        tree.collect(uri, "Storage", tree.bodies[ROOT if shared else system], "Storage")
    tree.bodies[system]["Storage"] = link(uri)
    return uri


def _storage_ids(tree: Tree) -> str:
    return "indexed" if tree.style.member_ids in {"padded", "uuid"} else tree.style.member_ids


def _add_subsystem(tree: Tree, site: Site, system: str, collection: str, name: str) -> Shelf:
    style, uri, chassis = tree.style, f"{collection}/{name}", site.home[system]
    body: Body = {"Drives": [], "Status": tree.status(), "Links": {"Enclosures": [link(chassis)]}}
    if style.controllers != "resources":
        place = {"@odata.id": f"{uri}#/StorageControllers/0", "MemberId": "0", "Name": "Storage Controller"}
        body["StorageControllers"] = [place | _controller(tree)]
    tree.join(collection, name, "Storage", "Storage Subsystem", body)
    if style.controllers != "inline":
        tree.grow(uri, "Controllers", "StorageController", 2, lambda: _controller(tree))
    drives = tree.at(uri, "Drives")
    if style.drives_home == "chassis":
        drives = tree.at(chassis, "Drives")
        if drives not in tree.bodies:
            tree.collect(drives, "Drive", tree.bodies[chassis], "Drives")
    return Shelf(uri, drives, chassis)


def _controller(tree: Tree) -> Body:
    kinds = list(_RAID_TYPES[: tree.rng.randint(2, len(_RAID_TYPES))])
    return {
        "FirmwareVersion": naming.version(tree.rng),
        **tree.identity("RAID"),
        "SupportedControllerProtocols": ["PCIe"],
        "SupportedDeviceProtocols": ["SAS", "SATA"],
        "SupportedRAIDTypes": kinds,
        "Status": tree.status(),
    }


def _add_drives(tree: Tree, shelf: Shelf, count: int) -> None:
    for name in drive_ids(tree, shelf, count):
        add_drive(tree, shelf, name)


def drive_ids(tree: Tree, shelf: Shelf, count: int) -> list[str]:
    """Make ids for more drives of a storage subsystem, which are new where the drives are."""
    present = len(tree.bodies.get(shelf.drives, tree.bodies[shelf.storage]).get("Members", ()))
    present = max(present, len(tree.bodies[shelf.storage]["Drives"]))
    return tree.member_ids("Drive", present + count)[present:]


def add_drive(tree: Tree, shelf: Shelf, name: str) -> None:
    """Add one drive to a storage subsystem."""
    rng = tree.rng
    media = rng.choice(("SSD", "SSD", "HDD"))
    body: Body = {
        **tree.identity(media),
        "MediaType": media,
        "Protocol": rng.choice(("SAS", "SATA", "NVMe")) if media == "SSD" else "SAS",
        "CapacityBytes": rng.choice(_CAPACITIES),
        "BlockSizeBytes": 512,
        "Revision": naming.version(rng),
        "FailurePredicted": False,
        "Status": tree.status(),
        "Links": {"Chassis": link(shelf.chassis), "Volumes": []},
    }
    uri = f"{shelf.drives}/{name}"
    if shelf.drives in tree.bodies:
        tree.join(shelf.drives, name, "Drive", f"Drive {name}", body)
    else:
        tree.add(uri, "Drive", f"Drive {name}", body)
    tree.bodies[shelf.storage]["Drives"].append(link(uri))
    tree.bodies[shelf.storage]["Drives@odata.count"] = len(tree.bodies[shelf.storage]["Drives"])


def _add_volumes(tree: Tree, shelf: Shelf) -> None:
    """Add the volumes, all of one RAID type; some drives stay free."""
    storage = tree.bodies[shelf.storage]
    collection = tree.collect(tree.at(shelf.storage, "Volumes"), "Volume", storage, "Volumes")
    drives = [drive["@odata.id"] for drive in storage["Drives"]]
    kind = tree.rng.choice(("RAID1", "RAID1", "RAID0", "RAID5"))
    wide = _MADE_OF[kind]
    count = min(tree.rng.choice((0, 1, 1, 2, 4)), len(drives) // wide)
    for index, name in enumerate(tree.member_ids("Volume", count)):
        chosen = drives[wide * index : wide * (index + 1)]
        capacity = min(tree.bodies[drive]["CapacityBytes"] for drive in chosen)
        body = {
            "RAIDType": kind,
            "CapacityBytes": capacity,
            "BlockSizeBytes": 512,
            "Status": tree.status(),
            "Links": {"Drives": [link(drive) for drive in chosen]},
        }
        uri = tree.join(collection, name, "Volume", f"Volume {name}", body)
        for drive in chosen:
            tree.bodies[drive]["Links"]["Volumes"] = [link(uri)]
