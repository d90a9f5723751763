from __future__ import annotations

import numpy as np
import pytest

from igc_mig.evaluation import batches, evaluate
from igc_mig.geometry import Gpu
from igc_mig.schedulers.far import Far
from igc_mig.schedulers.fixed import Whole


def test_schedulers_meet_the_same_seeded_batches(a100: Gpu) -> None:
    first, again = (list(batches("wide_times", 6, 3, 7, a100)) for _ in range(2))
    assert all(np.array_equal(one, other) for one, other in zip(first, again, strict=True))
    assert not np.array_equal(first[0], first[1])


def test_ratios_are_means_with_intervals_around_them(a100: Gpu) -> None:
    found = evaluate([Far, Whole], ["bad_scaling", "wide_times"], a100, tasks=8, count=6)
    assert [(one.scheduler, one.workload) for one in found.measurements] == [
        ("far", "bad_scaling"),
        ("fixed-7", "bad_scaling"),
        ("far", "wide_times"),
        ("fixed-7", "wide_times"),
    ]
    for one in found.measurements:
        assert 1 <= one.low <= one.ratio <= one.high
        assert one.ratio == pytest.approx(np.mean(one.ratios))
        assert one.decision_ms > 0
    assert found.measurements[0].high < found.measurements[1].low
