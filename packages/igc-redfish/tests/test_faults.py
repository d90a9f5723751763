from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from igc_core.rest import Request
from igc_redfish.capture import ROOT, Capture, Resource
from igc_redfish.faults import Faults
from igc_redfish.machine import Machine
from igc_redfish.service.rules import marked_rules, on_patch
from igc_redfish.simulator import Simulator

SYSTEM = f"{ROOT}/Systems/1"


class Rename:
    """Lets systems be renamed."""

    def rules(self) -> Any:
        return marked_rules(self)

    @on_patch("ComputerSystem")
    def accept(self, transaction: Any, uri: str, payload: dict[str, Any]) -> None:
        transaction.set(uri, "Name", payload.pop("HostName"))


@pytest.fixture
def machine(bodies: dict[str, dict[str, Any]]) -> Machine:
    bodies[SYSTEM]["HostName"] = "a"
    return Machine(Capture.from_resources("faulty", [Resource(uri, body) for uri, body in bodies.items()]))


def host(machine: Machine, **rates: float) -> Simulator:
    return Simulator(machine, [Rename()], faults=Faults(seed=3, **rates))


def rename(simulator: Simulator, name: str) -> int:
    return simulator.perform(Request("PATCH", SYSTEM, {"HostName": name})).status


def name_shown(simulator: Simulator) -> Any:
    body: Any = simulator.perform(Request("GET", SYSTEM)).body
    return body["Name"]


def name_of(simulator: Simulator) -> Any:
    body: Any = simulator.get(SYSTEM)
    return body["Name"]


def test_without_rates_nothing_goes_wrong(machine: Machine) -> None:
    simulator = host(machine)
    assert rename(simulator, "b") == 200
    assert name_shown(simulator) == "b"


def test_an_error_does_nothing(machine: Machine) -> None:
    simulator = host(machine, error_rate=1)
    answer = simulator.perform(Request("PATCH", SYSTEM, {"HostName": "b"}))
    assert answer.status == 500
    assert "InternalError" in str(answer.body)
    assert not simulator.world.changes


def test_an_unavailable_service_says_when_to_come_back(machine: Machine) -> None:
    answer = host(machine, unavailable_rate=1, retry_after_s=7).perform(Request("GET", ROOT))
    assert (answer.status, answer.headers["Retry-After"]) == (503, "7")


def test_a_stale_read_shows_what_was_first_read(machine: Machine) -> None:
    simulator = host(machine, stale_rate=1)
    before = name_shown(simulator)
    rename(simulator, "b")
    assert name_shown(simulator) == before
    assert name_of(simulator) == "b"


def test_a_dropped_change_is_answered_as_a_success(machine: Machine) -> None:
    simulator = host(machine, drop_rate=1)
    assert rename(simulator, "b") == 200
    assert not simulator.world.changes


def test_a_delay_takes_virtual_time(machine: Machine) -> None:
    simulator = host(machine, delay_rate=1, delay_s=2.5)
    simulator.perform(Request("GET", ROOT))
    assert simulator.world.clock_s == 2.5


def test_faults_come_as_often_as_asked_and_the_same_after_a_reset(machine: Machine) -> None:
    simulator = host(machine, error_rate=0.2, unavailable_rate=0.1)

    def statuses() -> list[int]:
        return [simulator.perform(Request("GET", ROOT)).status for _ in range(2000)]

    first = statuses()
    assert 0.15 < first.count(500) / 2000 < 0.25
    assert 0.07 < first.count(503) / 2000 < 0.13
    simulator.reset()
    assert statuses() == first


def test_one_rate_does_not_shift_the_faults_of_another(machine: Machine) -> None:
    few, more = host(machine, error_rate=0.2), host(machine, error_rate=0.2, delay_rate=0.5)
    failing = [[sim.perform(Request("GET", ROOT)).status for _ in range(100)] for sim in (few, more)]
    assert failing[0] == failing[1]


def test_rates_are_shares() -> None:
    with pytest.raises(ValidationError):
        Faults(error_rate=1.5)
    with pytest.raises(ValidationError, match="together"):
        Faults(error_rate=0.6, unavailable_rate=0.6)
