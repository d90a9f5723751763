"""Batches of moldable tasks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from igc_core.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from igc_mig.geometry import Gpu


@dataclass(frozen=True, slots=True)
class Batch:
    """Tasks whose duration depends on the instance that they run on.

    Attributes:
        names: One a task.
        sizes: Compute slices that durations are known for, ascending.
        times_s: Seconds of each task on each size, shape ``(tasks, sizes)``.
    """

    names: tuple[str, ...]
    sizes: tuple[int, ...]
    times_s: NDArray[np.float64]

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
