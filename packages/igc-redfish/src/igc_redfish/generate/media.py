"""Virtual media: where they are offered, how they are inserted, what is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from igc_redfish.generate.site import Site
    from igc_redfish.generate.tree import Body, Tree

_IMAGES = ("http://images.example.com/install.iso", "https://files.example.org/rescue.iso", "nfs://192.0.2.10/boot.img")
_TRANSFERS = ("HTTP", "HTTPS", "NFS", "CIFS")
_INSERTED = 0.25


def add_media(tree: Tree, site: Site) -> None:
    """Add the virtual media of the managers, of the systems, or of both."""
    holders = {"manager": site.managers, "system": site.hosts, "chassis": ()}
    offered = [uri for place in tree.style.media_home for uri in holders[place]] or list(site.managers[:1])
    for index, holder in enumerate(offered):
        if tree.lacks(index):
            continue
        collection = tree.at(holder, tree.style.media_segment)
        tree.collect(collection, "VirtualMedia", tree.bodies[holder], "VirtualMedia")
        slots = tree.style.media_slots
        for name, kinds in zip(_names(tree, slots), slots, strict=True):
            tree.join(collection, name, "VirtualMedia", "Virtual Media", _medium(tree, f"{collection}/{name}", kinds))


def _names(tree: Tree, slots: tuple[tuple[str, ...], ...]) -> list[str]:
    """Name the slots after what they hold where ids are words, else as all members."""
    if tree.style.member_ids != "word":
        return tree.member_ids("VirtualMedia", len(slots))
    stems = {"CD": "Cd", "Floppy": "Floppy", "USBStick": "Usb"}
    return [f"{stems.get(kinds[0], kinds[0])}{index + 1}" for index, kinds in enumerate(slots)]


def _medium(tree: Tree, uri: str, kinds: tuple[str, ...]) -> Body:
    profile = tree.style.profile
    image = tree.rng.choice(_IMAGES)
    inserted = tree.chance(_INSERTED)
    kept = inserted or (profile.media_keeps_image and tree.chance(0.5))
    body: Body = {
        "MediaTypes": list(kinds),
        "Image": image if kept else None,
        "ImageName": image.rpartition("/")[2] if kept else None,
        "Inserted": inserted,
        "ConnectedVia": "URI" if inserted else "NotConnected",
        "WriteProtected": True,
    }
    if tree.style.era == "late" or profile.media_protocol_required:
        body["TransferProtocolType"] = image.partition(":")[0].upper() if kept else None
    if tree.style.media_control == "actions":
        body["Actions"] = _actions(tree, uri)
    return body


def _actions(tree: Tree, uri: str) -> Body:
    required = ["Image", "TransferProtocolType"] if tree.style.profile.media_protocol_required else ["Image"]
    parameters: dict[str, tuple[str, ...]] = {"Image": (), "TransferProtocolType": _TRANSFERS}
    insert = tree.action(uri, "VirtualMedia.InsertMedia", parameters, required)
    return dict([insert, tree.action(uri, "VirtualMedia.EjectMedia", {})])
