"""Where staged BIOS settings are kept until the next boot, and what remains of them afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_redfish.bodies import as_object, has, link_at
from igc_redfish.service.settings import settings_applied

if TYPE_CHECKING:
    from igc_core.rest import JsonObject
    from igc_redfish.service.transaction import Transaction

SETTINGS = "@Redfish.Settings/SettingsObject"
DEFAULTS = "ResetBiosToDefaultsPending"


def owner_of(transaction: Transaction, uri: str) -> str:
    """Return the BIOS resource that a URI, of itself or of its settings object, stands for."""
    place = transaction.resolve(uri)
    for bios in transaction.of_type("Bios"):
        if place == transaction.resolve(link_at(transaction.get(bios), SETTINGS) or "-"):
            return bios
    return uri if transaction.value(uri, "Attributes") is not None else ""


def settle(transaction: Transaction, bios: str, settings: str | None) -> None:
    """Leave nothing pending: settings empty or like the current ones, the job done, the date noted."""
    for key in (f"bios:{bios}", f"bios-defaults:{bios}"):
        transaction.remember(key, None)
    if transaction.value(bios, DEFAULTS) is True:
        transaction.set(bios, DEFAULTS, False)
    if settings is not None and has(transaction.get(settings), "Attributes"):
        full = as_object(transaction.value(bios, "Attributes")) if transaction.profile.bios_pending_full else {}
        if transaction.value(settings, "Attributes") != full:
            transaction.set(settings, "Attributes", dict(full))
            settings_applied(transaction, bios)
    job = transaction.recall(f"bios-job:{bios}")
    if job:
        transaction.remember(f"bios-job:{bios}", None)
        if transaction.get(job) is not None:
            transaction.merge(job, {"JobState": "Completed", "PercentComplete": 100, "EndTime": transaction.now})


def open_job(transaction: Transaction) -> str:
    """Show the change as a job where the service lists jobs."""
    for collection in transaction.of_type("JobCollection")[:1]:
        body: JsonObject = {
            "@odata.type": "#Job.v1_2_3.Job",
            "Name": "BIOS configuration",
            "JobState": "Pending",
            "PercentComplete": 0,
            "StartTime": transaction.now,
        }
        return transaction.create(collection, body)
    return ""


def log_applied(transaction: Transaction, system: str, bios: str) -> None:
    """Log on the host that its BIOS changed."""
    message = f"The staged BIOS attributes of {bios} are in force."
    entry = {"MessageId": "ResourceEvent.1.4.ResourceChanged", "Message": message, "Severity": "OK"}
    transaction.emit("log", system, entry)
