from __future__ import annotations

from typing import Any

import pytest

from igc_core.rest import Request, Response
from igc_redfish.goals.manager import ManagerFamily
from igc_redfish.service.core import Service
from igc_redfish.service.outage import paced
from igc_redfish.service.profile import Delays, Profile
from igc_redfish.service.serving import Serving
from igc_redfish.simulator import Simulator

ROOT = "/redfish/v1"
RESET = Request("POST", f"{ROOT}/Managers/1/Actions/Manager.Reset", {"ResetType": "GracefulRestart"})


def _host(build: Any, *, notice_s: float, factor: float = 1.0) -> Simulator:
    machine = build(profile=Profile(delays=Delays(manager_s=90)))
    host = Simulator(Service(machine, [ManagerFamily()], serving=Serving(notice_s=notice_s)))
    host.world.clock_factor = factor
    return host


def _status(host: Simulator) -> int:
    return host.perform(Request("GET", ROOT)).status


def test_a_restart_without_notice_takes_the_service_down_at_once(build: Any) -> None:
    host = _host(build, notice_s=0)
    assert host.perform(RESET).status == 204
    assert _status(host) == 503


@pytest.mark.parametrize("factor", [1, 20])
def test_clients_have_time_to_log_out(factor: float, build: Any) -> None:
    host = _host(build, notice_s=1.5, factor=factor)
    assert host.perform(RESET).status == 204
    host.wait(1.4 * factor)
    assert _status(host) == 200
    host.wait(0.2 * factor)
    assert _status(host) == 503
    host.wait(90)
    assert _status(host) == 200


@pytest.mark.parametrize(("factor", "told"), [(1.0, "30"), (20.0, "2"), (0.5, "60"), (1000.0, "1"), (0.0, "1")])
def test_clients_are_told_to_come_again_by_their_own_clock(factor: float, told: str) -> None:
    answer = Response(202, None, {"Retry-After": "30"})
    assert paced(answer, factor).headers["Retry-After"] == told
    assert answer.headers["Retry-After"] == "30"


def test_an_answer_without_a_time_stays_as_it_is() -> None:
    answer = Response(200, None, {})
    assert paced(answer, 20) is answer
