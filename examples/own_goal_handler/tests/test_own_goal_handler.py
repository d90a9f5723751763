from __future__ import annotations

import pytest
from own_goal_handler.asset import AssetFamily

from igc_core import PluginManager, run_episode
from igc_core.rest import Request
from igc_core.testing import GoalHandlerContract, PluginContract
from igc_redfish.episodes import begin
from igc_redfish.generate import machine
from igc_redfish.simulator import Simulator

SYSTEM = "/redfish/v1/Systems/1"


class TestPlugin(PluginContract):
    module = "own_goal_handler.plugin"


class TestAssetFamily(GoalHandlerContract):
    understood = f"asset tag text=R7-U12 {SYSTEM}"

    @pytest.fixture
    def handler(self) -> AssetFamily:
        return AssetFamily()

    @pytest.fixture
    def service(self) -> Simulator:
        return Simulator(machine(3), [AssetFamily()])

    @pytest.fixture
    def reached(self) -> Simulator:
        labelled = Simulator(machine(3), [AssetFamily()])
        assert labelled.perform(Request("PATCH", SYSTEM, {"AssetTag": "R7-U12"})).ok
        return labelled


def test_planner_reaches_the_goal_on_a_generated_machine() -> None:
    plugins = PluginManager.from_environment()
    session = begin(f"asset tag text=R7-U12 {SYSTEM}", "generated:3", plugins=plugins)
    outcome = run_episode(plugins.build("agent", "planner"), session, plugins=plugins)
    assert outcome.success
    assert outcome.steps[-1].request.body == {"AssetTag": "R7-U12"}


def test_tag_that_fits_no_label_is_refused_and_changes_nothing() -> None:
    simulator = Simulator(machine(3), [AssetFamily()])
    before = simulator.get(SYSTEM)
    answer = simulator.perform(Request("PATCH", SYSTEM, {"AssetTag": "x" * 33}))
    assert answer.status == 400
    assert simulator.get(SYSTEM) == before
