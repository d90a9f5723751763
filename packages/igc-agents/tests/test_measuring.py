from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.typing import NDArray

from igc_agents import plugin
from igc_agents.agents import ExpertAgent, RandomAgent
from igc_agents.corridor import Corridor
from igc_agents.corridor_session import CorridorSession
from igc_agents.evaluation import each_once, trials_of
from igc_agents.measuring import Measurement, Plan, _Ground, _Trying
from igc_agents.subjects import Subject
from igc_core.errors import AgentError
from igc_core.plugins import PluginManager

if TYPE_CHECKING:
    from igc_agents.training import Training


@dataclass(frozen=True)
class NumberedTrial:
    """One pair of a room to start in and a door."""

    corridor: NumberedCorridor
    scenario: int
    machine: str = "corridor"
    ceiling: float = 0.8

    @property
    def way(self) -> int:
        return self.scenario % self.corridor.rooms - self.scenario // self.corridor.rooms

    @property
    def family(self) -> str:
        return ("left", "here", "right")[int(np.sign(self.way)) + 1]

    @property
    def goal(self) -> str:
        return f"from {self.scenario // self.corridor.rooms} to {self.scenario % self.corridor.rooms}"

    @property
    def shortest(self) -> int:
        return abs(self.way) + 1

    def start(self) -> CorridorSession:
        return self.corridor._session(self.scenario)


