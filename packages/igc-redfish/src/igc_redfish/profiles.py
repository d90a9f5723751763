"""Infers a service's quirks from its own tree: structure first, then the message registries it offers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from igc_redfish.bodies import as_object, as_objects, link_at, members_of, type_name, value_at
from igc_redfish.capture.errors import CaptureError
from igc_redfish.service.profile import Profile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from igc_core.rest import JsonObject
    from igc_redfish.machine import Machine

#: Firmware families are known by the message registry that they define; these quirks leave no other trace in a tree.
_QUIRKS_BY_REGISTRY: Mapping[str, Mapping[str, bool]] = {
    "idrac": {"restart_when_off_refused": True},
    "ilo": {"reset_noop_refused": True},
    "openbmc": {"patch_returns_body": False},
}
#: Share of the current attributes above which a settings resource counts as showing all of them.
_FULL = 0.9


def infer_profile(machine: Machine) -> Profile:
    """Describe the quirks that a capture's provenance states or, failing that, its tree tells of.

    Raises:
        CaptureError: The provenance states a profile that is none.
    """
    noted = machine.capture.provenance.get("profile")
    if noted is not None:
        return _stated(machine, noted)
    kinds: dict[str, list[JsonObject]] = {}
    for uri in machine.uris():
        body = machine.get(uri)
        if body is not None:
            kinds.setdefault(type_name(body), []).append(body)
    pending = [pair for bios in kinds.get("Bios", ()) if (pair := _with_settings(machine, bios)) is not None]
    quirks = {
        "account_slots": any(_has_slots(machine, listing) for listing in kinds.get("ManagerAccountCollection", ())),
        "bios_jobs": any(_links_jobs(settings) for _, settings in pending),
        "bios_pending_full": any(_shows_all(bios, settings) for bios, settings in pending),
        "media_keeps_image": any(_keeps_image(media) for media in kinds.get("VirtualMedia", ())),
        "media_protocol_required": any(_demands_protocol(info) for info in kinds.get("ActionInfo", ())),
    }
    for registry in kinds.get("MessageRegistryFile", ()):
        name = str(registry.get("Registry") or "").lstrip("#").partition(".")[0].casefold()
        quirks.update(_QUIRKS_BY_REGISTRY.get(name, {}))
    return Profile.model_validate(quirks)


def _stated(machine: Machine, noted: object) -> Profile:
    try:
        return Profile.model_validate(noted)
    except ValidationError as error:
        problem = f"the profile in the provenance of {machine.name} cannot be read ({error.error_count()} errors)"
        raise CaptureError(problem, code="capture-corrupt", hint="generate or import the capture again") from error


def _has_slots(machine: Machine, listing: JsonObject) -> bool:
    """Tell whether most members of an accounts collection are empty slots (at least two are)."""
    accounts = [machine.get(machine.canonical(uri)) for uri in members_of(listing)]
    empty = sum(1 for account in accounts if account is not None and account.get("UserName") == "")
    return empty >= max(2, len(accounts) / 2)


def _with_settings(machine: Machine, bios: JsonObject) -> tuple[JsonObject, JsonObject] | None:
    settings = machine.get(machine.canonical(link_at(bios, "@Redfish.Settings/SettingsObject")))
    return None if settings is None else (bios, settings)


def _links_jobs(settings: JsonObject) -> bool:
    """Tell whether a settings resource links to the jobs that commit it (``Oem/<vendor>/Jobs``)."""
    return any("Jobs" in as_object(part) for part in as_object(settings.get("Oem")).values())


def _shows_all(bios: JsonObject, settings: JsonObject) -> bool:
    current, pending = as_object(bios.get("Attributes")), as_object(settings.get("Attributes"))
    return bool(current) and len(pending.keys() & current.keys()) >= _FULL * len(current)


def _keeps_image(media: JsonObject) -> bool:
    return media.get("Inserted") is False and bool(media.get("Image"))


def _demands_protocol(info: JsonObject) -> bool:
    """Tell whether an ActionInfo of InsertMedia lists ``TransferProtocolType`` as required."""
    parameters = {item.get("Name"): item for item in as_objects(info.get("Parameters"))}
    return "Image" in parameters and value_at(parameters.get("TransferProtocolType"), "Required") is True
