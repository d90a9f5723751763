"""Our own families keep the contract that third parties' do."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import pytest

from igc_core.rest import Request
from igc_core.testing import GoalHandlerContract
from igc_redfish.capture import ROOT
from igc_redfish.goals import build

if TYPE_CHECKING:
    from collections.abc import Callable

    from igc_core.protocols import GoalHandler
    from igc_redfish.simulator import Simulator

ACCOUNTS, MANAGER, SYSTEM = f"{ROOT}/AccountService/Accounts", f"{ROOT}/Managers/1", f"{ROOT}/Systems/1"
PROTOCOLS, CD = f"{MANAGER}/NetworkProtocol", f"{MANAGER}/VirtualMedia/CD"
ALICE = {"UserName": "alice", "Password": "Secret#123", "RoleId": "ReadOnly"}
DRIVE = {"@odata.id": f"{SYSTEM}/Storage/1/Drives/1"}


class ManagementContract(GoalHandlerContract):
    """The contract on the small host.

    Attributes:
        request: What leads to the understood goal.
    """

    request: ClassVar[Request]

    @pytest.fixture
    def handler(self) -> GoalHandler:
        return build(self.understood.split()[0])

    @pytest.fixture
    def service(self, simulate: Callable[..., Simulator]) -> Simulator:
        return simulate()

    @pytest.fixture
    def reached(self, simulate: Callable[..., Simulator]) -> Simulator:
        host = simulate()
        assert host.perform(self.request).ok
        return host


class TestAccount(ManagementContract):
    understood = "account create user=alice password=Secret#123 role=ReadOnly"
    request = Request("POST", ACCOUNTS, ALICE)


class TestAccountDeletion(ManagementContract):
    understood = "account delete user=jane"
    request = Request("DELETE", f"{ACCOUNTS}/2")


class TestPassword(ManagementContract):
    understood = "password set user=jane 'password=a b c d e f'"
    request = Request("PATCH", f"{ACCOUNTS}/2", {"Password": "a b c d e f"})


class TestSession(ManagementContract):
    understood = "session create user=jane password=any"
    request = Request("POST", f"{ROOT}/SessionService/Sessions", {"UserName": "jane", "Password": "any"})


class TestMedia(ManagementContract):
    understood = f"media insert {CD} image=http://192.0.2.1/a.iso"
    request = Request("POST", f"{CD}/Actions/VirtualMedia.InsertMedia", {"Image": "http://192.0.2.1/a.iso"})


class TestLog(ManagementContract):
    understood = "log clear"
    request = Request("POST", f"{MANAGER}/LogServices/EventLog/Actions/LogService.ClearLog")


class TestLed(ManagementContract):
    understood = f"led blink {SYSTEM}"
    request = Request("PATCH", SYSTEM, {"IndicatorLED": "Blinking"})


class TestNtp(ManagementContract):
    understood = "ntp enable servers=192.0.2.1"
    request = Request("PATCH", PROTOCOLS, {"NTP": {"ProtocolEnabled": True, "NTPServers": ["192.0.2.1"]}})


class TestProtocol(ManagementContract):
    understood = "protocol disable name=SSH"
    request = Request("PATCH", PROTOCOLS, {"SSH": {"ProtocolEnabled": False}})


class TestHostName(ManagementContract):
    understood = f"hostname set {SYSTEM} name=node-7"
    request = Request("PATCH", SYSTEM, {"HostName": "node-7"})


class TestSubscription(ManagementContract):
    understood = "subscription create destination=https://192.0.2.1/events"
    request = Request(
        "POST", f"{ROOT}/EventService/Subscriptions", {"Destination": "https://192.0.2.1/events", "Protocol": "Redfish"}
    )


class TestVolume(ManagementContract):
    understood = "volume create raid=RAID0"
    request = Request("POST", f"{SYSTEM}/Storage/1/Volumes", {"RAIDType": "RAID0", "Links": {"Drives": [DRIVE]}})