class NumberedCorridor(Corridor):
    """A corridor whose scenarios can be asked for: every pair of a room to start in and a door."""

    def start(self, scenarios: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
        self.reset()
        self._start[:] = self.room[:] = scenarios // self.rooms
        self.goal[:] = scenarios % self.rooms
        self._deal()
        return self._observe()

    def every_trial(self) -> Iterator[Any]:
        for number in range(self.rooms**2):
            yield NumberedTrial(self, number)

    def _session(self, number: int) -> CorridorSession:
        session = CorridorSession(0, rooms=self.rooms, horizon=self.horizon)
        corridor = session._corridor
        corridor._start[:] = corridor.room[:] = number // self.rooms
        corridor.goal[:] = number % self.rooms
        corridor._deal()
        session._observation = corridor._observe()
        return session

    def _report(self, terminated: NDArray[np.bool_], truncated: NDArray[np.bool_]) -> dict[str, Any]:
        number = self._start * self.rooms + self.goal
        ceiling = np.where(number % 2 == 0, 0.9, np.nan)
        return {**super()._report(terminated, truncated), "scenario": number, "ceiling": ceiling}


def silent(what: str, done: int, total: int) -> None: ...


def measurement(*subjects: Subject, **plan: Any) -> Measurement:
    build = plan.pop("build", lambda seed: NumberedCorridor(num_envs=10, seed=seed))
    return Measurement(subjects, Plan(build, **plan), PluginManager([plugin]))


EXPERT, RANDOM = Subject("expert", ("expert",)), Subject("random", ("random",))


def test_given_scenarios_are_tried_once_each_and_in_order() -> None:
    environment = NumberedCorridor(num_envs=10)
    wanted = list(range(36))[::-1]
    batches = list(each_once(ExpertAgent(environment), environment, wanted))
    assert [len(batch) for batch in batches] == [10, 10, 10, 6]
    results = [found for batch in batches for found in batch]
    assert [found.scenario for found in results] == [f"from {number // 6} to {number % 6}" for number in wanted]
    assert all(found.success and found.requests == found.shortest for found in results)
    assert [found.ceiling for found in results] == [0.9 if number % 2 == 0 else None for number in wanted]


def test_an_episode_that_ends_early_does_not_make_room_for_another_that_counts() -> None:
    environment = NumberedCorridor(num_envs=36)
    tried = [next(each_once(RandomAgent(), environment, range(36), seed=seed)) for seed in range(20)]
    assert all(len(found) == 36 for found in tried)
    drawn = np.mean([one.success for found in tried for one in found])
    alone = [_alone(environment, number, seed) for number in range(36) for seed in range(5)]
    assert abs(drawn - np.mean(alone)) < 0.12


def _alone(environment: NumberedCorridor, number: int, seed: int) -> bool:
    session, agent = environment._session(number), RandomAgent()
    agent.start(100 * number + seed)
    return any(session.perform(agent.choose(session.view())).terminated for _ in range(environment.horizon))


def test_all_agents_meet_the_same_scenarios_on_every_seed() -> None:
    found = measurement(EXPERT, RANDOM, seeds=(0, 1), episodes=0)
    found.run(silent)
    expert, random = (found.results[subject] for subject in (EXPERT, RANDOM))
    assert len(expert) == len(random) == 72
    assert [one.scenario for one in expert] == [one.scenario for one in random]
    assert {one.seed for one in expert} == {0, 1}


def test_efficiency_is_shown_against_what_can_be_expected() -> None:
    attained = []
    for ceilings in (False, True):
        found = measurement(EXPERT, episodes=0, ceilings=ceilings)
        found.run(silent)
        assert {one.ceiling for one in found.results[EXPERT]} == ({0.8} if ceilings else {0.9, None})
        attained.append(found.comparison().agents[0].report.overall.attained)
    assert [one.mean for one in attained if one] == pytest.approx([1 / 0.9, 1 / 0.8])


def test_several_trainings_of_one_agent_are_spread(trained: Training) -> None:
    folder = str(trained.agent)
    found = measurement(Subject("ours", (folder, folder)), episodes=0)
    found.run(silent)
    (agent,) = found.comparison().agents
    assert agent.report.overall.episodes == 72
    assert len(agent.spread["success"].values) == 2
    assert agent.spread["success"].deviation == 0
    assert "sd 0.000" in found.comparison().rows()[0]["success of runs"]


def test_interruption_keeps_whole_batches_alone() -> None:
    found = measurement(EXPERT, RANDOM, episodes=0)

    def impatient(what: str, done: int, total: int) -> None:
        if done >= 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        found.run(impatient)
    assert len(found.results[EXPERT]) in {10, 20}
    comparison = found.comparison(partial=True)
    assert [agent.name for agent in comparison.agents] == ["expert"]
    assert comparison.partial


def test_worst_and_typical_episodes_are_written_down_with_the_reasons(trained: Training) -> None:
    found = measurement(Subject("ours", (str(trained.agent),)), episodes=0, traced=True)
    found.run(silent)
    assert {(one.family, one.kind) for one in found.traces} == {
        (family, kind) for family in ("left", "here", "right") for kind in ("worst", "typical")
    }
    assert found.comparison().curves[0].run == trained.agent.parent.name
    step = found.traces[0].steps[0]
    assert 1 < len(step.choices) <= 5
    assert sum(choice.chosen for choice in step.choices) == 1
    assert [choice.probability for choice in step.choices] == sorted(
        (choice.probability for choice in step.choices), reverse=True
    )


def test_episodes_are_drawn_where_scenarios_have_no_numbers() -> None:
    found = measurement(RANDOM, build=lambda seed: Corridor(num_envs=4, seed=seed), episodes=30, traced=True)
    found.run(silent)
    assert len(found.results[RANDOM]) == 30
    assert [one.kind for one in found.traces] == ["typical"] * 3
    assert found.traces[0].steps[0].choices == ()


def test_every_trial_is_told_the_seed_where_it_takes_one() -> None:
    class Troubled(NumberedCorridor):
        def every_trial(self, seed: int = 0) -> Iterator[Any]:
            told.append(seed)
            return super().every_trial()

    told: list[int] = []
    found = measurement(
        RANDOM, build=lambda seed: Troubled(num_envs=10, seed=seed), episodes=0, seeds=(3,), traced=True
    )
    found.run(silent)
    assert found.traces
    assert set(told) == {0, 3}  # numbering scenarios leaves nothing to chance
    assert len(list(trials_of(NumberedCorridor(num_envs=2), 3))) == 36


def test_agent_that_goes_one_by_one_needs_episodes_one_by_one() -> None:
    found = measurement(EXPERT, build=lambda seed: Corridor(num_envs=4, seed=seed), episodes=0)
    with pytest.raises(AgentError, match="one episode at a time"):
        found.run(silent)


def test_drawn_scenarios_need_not_tell_which_they_are() -> None:
    found = measurement(RANDOM, episodes=30)
    found.run(silent)
    assert len(found.results[RANDOM]) == 30


def test_a_scenario_that_is_drawn_twice_is_left_to_chance_twice() -> None:
    class Drawn(NumberedCorridor):
        def trials(self, episodes: int, seed: int = 0) -> Iterator[Any]:
            for number in range(episodes):
                drawn.append(NumberedTrial(self, number % 2))
                yield drawn[-1]

    drawn: list[NumberedTrial] = []
    environment = Drawn(num_envs=2)
    ground = _Ground(environment, 0, [0, 1, 0, 1], {})
    one_at_a_time = _Trying(Leftward(), "leftward", ground, 4, PluginManager([plugin]))
    results = [found for part in one_at_a_time.results(lambda done, total: None) for found in part]
    assert [found.scenario for found in results] == [one.goal for one in drawn]


class Leftward:
    """Chooses for one episode at a time."""

    def start(self, seed: int) -> None: ...

    def choose(self, view: Any) -> int:
        return 0
