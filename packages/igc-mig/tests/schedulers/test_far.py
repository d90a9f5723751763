from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from igc_mig.geometry import GPUS, Gpu
from igc_mig.replay import CostModel, replay
from igc_mig.schedulers.far import Far, family, plan_batches

KINDS = [
    "offline/good_scaling",
    "offline/bad_scaling",
    "offline/mix_scaling_extreme",
    "offline/mix_scaling_soft",
    "offline/wide_times",
    "online/good_scaling",
    "online/bad_scaling",
    "online/mix_scaling",
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("cost", "suffix"), [("serial", ""), ("none", "_nocost")])
def test_every_makespan_is_that_of_the_reference(
    kind: str, cost: CostModel, suffix: str, bench: dict[str, Any], a100: Gpu
) -> None:
    for batch, known in zip(bench["batches"][kind], bench["results"]["classical"][kind], strict=True):
        durations = np.array(batch["tasks"])
        for far, key in ((Far(), f"far{suffix}"), (Far(refined=False), f"far{suffix}_phase2")):
            plan = far.plan(a100, durations, cost)
            assert replay(a100, durations, plan, cost).makespan_s == pytest.approx(known[key], abs=1e-4), batch["seed"]


@pytest.mark.parametrize("kind", KINDS)
def test_families_are_as_large_as_in_the_reference(kind: str, bench: dict[str, Any], a100: Gpu) -> None:
    sizes = [len(list(family(a100, np.array(batch["tasks"])))) for batch in bench["batches"][kind]]
    assert sizes == [known["far_family"] for known in bench["results"]["classical"][kind]]


def test_a_family_widens_the_longest_task_until_it_has_the_whole_gpu(a100: Gpu, durations: NDArray[np.float64]) -> None:
    found = list(family(a100, durations))
    assert all((after >= before).all() and (after != before).sum() == 1 for before, after in itertools.pairwise(found))
    last = durations[np.arange(len(durations)), found[-1]]
    assert found[-1][last.argmax()] == len(a100.sizes) - 1


@pytest.mark.parametrize("cost", ["none", "parallel", "serial"])
def test_batches_overlap(a100: Gpu, cost: CostModel) -> None:
    random = np.random.default_rng(5)
    batches = [np.sort(random.uniform(5, 60, size=(8, 5)))[:, ::-1] for _ in range(3)]
    plan = plan_batches(a100, batches, cost)
    assert sorted(step.task for step in plan) == list(range(24))
    alone = sum(replay(a100, batch, Far().plan(a100, batch, cost), cost).makespan_s for batch in batches)
    assert replay(a100, np.concatenate(batches), plan, cost).makespan_s < alone


def test_a_later_batch_does_not_change_an_earlier_one(a100: Gpu) -> None:
    random = np.random.default_rng(6)
    first, second = (np.sort(random.uniform(5, 60, size=(8, 5)))[:, ::-1] for _ in range(2))
    assert plan_batches(a100, [first, second], "none")[:8] == plan_batches(a100, [first], "none")


@pytest.mark.parametrize("name", list(GPUS))
def test_no_tasks_make_no_plan(name: str) -> None:
    gpu = GPUS[name]
    assert Far().plan(gpu, np.empty((0, len(gpu.sizes))), "serial") == []
