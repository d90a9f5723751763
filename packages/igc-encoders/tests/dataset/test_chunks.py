from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from igc_encoders.dataset import chunked
from igc_encoders.errors import EncoderError


@given(st.integers(0, 500), st.integers(1, 40), st.data())
def test_chunks_cover_everything_and_overlap_as_asked(total: int, length: int, data: st.DataObject) -> None:
    overlap = data.draw(st.integers(0, length - 1))
    chunks = chunked(range(total), length, overlap)
    assert sorted({place for chunk in chunks for place in range(total)[chunk]}) == list(range(total))
    assert all(before.stop - after.start == overlap for before, after in pairwise(chunks))
    assert all(chunk.stop - chunk.start == length for chunk in chunks[:-1])
    assert all(0 < chunk.stop - chunk.start <= length for chunk in chunks)


def test_short_sequence_is_one_chunk() -> None:
    assert chunked("abc", 8, 2) == [slice(0, 3)]


@pytest.mark.parametrize(("length", "overlap"), [(4, 4), (0, 0), (4, -1)])
def test_overlap_that_leaves_no_progress_is_refused(length: int, overlap: int) -> None:
    with pytest.raises(EncoderError, match="cannot overlap"):
        chunked("abc", length, overlap)
