"""The update service, and what is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_redfish.generate import naming
from igc_redfish.generate.spelling import ROOT
from igc_redfish.generate.tree import Tree, link

if TYPE_CHECKING:
    from igc_redfish.generate.site import Site
    from igc_redfish.generate.tree import Body

_PROTOCOLS = (("HTTP", "HTTPS"), ("HTTP", "HTTPS", "TFTP"), ("HTTP", "FTP", "NFS", "CIFS", "TFTP"))
_COMPONENTS = ("Network Adapter", "Power Supply", "CPLD", "Backplane", "Drive", "Boot Loader", "Fan Controller", "GPU")
_WORDS = {"BIOS": ("BIOS", "bios_active", "HostBios"), "Manager": ("BMC", "bmc_active", "ManagerImage")}


def add_update(tree: Tree, site: Site) -> str:
    """Add the update service with the firmware of hosts and managers.

    Returns:
        URI of the firmware inventory, which may take more components.
    """
    root, service = tree.bodies[ROOT], tree.at(ROOT, "UpdateService")
    parameters: dict[str, tuple[str, ...]] = {"ImageURI": (), "TransferProtocol": tree.rng.choice(_PROTOCOLS)}
    body: Body = {
        "ServiceEnabled": True,
        "Status": tree.status(),
        "Actions": dict([tree.action(service, "UpdateService.SimpleUpdate", parameters, ["ImageURI"])]),
    }
    if tree.chance(0.4):
        body["HttpPushUri"] = f"{service}/update"
    if tree.style.era != "early" and tree.chance(0.4):
        body["MultipartHttpPushUri"] = f"{service}/update-multipart"
    made = tree.add(service, "UpdateService", "Update Service", body)
    root["UpdateService"] = link(service)
    inventory = tree.at(service, "FirmwareInventory")
    tree.collect(inventory, "SoftwareInventory", made, "FirmwareInventory")
    for system in site.systems[:1]:
        _add_essential(tree, inventory, "BIOS", "System BIOS", tree.bodies[system]["BiosVersion"], site.systems)
    release = tree.bodies[site.managers[0]]["FirmwareVersion"]
    _add_essential(tree, inventory, "Manager", "Manager Firmware", release, site.managers)
    return inventory


def _add_essential(tree: Tree, inventory: str, kind: str, name: str, release: str, of: tuple[str, ...]) -> None:
    """Add the firmware of hosts or managers, whose version these show too."""
    by_word = tree.style.member_ids in {"word", "indexed", "dotted"}
    member = tree.rng.choice(_WORDS[kind]) if by_word else _free_ids(tree, inventory, 1)[0]
    tree.join(inventory, member, "SoftwareInventory", name, _component(tree, release, updateable=True, of=of))


def add_components(tree: Tree, inventory: str, count: int) -> None:
    """Add the firmware of so many parts."""
    for member in _free_ids(tree, inventory, count):
        kind = tree.rng.choice(_COMPONENTS)
        body = _component(tree, naming.version(tree.rng), updateable=tree.chance(0.7))
        tree.join(inventory, member, "SoftwareInventory", f"{kind} Firmware", body)


def _component(tree: Tree, release: str, *, updateable: bool, of: tuple[str, ...] = ()) -> Body:
    body: Body = {
        "Version": release,
        "Updateable": updateable,
        "SoftwareId": naming.serial(tree.rng, 6),
        "Status": tree.status(),
    }
    if of and tree.style.era != "early":
        body["RelatedItem"] = [link(uri) for uri in of]
    return body


def _free_ids(tree: Tree, inventory: str, count: int) -> list[str]:
    """Return ids that the inventory does not have yet."""
    present = len(tree.bodies[inventory]["Members"])
    return tree.member_ids("SoftwareInventory", present + count)[present:]
