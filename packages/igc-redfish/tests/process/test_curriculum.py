"""Mixing episodes by how far training is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from igc_redfish.process.batch import BatchedRedfish
from igc_redfish.process.curriculum import Curriculum
from igc_redfish.process.disturbance import Disturbance
from igc_redfish.process.environment import build_pool

if TYPE_CHECKING:
    from igc_redfish.process.pool import Pool


@pytest.fixture(scope="module")
def pool() -> Pool:
    return build_pool(["generated:0-2"], per_family=2, composites=6)


def shares(pool: Pool, progress: float) -> dict[int, float]:
    """Probability of each number of sub-goals."""
    weights = Curriculum().weights(pool.scenarios, progress)
    parts = np.asarray([len(item.parts) for item in pool.scenarios])
    return {size: float(weights[parts == size].sum()) for size in (1, 2, 3, 4)}


def test_training_begins_with_single_goals_and_a_few_pairs(pool: Pool) -> None:
    first = shares(pool, 0.0)
    assert first == pytest.approx({1: 0.85, 2: 0.15, 3: 0.0, 4: 0.0})


def test_the_larger_a_goal_the_later_it_comes_in(pool: Pool) -> None:
    middle = shares(pool, 0.1)
    assert middle[2] > middle[3] > middle[4] >= 0


def test_in_the_end_goals_of_all_sizes_are_drawn_alike(pool: Pool) -> None:
    for progress in (0.3, 1.0):
        last = shares(pool, progress)
        assert last[1] == pytest.approx(0.65)
        assert last[2] == pytest.approx(last[3]) == pytest.approx(last[4])


def test_every_family_is_drawn_alike(pool: Pool) -> None:
    weights = Curriculum().weights(pool.scenarios, 0.5)
    pairs = zip(pool.scenarios, weights, strict=True)
    single = [(item.family, weight) for item, weight in pairs if len(item.parts) == 1]
    by_family = {family: sum(weight for name, weight in single if name == family) for family, _ in single}
    assert np.ptp(list(by_family.values())) < 1e-9


def test_without_composites_or_without_single_goals_the_others_take_all(pool: Pool) -> None:
    for chosen in ([item for item in pool.scenarios if len(item.parts) == 1], pool.scenarios[-3:]):
        assert Curriculum().weights(chosen, 0.5).sum() == pytest.approx(1.0)


def test_trouble_grows_to_what_was_told() -> None:
    curriculum = Curriculum(disturbance=Disturbance(fail=0.5))
    rates = [curriculum.trouble(progress) for progress in (0.0, 0.1, 0.3, 1.0)]
    assert [round(rate.fail, 3) for rate in rates if rate is not None] == [0.1, 0.233, 0.5, 0.5]
    assert Curriculum().trouble(0.5) is None


def test_weights_that_were_told_stay_at_a_renewal_and_others_get_their_mean(pool: Pool) -> None:
    named, others = pool.scenarios[:3], pool.scenarios[3:5]
    batch = BatchedRedfish(named, 2, weights=np.asarray([1.0, 0.0, 5.0]), fresh=lambda _: others)
    batch.renew(0.5, seed=0)
    assert batch.lineup.weights.tolist() == pytest.approx([0.1, 0.0, 0.5, 0.2, 0.2])


def test_a_curriculum_mixes_from_the_beginning_whatever_the_weights(pool: Pool) -> None:
    curriculum = Curriculum()
    batch = BatchedRedfish(pool.scenarios, 2, weights=np.ones(len(pool.scenarios)), curriculum=curriculum)
    np.testing.assert_allclose(batch.lineup.weights, curriculum.weights(pool.scenarios, 0.0))
