from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from igc_mig.geometry import Gpu
from igc_mig.replay import replay
from igc_mig.schedulers.catalogue import scheduler
from igc_mig.schedulers.fixed import first_free


@pytest.mark.parametrize(
    ("name", "key"),
    [("fixed-7", "fix7"), ("fixed-1x7", "fix1"), ("speed-independent", "speed_indep"), ("fixed-best", "fix_best")],
)
def test_makespans_are_those_of_the_reference(name: str, key: str, bench: dict[str, Any], a100: Gpu) -> None:
    for kind, batches in bench["batches"].items():
        for batch, known in zip(batches, bench["results"]["classical"][kind], strict=True):
            order = list(range(len(batch["tasks"])))
            random.Random(batch["seed"]).shuffle(order)
            durations = np.array(batch["tasks"])[order]
            plan = scheduler(name).plan(a100, durations, "none")
            assert replay(a100, durations, plan, "none").makespan_s == pytest.approx(known[key], abs=1e-4)


def test_tasks_go_in_order_to_the_first_free_instance(a100: Gpu) -> None:
    durations = np.array([[10.0] * 5, [4.0] * 5, [1.0] * 5, [1.0] * 5])
    plan = first_free(a100, durations, [a100.index("4g@0"), a100.index("3g@4")])
    assert [a100.placements[step.placement].name for step in plan] == ["4g@0", "3g@4", "3g@4", "3g@4"]
