"""Tasks that arrive over time, and those who schedule them without knowing who comes next."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from igc_mig.arrivals import poisson_arrivals
from igc_mig.replay import Executor, Step, Timeline, replay
from igc_mig.tree import Open
from igc_mig.workloads import generate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from igc_mig.geometry import Gpu
    from igc_mig.replay import CostModel
    from igc_mig.schedulers.protocol import Scheduler

#: Power of flow times when plans are compared: 1 looks at the mean alone, more at the longest too.
_POWER = 1.5
#: Weight of the work that a plan takes, in times that the whole GPU is busy: nobody knows who will wait for it.
_REGARD = 2.0


@dataclass(frozen=True, slots=True)
class Stream:
    """Tasks in the order in which they arrive.

    Attributes:
        durations: Seconds on each of a GPU's sizes, shape ``(tasks, sizes)``.
        arrivals_s: When each arrives, ascending, shape ``(tasks,)``.
    """

    durations: NDArray[np.float64]
    arrivals_s: NDArray[np.float64]


class Flow(NamedTuple):
    """How long tasks were in the system, from arrival to end.

    Attributes:
        mean_s: On average.
        p95_s: All but a twentieth of them at most.
    """

    mean_s: float
    p95_s: float


class Dispatcher(Protocol):
    """Decides who of those that have arrived runs where."""

    @property
    def name(self) -> str:
        """How tables call it."""
        ...

    def dispatch(self, gpu: Gpu, stream: Stream, cost: CostModel) -> Timeline:
        """Run a stream; no decision may use a task that has not arrived."""
        ...


def draw_stream(gpu: Gpu, workload: str, tasks: int, load: float, random: np.random.Generator) -> Stream:
    """Draw tasks in random order with Poisson arrivals.

    Args:
        gpu: Where.
        workload: Their kind.
        tasks: How many.
        load: Share of all slices that their least work takes, on average.
        random: Draws everything.

    Raises:
        MigError: The workload is unknown.
        DataError: There is to be no task, or the load is not above 0.
    """
    durations = random.permutation(generate(workload, tasks, random).durations(gpu))
    return Stream(durations, poisson_arrivals(gpu, durations, load, random))


def flow_of(stream: Stream, timeline: Timeline) -> Flow:
    """Measure flow times."""
    flows = [bar.end_s - stream.arrivals_s[bar.task] for bar in timeline.tasks]
    return Flow(float(np.mean(flows)), float(np.quantile(flows, 0.95)))


def decisions(timeline: Timeline) -> tuple[list[Step], list[float]]:
    """Give the steps of a timeline, and when each began: with these as ``ready_s``, replay does the same again."""
    plan, begun = list[Step](), list[float]()
    first: float | None = None
    for bar in timeline.bars:
        first = bar.start_s if first is None else min(first, bar.start_s)
        if bar.kind == "task":
            plan.append(Step(bar.task, bar.placement))
            begun.append(first)
            first = None
    return plan, begun


class FixedFifo:
    """First come, first served on the partition that is best for the whole stream: chosen in hindsight."""

    name = "fifo-fixed-best"

    def dispatch(self, gpu: Gpu, stream: Stream, cost: CostModel) -> Timeline:
        """Run a stream."""
        runs = (self.run(gpu, stream, partition, cost) for partition in gpu.partitions)
        return min(runs, key=lambda timeline: flow_of(stream, timeline).mean_s)

    def run(self, gpu: Gpu, stream: Stream, partition: Sequence[int], cost: CostModel) -> Timeline:
        """Run a stream on one partition, each task where an instance is free first."""
        queue = [Open(0.0, place) for place in partition]
        plan: list[Step] = []
        rows, arrivals = stream.durations.tolist(), stream.arrivals_s.tolist()
        for task, (row, arrival) in enumerate(zip(rows, arrivals, strict=True)):
            end, place = heapq.heappop(queue)
            plan.append(Step(task, place))
            heapq.heappush(queue, Open(max(end, arrival) + row[gpu.columns[place]], place))
        return replay(gpu, stream.durations, plan, cost, ready_s=arrivals)


class Replanning:
    """Plan all that wait anew at every arrival; what has begun goes on.

    Attributes:
        name: How tables call it.
    """

    def __init__(
        self, name: str, propose: Callable[[Gpu, NDArray[np.float64], CostModel], Iterator[list[Step]]]
    ) -> None:
        """Choose how to plan.

        Args:
            name: How tables call it.
            propose: Plans for tasks that wait, given their durations; the best one from where the GPU stands is
                followed.
        """
        self.name = name
        self._propose = propose

    @classmethod
    def of(cls, scheduler: Scheduler) -> Replanning:
        """Follow one scheduler, whatever its plans are worth from where the GPU stands."""

        def propose(gpu: Gpu, durations: NDArray[np.float64], cost: CostModel) -> Iterator[list[Step]]:
            yield list(scheduler.plan(gpu, durations, cost))

        return cls(scheduler.name, propose)

    def dispatch(self, gpu: Gpu, stream: Stream, cost: CostModel) -> Timeline:
        """Run a stream."""
        executor, waiting = Executor(gpu, cost), list[int]()
        moments = [*np.unique(stream.arrivals_s).tolist(), np.inf]
        arrived = 0
        for now, following in pairwise(moments):
            while arrived < len(stream.arrivals_s) and stream.arrivals_s[arrived] <= now:
                waiting.append(arrived)
                arrived += 1
            plan = self._best(executor, stream, waiting, now)
            for step in _begun(executor, stream, plan, now, following):
                _run(executor, stream, step, now)
                waiting.remove(step.task)
        bars = tuple(executor.bars)
        return Timeline(bars, max((bar.end_s for bar in bars if bar.kind == "task"), default=0.0))

    def _best(self, executor: Executor, stream: Stream, waiting: list[int], now: float) -> list[Step]:
        """The proposed plan with the least sum of flow times, each to a power."""
        durations = stream.durations[waiting]
        plans = [
            [Step(waiting[task], place) for task, place in plan]
            for plan in self._propose(executor.gpu, durations, executor.cost)
        ]
        return min(plans, key=lambda plan: _dislike(executor, stream, plan, now)) if len(plans) > 1 else plans[0]


def proposals(
    schedulers: Sequence[Scheduler],
) -> Callable[[Gpu, NDArray[np.float64], CostModel], Iterator[list[Step]]]:
    """Propose the plans of some schedulers, as they are and with short tasks first, and two for each partition."""

    def propose(gpu: Gpu, durations: NDArray[np.float64], cost: CostModel) -> Iterator[list[Step]]:
        for scheduler in schedulers:
            plan = list(scheduler.plan(gpu, durations, cost))
            yield plan
            yield sorted(plan, key=lambda step: float(durations[step.task, gpu.columns[step.placement]]))
        shortest = np.argsort(durations.min(1), kind="stable").tolist()
        for partition in gpu.partitions:
            yield first_ended(gpu, durations, partition, range(len(durations)))
            yield first_ended(gpu, durations, partition, shortest)

    return propose


def first_ended(gpu: Gpu, durations: NDArray[np.float64], partition: Sequence[int], order: Iterable[int]) -> list[Step]:
    """Give each task, in an order, to the instance of a partition that ends it first."""
    ends = [0.0] * len(partition)
    plan: list[Step] = []
    for task in order:
        row = durations[task].tolist()
        done = [end + row[gpu.columns[place]] for end, place in zip(ends, partition, strict=True)]
        chosen = done.index(min(done))
        ends[chosen] = done[chosen]
        plan.append(Step(task, partition[chosen]))
    return plan


def _run(executor: Executor, stream: Stream, step: Step, now: float) -> None:
    duration = float(stream.durations[step.task, executor.gpu.columns[step.placement]])
    executor.run(step.task, step.placement, duration, now)


def _dislike(executor: Executor, stream: Stream, plan: list[Step], now: float) -> float:
    """How bad a plan is: flow times, and the work that later tasks wait for, to a power against long ones."""
    trial, total = executor.copy(), 0.0
    for step in plan:
        _run(trial, stream, step, now)
        bar = trial.bars[-1]
        share = len(executor.gpu.placements[step.placement].slices) / executor.gpu.compute_slices
        total += (bar.end_s - stream.arrivals_s[step.task] + _REGARD * share * (bar.end_s - bar.start_s)) ** _POWER
    return float(total)


def _begun(executor: Executor, stream: Stream, plan: list[Step], now: float, following: float) -> list[Step]:
    """Steps of a plan that begin before the next arrival."""
    trial, begun = executor.copy(), list[Step]()
    for step in plan:
        known = len(trial.bars)
        _run(trial, stream, step, now)
        if trial.bars[known].start_s < following:
            begun.append(step)
    return begun
