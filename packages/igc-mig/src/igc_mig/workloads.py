"""Synthetic batches: the kinds of Villarrubia et al., drawn with a numpy generator.

A task belongs to a *scaling class* ``S``: up to ``S`` compute slices it speeds up nearly linearly, beyond them poorly.
From ``s - 1`` to ``s`` slices its time changes to ``t(s) = t(s - 1) * (s - 1 + x) / s``: ``x = 0`` is linear, ``x = 1``
no speed-up, ``x < 0`` more than linear, as of tasks that were short of memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from igc_core.errors import DataError
from igc_core.plugins import suggestion
from igc_mig.batch import Batch
from igc_mig.errors import MigError
from igc_mig.process.options import demand_counts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

SIZES = (1, 2, 3, 4, 7)
#: The kind of online queue whose better half does not follow scaling classes.
MIX_ONLINE = "mix_scaling_online"


@dataclass(frozen=True, slots=True)
class Workload:
    """How a kind of batch is drawn.

    Attributes:
        shares: Of the scaling classes 1, 2, 3, 4 and 7.
        memory_bound: Share of each class that is short of memory at first, in percent.
        low_s: Shortest time on one slice.
        high_s: Longest.
        widest_first: Whether the widest classes get the tasks that rounding left over.
    """

    shares: tuple[float, ...]
    memory_bound: int
    low_s: float = 90.0
    high_s: float = 100.0
    widest_first: bool = False

    def counts(self, tasks: int) -> tuple[int, ...]:
        """Tasks of each class in a batch."""
        found = [int(share * tasks) for share in self.shares]
        order = range(len(found))
        for index in reversed(order) if self.widest_first else order:
            found[index] += sum(found) < tasks
        return tuple(found)

    def draw(self, tasks: int, random: np.random.Generator) -> Iterator[list[float]]:
        """Yield the times of each task, class by class."""
        for scaling, count in zip(SIZES, self.counts(tasks), strict=True):
            for index in range(count):
                bound = index < count * self.memory_bound // 100
                yield task_times(float(random.uniform(self.low_s, self.high_s)), scaling, random, memory_bound=bound)


#: The kinds of batch, and those of queue (``*_online``), by name.
WORKLOADS: Mapping[str, Workload] = MappingProxyType(
    {
        "good_scaling": Workload((0, 0, 0, 0.5, 0.5), 75, widest_first=True),
        "bad_scaling": Workload((0.5, 0.5, 0, 0, 0), 25),
        "mix_scaling_extreme": Workload((0.45, 0.05, 0, 0.05, 0.45), 50),
        "mix_scaling_soft": Workload((0.2,) * 5, 50),
        "wide_times": Workload((0.2,) * 5, 50, low_s=1.0),
        "good_scaling_online": Workload((0, 0, 0.2, 0.4, 0.4), 100, widest_first=True),
        "bad_scaling_online": Workload((0.2,) * 5, 50),
        MIX_ONLINE: Workload((1, 0, 0, 0, 0), 0),
    }
)


def generate(workload: str, tasks: int, random: np.random.Generator) -> Batch:
    """Draw a batch.

    Args:
        workload: A name of :data:`WORKLOADS`.
        tasks: How many; they come class by class, as in the reference.
        random: Draws everything.

    Returns:
        Tasks whose times never increase with the size.

    Raises:
        MigError: The workload is unknown.
        DataError: There is to be no task, or there are to be too many.
    """
    kind = named(workload)
    if tasks < 1:
        raise DataError(f"the number of tasks is {tasks}, not 1 or more", code="data-invalid")
    demand_counts(tasks=tasks)
    good = tasks // 2 if workload == MIX_ONLINE else 0
    times = [_abrupt(random) for _ in range(good)]
    times += kind.draw(tasks - good, random)
    names = tuple(f"task{number}" for number in range(tasks))
    return Batch(names, SIZES, np.array(times, np.float64))


def named(workload: str) -> Workload:
    """Look a kind of batch up.

    Raises:
        MigError: It is unknown.
    """
    if workload not in WORKLOADS:
        raise MigError(f"no workload named {workload!r}", hint=suggestion(workload, WORKLOADS))
    return WORKLOADS[workload]


def task_times(first_s: float, scaling: int, random: np.random.Generator, *, memory_bound: bool) -> list[float]:
    """Draw the times of one task on 1, 2, 3, 4 and 7 slices.

    Args:
        first_s: Seconds on one slice.
        scaling: Its class.
        random: Draws each step.
        memory_bound: Whether it is short of memory at first.
    """
    times = [first_s]
    for size in range(2, SIZES[-1] + 1):
        if size > scaling or (memory_bound and size == 4):  # noqa: PLR2004 - 4g has no more memory than 3g
            step = _clipped(random.normal, 0.75, 0.25, 0.5, 1.0)
        elif memory_bound:
            step = _clipped(random.normal, -0.3, 0.3, -0.5, 0.0)
            memory_bound = random.random() >= 0.025  # noqa: PLR2004 - the reference's chance that memory suffices now
        else:
            step = _clipped(random.normal, 0.05, 0.05, 0.0, 0.1)
        times.append(times[-1] * (size - 1 + step) / size)
    return [times[size - 1] for size in SIZES]


def _abrupt(random: np.random.Generator) -> list[float]:
    """Draw a task that gains next to nothing before it has the whole GPU, and then nearly everything."""
    times = [float(random.uniform(90.0, 100.0))]
    for _ in pairwise(SIZES[:-1]):
        times.append(times[-1] * float(random.uniform(0.97, 1.0)))
    return [*times, float(random.uniform(0.1, 5.0))]


def _clipped(normal: Callable[[float, float], float], mean: float, spread: float, low: float, high: float) -> float:
    return min(high, max(low, float(normal(mean, spread))))
