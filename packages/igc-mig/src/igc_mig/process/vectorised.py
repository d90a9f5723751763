"""Steps of many processes at once, with numpy alone; :mod:`igc_mig.process.compiled` does the same, faster."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from igc_mig.process.machine import NOTHING
from igc_mig.process.tables import BLOCKING, FLAT, IDLE_ONLY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from igc_mig.process.state import State
    from igc_mig.process.tables import Tables


def advance(
    tables: Tables, state: State, actions: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_]]:
    """Act once in each process.

    Args:
        tables: Facts.
        state: Changed in place, but for ``legal``.
        actions: One each, shape ``(B,)``; one that is not legal does nothing.

    Returns:
        What the action costs, whether it was legal, and whether the episode is over; each ``(B,)``. It costs the units
        that passed; where tasks arrive, the flow times that came about, over the tasks.
    """
    before = (state.waited if tables.arriving else state.elapsed).copy()
    within = np.clip(actions, 0, state.legal.shape[1] - 1)
    legal = (actions == within) & state.legal[np.arange(len(actions)), within]
    actions = np.where(legal, actions, -1)
    first = 1 + len(tables.instances)
    cut = (actions > 0) & (actions < first)
    _wait(tables, state, np.flatnonzero(actions == 0))
    if cut.any():
        rows = np.flatnonzero(cut)
        _cut(tables, state, rows, actions[rows] - 1)
    rows = np.flatnonzero(actions >= first)
    cost = np.zeros(len(actions))
    if len(rows):
        cost[rows] = _start(tables, state, rows, *np.divmod(actions[rows] - first, tables.first.shape[1]))
    if tables.arriving:
        _admit_arrived(state)
        cost = (cost + state.waited - before) / state.total
    else:
        cost = state.elapsed - before
    state.just_cut[:] = np.where(actions < 0, state.just_cut, cut)
    over = (state.shown[:, 0] == state.none) & ~state.remaining.any(1) & (state.admitted == state.total)
    return cost, legal, over


def find_legal(tables: Tables, state: State) -> None:
    """Say in ``state.legal`` what is legal now."""
    legal, layout = state.legal, state.layout
    busy = state.remaining > 0
    everyone, first = np.arange(len(layout)), 1 + len(tables.instances)
    legal[:, 0] = busy.any(1) | _expecting(state)
    if tables.rule == IDLE_ONLY:
        legal[:, 1:first] = ~(tables.changes[layout] & busy[:, None]).any(2)
    else:
        legal[:, 1:first] = ~state.just_cut[:, None]
    legal[everyone, 1 + layout] = False
    exists: NDArray[np.bool_] = np.less(
        np.arange(tables.first.shape[1], dtype=np.int64), tables.instances[layout][:, None]
    )
    idle: NDArray[np.bool_] = exists & ~np.take_along_axis(busy, tables.first[layout], 1)
    slots = legal[:, first:].reshape(len(layout), -1, tables.first.shape[1])
    np.logical_and((state.shown < state.none)[:, :, None], idle[:, None], out=slots)
    over = state.shown[:, 0] == state.none
    legal[over] = False
    legal[over, 0] = True  # an episode that is over can only wait


def _expecting(state: State) -> NDArray[np.bool_]:
    """In which processes somebody is still to arrive, and would be shown."""
    room: NDArray[np.bool_] = state.counts.sum(1) < state.counts.shape[1]
    return room & (state.admitted < state.total)


def _admit_arrived(state: State) -> None:
    """Show the tasks that have arrived and find room."""
    while True:
        rows = np.flatnonzero(_expecting(state))
        rows = rows[state.arrival[rows, state.admitted[rows]] <= state.elapsed[rows] + NOTHING]
        if not len(rows):
            break
        admit(state, rows)
        _sort(state, rows)


def _wait(tables: Tables, state: State, rows: NDArray[np.intp]) -> None:
    remaining = state.remaining[rows]
    units = np.where(remaining > 0, remaining, np.inf).min(1)
    if tables.arriving:
        expecting = _expecting(state)[rows]
        following = state.arrival[rows, np.minimum(state.admitted[rows], state.arrival.shape[1] - 1)]
        units = np.minimum(units, np.where(expecting, following - state.elapsed[rows], np.inf))
    _pass(tables, state, rows, np.where(np.isinf(units), 0.0, units))


def _pass(tables: Tables, state: State, rows: NDArray[np.intp], units: NDArray[np.float64]) -> None:
    _tell_time(tables, state, rows, units)
    left = state.remaining[rows] - units[:, None]
    state.remaining[rows] = np.where(left < NOTHING, 0.0, left)


def _tell_time(tables: Tables, state: State, rows: NDArray[np.intp], units: NDArray[np.float64]) -> None:
    """Let time pass for those who wait."""
    state.elapsed[rows] += units
    if tables.arriving:
        task = np.arange(state.arrival.shape[1], dtype=np.int64)
        pending = (task >= state.admitted[rows, None]) & (task < state.total[rows, None])
        late = np.clip(state.elapsed[rows, None] - state.arrival[rows], 0.0, units[:, None])
        state.waited[rows] += state.counts[rows].sum(1) * units + np.where(pending, late, 0.0).sum(1)


def _cut(tables: Tables, state: State, rows: NDArray[np.intp], target: NDArray[np.int64]) -> None:
    layout = state.layout[rows]
    if tables.rule == FLAT:
        target = _exchange(tables, state, rows, target)
        differs = tables.owners[layout] != tables.owners[target]
        _pass(tables, state, rows, np.where(differs, state.remaining[rows], 0.0).max(1))
        _tell_time(tables, state, rows, tables.flat_s / state.unit_s[rows])
    else:
        cost = tables.cost_s[layout, target] / state.unit_s[rows, None]
        state.remaining[rows] += cost
        if tables.rule == BLOCKING:
            _pass(tables, state, rows, np.where(cost > 0, state.remaining[rows], 0.0).max(1))
        target = _exchange(tables, state, rows, target)
    state.layout[rows] = target


def _exchange(tables: Tables, state: State, rows: NDArray[np.intp], target: NDArray[np.int64]) -> NDArray[np.int64]:
    mirrored = tables.mirror[target] < target
    if not (tables.exchange and mirrored.any()):
        return target
    swapped = rows[mirrored]
    state.remaining[swapped, :4] = state.remaining[swapped][:, [2, 3, 0, 1]]
    state.swapped[swapped] ^= True
    return np.where(mirrored, tables.mirror[target], target)


def _start(
    tables: Tables, state: State, rows: NDArray[np.intp], slot: NDArray[np.int64], number: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Start tasks; return the units that they take."""
    layout, kind = state.layout[rows], state.shown[rows, slot]
    units = state.times[rows, kind, tables.column[layout, number]]
    state.remaining[rows] = np.where(tables.covers[layout, number], units[:, None], state.remaining[rows])
    place = tables.places[state.swapped[rows].astype(np.int64), layout, number]
    state.plan[rows, state.started[rows], 0] = kind
    state.plan[rows, state.started[rows], 1] = place
    state.started[rows] += 1
    state.counts[rows, slot] -= 1
    gone = state.counts[rows, slot] == 0
    state.shown[rows[gone], slot[gone]] = state.none
    pending = rows[state.admitted[rows] < state.total[rows]]
    if tables.arriving:
        _sort(state, rows[gone])
    else:
        admit(state, pending)
        _sort(state, np.union1d(rows[gone], pending))
    return units


