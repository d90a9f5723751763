"""Storage: controllers, drives and volumes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from igc_redfish.generate import naming
from igc_redfish.generate.tree import Tree, link

if TYPE_CHECKING:
    from igc_redfish.generate.site import Site
    from igc_redfish.generate.tree import Body

_CAPACITIES = (480103981056, 960197124096, 1920383410176, 3840755982336, 7681501126656)
_RAID_TYPES = ("RAID0", "RAID1", "RAID5", "RAID6", "RAID10")
_CONTROLLERS_OF_MANY = 8


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
    """Add the storage of every system, with its first drives and volumes."""
    shelves: list[Shelf] = []
    for system in site.systems:
        collection = tree.at(system, "Storage")
        tree.collect(collection, "Storage", tree.bodies[system], "Storage")
        count = 2 if tree.style.drives >= _CONTROLLERS_OF_MANY else 1
        for name in tree.ids.make(_controller_ids(tree), "Storage", count):
            shelves.append(_add_controller(tree, site, system, collection, name))
            _add_drives(tree, shelves[-1], tree.style.drives // count)
            if tree.style.has("volumes"):
                _add_volumes(tree, shelves[-1])
    return shelves


def _controller_ids(tree: Tree) -> str:
    return "indexed" if tree.style.member_ids in {"padded", "uuid"} else tree.style.member_ids


def _add_controller(tree: Tree, site: Site, system: str, collection: str, name: str) -> Shelf:
    uri = f"{collection}/{name}"
    chassis = site.home[system]
    body: Body = {
        "StorageControllers": [
            {
                "@odata.id": f"{uri}#/StorageControllers/0",
                "MemberId": "0",
                "Name": "Storage Controller",
                "FirmwareVersion": naming.version(tree.rng),
                **tree.identity("RAID"),
                "SupportedControllerProtocols": ["PCIe"],
                "SupportedDeviceProtocols": ["SAS", "SATA"],
                "SupportedRAIDTypes": list(_RAID_TYPES[: tree.rng.randint(2, len(_RAID_TYPES))]),
                "Status": tree.status(),
            }
        ],
        "Drives": [],
        "Status": tree.status(),
        "Links": {"Enclosures": [link(chassis)]},
    }
    tree.join(collection, name, "Storage", "Storage Subsystem", body)
    return Shelf(uri, tree.at(uri, "Drives"), chassis)


def _add_drives(tree: Tree, shelf: Shelf, count: int) -> None:
    for name in tree.member_ids("Drive", count):
        add_drive(tree, shelf, name)


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
    tree.add(uri, "Drive", f"Drive {name}", body)
    tree.bodies[shelf.storage]["Drives"].append(link(uri))
    tree.bodies[shelf.storage]["Drives@odata.count"] = len(tree.bodies[shelf.storage]["Drives"])


def _add_volumes(tree: Tree, shelf: Shelf) -> None:
    """Add the volumes; a volume takes two drives, and some drives stay free."""
    storage = tree.bodies[shelf.storage]
    collection = tree.collect(tree.at(shelf.storage, "Volumes"), "Volume", storage, "Volumes")
    drives = [drive["@odata.id"] for drive in storage["Drives"]]
    count = min(tree.rng.choice((0, 1, 1, 2)), len(drives) // 2)
    for index, name in enumerate(tree.member_ids("Volume", count)):
        pair = drives[2 * index : 2 * index + 2]
        capacity = min(tree.bodies[drive]["CapacityBytes"] for drive in pair)
        body = {
            "RAIDType": "RAID1",
            "CapacityBytes": capacity,
            "BlockSizeBytes": 512,
            "Status": tree.status(),
            "Links": {"Drives": [link(drive) for drive in pair]},
        }
        uri = tree.join(collection, name, "Volume", f"Volume {name}", body)
        for drive in pair:
            tree.bodies[drive]["Links"]["Volumes"] = [link(uri)]
