from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from igc_mig.geometry import GPUS, Gpu
from igc_mig.replay import replay
from igc_mig.tree import blocking, columns, grow, steps


@pytest.mark.parametrize("name", list(GPUS))
def test_without_costs_an_assignment_takes_as_long_as_its_fullest_slice(name: str) -> None:
    gpu = GPUS[name]
    random = np.random.default_rng(0)
    for _ in range(20):
        durations = random.uniform(1, 50, size=(12, len(gpu.sizes)))
        assignment = random.integers(len(gpu.placements), size=12)
        load = sum(durations[task, columns(gpu)[place]] * blocking(gpu)[place] for task, place in enumerate(assignment))
        plan = steps(gpu, durations, grow(gpu, durations, assignment.tolist()), serial=False)
        assert replay(gpu, durations, plan, "none").makespan_s == pytest.approx(np.max(load))


def test_steps_hold_every_task_once(a100: Gpu, durations: NDArray[np.float64]) -> None:
    assignment = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    plan = steps(a100, durations, grow(a100, durations, assignment))
    assert sorted(plan) == list(enumerate(assignment))


def test_placements_run_their_longest_task_first(a100: Gpu) -> None:
    durations = np.array([[1.0] * 5, [3.0] * 5, [2.0] * 5])
    assert grow(a100, durations, [7, 7, 7])[7] == [1, 2, 0]
