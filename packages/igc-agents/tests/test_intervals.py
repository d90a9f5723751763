from __future__ import annotations

import numpy as np
import pytest

from igc_agents.intervals import estimate, ratios


def test_interval_covers_the_mean_at_the_rate_it_claims() -> None:
    random = np.random.default_rng(0)
    covered = 0
    for _ in range(200):
        found = estimate(random.random(60), random)
        covered += found.low <= 0.5 <= found.high
    assert 0.88 < covered / 200 < 0.99


def test_trying_a_scenario_again_tells_nothing_new() -> None:
    values = np.random.default_rng(1).random(40)
    once = estimate(values, np.random.default_rng(0), np.arange(40))
    often = estimate(np.repeat(values, 10), np.random.default_rng(0), np.repeat(np.arange(40), 10))
    careless = estimate(np.repeat(values, 10), np.random.default_rng(0))
    assert often.mean == pytest.approx(once.mean)
    assert often.high - often.low == pytest.approx(once.high - once.low)
    assert careless.high - careless.low < 0.5 * (once.high - once.low)


def test_ratio_is_of_sums_not_a_mean_of_ratios() -> None:
    (found,) = ratios(np.array([[1.0, 0.0]]), np.array([[1.0, 0.5]]), np.array([0, 1]), np.random.default_rng(0))
    assert found.mean == pytest.approx(1 / 1.5)
    assert found.low == 0
    assert found.high == 1


def test_samples_without_a_denominator_are_left_out() -> None:
    above, below = np.array([[1.0, 0.0]]), np.array([[1.0, 0.0]])
    (found,) = ratios(above, below, np.array([0, 1]), np.random.default_rng(0))
    assert (found.low, found.mean, found.high) == (1, 1, 1)
