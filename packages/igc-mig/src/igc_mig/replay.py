"""What a plan does on a GPU: the one clock of rewards, evaluations, pictures and drivers.

A plan is a list of steps, each a task on a placement. The executor takes them in order: a step begins as soon as the
slices it needs are free. Where its instance does not exist yet, idle instances in its way are destroyed and it is
created.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from igc_mig.errors import MigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from igc_mig.geometry import Gpu

#: How creating and destroying instances takes time: not at all; on the slices concerned alone; or all on one clock, as
#: the driver of a GPU does it.
CostModel: TypeAlias = Literal["none", "parallel", "serial"]
COST_MODELS: tuple[CostModel, ...] = ("none", "parallel", "serial")


class Step(NamedTuple):
    """Run a task on a placement; both are indices."""

    task: int
    placement: int


Plan: TypeAlias = "Sequence[Step]"


class Bar(NamedTuple):
    """Something that takes time on an instance.

    Attributes:
        kind: What it is.
        placement: Where.
        start_s: When it begins.
        end_s: When it ends.
        task: Which task, -1 for a reconfiguration.
    """

    kind: Literal["task", "create", "destroy"]
    placement: int
    start_s: float
    end_s: float
    task: int = -1


@dataclass(frozen=True, slots=True)
class Timeline:
    """What happened, in the order in which it was decided.

    Attributes:
        bars: Tasks and reconfigurations.
        makespan_s: When the last task ends; 0 for a plan without steps.
    """

    bars: tuple[Bar, ...]
    makespan_s: float

    @property
    def tasks(self) -> Iterable[Bar]:
        """The bars that are tasks."""
        return (bar for bar in self.bars if bar.kind == "task")


def replay(
    gpu: Gpu,
    durations: NDArray[np.float64] | Sequence[Sequence[float]],
    plan: Plan,
    cost: CostModel = "serial",
    *,
    ready_s: Sequence[float] | None = None,
) -> Timeline:
    """Run a plan on a GPU that has no instances yet.

    With serial costs all creations and destructions stand on one clock ``g``: each begins at
    ``max(g, its slices are free)``. A destruction reaches what follows only through that clock (FAR's rule). With
    parallel costs an instance is created when every one in its way has been destroyed on its own.

    Args:
        gpu: Where.
        durations: Seconds of each task on an instance of each of ``gpu.sizes``, shape ``(tasks, sizes)``.
        plan: Steps in order.
        cost: How long reconfigurations take.
        ready_s: When each task arrives; all at 0 if None.

    Raises:
        MigError: A step names a task or a placement that does not exist.
    """
    machine = Executor(gpu, cost)
    column, ready = gpu.columns, 0.0
    for task, placement in plan:
        if not (0 <= task < len(durations) and 0 <= placement < len(column)):
            raise MigError(f"step ({task}, {placement}) names no task or no placement", code="mig-plan-illegal")
        if ready_s is not None:
            ready = float(ready_s[task])
        machine.run(task, placement, float(durations[task][column[placement]]), ready)
    return Timeline(tuple(machine.bars), max((bar.end_s for bar in machine.bars if bar.kind == "task"), default=0.0))


class Executor:
    """The GPU's instances and clocks, step by step.

    Attributes:
        gpu: Where.
        cost: How long reconfigurations take.
        bars: What happened so far.
        clock: When the last serial reconfiguration ends.
        free: When each slice is, in seconds.
        live: Placements whose instances exist, in the order in which they were made.
    """

    def __init__(self, gpu: Gpu, cost: CostModel) -> None:
        """Begin on a GPU without instances."""
        self.gpu = gpu
        self.cost: CostModel = cost
        self.bars: list[Bar] = []
        self.clock = 0.0
        self.free = [0.0] * gpu.compute_slices
        self.live: dict[int, None] = {}

    def copy(self) -> Executor:
        """Return one that goes on from here on its own, without the bars so far."""
        found = Executor(self.gpu, self.cost)
        found.clock, found.free, found.live = self.clock, list(self.free), dict(self.live)
        return found

    def run(self, task: int, placement: int, duration: float, ready: float) -> None:
        """Run a task to its end on an instance, made where it is missing.

        Args:
            task: Which.
            placement: Where.
            duration: How long, in seconds.
            ready: Nothing happens for it before then, in seconds.
        """
        slices = self.gpu.placements[placement].slices
        if placement not in self.live:
            self._make(placement, ready)
        start = max(ready, *self.free[slices.start : slices.stop])
        self.bars.append(Bar("task", placement, start, start + duration, task))
        self._occupy(slices, start + duration)

    def _make(self, placement: int, ready: float) -> None:
        """Create an instance once those in its way are gone; nothing happens before the task is there."""
        rivals = self.gpu.rivals[placement]
        for old in [one for one in self.live if one in rivals]:
            ended = self._spend("destroy", old, ready)
            if self.cost == "parallel":
                self._occupy(self.gpu.placements[old].slices, ended)
            del self.live[old]
        self._occupy(self.gpu.placements[placement].slices, self._spend("create", placement, ready))
        self.live[placement] = None

    def _spend(self, kind: Literal["create", "destroy"], placement: int, earliest: float) -> float:
        """Reconfigure, and say when it is done."""
        place = self.gpu.placements[placement]
        slices = place.slices
        start = max(earliest, *self.free[slices.start : slices.stop])
        if self.cost == "none":
            return start
        table: Mapping[int, float] = self.gpu.create_s if kind == "create" else self.gpu.destroy_s
        if self.cost == "serial":
            start = max(start, self.clock)
        end = start + table[place.size]
        if self.cost == "serial":
            self.clock = end
        self.bars.append(Bar(kind, placement, start, end))
        return end

    def _occupy(self, slices: range, until: float) -> None:
        self.free[slices.start : slices.stop] = [until] * len(slices)
