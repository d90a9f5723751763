"""Embeddings of table rows, kept while the weights that make them stay what they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import torch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from torch import Tensor, nn

    #: Computes what is kept of some rows, by name, each of shape ``(rows, width)``.
    Compute = Callable[[Tensor], Mapping[str, Tensor]]


class RowCache:
    """What a network makes of the rows of one table, computed when a row is first asked for.

    Collecting steps meets the same rows again and again between two updates. The cache notices by itself that weights
    changed: PyTorch counts the changes of each parameter.
    """

    def __init__(self, parameters: Sequence[nn.Parameter]) -> None:
        """Keep nothing yet.

        Args:
            parameters: All weights that decide what is kept.
        """
        self._parameters = parameters
        self._changes: list[int] = []
        self._known = torch.zeros(0, dtype=torch.bool)
        self._kept: dict[str, Tensor] = {}

    def clear(self) -> None:
        """Forget all rows."""
        self._known = self._known.new_zeros(0)
        self._kept = {}

    def provide(self, rows: Tensor, length: int, compute: Compute) -> Mapping[str, Tensor]:
        """Return tables in which some rows, at least, are filled in.

        Args:
            rows: Numbers of the rows that are needed, int32 or int64, with repetitions.
            length: Number of rows that the table has now.
            compute: Computes what is kept of rows.

        Returns:
            By name, shape ``(at least length, width)``; only the rows asked for mean anything.
        """
        changes = [parameter._version for parameter in self._parameters]  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - there is no public name
        if changes != self._changes or self._known.device != rows.device:
            self.clear()
            self._known, self._changes = self._known.to(rows.device), changes
        missing = rows if length > len(self._known) else rows[~self._known.index_select(0, rows)]
        if len(missing):
            self._fill(cast("Tensor", torch.unique(missing)), length, compute)
        return self._kept

    def _fill(self, rows: Tensor, length: int, compute: Compute) -> None:
        found = compute(rows)
        # What is made in inference mode could not be changed outside of it.
        with torch.inference_mode(mode=False):
            if length > len(self._known):
                self._grow(2 * length, found)
        index = rows.long()
        self._known[index] = True
        for name, values in found.items():
            self._kept[name][index] = values

    def _grow(self, length: int, like: Mapping[str, Tensor]) -> None:
        known = self._known.new_zeros(length)
        known[: len(self._known)] = self._known
        for name, values in like.items():
            kept = torch.zeros(length, values.shape[1], dtype=values.dtype, device=values.device)
            if name in self._kept:
                kept[: len(self._known)] = self._kept[name]
            self._kept[name] = kept
        self._known = known
