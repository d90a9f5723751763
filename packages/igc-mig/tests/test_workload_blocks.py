from __future__ import annotations

import numpy as np
import pytest

from igc_mig.errors import MigError
from igc_mig.workload_blocks import draw_block
from igc_mig.workloads import WORKLOADS, generate


@pytest.mark.parametrize("name", list(WORKLOADS))
def test_blocks_are_distributed_as_single_batches(name: str) -> None:
    random = np.random.default_rng(0)
    block = draw_block([name] * 400, np.full(400, 14), random)
    single = np.stack([generate(name, 14, random).times_s for _ in range(400)])
    assert block.shape == single.shape
    for statistic in (np.mean, np.std):
        ours, theirs = statistic(block, axis=0), statistic(single, axis=0)
        np.testing.assert_allclose(ours, theirs, atol=0.12 * theirs.max() + 0.1)
    np.testing.assert_allclose(block.mean((0, 1)), single.mean((0, 1)), rtol=0.03)


def test_batches_of_several_kinds_and_sizes_share_a_block() -> None:
    block = draw_block(["wide_times", "bad_scaling"], np.array([3, 5]), np.random.default_rng(0))
    assert (block[0, :3] > 0).all()
    assert (block[0, 3:] == 0).all()
    assert (block[1, :, 0] >= 90).all()


def test_an_unknown_kind_is_told() -> None:
    with pytest.raises(MigError, match="no workload named 'wide'"):
        draw_block(["wide"], np.array([3]), np.random.default_rng(0))
