from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from igc_redfish.process.hashing import IntegerIndex, Pool


@given(st.lists(st.integers(0, 2**62), unique=True, max_size=400))
def test_every_key_is_found_at_the_row_of_its_insertion(keys: list[int]) -> None:
    index = IntegerIndex(8)
    assert [index.add(key) for key in keys] == list(range(len(keys)))
    assert index.find(np.asarray(keys, np.int64)).tolist() == list(range(len(keys)))


def test_absent_keys_are_minus_one() -> None:
    index = IntegerIndex(8)
    index.add(5)
    assert index.find(np.asarray([4, 5, 6], np.int64)).tolist() == [-1, 0, -1]


def test_a_pool_keeps_its_entries_while_it_grows() -> None:
    pool = Pool(np.int64, 2)
    for number in range(1000):
        assert pool.append((number, -number)) == number
    assert pool.array[777].tolist() == [777, -777]


def test_a_pool_takes_more_than_it_had_room_for() -> None:
    pool = Pool(np.int32)
    assert pool.extend(np.arange(3, dtype=np.int32)) == 0
    assert pool.extend(np.arange(2000, dtype=np.int32)) == 3
    assert pool.array[2002] == 1999
    assert len(pool) == 2003
