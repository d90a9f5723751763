"""Which drives a storage subsystem has, which are free, and what volumes they can carry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from igc_redfish.bodies import as_objects, as_texts, link_at, members_of, value_at
from igc_redfish.service.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from igc_core.rest import Json, JsonObject
    from igc_redfish.goals.directory import Directory
    from igc_redfish.service.transaction import Transaction

#: Fewest drives of each RAID type (SNIA Common RAID Disk Data Format, section 4).
MINIMUM: Mapping[str, int] = {"RAID0": 1, "RAID1": 2, "RAID5": 3, "RAID6": 4, "RAID10": 4, "None": 1}


def stores(service: Directory) -> dict[str, str]:
    """Map each collection of volumes to the storage subsystem that links to it, where that shows drives."""
    collections = {uri.casefold(): uri for uri in service.of_type("VolumeCollection")}
    linked = ((link_at(service.get(uri), "Volumes").casefold(), uri) for uri in service.of_type("Storage"))
    return {collections[link]: uri for link, uri in linked if link in collections and drives_of(service, uri)}


def drives_of(service: Directory, storage: str) -> list[str]:
    """List the drives of a storage subsystem that can be read."""
    links = (item.get("@odata.id") for item in as_objects(value_at(service.get(storage), "Drives")))
    uris = dict.fromkeys(uri.rstrip("/") for uri in links if isinstance(uri, str))
    return [uri for uri in uris if service.get(uri) is not None]


def free_drives(service: Directory, storage: str) -> list[str]:
    """List the drives that no volume uses; links to volumes that are gone do not count."""
    collection = link_at(service.get(storage), "Volumes")
    volumes = (service.get(uri) for uri in members_of(service.get(collection)))
    used = {link.get("@odata.id") for body in volumes for link in as_objects(value_at(body, "Links/Drives"))}
    return [uri for uri in drives_of(service, storage) if uri not in used and not _volumes_of(service, uri)]


def obtainable_drives(service: Directory, storage: str) -> list[str]:
    """List the drives that are free, then those that deleting volumes of this storage alone would free."""
    own = {uri.casefold() for uri in members_of(service.get(link_at(service.get(storage), "Volumes")))}
    drives = drives_of(service, storage)
    freed = (uri for uri in drives if {volume.casefold() for volume in _volumes_of(service, uri)} <= own)
    return list(dict.fromkeys([*free_drives(service, storage), *freed]))


def supported(service: Directory, storage: str, n_drives: int) -> list[str]:
    """List the RAID types that the controllers name, or all that we know, for which there are enough drives."""
    body = service.get(storage)
    controllers = as_objects(value_at(body, "StorageControllers"))
    linked = members_of(service.get(link_at(body, "Controllers")))
    controllers += [dict(found) for uri in linked if (found := service.get(uri)) is not None]
    named = [kind for item in controllers for kind in as_texts(item.get("SupportedRAIDTypes"))]
    return [kind for kind, least in MINIMUM.items() if least <= n_drives and (not named or kind in named)]


def choose(service: Directory, storage: str, kind: str, named: Sequence[str]) -> list[str]:
    """Return the drives for a new volume.

    Raises:
        Refusal: A named drive is not of this storage or not free, or there are too few.
    """
    free = free_drives(service, storage)
    for drive in named:
        if drive not in drives_of(service, storage):
            raise Refusal("PropertyValueNotInList", drive, "Links/Drives", related=["#/Links/Drives"])
        if drive not in free:
            raise Refusal("ResourceInUse", status=409)
    chosen = list(dict.fromkeys(named)) or free[: MINIMUM[kind]]
    if len(chosen) < MINIMUM[kind]:
        raise Refusal("PropertyValueConflict", "RAIDType", "Links/Drives", related=["#/RAIDType", "#/Links/Drives"])
    return chosen


def capacity(kind: str, drives: Sequence[JsonObject]) -> int:
    """Return the bytes that a volume of a RAID type offers on some drives."""
    sizes = [size for body in drives if isinstance(size := body.get("CapacityBytes"), int)]
    least, count = min(sizes, default=0), len(drives)
    usable = {"RAID1": count // 2, "RAID10": count // 2, "RAID5": count - 1, "RAID6": count - 2}
    return least * usable[kind] if kind in usable else sum(sizes)


def attach(transaction: Transaction, drive: str, volume: str) -> None:
    """Have a drive show a volume that it carries."""
    _show(transaction, drive, [*_volumes_of(transaction, drive), volume])


def detach(transaction: Transaction, drive: str, volume: str) -> None:
    """Have a drive no longer show a volume."""
    links = as_objects(value_at(transaction.get(drive), "Links/Volumes"))
    if any(item.get("@odata.id") == volume for item in links):
        _show(transaction, drive, [uri for uri in _volumes_of(transaction, drive) if uri != volume])


def _show(transaction: Transaction, drive: str, volumes: Sequence[str]) -> None:
    links: list[Json] = [{"@odata.id": uri} for uri in volumes]
    transaction.set(drive, "Links/Volumes", links)
    if value_at(transaction.get(drive), "Links/Volumes@odata.count") is not None:
        transaction.set(drive, "Links/Volumes@odata.count", len(links))


def _volumes_of(service: Any, drive: str) -> list[str]:
    """List the volumes that a drive shows and that exist."""
    links = (item.get("@odata.id") for item in as_objects(value_at(service.get(drive), "Links/Volumes")))
    return [uri for uri in links if isinstance(uri, str) and service.get(uri) is not None]
