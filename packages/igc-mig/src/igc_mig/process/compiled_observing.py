"""What is seen of many processes, compiled by numba; results are those of :mod:`~.vectorised`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from igc_mig.process.compiling import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from igc_mig.process.state import State
    from igc_mig.process.tables import Tables


@compiled
def numbers(state: State) -> NDArray[np.float64]:
    """Layout, times and count of each slot, time of each slice; shape ``(B, 1 + R * (sizes + 1) + C)``."""
    slots, sizes, slices = state.shown.shape[1], state.times.shape[2], state.remaining.shape[1]
    found = np.zeros((len(state.layout), 1 + slots * (sizes + 1) + slices))
    none = state.times.shape[1] - 1
    for row in range(len(found)):
        found[row, 0] = state.layout[row]
        for slot in range(slots):
            kind = state.shown[row, slot]
            if kind == none:
                break
            at = 1 + slot * (sizes + 1)
            for size in range(sizes):
                found[row, at + size] = state.times[row, kind, size]
            found[row, at + sizes] = state.counts[row, slot]
        for one in range(slices):
            found[row, 1 + slots * (sizes + 1) + one] = state.remaining[row, one]
    return found


@compiled
def observe_float(state: State, divisor: float, cut_flag: bool) -> NDArray[np.float32]:
    """Give :func:`numbers` over a divisor, at most 1; then whether the last action cut the GPU, where that is asked."""
    slots, sizes, slices = state.shown.shape[1], state.times.shape[2], state.remaining.shape[1]
    end = 1 + slots * (sizes + 1) + slices
    found = np.zeros((len(state.layout), end + (1 if cut_flag else 0)), np.float32)
    none, scale = state.times.shape[1] - 1, 1.0 / divisor
    for row in range(len(found)):
        found[row, 0] = min(state.layout[row] * scale, 1.0)
        for slot in range(slots):
            kind = state.shown[row, slot]
            if kind == none:
                break
            at = 1 + slot * (sizes + 1)
            for size in range(sizes):
                found[row, at + size] = min(state.times[row, kind, size] * scale, 1.0)
            found[row, at + sizes] = min(state.counts[row, slot] * scale, 1.0)
        for one in range(slices):
            found[row, end - slices + one] = min(state.remaining[row, one] * scale, 1.0)
        if cut_flag:
            found[row, end] = state.just_cut[row] * scale
    return found


@compiled
def observe_set(tables: Tables, state: State) -> tuple[NDArray[np.float32], NDArray[np.int8], NDArray[np.float32]]:
    """Rows of tasks ``(B, R, sizes + 1)``, which of them are slots ``(B, R)``, and the GPU ``(B, 2 * C + L + 1)``."""
    processes, slots = state.shown.shape
    sizes, slices = state.times.shape[2], state.remaining.shape[1]
    rows = np.zeros((processes, slots, sizes + 1), np.float32)
    present = np.zeros((processes, slots), np.int8)
    gpu = np.zeros((processes, 2 * slices + len(tables.instances) + 1), np.float32)
    none = state.times.shape[1] - 1
    for row in range(processes):
        layout = state.layout[row]
        for slot in range(slots):
            kind = state.shown[row, slot]
            if kind == none:
                break
            present[row, slot] = 1
            for size in range(sizes):
                rows[row, slot, size] = state.times[row, kind, size]
            rows[row, slot, sizes] = state.counts[row, slot]
        for one in range(slices):
            gpu[row, one] = state.remaining[row, one]
            gpu[row, slices + one] = tables.shares[layout, one]
        gpu[row, 2 * slices + layout] = 1.0
        gpu[row, -1] = state.just_cut[row]
    return rows, present, gpu
