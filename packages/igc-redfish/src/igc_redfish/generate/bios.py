"""BIOS resources: present settings, pending settings, the registry that explains them, and secure boot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_redfish.generate.attributes import attributes
from igc_redfish.generate.spelling import ROOT
from igc_redfish.generate.tree import Tree, link

if TYPE_CHECKING:
    from collections.abc import Sequence

    from igc_redfish.generate.attributes import Attribute
    from igc_redfish.generate.site import Site
    from igc_redfish.generate.tree import Body

_APPLY_TIMES = (["OnReset"], ["OnReset", "AtMaintenanceWindowStart"], ["Immediate", "OnReset"])


def add_bios(tree: Tree, site: Site) -> None:
    """Add the BIOS of every host, and the registry that they share."""
    if not site.hosts:
        return
    known = attributes(tree.style, tree.rng)
    registry = "" if tree.style.registry_home == "none" else f"{tree.style.vendor}BiosRegistry.v1_0_0"
    for uri in site.hosts:
        _add_one(tree, site, uri, known, registry)
    if registry:
        _add_registry(tree, site, registry, known)


def _add_one(tree: Tree, site: Site, system: str, known: Sequence[Attribute], registry: str) -> None:
    style = tree.style
    uri = tree.at(system, "Bios")
    shared: Body = {"AttributeRegistry": registry} if registry else {}
    current = {attribute.name: attribute.draw(tree.rng) for attribute in known}
    actions = [tree.action(uri, "Bios.ResetBios", {})]
    if tree.chance(0.7):
        parameters: dict[str, tuple[str, ...]] = {"PasswordName": ("AdministratorPassword", "UserPassword")}
        actions.append(tree.action(uri, "Bios.ChangePassword", parameters, ["PasswordName"]))
    body = tree.add(uri, "Bios", "BIOS Settings", {**shared, "Attributes": current, "Actions": dict(actions)})
    tree.bodies[system]["Bios"] = link(uri)
    if not style.bios_settings:
        return
    below = system if style.bios_settings == "BiosSettings" else uri
    settings = tree.at(below, style.bios_settings)
    pending: Body = {**shared, "Attributes": dict(current) if style.profile.bios_pending_full else {}}
    tree.add(settings, "Bios", "BIOS Pending Settings", pending)
    body["@Redfish.Settings"] = {
        "@odata.type": "#Settings.v1_3_0.Settings",
        "SettingsObject": link(settings),
        **({"SupportedApplyTimes": tree.rng.choice(_APPLY_TIMES)} if tree.chance(0.6) else {}),
    }
    if style.profile.bios_jobs:
        tree.bodies[settings]["Oem"] = {style.vendor: {"Jobs": link(_jobs(tree, site.manager_of[system]))}}


def _jobs(tree: Tree, manager: str) -> str:
    """Return the collection of jobs that commit BIOS settings, made on first use."""
    uri = tree.at(manager, "Jobs")
    if uri not in tree.bodies:
        tree.collect(uri, "Job")
    return uri


def _add_registry(tree: Tree, site: Site, name: str, known: Sequence[Attribute]) -> None:
    """Add the attribute registry, and the file that tells where it is."""
    files = tree.at(ROOT, "Registries")
    if files not in tree.bodies:
        tree.collect(files, "MessageRegistryFile", tree.bodies[ROOT], "Registries")
    uri = {
        "bios": tree.at(tree.at(site.hosts[0], "Bios"), "BiosRegistry"),
        "store": f"{tree.at(ROOT, 'RegistryStore')}/en/{name.lower()}",
    }.get(tree.style.registry_home, f"{files}/{name}/{name}.json")
    location = {"Language": "en", "Uri": uri}
    body = {"Languages": ["en"], "Location": [location], "Registry": name}
    tree.join(files, name, "MessageRegistryFile", "BIOS Attribute Registry File", body)
    contents: Body = {
        "Language": "en",
        "OwningEntity": tree.style.vendor,
        "RegistryVersion": "1.0.0",
        "RegistryEntries": {"Attributes": [attribute.entry() for attribute in known]},
    }
    tree.add(uri, "AttributeRegistry", "BIOS Attribute Registry", contents)
    tree.bodies[uri]["Id"] = name


def add_secure_boot(tree: Tree, site: Site) -> None:
    """Add secure boot to every host, or to some of them."""
    for index, system in enumerate(site.hosts):
        if tree.lacks(index):
            continue
        uri = tree.at(system, "SecureBoot")
        enabled = tree.chance(0.4)
        keys = {"ResetKeysType": ("ResetAllKeysToDefault", "DeleteAllKeys", "DeletePK")}
        actions = [tree.action(uri, "SecureBoot.ResetKeys", keys, ["ResetKeysType"])] if tree.chance(0.7) else []
        body = {
            "SecureBootEnable": enabled,
            "SecureBootCurrentBoot": "Enabled" if enabled else "Disabled",
            "SecureBootMode": "UserMode",
            **({"Actions": dict(actions)} if actions else {}),
        }
        tree.add(uri, "SecureBoot", "Secure Boot", body)
        tree.bodies[system]["SecureBoot"] = link(uri)
