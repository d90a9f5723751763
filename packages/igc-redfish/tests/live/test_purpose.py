"""What a goal does not ask for is told, whatever it has the name of."""

from __future__ import annotations

from typing import Any

import pytest

from igc_core.protocols import Action
from igc_core.rest import Request
from igc_redfish.goals.book import GoalBook
from igc_redfish.live.purpose import Purpose
from igc_redfish.machine import Machine
from igc_redfish.process.catalogue import flatten
from igc_redfish.process.engine import Engine
from igc_redfish.process.rows import Rows
from igc_redfish.process.scenario import Scenario


@pytest.mark.parametrize(
    ("change", "missed"),
    [
        ({"NTP": {"ProtocolEnabled": False}}, ""),
        ({"NTP": {"ProtocolEnabled": True}}, "NTP/ProtocolEnabled"),
        ({"HTTPS": {"ProtocolEnabled": False}}, "HTTPS/ProtocolEnabled"),
        ({"NTP": {"ProtocolEnabled": False}, "SSH": {"ProtocolEnabled": False}}, "SSH/ProtocolEnabled"),
    ],
)
def test_a_switch_beside_the_one_that_is_meant_is_not_asked_for(
    machine: Machine, book: GoalBook, change: Any, missed: str
) -> None:
    engine = Engine(machine, list(book))
    goal = book.bind(book.parse("ntp disable"), engine.reader(0))
    scenario = Scenario(engine, goal, book, 0, Rows())
    action = Action(
        Request("PATCH", goal.target, change), goal.target, "ManagerNetworkProtocol", "change", tuple(flatten(change))
    )
    told = Purpose(scenario).missed(0, engine.number_of(action))
    assert told == (f"the goal does not ask for {missed}" if missed else "")
