from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest
from numpy.typing import NDArray

from igc_mig.bounds import lower_bound_s
from igc_mig.errors import MigError
from igc_mig.geometry import GPUS, Gpu
from igc_mig.replay import COST_MODELS, CostModel, replay
from igc_mig.schedulers.catalogue import SCHEDULERS, scheduler

PRESENT = [name for name in SCHEDULERS if name != "exact" or find_spec("ortools")]


@pytest.mark.parametrize("gpu", GPUS.values(), ids=lambda gpu: gpu.name)
@pytest.mark.parametrize("cost", COST_MODELS)
@pytest.mark.parametrize("name", [name for name in PRESENT if name != "exact"])
def test_plans_run_every_task_once_and_respect_the_bound(name: str, cost: CostModel, gpu: Gpu) -> None:
    durations = np.sort(np.random.default_rng(1).uniform(1, 60, size=(9, len(gpu.sizes))))[:, ::-1]
    plan = scheduler(name).plan(gpu, durations, cost)
    assert sorted(step.task for step in plan) == list(range(9))
    assert replay(gpu, durations, plan, cost).makespan_s >= lower_bound_s(gpu, durations) - 1e-9


@pytest.mark.parametrize("tasks", [0, 1, 2])
@pytest.mark.parametrize("name", PRESENT)
def test_few_tasks_are_no_special_case(name: str, tasks: int, durations: NDArray[np.float64]) -> None:
    plan = scheduler(name).plan(GPUS["a100"], durations[:tasks], "serial")
    assert sorted(step.task for step in plan) == list(range(tasks))


@pytest.mark.parametrize("name", [name for name in PRESENT if name not in ("random", "exact")])
def test_the_same_tasks_give_the_same_plan(name: str, durations: NDArray[np.float64]) -> None:
    plans = [list(scheduler(name).plan(GPUS["a100"], durations, "serial")) for _ in range(2)]
    assert plans[0] == plans[1]


def test_near_miss_is_suggested() -> None:
    with pytest.raises(MigError, match="did you mean 'portfolio'"):
        scheduler("portfolo")
