from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from igc_mig.bounds import lower_bound_s
from igc_mig.geometry import Gpu
from igc_mig.replay import COST_MODELS, CostModel, replay
from igc_mig.schedulers.annealing import Annealing
from igc_mig.schedulers.catalogue import scheduler
from igc_mig.schedulers.portfolio import Portfolio

#: What the default plan must reach: mean makespan over the lower bound, without costs.
LIMITS = {
    "good_scaling": 1.04,
    "bad_scaling": 1.02,
    "mix_scaling_extreme": 1.035,
    "mix_scaling_soft": 1.03,
    "wide_times": 1.06,
}


@pytest.mark.parametrize("kind", list(LIMITS))
def test_batches_of_the_bench_are_planned_well(kind: str, bench: dict[str, Any], a100: Gpu) -> None:
    ratios: list[float] = []
    known = bench["results"]["classical"][f"offline/{kind}"]
    for batch, one in zip(bench["batches"][f"offline/{kind}"], known, strict=True):
        durations = np.array(batch["tasks"])
        makespan = replay(a100, durations, Portfolio().plan(a100, durations, "none"), "none").makespan_s
        assert makespan <= min(one["far_nocost"], one["fix_best"]) + 1e-4
        ratios.append(makespan / lower_bound_s(a100, durations))
    assert np.mean(ratios) <= LIMITS[kind]


@pytest.mark.parametrize("cost", COST_MODELS)
@pytest.mark.parametrize("kind", list(LIMITS))
def test_it_is_never_worse_than_a_member(kind: str, cost: CostModel, bench: dict[str, Any], a100: Gpu) -> None:
    members = [scheduler(name) for name in ("beam", "far", "fixed-best")]
    for batch in bench["batches"][f"offline/{kind}"][:8]:
        durations = np.array(batch["tasks"])
        best = replay(a100, durations, Portfolio().plan(a100, durations, cost), cost).makespan_s
        for member in members:
            assert best <= replay(a100, durations, member.plan(a100, durations, cost), cost).makespan_s + 1e-9


@pytest.mark.parametrize("kind", list(LIMITS))
def test_annealing_beats_far_in_the_mean(kind: str, bench: dict[str, Any], a100: Gpu) -> None:
    known = bench["results"]["classical"][f"offline/{kind}"][:4]
    ours = [
        replay(a100, durations, Annealing(moves=800).plan(a100, durations, "none"), "none").makespan_s
        for durations in (np.array(batch["tasks"]) for batch in bench["batches"][f"offline/{kind}"][:4])
    ]
    assert np.mean(ours) < np.mean([one["far_nocost"] for one in known])
