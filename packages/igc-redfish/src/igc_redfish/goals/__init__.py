"""Goal families that come with the package, one small class each."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from igc_redfish.family import GoalFamily

#: Module and class of each family, in the order in which handlers are asked.
FAMILIES: dict[str, str] = {
    "power": "igc_redfish.goals.power:PowerFamily",
    "boot": "igc_redfish.goals.boot:BootFamily",
    "bios": "igc_redfish.goals.bios:BiosFamily",
    "secureboot": "igc_redfish.goals.secureboot:SecureBootFamily",
    "firmware": "igc_redfish.goals.firmware:FirmwareFamily",
    "manager": "igc_redfish.goals.manager:ManagerFamily",
    "account": "igc_redfish.goals.account:AccountFamily",
    "password": "igc_redfish.goals.password:PasswordFamily",
    "session": "igc_redfish.goals.session:SessionFamily",
    "media": "igc_redfish.goals.media:MediaFamily",
    "log": "igc_redfish.goals.log:LogFamily",
    "led": "igc_redfish.goals.led:LedFamily",
    "ntp": "igc_redfish.goals.ntp:NtpFamily",
    "protocol": "igc_redfish.goals.protocol:ProtocolFamily",
    "hostname": "igc_redfish.goals.hostname:HostNameFamily",
    "subscription": "igc_redfish.goals.subscription:SubscriptionFamily",
    "volume": "igc_redfish.goals.volume:VolumeFamily",
}


def builtin_handlers() -> tuple[GoalFamily, ...]:
    """Build one handler of every family, in a fixed order; imports them on the first call."""
    return tuple(build(name) for name in FAMILIES)


@cache
def build(family: str) -> GoalFamily:
    """Return the handler of one family. Handlers hold no state, so everybody shares them.

    Raises:
        KeyError: There is no such family.
    """
    module, _, name = FAMILIES[family].partition(":")
    handler: GoalFamily = getattr(import_module(module), name)()
    return handler
