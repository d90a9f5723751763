"""Whatever a client sends, a rule answers: it never breaks, and what it refuses leaves no trace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from igc_core.rest import Request
from igc_redfish.capture import ROOT

if TYPE_CHECKING:
    from igc_redfish.simulator import Simulator

MANAGER, SYSTEM = f"{ROOT}/Managers/1", f"{ROOT}/Systems/1"
CD = f"{MANAGER}/VirtualMedia/CD"
#: Where to send what: method, URI, property names.
OPERATIONS = [
    ("POST", f"{ROOT}/AccountService/Accounts", ("UserName", "Password", "RoleId", "Enabled", "AccountTypes", "Links")),
    ("PATCH", f"{ROOT}/AccountService/Accounts/2", ("UserName", "Password", "RoleId", "Enabled", "Locked")),
    ("POST", f"{ROOT}/SessionService/Sessions", ("UserName", "Password", "Token")),
    ("POST", f"{CD}/Actions/VirtualMedia.InsertMedia", ("Image", "Inserted", "WriteProtected", "TransferProtocolType")),
    ("PATCH", f"{MANAGER}/VirtualMedia/USB", ("Image", "Inserted", "WriteProtected")),
    ("POST", f"{MANAGER}/LogServices/EventLog/Actions/LogService.ClearLog", ("LogEntriesETag",)),
    ("PATCH", SYSTEM, ("IndicatorLED", "LocationIndicatorActive", "HostName")),
    ("PATCH", f"{MANAGER}/NetworkProtocol", ("NTP", "SSH", "HTTPS", "HTTP")),
    ("PATCH", f"{MANAGER}/EthernetInterfaces/eth0", ("HostName",)),
    ("POST", f"{ROOT}/EventService/Subscriptions", ("Destination", "Protocol", "EventTypes", "HttpHeaders", "Context")),
    ("POST", f"{SYSTEM}/Storage/1/Volumes", ("RAIDType", "Links", "CapacityBytes", "Name")),
]
TEXTS = ["", "jane", "root", "alice", "Secret#123", "Administrator", "http://[", "nfs://a/b.iso", "Redfish", "RAID1"]
PARTS = ["ProtocolEnabled", "NTPServers", "Drives", "@odata.id", "Authorization"]
LEAVES = st.none() | st.booleans() | st.integers() | st.sampled_from(TEXTS) | st.text(max_size=8)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(PARTS), inner, max_size=3)
)


@pytest.mark.parametrize(
    ("method", "uri", "names"), OPERATIONS, ids=[uri.rpartition("/")[2] for _, uri, _ in OPERATIONS]
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_payload_is_answered(
    host: Simulator, method: str, uri: str, names: tuple[str, ...], data: st.DataObject
) -> None:
    host.reset()
    key = host.world.key()
    payload: dict[str, Any] = data.draw(st.dictionaries(st.sampled_from(names), VALUES))
    status = host.perform(Request(method, uri, payload)).status
    assert status < 500
    assert status < 400 or host.world.key() == key
