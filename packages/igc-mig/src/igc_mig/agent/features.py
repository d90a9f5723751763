"""What the network is told of a state, all of it relative to what is left to do.

The *level* is the makespan that what is left would take if it could be spread evenly: work on the slices and least work
of the tasks, over all slices, but no less than the longest task or the busiest slice. Times are divided by it, so a
state late in a large batch looks like one early in a small batch, and one network serves any number of tasks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from igc_mig.process.machine import Rules
from igc_mig.process.tables import tables

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from igc_mig.geometry import Gpu

    Arrays = dict[str, NDArray[Any]]

#: Inefficiencies and relative times above this look the same.
_HIGHEST = 4.0
_SMALL = 1e-6


class Features:
    """Turns observations of the kind ``"set"`` into the network's inputs.

    Attributes:
        gpu: The model that they are of.
        row: Features of a task.
        whole: Features of everything.
        placements: Placements of the GPU that layouts consist of, at most.
        sizes: Sizes of its instances.
    """

    def __init__(self, gpu: Gpu) -> None:
        self.gpu = gpu
        found = tables(gpu, Rules(slots=1))
        self.column, self.places = found.column, found.places[0]
        self.layouts, self.instances = found.first.shape
        self.sizes, self.placements = len(gpu.sizes), len(gpu.placements)
        self.row = 3 * self.sizes + 6
        self.whole = 2 * gpu.compute_slices + self.layouts + 6 + 4 * self.sizes
        self._shares = np.array(gpu.sizes, np.float32) / gpu.compute_slices

    def __call__(self, observation: Mapping[str, NDArray[Any]]) -> Arrays:
        """Compute the inputs.

        Args:
            observation: ``tasks`` ``(B, R, sizes + 1)``, ``present`` ``(B, R)``, ``gpu`` ``(B, ...)``.

        Returns:
            ``rows`` ``(B, R, row)``, ``whole`` ``(B, whole)``, ``level`` ``(B, 1)``, float32; ``present`` ``(B, R)``
            bool; ``layout`` ``(B, 1)`` int64.
        """
        times, count = observation["tasks"][:, :, :-1], observation["tasks"][:, :, -1:]
        present, gpu = observation["present"].astype(bool), observation["gpu"]
        slices = self.gpu.compute_slices
        area = times * self._shares
        least = area.min(2, keepdims=True)
        work = (least * count).sum((1, 2))
        shortest = times.min(2).max(1)
        remaining = gpu[:, :slices]
        level = np.maximum(work + remaining.mean(1), np.maximum(shortest, remaining.max(1)))
        level = np.maximum(level, _SMALL)[:, None].astype(np.float32)
        longest = np.maximum(times.max(1), _SMALL)
        scale = level[:, :, None]
        rows = [times / scale, np.minimum(area / np.maximum(least, _SMALL) - 1, _HIGHEST), times / longest[:, None]]
        rows += [least / scale, np.minimum(count, _HIGHEST) / _HIGHEST]
        rows += [part for key in (least, times.min(2, keepdims=True)) for part in _ahead(key, least, count)]
        number = count.sum((1, 2))[:, None]
        best = (area <= least) * least * count
        whole = [remaining / level, gpu[:, slices:], work[:, None] / level, remaining.mean(1, keepdims=True) / level]
        whole += [np.log1p(number) / 4, 1 / np.maximum(number, 1), shortest[:, None] / level, best.sum(1) / level]
        whole += [
            longest / level,
            (area * count).sum(1) / level,
            (times * count).sum(1) / np.maximum(number, 1) / level,
        ]
        return {
            "layout": gpu[:, 2 * slices : 2 * slices + self.layouts].argmax(1)[:, None],
            "level": level,
            "present": present,
            "rows": np.concatenate(rows, 2, dtype=np.float32),
            "whole": np.concatenate(whole, 1, dtype=np.float32),
        }


def _ahead(
    key: NDArray[np.float64], work: NDArray[np.float64], count: NDArray[np.float64]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Share of the work, and of the tasks, whose key is larger or that is shown before with the same key.

    Args:
        key: What tasks are ordered by, the largest first, shape ``(B, R, 1)``.
        work: Of a task, likewise.
        count: Tasks of a row, 0 where there is none.
    """
    flat, number = key[:, :, 0], count[:, :, 0]
    order = np.argsort(-np.where(number > 0, flat, -np.inf), axis=1, kind="stable")
    back = np.argsort(order, axis=1)
    shares: list[NDArray[np.float32]] = []
    for weight in (work[:, :, 0] * number, number):
        sorted_weight = np.take_along_axis(weight, order, 1)
        before = np.cumsum(sorted_weight, 1) - sorted_weight
        total = np.maximum(sorted_weight.sum(1, keepdims=True), _SMALL)
        shares.append(np.take_along_axis(before / total, back, 1)[:, :, None].astype(np.float32))
    return shares[0], shares[1]
