from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from igc_core.episode import run_episode
from igc_core.errors import AgentError
from igc_core.protocols import View
from igc_core.testing import AgentContract
from igc_redfish.process.environment import build_pool
from igc_redfish.process.oracles import PlannerAgent
from igc_redfish.process.planner import Planner
from igc_redfish.process.script import ScriptAgent
from igc_redfish.process.trial import Trial

if TYPE_CHECKING:
    from collections.abc import Sequence

    from igc_core.protocols import Agent

SOURCES = ["generated:1?manner=numbered&size=120", "generated:2?manner=dotted&size=120"]


@pytest.fixture(scope="module")
def trials() -> list[Trial]:
    pool = build_pool(SOURCES, families=["power", "led", "bios", "account"], per_family=1, planner=Planner())
    return [Trial(scenario) for scenario in pool.scenarios]


class TestPlanner(AgentContract):
    @pytest.fixture
    def agent(self) -> Agent:
        return PlannerAgent()

    @pytest.fixture
    def views(self, trials: list[Trial]) -> Sequence[View]:
        return [trial.view() for trial in trials]


class TestScript(AgentContract):
    @pytest.fixture
    def agent(self) -> Agent:
        return ScriptAgent()

    @pytest.fixture
    def views(self, trials: list[Trial]) -> Sequence[View]:
        return [trial.view() for trial in trials]


def test_the_planner_needs_a_simulation(trials: list[Trial]) -> None:
    seen = trials[0].view()
    with pytest.raises(AgentError, match="needs a simulated machine"):
        PlannerAgent().choose(View(seen.goal, seen.actions, seen.documents))


def test_the_script_reaches_most_goals_and_asks_for_nothing_destructive() -> None:
    pool = build_pool(SOURCES, per_family=1, planner=Planner())
    reached = 0
    for scenario in pool.scenarios:
        trial = Trial(scenario)
        reached += run_episode(ScriptAgent(), trial).success
        assert trial.destroyed == 0, scenario.goal
    assert reached >= 0.7 * len(pool.scenarios)
