"""Operations on ragged batches, with gradients written out.

A ragged batch keeps the members of all groups below each other: ``members`` of shape ``(n, width)``, and ``owners`` of
shape ``(n,)``, the ascending number of the group that each belongs to. PyTorch's general scatter operations cost
several times as much on a CPU as what order makes possible here.
"""

# PyTorch declares the context of a backward pass by one name and passes it by none.
# pyright: reportIncompatibleMethodOverride=false

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional


def group_sum(members: Tensor, owners: Tensor, groups: int) -> Tensor:
    """Sum the members of each group.

    Args:
        members: Shape ``(n, width)``.
        owners: Ascending group numbers, shape ``(n,)``.
        groups: Number of groups; those without members sum to zero.

    Returns:
        Shape ``(groups, width)``. No gradient flows through it.
    """
    return functional.embedding_bag(_counting(owners), members, _starts(owners, groups), mode="sum")


def mean_pool(members: Tensor, owners: Tensor, groups: int) -> Tensor:
    """Average the members of each group; zero for a group without members."""
    return cast("Tensor", _MeanPool.apply(members, owners, groups))  # type: ignore[no-untyped-call]


def max_pool(members: Tensor, owners: Tensor, groups: int) -> Tensor:
    """Take the largest value of each feature over the members of each group, and at least zero.

    Meant for members that come out of a rectifier.
    """
    return cast("Tensor", _MaxPool.apply(members, owners, groups))  # type: ignore[no-untyped-call]


def modulated(members: Tensor, modulation: Tensor, offsets: Tensor, owners: Tensor) -> Tensor:
    """Compute ``relu(members * (1 + gate[owners]) + shift[owners] + offsets)`` in few passes over memory.

    Args:
        members: Shape ``(n, width)``.
        modulation: The gates and the shifts of the groups beside each other, shape ``(groups, 2 * width)``.
        offsets: Shape ``(n, width)``.
        owners: Ascending group numbers, shape ``(n,)``.

    Returns:
        Shape ``(n, width)``.
    """
    return cast("Tensor", _Modulated.apply(members, modulation, offsets, owners))  # type: ignore[no-untyped-call]


def mean_embedding(weight: Tensor, tokens: Tensor) -> Tensor:
    """Average the embeddings of the tokens of each row that are not padding.

    Args:
        weight: Shape ``(vocabulary, width)``.
        tokens: Numbers below ``vocabulary``, zero for padding, shape ``(rows, tokens)``.

    Returns:
        Shape ``(rows, width)``; zero for a row of padding.
    """
    return cast("Tensor", _MeanEmbedding.apply(weight, tokens))  # type: ignore[no-untyped-call]


class _MeanPool(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, members: Tensor, owners: Tensor, groups: int) -> Tensor:
        counts = torch.bincount(owners, minlength=groups).clamp_(min=1).unsqueeze(1)
        ctx.save_for_backward(owners, counts)
        return group_sum(members, owners, groups).div_(counts)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        (gradient,) = gradients
        owners, counts = ctx.saved_tensors
        return (gradient / counts).index_select(0, owners), None, None


class _MaxPool(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, members: Tensor, owners: Tensor, groups: int) -> Tensor:
        counts = torch.bincount(owners, minlength=groups)
        starts = counts.cumsum(0) - counts
        longest = max(int(counts.max()), 1)
        places = _counting(owners) - starts.index_select(0, owners) + owners * longest
        padded = members.new_zeros(groups * longest, members.shape[1]).index_copy_(0, places, members)
        pooled, winners = padded.view(groups, longest, -1).max(1)
        pooled.clamp_(min=0)
        # Padding wins only where the largest value is zero; no gradient passes there, so any place will do.
        ctx.save_for_backward((winners + starts.unsqueeze(1)).clamp_(max=len(members) - 1), pooled)
        ctx.members = members.shape
        return pooled

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        (gradient,) = gradients
        winners, pooled = ctx.saved_tensors
        passed = torch.ops.aten.threshold_backward(gradient, pooled, 0)
        return gradient.new_zeros(ctx.members).scatter_add_(0, winners, passed), None, None


class _Modulated(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, members: Tensor, modulation: Tensor, offsets: Tensor, owners: Tensor) -> Tensor:
        gate, shift = modulation.chunk(2, dim=1)
        factor = (gate + 1).index_select(0, owners)
        result = shift.contiguous().index_select(0, owners).add_(offsets).addcmul_(members, factor).relu_()
        ctx.save_for_backward(members, factor, owners, result)
        ctx.groups = len(modulation)
        return result

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        (gradient,) = gradients
        members, factor, owners, result = ctx.saved_tensors
        passed = torch.ops.aten.threshold_backward(gradient, result, 0)
        gate = group_sum(passed * members, owners, ctx.groups)
        shift = group_sum(passed, owners, ctx.groups)
        return passed * factor, torch.cat([gate, shift], dim=1), passed, None


class _MeanEmbedding(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, weight: Tensor, tokens: Tensor) -> Tensor:
        kept = tokens != 0
        counts = kept.sum(1)
        words = tokens[kept].long()
        ctx.save_for_backward(words, counts)
        ctx.vocabulary = len(weight)
        return functional.embedding_bag(words, weight, counts.cumsum(0) - counts, mode="mean")

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        (gradient,) = gradients
        words, counts = ctx.saved_tensors
        rows = torch.repeat_interleave(counts)
        ordered, order = torch.sort(words)
        shares = gradient / counts.clamp(min=1).unsqueeze(1)
        starts = _starts(ordered, ctx.vocabulary)
        return functional.embedding_bag(rows.index_select(0, order), shares, starts, mode="sum"), None


def _counting(owners: Tensor) -> Tensor:
    return torch.arange(len(owners), device=owners.device)


def _starts(owners: Tensor, groups: int) -> Tensor:
    counts = torch.bincount(owners, minlength=groups)
    return counts.cumsum(0) - counts
