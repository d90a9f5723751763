"""The control of a served machine."""

from __future__ import annotations

import time
from typing import Any

import pytest

SYSTEM = "/redfish/v1/Systems/1"
TOKEN = "of the one who controls"  # as in conftest.py


def test_a_reset_goes_back_to_the_capture(control: Any) -> None:
    control.send("PATCH", SYSTEM, {"AssetTag": "A1"})
    assert control.order("reset").status == 200
    assert control.get(SYSTEM).status == 401
    control.log_in()
    assert control.get(SYSTEM).json["AssetTag"] == ""


def test_snapshots_are_restored(control: Any) -> None:
    control.send("PATCH", SYSTEM, {"AssetTag": "A1"})
    number = control.order("snapshot").json["snapshot"]
    control.send("PATCH", SYSTEM, {"AssetTag": "A2"})
    assert control.order("restore", {"snapshot": number}).status == 200
    assert control.get(SYSTEM).json["AssetTag"] == "A1"
    assert control.order("restore", {"snapshot": "77"}).status == 400


def test_time_is_advanced(control: Any) -> None:
    assert control.order("advance", {"seconds": 30}).json == {"clock_s": 30.0}
    assert control.get(SYSTEM).status == 200
    assert control.order("advance", {"seconds": 61}).json == {"clock_s": 91.0}
    assert control.get(SYSTEM).status == 401
    for values in ({"seconds": -1}, {"seconds": "NaN"}, {"seconds": 1e300}, {"seconds": [1]}, {}):
        assert control.order("advance", values).status == 400


def test_the_clock_is_stopped_and_paced(control: Any) -> None:
    assert control.order("pace", {"factor": 1000}).json == {"clock_s": 0.0}
    time.sleep(0.01)
    passed_s = control.order("pace", {"factor": 0}).json["clock_s"]
    assert passed_s >= 10
    time.sleep(0.01)
    assert control.order("advance", {"seconds": 1}).json == {"clock_s": passed_s + 1}
    for values in ({"factor": -1}, {"factor": "NaN"}, {"factor": 1e9}, {}):
        assert control.order("pace", values).status == 400


def test_faults_wait_for_their_requests(control: Any) -> None:
    assert control.order("faults", {"uri": "/redfish/v1/Systems/*", "status": 503, "count": 2}).json == {"waiting": 1}
    assert control.get("/redfish/v1/Systems").status == 200
    assert [control.get(SYSTEM).status for _ in range(3)] == [503, 503, 200]
    control.order("faults", {"latency_s": 0.05, "method": "GET"})
    began = time.perf_counter()
    assert control.get(SYSTEM).status == 200
    assert time.perf_counter() - began >= 0.05
    control.order("faults", {"status": 500, "count": 0})
    assert control.get(SYSTEM).status == 500
    assert control.order("faults").json == {"waiting": 0}
    assert control.get(SYSTEM).status == 200
    assert control.order("faults", {"status": 9000}).status == 400


def test_connections_are_dropped(control: Any) -> None:
    control.order("faults", {"drop": True})
    with pytest.raises(OSError):  # noqa: PT011 - closed or reset
        control.get(SYSTEM)
    control.connection.close()
    assert control.get(SYSTEM).status == 200


def test_control_asks_for_its_own_token(control: Any) -> None:
    assert control.send("POST", "/control/reset", {}).status == 401
    assert control.send("POST", "/control/reset", {}, Authorization="Bearer wrong").status == 401
    assert control.send("POST", "/control/reset", {}, Authorization="Bearer \xff").status == 401
    assert control.order("nothing").status == 404
    assert control.send("PUT", "/control/reset", {}, Authorization=f"Bearer {TOKEN}").status == 405
    assert control.order("advance", b"{").status == 400


def test_there_is_no_control_unless_wanted(client: Any) -> None:
    assert client.send("POST", "/control/reset", {}).status == 404
