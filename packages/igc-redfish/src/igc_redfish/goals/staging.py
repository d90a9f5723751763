"""The BIOS settings of simulated hosts: staged by a client, in force from the next boot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from igc_redfish.bodies import as_object, has, link_at, value_at
from igc_redfish.goals.attributes import Registry, complaints, describe, find_registry, shown_value, with_value
from igc_redfish.service.refusal import Refusal
from igc_redfish.service.rules import on_action, on_event, on_patch
from igc_redfish.service.settings import settings_applied

if TYPE_CHECKING:
    from collections.abc import Mapping

    from igc_core.rest import Json, JsonObject
    from igc_redfish.machine import Machine
    from igc_redfish.service.transaction import Transaction

SETTINGS = "@Redfish.Settings/SettingsObject"
DEFAULTS = "ResetBiosToDefaultsPending"


class BiosStaging:
    """The rules of BIOS settings.

    What is pending stands in the settings object, or in the hidden memory ``bios:<uri>`` where there is none. A job
    that commits it (``bios-job:<uri>``) bars further changes until the boot, where the firmware works with jobs.
    """

    def __init__(self) -> None:
        self._registries: WeakKeyDictionary[Machine, dict[str, Registry]] = WeakKeyDictionary()

    @on_patch("Bios")
    def stage(self, transaction: Transaction, uri: str, payload: dict[str, Any]) -> None:
        """Check a change and keep it for the next boot."""
        change = as_object(payload.get("Attributes"))
        bios = _owner(transaction, uri)
        if not bios or not change:
            return
        body = transaction.get(bios) or {}
        settings = transaction.resolve(link_at(body, SETTINGS))
        if settings is not None and transaction.resolve(uri) == bios:
            raise Refusal("OperationNotAllowed", status=405)
        self._refuse_now(transaction, bios)
        plain = {name: shown_value(value) for name, value in change.items()}
        wrong = list(complaints(body, self.registry(transaction, bios), plain))
        if wrong:
            raise Refusal(wrong[0].key, complaints=wrong)
        if settings is None:
            transaction.remember(f"bios:{bios}", {**transaction.recall(f"bios:{bios}", {}), **plain})
            del payload["Attributes"]
        if transaction.profile.bios_jobs:
            transaction.remember(f"bios-job:{bios}", _open_job(transaction) or "committed")

    @on_action("Bios.ResetBios")
    def reset(self, transaction: Transaction, uri: str, _payload: dict[str, Any]) -> None:
        """Have every attribute return to its default at the next boot."""
        self._refuse_now(transaction, uri)
        transaction.remember(f"bios-defaults:{uri}", True)
        if has(transaction.get(uri), DEFAULTS):
            transaction.set(uri, DEFAULTS, True)

    @on_event("boot")
    def apply(self, transaction: Transaction, uri: str, _payload: dict[str, Any]) -> None:
        """Put what is staged in force."""
        bios = transaction.resolve(link_at(transaction.get(uri), "Bios"))
        if bios is None:
            return
        body = transaction.get(bios) or {}
        settings = transaction.resolve(link_at(body, SETTINGS))
        current = as_object(body.get("Attributes"))
        pending = as_object(value_at(transaction.get(settings), "Attributes")) if settings is not None else {}
        staged = {**pending, **as_object(transaction.recall(f"bios:{bios}"))}
        changes = {**_news(current, self._defaults(transaction, bios, current)), **_news(current, staged)}
        if changes:
            transaction.edit(bios)["Attributes"].update(changes)
            _log_applied(transaction, uri, bios)
        _settle(transaction, bios, settings, changed=bool(changes))

    def _defaults(self, transaction: Transaction, bios: str, current: Mapping[str, Json]) -> dict[str, Json]:
        if not transaction.recall(f"bios-defaults:{bios}") and transaction.value(bios, DEFAULTS) is not True:
            return {}
        entries = self.registry(transaction, bios).entries
        told = {name: describe(name, shown, entries.get(name)).default for name, shown in current.items()}
        return {name: value for name, value in told.items() if value is not None}

    def _refuse_now(self, transaction: Transaction, bios: str) -> None:
        """Refuse a change while a job is committed, or the host is off, where the firmware does so."""
        if transaction.recall(f"bios-job:{bios}"):
            raise Refusal("ResourceInUse")
        if transaction.profile.bios_refused_when_off:
            systems = [transaction.get(uri) for uri in transaction.of_type("ComputerSystem")]
            hosts = (body for body in systems if link_at(body, "Bios").casefold() == bios.casefold())
            if any(value_at(host, "PowerState") != "On" for host in hosts):
                raise Refusal("ResourceInStandby", status=409)

    def registry(self, transaction: Transaction, bios: str) -> Registry:
        """Return what describes the attributes of a BIOS; found once for each machine."""
        known = self._registries.setdefault(transaction.machine, {})
        if bios not in known:
            known[bios] = find_registry(transaction, transaction.get(bios) or {})
        return known[bios]


def _news(current: Mapping[str, Json], staged: Mapping[str, Json]) -> dict[str, Json]:
    """Return the attributes that staged values change, as their resource shows them."""
    return {
        name: with_value(current[name], shown_value(value))
        for name, value in staged.items()
        if name in current and shown_value(current[name]) != shown_value(value)
    }


def _owner(transaction: Transaction, uri: str) -> str:
    """Return the BIOS resource that a URI, of itself or of its settings object, stands for."""
    place = transaction.resolve(uri)
    for bios in transaction.of_type("Bios"):
        if place == transaction.resolve(link_at(transaction.get(bios), SETTINGS)):
            return bios
    return uri if transaction.value(uri, "Attributes") is not None else ""


def _settle(transaction: Transaction, bios: str, settings: str | None, *, changed: bool) -> None:
    """Leave nothing pending: settings empty or like the current ones, the job done, the date noted."""
    for key in (f"bios:{bios}", f"bios-defaults:{bios}"):
        transaction.remember(key, None)
    if transaction.value(bios, DEFAULTS) is True:
        transaction.set(bios, DEFAULTS, False)
    if settings is not None and has(transaction.get(settings), "Attributes"):
        full = as_object(transaction.value(bios, "Attributes")) if transaction.profile.bios_pending_full else {}
        shown = transaction.value(settings, "Attributes") == full
        if not shown:
            transaction.set(settings, "Attributes", dict(full))
        if changed or not shown:
            settings_applied(transaction, bios)
    job = transaction.recall(f"bios-job:{bios}")
    if job:
        transaction.remember(f"bios-job:{bios}", None)
        if transaction.get(job) is not None:
            transaction.merge(job, {"JobState": "Completed", "PercentComplete": 100, "EndTime": transaction.now})


def _open_job(transaction: Transaction) -> str:
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


def _log_applied(transaction: Transaction, system: str, bios: str) -> None:
    """Log on the host that its BIOS changed."""
    message = f"The staged BIOS attributes of {bios} are in force."
    entry = {"MessageId": "ResourceEvent.1.4.ResourceChanged", "Message": message, "Severity": "OK"}
    transaction.emit("log", system, entry)
