"""Tasks that arrive one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from igc_core.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from igc_mig.geometry import Gpu

#: Least share of a GPU that streams may take.
_LEAST = 1e-6


def poisson_arrivals(
    gpu: Gpu, durations: NDArray[np.float64], load: float, random: np.random.Generator
) -> NDArray[np.float64]:
    """Draw arrivals at random moments.

    Args:
        gpu: Where.
        durations: Seconds, shape ``(tasks, sizes)``.
        load: Share of all slices that the tasks' least work takes, on average.
        random: Draws everything.

    Returns:
        When each task arrives, in seconds, ascending, shape ``(tasks,)``; the first at 0.

    Raises:
        DataError: The load is not above 0.
    """
    demand_load(load)
    work = (durations * np.array(gpu.sizes)).min(1).mean() / gpu.compute_slices
    gaps = random.exponential(work / load, len(durations))
    gaps[:1] = 0.0
    return np.asarray(np.cumsum(gaps), np.float64)


def demand_load(load: float) -> None:
    """Make sure that something is a load.

    Raises:
        DataError: It is no number, or not above 0; or so little that the first tasks would be done for ages.
    """
    if not (np.isfinite(load) and load >= _LEAST):
        raise DataError(f"the field load is {load}, not a number from {_LEAST:g} on", code="data-invalid")


def demand_arrivals(arrivals_s: Any, tasks: int) -> NDArray[np.float64]:
    """Make sure that something says when tasks arrive.

    Args:
        arrivals_s: Seconds, ascending, none negative, shape ``(tasks,)``.
        tasks: How many there are.

    Raises:
        DataError: It does not; the message names the task.
    """
    try:
        found = np.asarray(arrivals_s, np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"the field arrival is no number: {error}", code="data-invalid") from error
    if found.shape != (tasks,):
        raise DataError(f"the field arrival is given {found.size} times for {tasks} tasks", code="data-invalid")
    wrong = np.flatnonzero(~(np.isfinite(found) & (found >= 0)))
    if len(wrong):
        raise DataError(f"task {wrong[0]}: the field arrival is {found[wrong[0]]}, not 0 or more", code="data-invalid")
    if (np.diff(found) < 0).any():
        late = int(np.flatnonzero(np.diff(found) < 0)[0]) + 1
        raise DataError(f"task {late}: the field arrival is before that of the task above", code="data-invalid")
    return found