def admit(state: State, rows: NDArray[np.intp]) -> None:
    """Show the next task of some processes; their slots are out of order afterwards."""
    kind = state.kind[rows, state.admitted[rows]]
    state.admitted[rows] += 1
    known = state.shown[rows] == kind[:, None]
    free = (state.shown[rows] == state.none).argmax(1)
    slot = np.asarray(np.where(known.any(1), known.argmax(1), free), np.intp)
    state.shown[rows, slot] = kind
    state.counts[rows, slot] += 1


def _sort(state: State, rows: NDArray[np.intp]) -> None:
    order = np.argsort(state.shown[rows], axis=1, kind="stable")
    state.shown[rows] = np.take_along_axis(state.shown[rows], order, 1)
    state.counts[rows] = np.take_along_axis(state.counts[rows], order, 1)


def show(tables: Tables, state: State, rows: NDArray[np.intp]) -> None:
    """Show the first tasks of processes that begin."""
    state.shown[rows], state.counts[rows], state.admitted[rows] = state.none, 0, 0
    for _ in range(state.shown.shape[1]):
        open_rows = rows[state.admitted[rows] < state.total[rows]]
        if tables.arriving:
            open_rows = open_rows[state.arrival[open_rows, state.admitted[open_rows]] <= NOTHING]
        if not len(open_rows):
            break
        admit(state, open_rows)
    _sort(state, rows)


def numbers(state: State) -> NDArray[np.float64]:
    """Layout, times and count of each slot, time of each slice; shape ``(B, 1 + R * (sizes + 1) + C)``."""
    processes = len(state.layout)
    slots = np.concatenate([_shown_times(state), state.counts[:, :, None]], 2).reshape(processes, -1)
    return np.concatenate([state.layout[:, None], slots, state.remaining], 1, dtype=np.float64)


def observe_float(state: State, divisor: float, cut_flag: bool) -> NDArray[np.float32]:
    """Give :func:`numbers` over a divisor, at most 1; then whether the last action cut the GPU, where that is asked."""
    found = numbers(state)
    if cut_flag:
        found = np.concatenate([found, state.just_cut[:, None]], 1)
    found *= 1.0 / divisor
    return np.minimum(found, 1.0, out=found).astype(np.float32)


def observe_set(tables: Tables, state: State) -> tuple[NDArray[np.float32], NDArray[np.int8], NDArray[np.float32]]:
    """Rows of tasks ``(B, R, sizes + 1)``, which of them are slots ``(B, R)``, and the GPU ``(B, 2 * C + L + 1)``."""
    rows = np.concatenate([_shown_times(state), state.counts[:, :, None]], 2).astype(np.float32)
    layout = np.arange(len(tables.instances)) == state.layout[:, None]
    parts = [state.remaining, tables.shares[state.layout], layout, state.just_cut[:, None]]
    gpu = np.concatenate(parts, 1, dtype=np.float32, casting="unsafe")
    return rows, (state.shown < state.none).astype(np.int8), gpu


def _shown_times(state: State) -> NDArray[np.float64]:
    return np.take_along_axis(state.times, state.shown[:, :, None], 1)
