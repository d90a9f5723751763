from __future__ import annotations

import numpy as np
import pytest

from igc_mig.agent.features import Features
from igc_mig.batched import BatchedMig
from igc_mig.replay import replay
from igc_mig.schedulers.beam import Beam
from igc_mig.training.demonstrations import Expert, act_out


@pytest.mark.parametrize("gpu", ["a100", "a30"])
def test_the_expert_loses_little_of_what_the_search_found(gpu: str) -> None:
    batch = BatchedMig(10, gpu=gpu, tasks=(8, 14), workload=("wide_times", "good_scaling"), seed=1, compiled=False)
    batch.reset()
    expert, trees, found = Expert(batch.gpu), [], []
    for row in range(10):
        durations = batch.episodes.seconds[row, : batch.episodes.total[row]]
        assignment = Beam(40, finalists=1).assignments(batch.gpu, durations)[0]
        trees.append(expert.tree(durations, assignment.tolist()))
        found.append(replay(batch.gpu, durations, Beam(40).plan(batch.gpu, durations, "none"), "none").makespan_s)
    shown = act_out(batch, expert, trees, Features(batch.gpu))
    assert (shown.legal & shown.good).any(1).all()
    assert not (shown.good & ~shown.legal).any()
    for row in range(10):
        durations = batch.episodes.seconds[row, : batch.episodes.total[row]]
        plan = batch.plan(row)
        assert sorted(step.task for step in plan) == list(range(len(durations)))
        assert replay(batch.gpu, durations, plan, "none").makespan_s <= 1.06 * found[row]
    assert shown.left.max() <= 0
    np.testing.assert_allclose(-shown.left[:10], batch.state.elapsed, rtol=1e-5)
