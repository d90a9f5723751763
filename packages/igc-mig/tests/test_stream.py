from __future__ import annotations

import numpy as np
import pytest

from igc_core.errors import DataError
from igc_mig.arrivals import demand_arrivals, poisson_arrivals
from igc_mig.batch import Batch
from igc_mig.bounds import lower_bound_s
from igc_mig.environment import MigEnvironment
from igc_mig.errors import MigError
from igc_mig.flow import dispatcher, evaluate_flow
from igc_mig.geometry import Gpu
from igc_mig.plan_file import PlanFile
from igc_mig.replay import COST_MODELS, CostModel, replay
from igc_mig.stream import Stream, decisions, draw_stream, flow_of


@pytest.fixture
def stream(a100: Gpu) -> Stream:
    return draw_stream(a100, "wide_times", 25, 0.8, np.random.default_rng(0))


@pytest.mark.parametrize("name", ["fifo-fixed-best", "far", "portfolio"])
def test_every_task_runs_once_and_not_before_it_arrives(name: str, stream: Stream, a100: Gpu) -> None:
    timeline = dispatcher(name).dispatch(a100, stream, "serial")
    bars = list(timeline.tasks)
    assert sorted(bar.task for bar in bars) == list(range(25))
    assert all(bar.start_s >= stream.arrivals_s[bar.task] for bar in bars)
    for one in bars:
        for other in bars:
            if one is not other and a100.placements[one.placement].overlaps(a100.placements[other.placement]):
                assert one.end_s <= other.start_s + 1e-9 or other.end_s <= one.start_s + 1e-9


def test_the_future_is_not_known(stream: Stream, a100: Gpu) -> None:
    cut = 12
    changed = stream.durations.copy()
    changed[cut:] *= 3
    runs = [
        dispatcher("portfolio").dispatch(a100, Stream(one, stream.arrivals_s), "serial")
        for one in (stream.durations, changed)
    ]
    early = [[bar for bar in run.bars if bar.start_s < stream.arrivals_s[cut]] for run in runs]
    assert early[0] == early[1]
    assert len(early[0]) > 5


@pytest.mark.parametrize("cost", COST_MODELS)
def test_decisions_replay_to_the_same_timeline(stream: Stream, a100: Gpu, cost: CostModel) -> None:
    for name in ("far", "random"):
        timeline = dispatcher(name).dispatch(a100, stream, cost)
        plan, begun = decisions(timeline)
        again = replay(a100, stream.durations, plan, cost)
        assert again.makespan_s <= timeline.makespan_s
        ready = np.zeros(25)
        ready[[step.task for step in plan]] = begun
        assert replay(a100, stream.durations, plan, cost, ready_s=ready.tolist()).bars == timeline.bars


def test_a_bound_on_tasks_that_arrive_counts_from_their_arrivals(a100: Gpu) -> None:
    durations, sparse = np.full((3, 5), 7.0), np.array([0.0, 100.0, 200.0])
    assert lower_bound_s(a100, durations, sparse) == 207
    assert lower_bound_s(a100, np.full((14, 5), 7.0), np.full(14, 100.0)) == pytest.approx(114)
    batch = Batch(("a", "b", "c"), a100.sizes, durations, sparse)
    timeline = dispatcher("portfolio").dispatch(a100, Stream(durations, sparse), "none")
    plan, begun = decisions(timeline)
    assert PlanFile.of(a100, batch, plan, cost="none", scheduler="a", ready_s=begun).lower_bound_s == 207
    assert timeline.makespan_s == pytest.approx(207)


def test_the_portfolio_flows_better_than_far(a100: Gpu) -> None:
    found = evaluate_flow(
        [dispatcher(name) for name in ("far", "portfolio")], ["mix_scaling_soft"], a100, load=0.8, tasks=30, count=2
    )
    far, portfolio = found.measurements
    assert portfolio.mean_s < far.mean_s
    assert portfolio.low_s <= portfolio.mean_s <= portfolio.high_s


def test_arrivals_follow_the_load(a100: Gpu) -> None:
    durations = np.full((2000, 5), [7.0, 3.5, 7 / 3, 7 / 4, 1.0])
    ends = [poisson_arrivals(a100, durations, load, np.random.default_rng(0))[-1] for load in (0.5, 1.0)]
    assert ends[0] == pytest.approx(2 * ends[1])
    assert ends[1] == pytest.approx(2000, rel=0.1)


@pytest.mark.parametrize(
    ("arrivals", "problem"),
    [
        ([0.0, -1.0], "task 1: the field arrival is -1.0"),
        ([0.0, np.nan], "task 1: the field arrival is nan"),
        ([2.0, 1.0], "task 1: the field arrival is before"),
        ([0.0], "is given 1 times for 2 tasks"),
        (["x", "y"], "the field arrival is no number"),
    ],
)
def test_wrong_arrivals_are_told(arrivals: list[float], problem: str) -> None:
    with pytest.raises(DataError, match=problem):
        demand_arrivals(arrivals, 2)


def test_wrong_loads_and_names_are_told() -> None:
    for load in (0.0, -1.0, float("nan")):
        with pytest.raises(DataError, match="the field load"):
            MigEnvironment(load=load)
    with pytest.raises(MigError, match="no scheduler named 'fra'"):
        dispatcher("fra")
    with pytest.raises(MigError, match="compares makespans"):
        dispatcher("safe-rl:4")


def test_the_return_of_an_episode_with_arrivals_is_the_mean_flow_time() -> None:
    env = MigEnvironment(tasks=6, load=0.8, cost="none", horizon=10_000)
    random = np.random.default_rng(0)
    for seed in range(4):
        _, info = env.reset(seed=seed)
        bound, total, terminated = info["lower_bound_s"], 0.0, False
        while not terminated:
            action = random.choice(np.flatnonzero(env.action_masks()))
            _, reward, terminated, _, info = env.step(action)
            total += reward
        # In order, nothing waits longer than it did in the episode.
        assert info["mean_flow_s"] <= -total * bound + 1e-6
        assert info["mean_flow_s"] <= info["p95_flow_s"]


def test_nobody_is_seen_before_arriving() -> None:
    env = MigEnvironment(tasks=2)
    durations = [[8.0, 4, 3, 2, 1]] * 2
    seen, _ = env.reset(options={"durations": durations, "arrivals": [0.0, 50.0]})
    assert seen["tasks"][0, -1] == 1
    start = int(np.flatnonzero(env.action_masks())[-1])
    env.step(start)
    assert env.action_masks().nonzero()[0].tolist() == [0]
    env.step(0)  # the first ends
    seen, reward, *_ = env.step(0)  # the second arrives
    assert seen["tasks"][0, -1] == 1
    assert reward == 0  # nobody waited
    flow = flow_of(
        Stream(np.array(durations), np.array([0.0, 50.0])), replay(env_gpu(env), durations, env.plan, "none")
    )
    assert flow.mean_s == 1


def env_gpu(env: MigEnvironment) -> Gpu:
    return env._machine.gpu
