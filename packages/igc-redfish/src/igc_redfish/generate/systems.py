"""Computer systems: power, boot, the host's network, and what leads to the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_redfish.generate import naming
from igc_redfish.generate.site import links, locator
from igc_redfish.generate.spelling import ROOT
from igc_redfish.generate.tree import Tree, link

if TYPE_CHECKING:
    from igc_redfish.generate.site import Site
    from igc_redfish.generate.tree import Body

_POWERED = 0.75
_SYSTEMS_LEFT_OUT = 0.7
_OVERRIDDEN = 0.2
#: Interfaces above which some hosts give them names.
_FEW = 2
_GIB = (64, 128, 256, 512, 1024)


def add_systems(tree: Tree, site: Site) -> None:
    """Add every computer system, without what hangs below it; where there is none, mostly no collection either."""
    if not site.systems and tree.chance(_SYSTEMS_LEFT_OUT):
        return
    collection = tree.collect(tree.at(ROOT, "Systems"), "ComputerSystem", tree.bodies[ROOT], "Systems")
    release = naming.version(tree.rng)
    for uri in site.systems:
        body = _system(tree, site, uri, release)
        tree.join(collection, uri.rpartition("/")[2], "ComputerSystem", "Computer System", body)
        if tree.style.boot_settings and "Boot" in body:
            _add_settings(tree, uri)
        if tree.style.has("host-network"):
            _add_host_network(tree, uri)


def _system(tree: Tree, site: Site, uri: str, release: str) -> Body:
    rng, style, index = tree.rng, tree.style, site.systems.index(uri)
    powered = tree.chance(_POWERED)
    body: Body = {
        "SystemType": "Physical",
        **tree.identity("Server"),
        "UUID": naming.uuid(rng),
        "AssetTag": rng.choice(("", "unassigned", f"A-{rng.randint(1000, 9999)}")),
        "PowerState": "On" if powered else "Off",
        "BiosVersion": release,
        "Status": tree.status(),
        "ProcessorSummary": {"Count": rng.choice((1, 2, 4)), "Model": f"{style.vendor} core", "Status": tree.status()},
        "MemorySummary": {"TotalSystemMemoryGiB": rng.choice(_GIB), "Status": tree.status()},
        **locator(tree, site, "system", index),
        "Links": {"Chassis": links([site.home[uri]]), "ManagedBy": links([site.manager_of[uri]])},
    }
    if uri in site.hosts:
        reset = tree.action(uri, "ComputerSystem.Reset", {"ResetType": style.resets}, ["ResetType"])
        body["Actions"] = dict([reset])
    if tree.chance(0.6) and not tree.lacks(index):
        body["HostName"] = f"host-{naming.serial(rng, 4).lower()}"
    if style.dates_resets:
        body["LastResetTime"] = naming.timestamp(rng)
    if style.has("boot") and uri in site.hosts and not tree.lacks(index):
        body["Boot"] = _boot(tree)
    return body


def _boot(tree: Tree) -> Body:
    """Return the boot override, which is set on some systems."""
    rng, sources = tree.rng, tree.style.boot_sources
    overridden = tree.chance(_OVERRIDDEN)
    plain = [source for source in sources if source not in {"None", "UefiTarget"}]
    boot: Body = {
        "BootSourceOverrideEnabled": rng.choice(("Once", "Continuous")) if overridden else "Disabled",
        "BootSourceOverrideTarget": rng.choice(plain) if overridden else "None",
        "BootSourceOverrideTarget@Redfish.AllowableValues": list(sources),
    }
    if tree.chance(0.8):
        boot["BootSourceOverrideMode"] = "UEFI"
    if tree.chance(0.4):
        boot["BootSourceOverrideEnabled@Redfish.AllowableValues"] = ["Disabled", "Once", "Continuous"]
    if "UefiTarget" in sources:
        boot["UefiTargetBootSourceOverride"] = None
    return boot


def _add_settings(tree: Tree, uri: str) -> None:
    """Add the resource in which a system takes its boot override for the next boot."""
    settings = tree.at(uri, "Settings")
    shown = tree.bodies[uri]["Boot"]
    boot = {key: value for key, value in shown.items() if "@" in key}
    pending = {"BootSourceOverrideEnabled": "Disabled", "BootSourceOverrideTarget": "None"}
    tree.add(settings, "ComputerSystem", "Computer System Pending Settings", {"Boot": pending | boot})
    tree.bodies[uri]["@Redfish.Settings"] = {
        "@odata.type": "#Settings.v1_3_0.Settings",
        "SettingsObject": link(settings),
    }


def _add_host_network(tree: Tree, uri: str) -> None:
    """Add the network interfaces that the host's operating system sees."""
    collection = tree.at(uri, "EthernetInterfaces")
    tree.collect(collection, "EthernetInterface", tree.bodies[uri], "EthernetInterfaces")
    named = tree.style.host_interfaces > _FEW and tree.fork(uri).random() < tree.style.uneven
    for index, name in enumerate(tree.member_ids("EthernetInterface", tree.style.host_interfaces)):
        body = {
            "MACAddress": naming.mac(tree.rng),
            "SpeedMbps": tree.rng.choice((1000, 10000, 25000)),
            "LinkStatus": tree.rng.choice(("LinkUp", "LinkDown")),
            "Status": tree.status(),
            **({"HostName": f"port-{index}"} if named and not tree.lacks(index) else {}),
            "Links": {"Chassis": link(_chassis_of(tree, uri))},
        }
        tree.join(collection, name, "EthernetInterface", "Host Ethernet Interface", body)


def _chassis_of(tree: Tree, system: str) -> str:
    return str(tree.bodies[system]["Links"]["Chassis"][0]["@odata.id"])
