"""Which methods a generated service says it allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from igc_redfish.generate.style import Style
    from igc_redfish.generate.tree import Body

_CREATED = frozenset(
    {"EventDestinationCollection", "ManagerAccountCollection", "SessionCollection", "VolumeCollection"}
)
_REMOVED = frozenset({"EventDestination", "ManagerAccount", "Session", "Volume"})
_CHANGED = frozenset(
    {
        "AccountService",
        "Chassis",
        "ComputerSystem",
        "EthernetInterface",
        "EventDestination",
        "EventService",
        "Manager",
        "ManagerAccount",
        "ManagerNetworkProtocol",
        "SecureBoot",
        "SessionService",
        "UpdateService",
        "Volume",
    }
)
#: Properties that may be changed wherever they are shown.
_LIGHTS = frozenset({"IndicatorLED", "LocationIndicatorActive"})


def allowed(style: Style, body: Body) -> tuple[str, ...] | None:
    """List the methods allowed on a resource, or return None where the style does not record them."""
    if not style.records_methods:
        return None
    kind = body["@odata.type"].rpartition(".")[2]
    slotted = style.profile.account_slots
    methods = ["GET", "HEAD"]
    if (
        kind in _CHANGED
        or not _LIGHTS.isdisjoint(body)
        or (kind == "VirtualMedia" and style.media_control == "patch")
        or _takes_bios(style, kind, body)
    ):
        methods.append("PATCH")
    if kind in _CREATED and not (slotted and kind == "ManagerAccountCollection"):
        methods.append("POST")
    if kind in _REMOVED and not (slotted and kind == "ManagerAccount"):
        methods.append("DELETE")
    return tuple(methods)


def _takes_bios(style: Style, kind: str, body: Body) -> bool:
    """Tell whether BIOS changes are sent to this resource: to the settings where there are such, else to the BIOS."""
    return kind == "Bios" and ("@Redfish.Settings" not in body) and (not style.bios_settings or "Actions" not in body)
