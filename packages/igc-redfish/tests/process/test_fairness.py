from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from igc_redfish.process.fairness import equally_informed, look_alikes


def labels(
    classes: list[int], optimal: list[int], reads: list[int] | None = None, tried: list[int] | None = None
) -> list[int]:
    """Extend labels of one episode; all are untried reads unless told otherwise."""
    n = len(classes)
    given = [np.asarray(flags, np.bool_) for flags in (optimal, reads or [1] * n, tried or [0] * n)]
    return equally_informed(np.asarray(classes), *given).astype(int).tolist()  # type: ignore[no-any-return]


def test_every_read_that_looks_the_same_is_as_right() -> None:
    assert labels([7, 7, 8, 7], [0, 1, 0, 0]) == [1, 1, 0, 1]


def test_a_change_is_never_as_good_as_another() -> None:
    assert labels([7, 7, 7], [1, 0, 0], reads=[0, 1, 0]) == [1, 0, 0]
    assert labels([7, 7], [1, 0], reads=[1, 0]) == [1, 0]


def test_what_was_read_is_known_apart() -> None:
    assert labels([7, 7, 7], [1, 0, 0], tried=[0, 1, 0]) == [1, 0, 1]
    assert labels([7, 7, 7], [1, 0, 0], tried=[1, 0, 0]) == [1, 0, 0]


def test_labels_given_are_not_changed() -> None:
    optimal = np.asarray([True, False])
    equally_informed(np.zeros(2, np.int32), optimal, np.ones(2, np.bool_), np.zeros(2, np.bool_))
    assert optimal.tolist() == [True, False]


def test_without_labels_or_slots_there_is_nothing_to_extend() -> None:
    assert labels([7, 7], [0, 0]) == [0, 0]
    assert labels([], []) == []


def test_look_alikes_have_equal_descriptions_in_the_same_document() -> None:
    classes = look_alikes(np.asarray([1, 1, 2, 1], np.int32), np.asarray([5, 5, 5, 6], np.int32))
    assert classes[0] == classes[1]
    assert len(set(classes.tolist())) == 3


@given(st.integers(0, 4), st.integers(1, 8), st.randoms(use_true_random=False))
def test_episodes_share_nothing(episodes: int, slots: int, rng: st.random.Random) -> None:
    def drawn(n: int) -> list[list[int]]:
        return [[rng.randrange(n) for _ in range(slots)] for _ in range(episodes)]

    classes, optimal, reads, tried = drawn(3), drawn(2), drawn(2), drawn(2)
    shape = (episodes, slots)
    flags = [np.asarray(item, np.bool_).reshape(shape) for item in (optimal, reads, tried)]
    together = equally_informed(np.asarray(classes, np.int64).reshape(shape), *flags)
    for index in range(episodes):
        row = zip(classes[index], optimal[index], reads[index], tried[index], strict=True)
        right = {kind for kind, best, read, old in row if best and read and not old}
        expected = [
            bool(best or (read and not old and kind in right))
            for kind, best, read, old in zip(classes[index], optimal[index], reads[index], tried[index], strict=True)
        ]
        assert together[index].tolist() == expected
