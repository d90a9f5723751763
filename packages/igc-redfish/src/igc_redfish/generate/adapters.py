"""Network adapters with their ports and functions, and fabrics with their switches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_redfish.generate import naming
from igc_redfish.generate.hardware import shares
from igc_redfish.generate.spelling import ROOT

if TYPE_CHECKING:
    from igc_redfish.generate.site import Site
    from igc_redfish.generate.tree import Body, Tree

#: An adapter with a collection of two ports.
_SMALLEST_ADAPTER = 4
#: A collection of fabrics with one fabric, its collection of switches, one switch, and a collection of two ports.
_SMALLEST_FABRIC = 7
_PORTS_MAX = 32


def add_adapters(tree: Tree, site: Site, count: int) -> None:
    """Add network adapters to the chassis that hold systems, or to the first chassis."""
    holders = list(dict.fromkeys(site.home.values())) or list(site.chassis[:1])
    for chassis, share in shares(holders, count):
        left = share - (tree.at(chassis, "NetworkAdapters") not in tree.bodies)
        number = max(0, left) // (_SMALLEST_ADAPTER + tree.rng.randint(0, 5))
        if not number:
            continue
        is_new = left < share
        body = lambda: {**tree.identity("Network"), "Status": tree.status()}  # noqa: E731 - one line of data
        for uri in tree.grow(chassis, "NetworkAdapters", "NetworkAdapter", number + is_new, body):
            _furnish(tree, uri, left // number - 1)


def _furnish(tree: Tree, uri: str, count: int) -> None:
    """Add ports to an adapter, and functions where there is room for them."""
    functions = count // 2 if count > _SMALLEST_ADAPTER else 0
    ports = tree.grow(uri, "Ports", "Port", count - functions, lambda: _port(tree, "Ethernet"))
    if ports:
        tree.grow(uri, "NetworkDeviceFunctions", "NetworkDeviceFunction", functions, lambda: _device_function(tree))


def _port(tree: Tree, protocol: str) -> Body:
    up = tree.chance(0.6)
    return {
        "PortProtocol": protocol,
        "CurrentSpeedGbps": tree.rng.choice((10, 25, 100)) if up else 0,
        "LinkStatus": "LinkUp" if up else "LinkDown",
        "Status": tree.status(),
    }


def _device_function(tree: Tree) -> Body:
    address = naming.mac(tree.rng)
    return {
        "NetDevFuncType": "Ethernet",
        "DeviceEnabled": True,
        "Ethernet": {"MACAddress": address, "PermanentMACAddress": address, "MTUSize": 1500},
        "Status": tree.status(),
    }


def add_fabric(tree: Tree, count: int) -> None:
    """Add one fabric whose switches have many ports."""
    if count < _SMALLEST_FABRIC or tree.at(ROOT, "Fabrics") in tree.bodies:
        return
    kind = tree.rng.choice(("PCIe", "Ethernet", "InfiniBand"))
    body = {"FabricType": kind, "Status": tree.status()}
    [fabric] = tree.grow(ROOT, "Fabrics", "Fabric", 2, lambda: body)
    left = count - 3
    number = max(1, left // (_PORTS_MAX + 2))
    describe = lambda: {"SwitchType": kind, **tree.identity("Switch"), "Status": tree.status()}  # noqa: E731 - as above
    for uri, share in shares(tree.grow(fabric, "Switches", "Switch", number + 1, describe), left - number):
        tree.grow(uri, "Ports", "Port", share, lambda: _port(tree, kind))
