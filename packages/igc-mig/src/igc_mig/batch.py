"""Batches of moldable tasks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from igc_core.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from igc_mig.geometry import Gpu

#: Longest time in a file, in seconds: some 30,000 years. Solvers reckon in milliseconds, as whole numbers of 64 bits.
LONGEST_S = 1e12


@dataclass(frozen=True, slots=True)
class Batch:
    """Tasks whose duration depends on the instance that they run on.

    Attributes:
        names: One a task.
        sizes: Compute slices that durations are known for, ascending.
        times_s: Seconds of each task on each size, shape ``(tasks, sizes)``.
        arrivals_s: When each task arrives, ascending, shape ``(tasks,)``; None where all are there.
    """

    names: tuple[str, ...]
    sizes: tuple[int, ...]
    times_s: NDArray[np.float64]
    arrivals_s: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        """Number of tasks."""
        return len(self.names)

    def durations(self, gpu: Gpu) -> NDArray[np.float64]:
        """Durations on the instances of a GPU, shape ``(tasks, gpu.sizes)``.

        Raises:
            DataError: They are not known for every size.
        """
        missing = [f"t{size}" for size in gpu.sizes if size not in self.sizes]
        if missing:
            raise DataError(
                f"the field {missing[0]} is missing: {gpu.name} has instances of that size",
                code="data-invalid",
                hint=f"give t{', t'.join(map(str, gpu.sizes))} for each task",
            )
        return self.times_s[:, [self.sizes.index(size) for size in gpu.sizes]]


def demand_durations(gpu: Gpu, durations: Any) -> NDArray[np.float64]:
    """Make sure that something is a table of durations.

    Args:
        gpu: Where.
        durations: Seconds, shape ``(tasks, gpu.sizes)``, at least one task.

    Raises:
        DataError: It is not; the message names the task and the field.
    """
    try:
        table = np.asarray(durations, np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"the field durations is no table of numbers: {error}", code="data-invalid") from error
    if table.ndim != 2 or table.shape[1] != len(gpu.sizes) or not len(table):  # noqa: PLR2004 - tasks by sizes
        raise DataError(
            f"the field durations is of shape {table.shape}, not (tasks, {len(gpu.sizes)}) with at least one task",
            code="data-invalid",
        )
    wrong = np.argwhere(~(np.isfinite(table) & (table > 0)))
    if len(wrong):
        task, column = wrong[0]
        raise DataError(
            f"task {task}: the field t{gpu.sizes[column]} is {table[task, column]}, not a number of seconds above 0",
            code="data-invalid",
        )
    return table
