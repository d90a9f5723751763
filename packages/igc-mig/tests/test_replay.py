from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from igc_mig.errors import MigError
from igc_mig.geometry import Gpu
from igc_mig.replay import COST_MODELS, CostModel, Step, replay
from igc_mig.schedulers.random_legal import RandomLegal

FLAT = np.full((4, 5), 10.0)


def plan(gpu: Gpu, *places: str) -> list[Step]:
    return [Step(task, gpu.index(place)) for task, place in enumerate(places)]


@pytest.mark.parametrize(("cost", "expected"), [("none", 10.0), ("parallel", 10.16), ("serial", 10.32)])
def test_two_instances_are_made_beside_each_other_or_one_after_the_other(
    a100: Gpu, cost: CostModel, expected: float
) -> None:
    assert replay(a100, FLAT, plan(a100, "1g@0", "1g@1"), cost).makespan_s == pytest.approx(expected)


@pytest.mark.parametrize(
    ("cost", "expected"),
    [
        ("none", 20.0),
        # Both small instances wait until the large one has been destroyed.
        ("parallel", 0.24 + 10 + 0.22 + 0.16 + 10),
        ("serial", 0.24 + 10 + 0.22 + 0.16 + 0.16 + 10),
    ],
)
def test_cutting_the_gpu_destroys_once_and_creates_twice(a100: Gpu, cost: CostModel, expected: float) -> None:
    timeline = replay(a100, FLAT, plan(a100, "7g@0", "1g@0", "1g@6"), cost)
    assert timeline.makespan_s == pytest.approx(expected)
    kinds = [bar.kind for bar in timeline.bars]
    assert kinds.count("destroy") == (cost != "none")
    assert kinds.count("create") == 3 * (cost != "none")


def test_an_instance_that_exists_costs_nothing_again(a100: Gpu) -> None:
    timeline = replay(a100, FLAT, plan(a100, "2g@0", "2g@0", "2g@0"), "serial")
    assert timeline.makespan_s == pytest.approx(30.17)


def test_merging_waits_for_all_and_untouched_instances_go_on(a100: Gpu) -> None:
    durations = np.array([[10.0] * 5, [30.0] * 5, [5.0] * 5, [100.0] * 5])
    timeline = replay(a100, durations, plan(a100, "1g@0", "1g@1", "2g@0", "3g@4"), "none")
    assert {bar.task: bar.start_s for bar in timeline.tasks} == {0: 0.0, 1: 0.0, 2: 30.0, 3: 0.0}


def test_tasks_wait_for_their_arrival(a100: Gpu) -> None:
    timeline = replay(a100, FLAT, plan(a100, "1g@0", "1g@0"), "none", ready_s=[3.0, 40.0, 0.0, 0.0])
    assert [(bar.start_s, bar.end_s) for bar in timeline.tasks] == [(3.0, 13.0), (40.0, 50.0)]


@pytest.mark.parametrize("cost", COST_MODELS)
def test_nothing_overlaps_and_costs_never_shorten(a100: Gpu, durations: NDArray[np.float64], cost: CostModel) -> None:
    random = RandomLegal(seed=1)
    for _ in range(20):
        steps = random.plan(a100, durations, cost)
        timeline = replay(a100, durations, steps, cost)
        assert timeline.makespan_s >= replay(a100, durations, steps, "none").makespan_s
        for row in range(a100.compute_slices):
            busy = sorted(
                (bar.start_s, bar.end_s) for bar in timeline.bars if row in a100.placements[bar.placement].slices
            )
            assert all(end <= start + 1e-9 for (_, end), (start, _) in itertools.pairwise(busy))


def test_serial_reconfigurations_share_one_clock(a100: Gpu, durations: NDArray[np.float64]) -> None:
    timeline = replay(a100, durations, RandomLegal(seed=2).plan(a100, durations, "serial"), "serial")
    changes = [(bar.start_s, bar.end_s) for bar in timeline.bars if bar.kind != "task"]
    assert all(end <= start + 1e-9 for (_, end), (start, _) in itertools.pairwise(changes))


def test_an_empty_plan_takes_no_time(a100: Gpu) -> None:
    assert replay(a100, FLAT, []).makespan_s == 0.0


@pytest.mark.parametrize("step", [Step(9, 0), Step(0, 99), Step(-1, 0)])
def test_a_step_that_names_nothing_is_refused(a100: Gpu, step: Step) -> None:
    with pytest.raises(MigError) as caught:
        replay(a100, FLAT, [step])
    assert caught.value.code == "mig-plan-illegal"
