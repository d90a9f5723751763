"""Settings objects: what a client wants next, beside what is in force (DSP0266, "Settings resource")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from igc_redfish.bodies import as_object, as_texts, link_at, type_name, value_at
from igc_redfish.service.messages import extended
from igc_redfish.service.refusal import Complaint, Refusal
from igc_redfish.service.values import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from igc_core.rest import JsonObject
    from igc_redfish.service.sight import Sight, Subject
    from igc_redfish.service.transaction import Transaction

APPLY_TIMES = ("Immediate", "OnReset", "AtMaintenanceWindowStart", "InMaintenanceWindowOnReset")


def settings_of(sight: Sight, uri: str, body: JsonObject) -> str | None:
    """Find the settings object of a resource, or None where it has none of its own."""
    target = link_at(body, "@Redfish.Settings/SettingsObject")
    found = sight.resolve(target) if target else None
    return None if found == uri else found


def active_of(sight: Sight, subject: Subject) -> JsonObject | None:
    """Find the resource whose settings object this is: the one above it, of the same type."""
    above = sight.get(subject.uri.rpartition("/")[0])
    if above is None or not subject.kind or subject.kind.endswith("Collection"):
        return None
    return above if type_name(above) == subject.kind else None


def demand_apply_time(sight: Sight, subject: Subject, payload: Mapping[str, Any]) -> None:
    """Check ``@Redfish.SettingsApplyTime`` of a PATCH.

    Raises:
        Refusal: The service does not apply settings at that time.
    """
    if "@Redfish.SettingsApplyTime" not in payload:
        return
    wanted = value_at(payload, "@Redfish.SettingsApplyTime/ApplyTime")
    active = active_of(sight, subject)
    supported = as_texts(value_at(active, "@Redfish.Settings/SupportedApplyTimes")) or list(APPLY_TIMES)
    if wanted not in supported:
        name = "@Redfish.SettingsApplyTime/ApplyTime"
        raise Refusal("PropertyValueNotInList", shown(name, wanted), name, related=[f"#/{name}"])


def settings_applied(transaction: Transaction, uri: str, complaint: Complaint | None = None) -> None:
    """Note on a resource that its settings were applied now, or why they were not.

    Args:
        transaction: Where to write.
        uri: The resource in force, not its settings object.
        complaint: Why they were not applied; None for success.
    """
    body = transaction.get(uri)
    if body is None or "@Redfish.Settings" not in body:
        return
    noted = dict(as_object(body["@Redfish.Settings"]))
    noted["Time"] = transaction.now
    noted["Messages"] = [extended(complaint or Complaint("Success"))]
    transaction.set(uri, "@Redfish.Settings", noted)
