from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from igc_agents.agents import ExpertAgent, PolicyAgent, RandomAgent
from igc_agents.corridor import Corridor
from igc_agents.evaluation import Result, evaluate, evaluate_batched
from igc_agents.report import Report, summarise

if TYPE_CHECKING:
    from igc_agents.training import Training


def test_expert_reaches_every_goal_by_the_shortest_way() -> None:
    environment = Corridor(num_envs=8)
    report = evaluate_batched(ExpertAgent(environment), environment, 100)
    assert report.overall.episodes == 100
    assert report.overall.success.mean == 1
    assert report.overall.efficiency is not None
    assert report.overall.efficiency.low == 1
    assert set(report.families) == {"left", "here", "right"}
    assert set(report.machines) == {"corridor"}
    assert sum(group.episodes for group in report.families_by_machine["corridor"].values()) == 100


def test_every_started_episode_counts() -> None:
    # Long episodes fail and short ones succeed, so counting the first to end would flatter the agent.
    environment = Corridor(num_envs=32, horizon=12)
    few = evaluate_batched(RandomAgent(), environment, 32, seed=1)
    many = evaluate_batched(RandomAgent(), environment, 32 * 40, seed=1)
    spread = np.sqrt(0.34 * 0.66 / 32)
    assert abs(few.overall.success.mean - many.overall.success.mean) < 3 * spread


def test_number_of_episodes_need_not_fill_the_batch() -> None:
    environment = Corridor(num_envs=7)
    assert evaluate_batched(RandomAgent(), environment, 10).overall.episodes == 10
    assert evaluate_batched(RandomAgent(), environment, 3).overall.episodes == 3


def test_trained_agent_is_as_good_one_by_one_as_in_batches(trained: Training) -> None:
    environment = Corridor(num_envs=16)
    agent = PolicyAgent.load(trained.agent, layout=environment.layout)
    batched = evaluate_batched(agent, environment, 200)
    single = evaluate(agent, environment.trials(40, seed=7))
    assert batched.overall.success.mean > 0.9
    assert single.overall.success.mean > 0.9
    assert single.overall.efficiency is not None
    assert single.overall.efficiency.mean > 0.85
    assert single.overall.refused is not None
    assert single.machines["corridor"].episodes == 40


def test_same_seed_gives_the_same_report() -> None:
    environment = Corridor(num_envs=8)
    first, second, other = (evaluate_batched(RandomAgent(), environment, 40, seed=seed) for seed in (3, 3, 4))
    assert first == second != other


def test_report_survives_a_file() -> None:
    environment = Corridor(num_envs=8)
    report = evaluate_batched(RandomAgent(), environment, 20)
    assert Report.model_validate_json(report.model_dump_json()) == report


def test_rows_name_all_families_and_machines() -> None:
    results = [
        Result("power", "hpe", True, 3, 3, 0),
        Result("bios", "hpe", False, 30, 0),
        Result("bios", "", True, 5, 4),
    ]
    rows = list(summarise(results).rows())
    assert [row["episodes of"] for row in rows] == ["all", "family bios", "family power", "machine hpe"]
    assert rows[2]["SPL"] == "1.00 [1.00, 1.00]"
    assert rows[2]["refused"] == "0.00 [0.00, 0.00]"
    assert rows[1]["refused"] == ""


def test_episodes_of_unknown_shortest_do_not_count_for_efficiency() -> None:
    known, unknown = Result("a", "m", True, 4, 2), Result("a", "m", True, 4, 0)
    mixed = summarise([known, unknown]).overall
    assert mixed.efficiency is not None
    assert mixed.efficiency.mean == 0.5
    assert summarise([unknown]).overall.efficiency is None


def test_nothing_cannot_be_summarised() -> None:
    with pytest.raises(ValueError, match="no episodes"):
        summarise([])
