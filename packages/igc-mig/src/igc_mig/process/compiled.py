"""Steps of many processes, compiled by numba (extra ``numba``); results are those of :mod:`~.vectorised`."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np

from igc_mig.process.machine import NOTHING
from igc_mig.process.tables import BLOCKING, FLAT, IDLE_ONLY

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from igc_mig.process.state import State
    from igc_mig.process.tables import Tables

_Function = TypeVar("_Function", bound="Callable[..., Any]")
_NUMBA: Any = importlib.import_module("numba")


def _compiled(function: _Function) -> _Function:
    """Compile at the first call; what was compiled is kept on disk for later processes."""
    return cast("_Function", _NUMBA.njit(cache=True, error_model="numpy")(function))


def _inlined(function: _Function) -> _Function:
    """Compile what is called for each process: passing a state on costs more than most of these do."""
    return cast("_Function", _NUMBA.njit(cache=True, error_model="numpy", forceinline=True)(function))


@_inlined
def _note_waiting(state: State, row: int, units: float) -> None:
    for slot in range(state.shown.shape[1]):
        state.waited[row] += state.counts[row, slot] * units
    now = state.elapsed[row] + units
    for task in range(state.admitted[row], state.total[row]):
        state.waited[row] += min(max(now - state.arrival[row, task], 0.0), units)


@_inlined
def _expecting(state: State, row: int) -> bool:
    shown = 0
    for slot in range(state.shown.shape[1]):
        shown += state.counts[row, slot]
    return bool(state.admitted[row] < state.total[row] and shown < state.shown.shape[1])


@_inlined
def _pass(tables: Tables, state: State, row: int, units: float) -> None:
    if tables.arriving:
        _note_waiting(state, row, units)
    for one in range(state.remaining.shape[1]):
        left = state.remaining[row, one] - units
        state.remaining[row, one] = 0.0 if left < NOTHING else left


@_inlined
def _exchange(tables: Tables, state: State, row: int, target: int) -> int:
    if not tables.exchange or tables.mirror[target] >= target:
        return target
    for one in range(2):
        left = state.remaining[row, one]
        state.remaining[row, one] = state.remaining[row, one + 2]
        state.remaining[row, one + 2] = left
    state.swapped[row] = not state.swapped[row]
    return int(tables.mirror[target])


@_inlined
def _wait(tables: Tables, state: State, row: int) -> float:
    units = np.inf
    if tables.arriving and _expecting(state, row):
        units = state.arrival[row, state.admitted[row]] - state.elapsed[row]
    for one in range(state.remaining.shape[1]):
        left = state.remaining[row, one]
        if 0 < left < units:
            units = left
    if units == np.inf:
        return 0.0
    _pass(tables, state, row, units)
    return float(units)


@_inlined
def _cut(tables: Tables, state: State, row: int, target: int) -> float:
    layout, units = state.layout[row], 0.0
    if tables.rule == FLAT:
        target = _exchange(tables, state, row, target)
        for one in range(state.remaining.shape[1]):
            if tables.owners[layout, one] != tables.owners[target, one]:
                units = max(units, state.remaining[row, one])
        _pass(tables, state, row, units)
        units += tables.flat_s / state.unit_s[row]
    else:
        for one in range(state.remaining.shape[1]):
            cost = tables.cost_s[layout, target, one] / state.unit_s[row]
            state.remaining[row, one] += cost
            if cost > 0 and tables.rule == BLOCKING:
                units = max(units, state.remaining[row, one])
        if tables.rule == BLOCKING:
            _pass(tables, state, row, units)
        target = _exchange(tables, state, row, target)
    state.layout[row] = target
    return units


@_inlined
def _start(tables: Tables, state: State, row: int, slot: int, number: int) -> float:
    layout, kind = state.layout[row], state.shown[row, slot]
    units = state.times[row, kind, tables.column[layout, number]]
    for one in range(state.remaining.shape[1]):
        if tables.covers[layout, number, one]:
            state.remaining[row, one] = units
    step = state.started[row]
    state.plan[row, step, 0] = kind
    state.plan[row, step, 1] = tables.places[1 if state.swapped[row] else 0, layout, number]
    state.started[row] = step + 1
    state.counts[row, slot] -= 1
    if state.counts[row, slot] == 0:
        last = state.shown.shape[1] - 1
        for one in range(slot, last):
            state.shown[row, one] = state.shown[row, one + 1]
            state.counts[row, one] = state.counts[row, one + 1]
        state.shown[row, last], state.counts[row, last] = state.times.shape[1] - 1, 0
    if state.admitted[row] < state.total[row] and not tables.arriving:
        _admit(state, row)
    return float(units)


@_inlined
def _admit(state: State, row: int) -> None:
    kind, slot = state.kind[row, state.admitted[row]], 0
    state.admitted[row] += 1
    while state.shown[row, slot] < kind:
        slot += 1
    if state.shown[row, slot] != kind:
        for one in range(state.shown.shape[1] - 1, slot, -1):
            state.shown[row, one] = state.shown[row, one - 1]
            state.counts[row, one] = state.counts[row, one - 1]
        state.shown[row, slot], state.counts[row, slot] = kind, 0
    state.counts[row, slot] += 1


@_inlined
def _admit_arrived(state: State, row: int) -> None:
    while _expecting(state, row):
        if state.arrival[row, state.admitted[row]] > state.elapsed[row] + NOTHING:
            break
        _admit(state, row)


@_compiled
def advance(
    tables: Tables, state: State, actions: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_]]:
    """Act once in each process; as :func:`igc_mig.process.vectorised.advance`."""
    first, width, slots = 1 + len(tables.instances), tables.first.shape[1], state.legal.shape[1]
    none = state.times.shape[1] - 1
    passed = np.zeros(len(actions))
    legal, over = np.zeros(len(actions), np.bool_), np.zeros(len(actions), np.bool_)
    for row in range(len(actions)):
        action = actions[row]
        if 0 <= action < slots and state.legal[row, action]:
            legal[row] = True
            cut = 0 < action < first
            waited, started = state.waited[row], 0.0
            if action == 0:
                passed[row] = _wait(tables, state, row)
            elif cut:
                passed[row] = _cut(tables, state, row, action - 1)
            else:
                started = _start(tables, state, row, (action - first) // width, (action - first) % width)
            state.elapsed[row] += passed[row]
            state.just_cut[row] = cut
            if tables.arriving:
                _admit_arrived(state, row)
                passed[row] = (started + state.waited[row] - waited) / state.total[row]
        over[row] = state.shown[row, 0] == none and state.admitted[row] == state.total[row]
        for one in range(state.remaining.shape[1]):
            over[row] &= state.remaining[row, one] <= 0
    return passed, legal, over


@_inlined
def _may_cut(tables: Tables, state: State, row: int, target: int) -> bool:
    if tables.rule != IDLE_ONLY:
        return not state.just_cut[row]
    allowed = True
    for one in range(state.remaining.shape[1]):
        allowed &= not (tables.changes[state.layout[row], target, one] and state.remaining[row, one] > 0)
    return allowed


@_compiled
def find_legal(tables: Tables, state: State) -> None:
    """Say in ``state.legal`` what is legal now."""
    count, width = tables.first.shape
    none = state.times.shape[1] - 1
    for row in range(len(state.layout)):
        layout = state.layout[row]
        state.legal[row] = False
        if state.shown[row, 0] == none:
            state.legal[row, 0] = True
            continue
        for one in range(state.remaining.shape[1]):
            state.legal[row, 0] |= state.remaining[row, one] > 0
        if tables.arriving:
            state.legal[row, 0] |= _expecting(state, row)
        for target in range(count):
            state.legal[row, 1 + target] = target != layout and _may_cut(tables, state, row, target)
        for number in range(tables.instances[layout]):
            if state.remaining[row, tables.first[layout, number]] > 0:
                continue
            for slot in range(state.shown.shape[1]):
                if state.shown[row, slot] == none:
                    break
                state.legal[row, 1 + count + slot * width + number] = True


@_compiled
def show(tables: Tables, state: State, rows: NDArray[np.intp]) -> None:
    """Show the first tasks of processes that begin."""
    none = state.times.shape[1] - 1
    for row in rows:
        state.shown[row] = none
        state.counts[row] = 0
        state.admitted[row] = 0
        if tables.arriving:
            _admit_arrived(state, row)
            continue
        for _ in range(min(state.shown.shape[1], state.total[row])):
            _admit(state, row)


@_compiled
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


@_compiled
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


@_compiled
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
