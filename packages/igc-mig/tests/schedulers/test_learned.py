from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from igc_core.errors import AgentError
from igc_mig.agent.features import Features
from igc_mig.agent.saving import load, shipped
from igc_mig.bounds import lower_bound_s
from igc_mig.environment import MigEnvironment
from igc_mig.errors import MigError
from igc_mig.evaluation import batches
from igc_mig.geometry import Gpu, gpu
from igc_mig.replay import replay
from igc_mig.schedulers.catalogue import scheduler
from igc_mig.schedulers.portfolio import Portfolio
from igc_mig.tree import grow, steps


def ratio(model: Gpu, name: str, durations: NDArray[np.float64]) -> float:
    plan = scheduler(name).plan(model, durations, "serial")
    assert sorted(step.task for step in plan) == list(range(len(durations)))
    return replay(model, durations, plan, "serial").makespan_s / lower_bound_s(model, durations)


@pytest.mark.parametrize("tasks", [1, 5, 14, 60])
def test_one_agent_serves_any_number_of_tasks(tasks: int, a100: Gpu) -> None:
    for durations in batches("mix_scaling_soft", tasks, 2, 0, a100):
        assert ratio(a100, "rl", durations) < (1.3 if tasks > 5 else 3.0)
    assert scheduler("rl").plan(a100, np.empty((0, 5)), "serial") == []


def test_the_shipped_agent_beats_far_where_tasks_scale_badly(a100: Gpu) -> None:
    drawn = list(batches("bad_scaling", 14, 8, 5, a100))
    assert (
        np.mean([ratio(a100, "rl", one) for one in drawn]) < np.mean([ratio(a100, "far", one) for one in drawn]) - 0.03
    )


def test_samples_help_and_repeat(a100: Gpu) -> None:
    drawn = list(batches("wide_times", 14, 4, 3, a100))
    greedy, best = ([ratio(a100, name, one) for one in drawn] for name in ("rl", "rl:16"))
    assert all(one <= other for one, other in zip(best, greedy, strict=True))
    assert np.mean(best) < np.mean(greedy)
    assert best == [ratio(a100, "rl:16", one) for one in drawn]


def test_samples_are_also_replayed_in_the_order_of_a_tree(a100: Gpu) -> None:
    for durations in batches("mix_scaling_soft", 14, 4, 3, a100):
        greedy = scheduler("rl").plan(a100, durations, "serial")
        placements = [step.placement for step in sorted(greedy, key=lambda step: step.task)]
        ordered = steps(a100, durations, grow(a100, durations, placements))
        bound = replay(a100, durations, ordered, "serial").makespan_s / lower_bound_s(a100, durations)
        assert ratio(a100, "rl:1", durations) <= bound + 1e-9


def test_the_safe_agent_is_never_worse_than_the_portfolio(a100: Gpu) -> None:
    for kind in ("good_scaling", "bad_scaling", "wide_times"):
        for durations in batches(kind, 8, 3, 1, a100):
            portfolio = replay(a100, durations, Portfolio().plan(a100, durations, "serial"), "serial").makespan_s
            safe = replay(a100, durations, scheduler("safe-rl:4").plan(a100, durations, "serial"), "serial")
            assert safe.makespan_s <= portfolio


def test_gpus_of_other_partitions_are_refused(durations: NDArray[np.float64]) -> None:
    assert scheduler("rl").plan(gpu("h200"), durations, "serial")
    with pytest.raises(AgentError, match="trained for a100, whose partitions a30 does not have"):
        scheduler("rl").plan(gpu("a30"), durations[:, :3], "serial")


def test_wrong_names_are_told(tmp_path: Path) -> None:
    for name in ("rl:0", "rl:x", "safe-rl:-1"):
        with pytest.raises(MigError, match="is not 1 or more"):
            scheduler(name)
    with pytest.raises(MigError, match="did you mean"):
        scheduler("saferl")
    with pytest.raises(AgentError, match="there is no agent in"):
        scheduler("rl", tmp_path)


def test_what_the_network_is_told_does_not_depend_on_units(a100: Gpu) -> None:
    env, features = MigEnvironment(tasks=9), Features(a100)
    rows: list[dict[str, NDArray[np.float32]]] = []
    for factor in (1.0, 37.0):
        durations = factor * next(iter(batches("wide_times", 9, 1, 0, a100)))
        seen, _ = env.reset(options={"durations": durations})
        rows.append(features({name: values[None] for name, values in seen.items()}))
    for name, values in rows[0].items():
        np.testing.assert_allclose(values, rows[1][name], atol=1e-5)


def test_each_task_is_told_the_share_of_work_and_of_tasks_ahead_of_it(a100: Gpu) -> None:
    env = MigEnvironment(tasks=3)
    durations = np.array([[40.0, 20, 16, 12, 8], [80, 40, 32, 24, 16], [20, 10, 8, 6, 4]])
    seen, _ = env.reset(options={"durations": durations})
    rows = Features(a100)({name: values[None] for name, values in seen.items()})["rows"][0]
    by_length = rows[np.argsort(-rows[:, 0])]
    for work_ahead, tasks_ahead in (by_length[:, -4:-2].T, by_length[:, -2:].T):
        np.testing.assert_allclose(work_ahead, [0, 4 / 7, 6 / 7], rtol=1e-5)
        np.testing.assert_allclose(tasks_ahead, [0, 1 / 3, 2 / 3], rtol=1e-5)


def test_the_shipped_manifest_says_how_it_was_made() -> None:
    manifest = load(shipped()).manifest
    assert manifest.training["recipe"]["fewest"] == 5  # type: ignore[index,call-overload]
    assert manifest.training["recipe"]["most"] == 50  # type: ignore[index,call-overload]
    assert manifest.versions["sb3-contrib"]
    assert sum(path.stat().st_size for path in shipped().iterdir()) < 600_000
