"""Computer systems: power, boot, the host's network, and what leads to the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_redfish.generate import naming
from igc_redfish.generate.site import links, locator
from igc_redfish.generate.tree import ROOT, Tree, link

if TYPE_CHECKING:
    from igc_redfish.generate.site import Site
    from igc_redfish.generate.tree import Body

_POWERED = 0.75
_OVERRIDDEN = 0.2
_GIB = (64, 128, 256, 512, 1024)


def add_systems(tree: Tree, site: Site) -> None:
    """Add every computer system, without what hangs below it."""
    collection = tree.collect(tree.at(ROOT, "Systems"), "ComputerSystem", tree.bodies[ROOT], "Systems")
    release = naming.version(tree.rng)
    for uri in site.systems:
        tree.join(
            collection, uri.rpartition("/")[2], "ComputerSystem", "Computer System", _system(tree, site, uri, release)
        )
        if tree.style.has("host-network"):
            _add_host_network(tree, uri)


def _system(tree: Tree, site: Site, uri: str, release: str) -> Body:
    rng, style = tree.rng, tree.style
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
        **locator(tree, site, "system"),
        "Links": {"Chassis": links([site.home[uri]]), "ManagedBy": links([site.manager_of[uri]])},
        "Actions": dict([tree.action(uri, "ComputerSystem.Reset", {"ResetType": style.resets}, ["ResetType"])]),
    }
    if tree.chance(0.6):
        body["HostName"] = f"host-{naming.serial(rng, 4).lower()}"
    if style.dates_resets:
        body["LastResetTime"] = naming.timestamp(rng)
    if style.has("boot"):
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


def _add_host_network(tree: Tree, uri: str) -> None:
    """Add the network interfaces that the host's operating system sees."""
    collection = tree.at(uri, "EthernetInterfaces")
    tree.collect(collection, "EthernetInterface", tree.bodies[uri], "EthernetInterfaces")
    for name in tree.member_ids("EthernetInterface", tree.rng.randint(1, 2)):
        body = {
            "MACAddress": naming.mac(tree.rng),
            "SpeedMbps": tree.rng.choice((1000, 10000, 25000)),
            "LinkStatus": tree.rng.choice(("LinkUp", "LinkDown")),
            "Status": tree.status(),
            "Links": {"Chassis": link(_chassis_of(tree, uri))},
        }
        tree.join(collection, name, "EthernetInterface", "Host Ethernet Interface", body)


def _chassis_of(tree: Tree, system: str) -> str:
    return str(tree.bodies[system]["Links"]["Chassis"][0]["@odata.id"])
