"""Steps of many processes, compiled by numba (extra ``numba``); results are those of :mod:`~.vectorised`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from igc_mig.process.compiled_observing import numbers, observe_float, observe_set
from igc_mig.process.compiling import compiled, inlined
from igc_mig.process.machine import NOTHING
from igc_mig.process.tables import BLOCKING, FLAT, IDLE_ONLY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from igc_mig.process.state import State
    from igc_mig.process.tables import Tables

__all__ = ("advance", "find_legal", "numbers", "observe_float", "observe_set", "show")


@inlined
def _note_waiting(state: State, row: int, units: float) -> None:
    for slot in range(state.shown.shape[1]):
        state.waited[row] += state.counts[row, slot] * units
    for task in range(state.admitted[row], state.total[row]):
        state.waited[row] += min(max(state.elapsed[row] - state.arrival[row, task], 0.0), units)


@inlined
def _expecting(state: State, row: int) -> bool:
    shown = 0
    for slot in range(state.shown.shape[1]):
        shown += state.counts[row, slot]
    return bool(state.admitted[row] < state.total[row] and shown < state.shown.shape[1])


@inlined
def _pass(state: State, row: int, units: float) -> None:
    for one in range(state.remaining.shape[1]):
        left = state.remaining[row, one] - units
        state.remaining[row, one] = 0.0 if left < NOTHING else left


@inlined
def _exchange(tables: Tables, state: State, row: int, target: int) -> int:
    if not tables.exchange or tables.mirror[target] >= target:
        return target
    for one in range(2):
        left = state.remaining[row, one]
        state.remaining[row, one] = state.remaining[row, one + 2]
        state.remaining[row, one + 2] = left
    state.swapped[row] = not state.swapped[row]
    return int(tables.mirror[target])


@inlined
def _wait(state: State, row: int, units: float) -> float:
    for one in range(state.remaining.shape[1]):
        left = state.remaining[row, one]
        if 0 < left < units:
            units = left
    if units == np.inf:
        return 0.0
    _pass(state, row, units)
    return float(units)


@inlined
def _cut(tables: Tables, state: State, row: int, target: int) -> float:
    layout, units = state.layout[row], 0.0
    if tables.rule == FLAT:
        target = _exchange(tables, state, row, target)
        for one in range(state.remaining.shape[1]):
            if tables.owners[layout, one] != tables.owners[target, one]:
                units = max(units, state.remaining[row, one])
        _pass(state, row, units)
        units += tables.flat_s / state.unit_s[row]
    else:
        for one in range(state.remaining.shape[1]):
            cost = tables.cost_s[layout, target, one] / state.unit_s[row]
            state.remaining[row, one] += cost
            if cost > 0 and tables.rule == BLOCKING:
                units = max(units, state.remaining[row, one])
        if tables.rule == BLOCKING:
            _pass(state, row, units)
        target = _exchange(tables, state, row, target)
    state.layout[row] = target
    return units


@inlined
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


@inlined
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


@inlined
def _admit_arrived(state: State, row: int) -> None:
    while _expecting(state, row):
        if state.arrival[row, state.admitted[row]] > state.elapsed[row] + NOTHING:
            break
        _admit(state, row)


@compiled
def _arrivals_ahead(state: State) -> NDArray[np.float64]:
    """Units until somebody arrives and is shown, in each process."""
    found = np.full(len(state.layout), np.inf)
    for row in range(len(found)):
        if _expecting(state, row):
            found[row] = state.arrival[row, state.admitted[row]] - state.elapsed[row]
    return found


@compiled
def _let_arrive(
    state: State, legal: NDArray[np.bool_], passed: NDArray[np.float64], started: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Show who has arrived; return the flow times that came about, over the tasks."""
    cost = np.zeros(len(passed))
    for row in range(len(passed)):
        if legal[row]:
            waited = state.waited[row]
            _note_waiting(state, row, passed[row])
            _admit_arrived(state, row)
            cost[row] = (started[row] + state.waited[row] - waited) / state.total[row]
    return cost


@compiled
def _advance(
    tables: Tables, state: State, actions: NDArray[np.int64], following: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_]]:
    """Act once; return units that passed, units of the tasks started, what was legal, and which episodes are over."""
    first, width, slots = 1 + len(tables.instances), tables.first.shape[1], state.legal.shape[1]
    none = state.times.shape[1] - 1
    passed, started = np.zeros(len(actions)), np.zeros(len(actions))
    legal, over = np.zeros(len(actions), np.bool_), np.zeros(len(actions), np.bool_)
    for row in range(len(actions)):
        action = actions[row]
        if 0 <= action < slots and state.legal[row, action]:
            legal[row] = True
            cut = 0 < action < first
            if action == 0:
                passed[row] = _wait(state, row, following[row])
            elif cut:
                passed[row] = _cut(tables, state, row, action - 1)
            else:
                started[row] = _start(tables, state, row, (action - first) // width, (action - first) % width)
            state.elapsed[row] += passed[row]
            state.just_cut[row] = cut
        over[row] = state.shown[row, 0] == none and state.admitted[row] == state.total[row]
        for one in range(state.remaining.shape[1]):
            over[row] &= state.remaining[row, one] <= 0
    return passed, started, legal, over


def advance(
    tables: Tables, state: State, actions: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_]]:
    """Act once in each process; as :func:`igc_mig.process.vectorised.advance`."""
    if not tables.arriving:
        passed, _, legal, over = _advance(tables, state, actions, np.full(len(actions), np.inf))
        return passed, legal, over
    passed, started, legal, over = _advance(tables, state, actions, _arrivals_ahead(state))
    return _let_arrive(state, legal, passed, started), legal, over


@inlined
def _find_cuts(tables: Tables, state: State, row: int) -> None:
    layout = state.layout[row]
    for target in range(len(tables.instances)):
        allowed = tables.rule == IDLE_ONLY or not state.just_cut[row]
        if tables.rule == IDLE_ONLY:
            for one in range(state.remaining.shape[1]):
                allowed &= not (tables.changes[layout, target, one] and state.remaining[row, one] > 0)
        state.legal[row, 1 + target] = allowed
    state.legal[row, 1 + layout] = False


@compiled
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
        _find_cuts(tables, state, row)
        for number in range(tables.instances[layout]):
            if state.remaining[row, tables.first[layout, number]] > 0:
                continue
            for slot in range(state.shown.shape[1]):
                if state.shown[row, slot] == none:
                    break
                state.legal[row, 1 + count + slot * width + number] = True


@compiled
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
