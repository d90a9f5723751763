"""What may be lost by a request: the four classes of risk."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any

from igc_redfish.bodies import as_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from igc_core.rest import Request


class Risk(IntEnum):
    """How much a request may cost.

    Attributes:
        R0: It reads.
        R1: It changes what interrupts nothing and can be changed back: a light, a tag, the time.
        R2: It affects the service: resets, boot, virtual media, staged BIOS settings, accounts.
        R3: It destroys something or may lock people out: firmware, logs, volumes, erasure, defaults, the network of the
            management controller, the account that the request itself uses.
    """

    R0 = 0
    R1 = 1
    R2 = 2
    R3 = 3


#: Properties whose change interrupts nothing.
_LIGHT = frozenset({"IndicatorLED", "LocationIndicatorActive", "AssetTag", "NTP", "DateTime", "DateTimeLocalOffset"})
#: What comes and goes without harm.
_FLEETING = frozenset({"Session", "EventDestination"})
_HARMLESS_ACTIONS = frozenset(
    {"EventService.SubmitTestEvent", "TelemetryService.SubmitTestMetricReport", "Circuit.ResetMetrics"}
)
#: Standard actions that affect the service and no more.
_BEARABLE_ACTIONS = frozenset(
    {
        "ComputerSystem.Reset",
        "Chassis.Reset",
        "Manager.Reset",
        "VirtualMedia.InsertMedia",
        "VirtualMedia.EjectMedia",
        "ComputerSystem.SetDefaultBootOrder",
    }
)
#: Resources whose settings affect the service and no more. Those through which the management controller is reached
#: (its network, its accounts' service), those of storage and those of OEMs are not among them.
_BEARABLE_PATCHES = frozenset(
    {
        "Bios",
        "BootOption",
        "Chassis",
        "ComputerSystem",
        "EventDestination",
        "Manager",
        "ManagerAccount",
        "SecureBoot",
        "VirtualMedia",
    }
)
_NAMED = frozenset({"EthernetInterface", "ManagerNetworkProtocol"})
_HOST_NAME = frozenset({"HostName"})


def risk_of(request: Request, operation: str, *, user: str = "", before: Mapping[str, Any] | None = None) -> Risk:
    """Class a request.

    Whatever is not known to be less is :attr:`Risk.R3`: all of OEMs, and every action, deletion and change of settings
    of the standard that is not listed here.

    Args:
        request: The request.
        operation: What it carries out, e.g. ``"patch ComputerSystem"``.
        user: Whom the request is sent as.
        before: The resource that it changes, as read.
    """
    if not request.mutates:
        return Risk.R0
    kind, _, subject = operation.partition(" ")
    if kind == "action":
        return _of_action(subject)
    if kind == "create":
        return _of_creation(subject)
    if kind == "delete":
        return _of_deletion(subject, user, before or {})
    if kind == "patch":
        return _of_patch(subject, as_object(request.body), user, before or {})
    return Risk.R3


def _of_action(name: str) -> Risk:
    if name in _HARMLESS_ACTIONS:
        return Risk.R1
    return Risk.R2 if name in _BEARABLE_ACTIONS else Risk.R3


def _of_creation(kind: str) -> Risk:
    if kind in _FLEETING:
        return Risk.R1
    return Risk.R2 if kind == "ManagerAccount" else Risk.R3


def _of_deletion(kind: str, user: str, before: Mapping[str, Any]) -> Risk:
    if kind in _FLEETING:
        return Risk.R1
    harmless = kind == "ManagerAccount" and before.get("UserName") not in {user, None} and not _rules(before)
    return Risk.R2 if harmless else Risk.R3


def _of_patch(kind: str, body: Mapping[str, Any], user: str, before: Mapping[str, Any]) -> Risk:
    changed = {name for name in body if not name.startswith("@")}
    if changed and changed <= _LIGHT:
        return Risk.R1
    if kind == "ManagerAccount":
        own = before.get("UserName") in {user, None} and bool(user)
        return Risk.R3 if own or _rules(before) else Risk.R2
    bearable = kind in _BEARABLE_PATCHES or (kind in _NAMED and changed <= _LIGHT | _HOST_NAME)
    return Risk.R2 if changed and bearable else Risk.R3


def _rules(account: Mapping[str, Any]) -> bool:
    """Tell whether an account administers the service: it may be the last one that does."""
    return account.get("RoleId") == "Administrator"
