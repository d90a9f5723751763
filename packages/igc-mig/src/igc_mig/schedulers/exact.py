"""Optimal assignments by constraint programming (CP-SAT of OR-tools), with proven bounds."""

from __future__ import annotations

import importlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from igc_mig.bounds import lower_bound_s
from igc_mig.errors import MigError
from igc_mig.schedulers.beam import Beam
from igc_mig.tree import blocking, columns, grow, steps

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from igc_mig.geometry import Gpu
    from igc_mig.replay import CostModel, Step

#: Units of the solver in a second; it reckons in whole numbers.
_TICKS = 1000


@dataclass(frozen=True, slots=True)
class Solution:
    """What the solver found.

    Attributes:
        assignment: The placement of each task.
        makespan_s: Its makespan where reconfigurations cost nothing.
        bound_s: No schedule is shorter, whatever reconfigurations cost.
        proven: Whether the two meet, to a millisecond.
    """

    assignment: tuple[int, ...]
    makespan_s: float
    bound_s: float
    proven: bool


class Exact:
    """Schedule by an optimal assignment, or the best one found in time.

    Attributes:
        name: How tables call it.
        limit_s: Wall-clock seconds at most.
        workers: Threads of the solver.
    """

    name = "exact"

    def __init__(self, limit_s: float = 10.0, workers: int = 1) -> None:
        self.limit_s = limit_s
        self.workers = workers

    def plan(self, gpu: Gpu, durations: NDArray[np.float64], cost: CostModel) -> list[Step]:
        """Make a plan; costs do not enter the choice of placements, only the order.

        Raises:
            MigError: OR-tools is not installed.
        """
        return self.carried_out(self.solve(gpu, durations), gpu, durations, cost)

    def carried_out(self, solution: Solution, gpu: Gpu, durations: NDArray[np.float64], cost: CostModel) -> list[Step]:
        """Make a plan of an assignment: the order, which costs decide."""
        return steps(gpu, durations, grow(gpu, durations, solution.assignment), serial=cost != "none")

    def solve(self, gpu: Gpu, durations: NDArray[np.float64]) -> Solution:
        """Minimise the load of the fullest slice, beginning with what beam search finds.

        Args:
            gpu: Where.
            durations: Seconds, shape ``(tasks, sizes)``.

        Raises:
            MigError: OR-tools is not installed.
        """
        cp_model = _solver()
        if not len(durations):
            return Solution((), 0.0, 0.0, proven=True)
        first = tuple(map(int, Beam().assignments(gpu, durations)[0]))
        model, chosen = _model(cp_model, gpu, durations, first)
        solver: Any = cp_model.CpSolver()
        solver.parameters.max_time_in_seconds = self.limit_s
        solver.parameters.num_workers = self.workers
        status = _solve(solver, model)
        assignment = first
        if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            assignment = tuple(next(place for place, one in enumerate(row) if solver.value(one)) for row in chosen)
        column, taken = columns(gpu), blocking(gpu)
        loads = sum(durations[task, column[place]] * taken[place] for task, place in enumerate(assignment))
        bound = max(lower_bound_s(gpu, durations), solver.best_objective_bound / _TICKS)
        return Solution(assignment, float(np.max(loads)), bound, proven=status == cp_model.OPTIMAL)


def _model(
    cp_model: Any, gpu: Gpu, durations: NDArray[np.float64], first: tuple[int, ...]
) -> tuple[Any, list[list[Any]]]:
    """State the problem: one placement a task, no slice fuller than the makespan, which is least."""
    # Rounded down, so that the bound holds for the durations themselves.
    ticks = (durations[:, columns(gpu)] * _TICKS).astype(int).tolist()
    taken = blocking(gpu).astype(int)
    model = cp_model.CpModel()
    chosen = [[model.new_bool_var("") for _ in row] for row in ticks]
    fullest = model.new_int_var(0, sum(map(max, ticks)), "makespan")
    for row, place in zip(chosen, first, strict=True):
        model.add_exactly_one(row)
        for index, one in enumerate(row):
            model.add_hint(one, int(index == place))
    for share, slices in [*((column, 1) for column in taken.T), (taken.sum(1), gpu.compute_slices)]:
        # The last of these follows from the others, and tells the solver the bound by area.
        load = sum(
            time * int(share[place]) * one
            for row, times in zip(chosen, ticks, strict=True)
            for place, (one, time) in enumerate(zip(row, times, strict=True))
        )
        model.add(load <= slices * fullest)
    model.minimize(fullest)
    return model, chosen


def _solve(solver: Any, model: Any) -> Any:
    """Solve beside the calling thread: OR-tools would take a Ctrl-C for itself, and the program go on without it."""
    solver.parameters.catch_sigint_signal = False
    with ThreadPoolExecutor(1) as pool:
        solved = pool.submit(solver.solve, model)
        try:
            return solved.result()
        except BaseException:
            solver.stop_search()
            raise


def _solver() -> Any:
    try:
        return importlib.import_module("ortools.sat.python.cp_model")  # an extra, and slow to import
    except ImportError as error:
        raise MigError(
            "the exact scheduler needs OR-tools, which is not installed",
            code="mig-solver-missing",
            hint="pip install igc-mig[solver]",
        ) from error
