"""Nothing leaves that nobody said yes to."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from igc_core.rest import Request
from igc_redfish.live.approval import ApprovedPlan, AskEach, FleetApproval
from igc_redfish.live.errors import LiveError
from igc_redfish.live.intent import approval_key

SYSTEM = "/redfish/v1/Systems/1"
OFF = Request("POST", f"{SYSTEM}/Actions/ComputerSystem.Reset", {"ResetType": "ForceOff"})
LIGHT = Request("PATCH", SYSTEM, {"AssetTag": "R7-U12"})
URL = "https://r7-u12-bmc:8443"  # as in conftest.py


def refused(code: str) -> Any:
    return pytest.raises(LiveError, check=lambda error: error.code == code)


@pytest.mark.parametrize(("typed", "sent"), [("y", 1), ("yes", 1), ("n", 0), ("", 0)])
def test_a_person_decides_on_each_request(typed: str, sent: int, host: Any, guarded: Any) -> None:
    backend = guarded(AskEach(lambda _: typed, "alice"))
    if sent:
        backend.perform(OFF)
    else:
        with refused("live-not-approved"):
            backend.perform(OFF)
    assert len(host.changes) == sent


def test_nobody_there_means_no(host: Any, guarded: Any) -> None:
    with refused("live-not-approved"):
        guarded(AskEach(None, "nobody")).perform(OFF)
    assert not host.changes


def test_an_approved_plan_holds_for_its_requests_once_and_for_a_while(guarded: Any, host: Any) -> None:
    now = [0.0]
    key = approval_key(URL, guarded().identity, OFF)
    backend = guarded(ApprovedPlan(Counter([key]), "alice", clock=lambda: now[0]))
    with refused("live-not-approved"):
        backend.perform(LIGHT)
    backend.perform(OFF)
    with refused("live-not-approved"):
        backend.perform(OFF)
    late = guarded(ApprovedPlan(Counter([key]), "alice", clock=lambda: now[0]))
    now[0] += 1000
    with refused("live-not-approved"):
        late.perform(OFF)
    assert len(host.changes) == 1


def test_an_approval_is_for_the_host_that_it_was_given_for() -> None:
    key = approval_key(URL, "uuid:a", OFF)
    assert key != approval_key(URL, "uuid:b", OFF)
    assert key == approval_key(URL, "uuid:a", replace(OFF, headers={"If-Match": "*"}))
    assert key != approval_key(URL, "uuid:a", replace(OFF, body={"ResetType": "On"}))


@pytest.mark.parametrize("identity", ["", "uuid:of-every-board-of-the-batch"])
def test_an_approval_tells_hosts_apart_that_say_the_same_of_themselves(identity: str) -> None:
    assert approval_key(URL, identity, OFF) != approval_key("https://r7-u13-bmc", identity, OFF)


def test_a_plan_that_goes_on_is_not_cut_off_halfway(guarded: Any, host: Any) -> None:
    """The second request of a plan may wait for the reset that the first one asked for."""
    now = [0.0]
    keys = Counter(approval_key(URL, guarded().identity, request) for request in (OFF, LIGHT))
    backend = guarded(ApprovedPlan(keys, "alice", clock=lambda: now[0]))
    now[0] += 800
    backend.perform(OFF)
    now[0] += 800
    backend.perform(LIGHT)
    assert len(host.changes) == 2


def test_a_host_that_queued_has_its_whole_time_once_its_turn_comes(guarded: Any, host: Any) -> None:
    now = [0.0]
    approval = FleetApproval("alice", holds_s=7200, clock=lambda: now[0])
    now[0] += 7000
    assert not approval.ended()
    backend = guarded(approval.plan(Counter([approval_key(URL, guarded().identity, OFF)])))
    now[0] += 800
    assert approval.ended()
    backend.perform(OFF)
    assert len(host.changes) == 1
