from __future__ import annotations

import numpy as np
import pytest

from igc_encoders.autoencoder.windows import windows


@pytest.mark.parametrize("count", [1, 3, 17, 63, 64, 65, 129, 1000])
def test_chunks_cover_each_token_once_and_fit_the_model(count: int) -> None:
    ids = np.random.default_rng(count).integers(0, 50, count).astype(np.int32)
    found = windows(ids, 64)
    covered = [place for one in found for place in range(one.start + one.context, one.end)]
    assert covered == list(range(count))
    assert all(one.end - one.start <= 64 and one.context % 2 == 0 for one in found)


def test_after_an_insertion_the_rest_is_cut_as_before() -> None:
    ids = np.random.default_rng(0).integers(0, 1000, 5000).astype(np.int32)
    longer = np.concatenate([ids[:700], np.asarray([1, 2, 3], np.int32), ids[700:]])
    before = {ids[one.start : one.end].tobytes() for one in windows(ids, 128)}
    after = {longer[one.start : one.end].tobytes() for one in windows(longer, 128)}
    assert len(before - after) <= 4 < len(before) / 8
