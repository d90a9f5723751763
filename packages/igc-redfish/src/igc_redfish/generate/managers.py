"""Managers: their reset, network services, and interfaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_redfish.generate import naming
from igc_redfish.generate.site import links
from igc_redfish.generate.spelling import ROOT
from igc_redfish.generate.tree import Tree, link

if TYPE_CHECKING:
    from igc_redfish.generate.site import Site
    from igc_redfish.generate.tree import Body

_PORTS = {"HTTP": 80, "HTTPS": 443, "SSH": 22, "IPMI": 623, "SNMP": 161, "KVMIP": 5900, "VirtualMedia": 17988}
_RARE_PORTS = {"Telnet": 23, "SSDP": 1900}
_NTP_SERVERS = ("ntp1.example.org", "ntp2.example.org", "time.example.net", "192.0.2.123")


def add_managers(tree: Tree, site: Site) -> None:
    """Add every manager with its network."""
    collection = tree.collect(tree.at(ROOT, "Managers"), "Manager", tree.bodies[ROOT], "Managers")
    release = naming.version(tree.rng)
    for index, uri in enumerate(site.managers):
        host = f"{tree.style.vendor.lower()}-{naming.serial(tree.rng, 5).lower()}"
        tree.join(collection, uri.rpartition("/")[2], "Manager", "Manager", _manager(tree, site, uri, release))
        _add_interfaces(tree, uri, host)
        if tree.style.has("protocol") and (index == 0 or tree.chance(0.7)):
            _add_protocol(tree, uri, host)


def _manager(tree: Tree, site: Site, uri: str, release: str) -> Body:
    rng, systems = tree.rng, site.managed_by(uri)
    whole = uri == site.managers[0]
    places = list(dict.fromkeys([*site.chassis[:1], *(site.home[system] for system in systems)]))
    dates = tree.style.dates_resets and tree.style.era != "early" and not tree.lacks(site.managers.index(uri))
    return {
        "ManagerType": "EnclosureManager"
        if whole and len(site.managers) > 1
        else rng.choice(("BMC", "ManagementController")),
        "Model": f"{tree.style.vendor} controller {rng.randint(2, 9)}",
        "FirmwareVersion": release,
        "UUID": naming.uuid(rng),
        "DateTime": naming.timestamp(rng),
        "DateTimeLocalOffset": "+00:00",
        **({"LastResetTime": naming.timestamp(rng)} if dates else {}),
        "Status": tree.status(),
        "CommandShell": {"ServiceEnabled": True, "MaxConcurrentSessions": 4, "ConnectTypesSupported": ["SSH"]},
        "Links": {
            "ManagerForServers": links(systems),
            "ManagerForChassis": links(site.chassis if whole else places),
            "ManagerInChassis": link(places[-1]),
        },
        "Actions": dict([tree.action(uri, "Manager.Reset", {"ResetType": tree.style.manager_resets}, ["ResetType"])]),
    }


def _add_interfaces(tree: Tree, uri: str, host: str) -> None:
    collection = tree.at(uri, "EthernetInterfaces")
    tree.collect(collection, "EthernetInterface", tree.bodies[uri], "EthernetInterfaces")
    for index, name in enumerate(tree.member_ids("EthernetInterface", tree.style.interfaces)):
        body = {
            "InterfaceEnabled": True,
            "MACAddress": naming.mac(tree.rng),
            **({} if tree.lacks(index) else {"HostName": host, "FQDN": f"{host}.example.net"}),
            "SpeedMbps": 1000,
            "FullDuplex": True,
            "LinkStatus": "LinkUp",
            "DHCPv4": {"DHCPEnabled": tree.chance(0.5), "UseDNSServers": True},
            "IPv4Addresses": [
                {
                    "Address": naming.address(tree.rng),
                    "SubnetMask": "255.255.255.0",
                    "AddressOrigin": "DHCP",
                    "Gateway": "198.51.100.1",
                }
            ],
            "StaticNameServers": ["192.0.2.53"],
            "Status": tree.status(),
        }
        tree.join(collection, name, "EthernetInterface", "Manager Ethernet Interface", body)


def _add_protocol(tree: Tree, uri: str, host: str) -> None:
    """Add the network services, NTP among them."""
    present = _PORTS | {name: port for name, port in _RARE_PORTS.items() if tree.chance(0.3)}
    always = {"HTTP", "HTTPS"}
    body: Body = {"HostName": host, "FQDN": f"{host}.example.net", "Status": tree.status()}
    for name, port in present.items():
        if name in always or tree.chance(0.8):
            body[name] = {"ProtocolEnabled": name in always or tree.chance(0.5), "Port": port}
    if tree.style.ntp != "none" and not tree.lacks(len(tree.bodies[tree.at(ROOT, "Managers")]["Members"]) - 1):
        body["NTP"] = _ntp(tree)
    protocol = tree.at(uri, "NetworkProtocol")
    tree.add(protocol, "ManagerNetworkProtocol", "Manager Network Protocol", body)
    tree.bodies[uri]["NetworkProtocol"] = link(protocol)


def _ntp(tree: Tree) -> Body:
    match tree.style.ntp:
        case "servers":
            servers = tree.rng.sample(_NTP_SERVERS, tree.rng.randint(1, 2))
        case "empty":
            servers = tree.rng.choice(([], ["", ""]))
        case _:
            return {"ProtocolEnabled": tree.chance(0.5)} | ({"Port": 123} if tree.chance(0.5) else {})
    enabled = bool(servers and servers[0]) and tree.chance(0.5)
    return {"ProtocolEnabled": enabled, "NTPServers": servers} | ({"Port": 123} if tree.chance(0.5) else {})
