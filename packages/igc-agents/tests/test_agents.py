from __future__ import annotations

import re
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from igc_agents.agents import BatchAgent, ExpertAgent, PolicyAgent, RandomAgent
from igc_agents.corridor import Corridor
from igc_agents.corridor_session import CorridorSession
from igc_agents.policy import build_policy
from igc_agents.shape import CodecIdentity, shape_of
from igc_agents.size import NetworkSize
from igc_core.errors import AgentError
from igc_core.testing import AgentContract

if TYPE_CHECKING:
    from collections.abc import Sequence

    from igc_agents.training import Training
    from igc_core.protocols import Agent, View


def seen() -> list[View]:
    return [CorridorSession(seed).view() for seed in range(5)]


class WithLayout(dict[str, Any]):
    """An observation that brings its tables along."""

    layout = Corridor().layout


class TestRandomAgent(AgentContract):
    @pytest.fixture
    def agent(self) -> Agent:
        return RandomAgent()

    @pytest.fixture
    def views(self) -> Sequence[View]:
        return seen()


class TestPolicyAgent(AgentContract):
    @pytest.fixture(params=[True, False], ids=["likeliest", "drawn"])
    def agent(self, request: pytest.FixtureRequest, trained: Training) -> Agent:
        return PolicyAgent.load(trained.agent, layout=Corridor().layout, deterministic=request.param)

    @pytest.fixture
    def views(self) -> Sequence[View]:
        return seen()


def test_tables_may_come_with_the_observation(trained: Training) -> None:
    agent = PolicyAgent.load(trained.agent)
    view = seen()[0]
    with pytest.raises(AgentError, match="no tables"):
        agent.choose(view)
    agent.choose(replace(view, observation=WithLayout(view.observation)))
    agent.choose(view)  # they are kept


def test_view_without_arrays_is_refused(trained: Training) -> None:
    agent = PolicyAgent.load(trained.agent, layout=Corridor().layout)
    with pytest.raises(AgentError, match="the view has none"):
        agent.choose(replace(seen()[0], observation=None))
    with pytest.raises(AgentError, match=r"'document', which the view's observation lacks.*igc evaluate --codec flat"):
        agent.choose(replace(seen()[0], observation={"candidates": np.ones(6, np.int32)}))


@pytest.mark.parametrize("name", ["policy", "random"])
def test_observation_may_mask_actions_that_are_shown(name: str) -> None:
    environment = Corridor(codec="flat")
    policy = build_policy(shape_of(environment), NetworkSize(width=4))
    agent = PolicyAgent(policy) if name == "policy" else RandomAgent()
    view = replace(seen()[0], actions=[seen()[0].actions[0]] * 6)
    only_third = {"observation": np.zeros(12, np.float32), "action_mask": np.arange(6) == 2}
    assert agent.choose(replace(view, observation=only_third)) == 2


def test_policy_without_a_folder_asks_for_one() -> None:
    with pytest.raises(AgentError, match="give the folder of a trained agent") as caught:
        PolicyAgent.load()
    assert caught.value.code == "agent-missing"


def test_folder_of_a_run_leads_to_its_agent(trained: Training) -> None:
    with pytest.raises(AgentError, match=f"that of this run is {re.escape(str(trained.agent))}") as caught:
        PolicyAgent.load(trained.agent.parent)
    assert caught.value.code == "agent-missing"


def test_agent_for_another_codec_is_refused(trained: Training) -> None:
    with pytest.raises(AgentError, match="reads observations of the codec"):
        PolicyAgent.load(trained.agent, codec=CodecIdentity.of(Corridor(codec="flat")))


def test_drawn_choices_follow_the_probabilities(trained: Training) -> None:
    environment = Corridor(num_envs=1)
    agent = PolicyAgent.load(trained.agent, layout=environment.layout, deterministic=False)
    agent.start(0)
    observation = {key: np.repeat(array, 3000, axis=0) for key, array in environment.reset(0).items()}
    masks = np.repeat(environment.action_masks(), 3000, axis=0)
    drawn = np.bincount(agent.choose_batch(observation, masks), minlength=6) / 3000
    np.testing.assert_allclose(drawn, np.exp(agent.log_probabilities(observation, masks)[0]), atol=0.03)


def test_expert_agent_draws_where_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    environment = Corridor(num_envs=50)
    agent = ExpertAgent(environment)
    agent.start(0)
    assert isinstance(agent, BatchAgent)
    observations, masks = environment.reset(0), environment.action_masks()
    assert environment.optimal_actions()[np.arange(50), agent.choose_batch(observations, masks)].all()
    monkeypatch.setattr(environment, "optimal_actions", lambda: np.zeros((50, 6), np.bool_))
    assert masks[np.arange(50), agent.choose_batch(observations, masks)].all()


def test_a_decision_takes_a_few_milliseconds_at_most(trained: Training) -> None:
    agent = PolicyAgent.load(trained.agent, layout=Corridor().layout)
    view = seen()[0]
    agent.choose(view)
    began = time.process_time()
    for _ in range(20):
        agent.choose(view)
    assert (time.process_time() - began) / 20 < 0.01


def test_scores_are_the_probabilities_of_the_actions_shown(trained: Training) -> None:
    environment = Corridor(num_envs=1)
    agent = PolicyAgent.load(trained.agent, layout=environment.layout)
    for trial in environment.trials(5, seed=3):
        view = trial.start().view()
        scores = agent.scores(view)
        assert scores.shape == (len(view.actions),)
        assert scores.sum() == pytest.approx(1, abs=1e-5)
        assert int(scores.argmax()) == agent.choose(view)
