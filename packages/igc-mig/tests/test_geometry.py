from __future__ import annotations

from itertools import combinations

import pytest

from igc_mig.errors import MigError
from igc_mig.geometry import GPUS, Gpu, gpu

MODELS = list(GPUS.values())


def named(model: Gpu) -> list[list[int]]:
    return [[model.placements[index].size for index in partition] for partition in model.partitions]


def test_partitions_of_seven_slices_are_those_of_the_reference_and_three_that_waste_a_slice(a100: Gpu) -> None:
    # fmt: off
    reference = [
        [7], [4, 3], [4, 2, 1], [4, 1, 1, 1], [2, 2, 3], [2, 2, 2, 1], [2, 2, 1, 1, 1], [2, 1, 1, 3], [2, 1, 1, 2, 1],
        [2, 1, 1, 1, 1, 1], [1, 1, 2, 3], [1, 1, 2, 2, 1], [1, 1, 2, 1, 1, 1], [1, 1, 1, 1, 3], [1, 1, 1, 1, 2, 1],
        [1, 1, 1, 1, 1, 1, 1],
    ]
    # fmt: on
    assert sorted(named(a100)) == sorted([*reference, [3, 3], [3, 2, 1], [3, 1, 1, 1]])


def test_partitions_of_the_a30(a30: Gpu) -> None:
    assert named(a30) == [[4], [2, 2], [2, 1, 1], [1, 1, 2], [1, 1, 1, 1]]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_placements_are_nested_or_disjoint(model: Gpu) -> None:
    for one, other in combinations(model.placements, 2):
        assert not one.overlaps(other) or one.covers(other) or other.covers(one)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_every_instance_but_the_whole_gpu_has_its_parent_around_it(model: Gpu) -> None:
    assert model.parents.count(-1) == 1
    for index, parent in enumerate(model.parents[1:], start=1):
        assert model.placements[parent].covers(model.placements[index])
        assert index in model.children[parent]


def test_axes_are_kept_apart(a100: Gpu) -> None:
    left, right = a100.placements[a100.index("3g@0")], a100.placements[a100.index("3g@4")]
    assert (left.size, left.profile.length, len(left.slices)) == (3, 4, 4)
    assert (right.size, right.profile.length, len(right.slices)) == (3, 4, 3)
    assert a100.memory_slices == a100.compute_slices + 1


def test_double_memory_is_in_the_table_and_not_scheduled(a100: Gpu) -> None:
    extra = [place.start for place in a100.all_placements if place.profile.length == 2 and place.size == 1]
    assert extra == [0, 2, 4, 6]
    assert all(place.profile.length == 1 for place in a100.placements if place.size == 1)


def test_costs_of_every_size_are_known() -> None:
    for model in MODELS:
        assert set(model.create_s) == set(model.destroy_s) == set(model.sizes)
    assert GPUS["h100"].create_s[4] == 0.38


def test_near_miss_is_suggested(a100: Gpu) -> None:
    assert gpu("H100") is GPUS["h100"]
    with pytest.raises(MigError, match="did you mean 'h100'"):
        gpu("h10")
    with pytest.raises(MigError, match="no placement '3g@1'"):
        a100.index("3g@1")
