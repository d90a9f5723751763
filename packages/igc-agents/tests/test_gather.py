from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from igc_agents.gather import group_sum, max_pool, mean_embedding, mean_pool, modulated

COUNTS = st.lists(st.integers(0, 5), min_size=1, max_size=6).filter(any)


def ragged(counts: list[int], width: int = 3) -> tuple[Tensor, Tensor, int]:
    owners = torch.repeat_interleave(torch.tensor(counts))
    torch.manual_seed(sum(counts))
    return torch.randn(len(owners), width, dtype=torch.float64, requires_grad=True), owners, len(counts)


@given(COUNTS)
def test_group_sum_adds_up_each_group(counts: list[int]) -> None:
    members, owners, groups = ragged(counts)
    expected = torch.zeros(groups, 3, dtype=torch.float64).index_add(0, owners, members.detach())
    torch.testing.assert_close(group_sum(members.detach(), owners, groups), expected)


@given(COUNTS)
def test_mean_pool_averages_each_group(counts: list[int]) -> None:
    members, owners, groups = ragged(counts)
    pooled = mean_pool(members, owners, groups)
    for group, count in enumerate(counts):
        expected = members[owners == group].mean(0) if count else torch.zeros(3, dtype=torch.float64)
        torch.testing.assert_close(pooled[group], expected)


@given(COUNTS)
def test_max_pool_takes_the_largest_of_each_group_and_at_least_zero(counts: list[int]) -> None:
    members, owners, groups = ragged(counts)
    pooled = max_pool(members, owners, groups)
    for group, count in enumerate(counts):
        expected = members[owners == group].amax(0).relu() if count else torch.zeros(3, dtype=torch.float64)
        torch.testing.assert_close(pooled[group], expected)


def test_max_pool_of_equal_groups_with_padding_keeps_every_gradient() -> None:
    # The padding of the first, shorter group lies where the second group's winner is.
    members = torch.tensor([[-1.0], [2.0], [1.0]], dtype=torch.float64, requires_grad=True)
    max_pool(members, torch.tensor([0, 1, 1]), 2).sum().backward()  # type: ignore[no-untyped-call]
    assert members.grad is not None
    assert members.grad.flatten().tolist() == [0, 1, 0]


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_max_pool_gives_equals_no_more_than_one_gradient(sign: float) -> None:
    members = torch.full((4, 1), 2.0, requires_grad=True)
    (sign * max_pool(members, torch.zeros(4, dtype=torch.int64), 1)).sum().backward()
    assert members.grad is not None
    assert members.grad.sum() == sign


@settings(max_examples=20, deadline=None)
@given(COUNTS)
def test_gradients_are_those_of_finite_differences(counts: list[int]) -> None:
    members, owners, groups = ragged(counts)
    modulation = torch.randn(groups, 6, dtype=torch.float64, requires_grad=True)
    offsets = torch.randn(len(members), 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda inside: mean_pool(inside, owners, groups), (members,))
    assert torch.autograd.gradcheck(lambda inside: max_pool(inside, owners, groups), (members,))
    assert torch.autograd.gradcheck(
        lambda *inside: modulated(*inside, owners),  # type: ignore[call-arg]
        (members, modulation, offsets),
    )


def test_modulated_is_what_it_says() -> None:
    members, owners, groups = ragged([2, 0, 3])
    modulation, offsets = torch.randn(groups, 6, dtype=torch.float64), torch.randn(5, 3, dtype=torch.float64)
    gate, shift = modulation[owners].chunk(2, dim=1)
    expected = torch.relu(members * (1 + gate) + shift + offsets)
    torch.testing.assert_close(modulated(members, modulation, offsets, owners), expected)


def test_mean_embedding_leaves_padding_out() -> None:
    weight = torch.randn(5, 2, dtype=torch.float64, requires_grad=True)
    tokens = torch.tensor([[1, 3, 0], [0, 0, 0], [4, 4, 2]], dtype=torch.int32)
    embedded = mean_embedding(weight, tokens)
    torch.testing.assert_close(embedded[0], (weight[1] + weight[3]) / 2)
    assert embedded[1].tolist() == [0, 0]
    torch.testing.assert_close(embedded[2], (2 * weight[4] + weight[2]) / 3)
    assert torch.autograd.gradcheck(lambda inside: mean_embedding(inside, tokens), (weight,))


@given(COUNTS)
def test_pools_take_gradients_that_are_views_of_wider_ones(counts: list[int]) -> None:
    members, owners, groups = ragged(counts)
    for pool in (mean_pool, max_pool):
        weights = torch.randn(groups, 6, dtype=torch.float64)
        beside = torch.cat([pool(members, owners, groups), torch.zeros(groups, 3, dtype=torch.float64)], dim=1)
        (wide,) = torch.autograd.grad((beside * weights).sum(), members)
        (alone,) = torch.autograd.grad((pool(members, owners, groups) * weights[:, :3].clone()).sum(), members)
        torch.testing.assert_close(wide, alone)
