"""How far from the bound schedulers are, over many batches."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Literal

import numpy as np

from igc_core.models import Model
from igc_mig.bounds import lower_bound_s
from igc_mig.process.options import demand_counts, demand_together
from igc_mig.replay import replay
from igc_mig.workloads import generate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from igc_mig.geometry import Gpu
    from igc_mig.replay import CostModel
    from igc_mig.schedulers.protocol import Scheduler

#: Bootstrap samples, and the share of them that an interval covers.
_SAMPLES, _COVERAGE = 2000, 0.95


class Measurement(Model):
    """A scheduler on a kind of batch.

    Attributes:
        scheduler: Its name.
        workload: The kind.
        ratio: Mean makespan over the lower bound.
        low: Lower end of the mean's 95 % interval (percentile bootstrap over batches).
        high: Upper end.
        decision_ms: Mean CPU time of a decision, in milliseconds.
        ratios: Of each batch.
    """

    scheduler: str
    workload: str
    ratio: float
    low: float
    high: float
    decision_ms: float
    ratios: tuple[float, ...]


class Evaluation(Model):
    """What was measured, and how.

    Attributes:
        gpu: Name of the model.
        cost: How reconfigurations were reckoned.
        tasks: In each batch.
        batches: Of each kind.
        seed: Of the batches.
        measurements: One for each scheduler and kind.
    """

    gpu: str
    cost: Literal["none", "parallel", "serial"]
    tasks: int
    batches: int
    seed: int
    measurements: tuple[Measurement, ...]


def batches(workload: str, tasks: int, count: int, seed: int, gpu: Gpu) -> Iterator[NDArray[np.float64]]:
    """Yield the durations of seeded batches, each shape ``(tasks, sizes)``.

    Raises:
        MigError: The workload is unknown.
        DataError: There is to be no task.
    """
    for number in range(count):
        yield generate(workload, tasks, np.random.default_rng([seed, number])).durations(gpu)


def measure(
    scheduler: Scheduler, workload: str, drawn: Sequence[NDArray[np.float64]], gpu: Gpu, cost: CostModel
) -> Measurement:
    """Let a scheduler plan batches.

    Args:
        scheduler: Who plans.
        workload: What the batches are called.
        drawn: Durations of each batch, at least one.
        gpu: Where.
        cost: How reconfigurations are reckoned.
    """
    spent, ratios = 0.0, np.empty(len(drawn))
    for number, durations in enumerate(drawn):
        begun = time.process_time()
        plan = scheduler.plan(gpu, durations, cost)
        spent += time.process_time() - begun
        ratios[number] = replay(gpu, durations, plan, cost).makespan_s / lower_bound_s(gpu, durations)
    low, high = interval(ratios)
    return Measurement(
        scheduler=scheduler.name,
        workload=workload,
        ratio=float(ratios.mean()),
        low=low,
        high=high,
        decision_ms=1000 * spent / len(drawn),
        ratios=tuple(ratios.tolist()),
    )


def evaluate(
    makers: Sequence[Callable[[], Scheduler]],
    workloads: Sequence[str],
    gpu: Gpu,
    *,
    cost: CostModel = "serial",
    tasks: int = 14,
    count: int = 50,
    seed: int = 0,
    told: Callable[[], None] = lambda: None,
) -> Evaluation:
    """Compare schedulers on the same seeded batches.

    Args:
        makers: Of the schedulers; each kind of batch gets a new one.
        workloads: Kinds of batch.
        gpu: Where.
        cost: How reconfigurations are reckoned.
        tasks: In each batch.
        count: Batches of each kind.
        seed: Of the batches.
        told: Called after each scheduler on each kind.

    Raises:
        MigError: A workload is unknown, or a solver is not installed.
        DataError: There is to be no task or batch, or there are to be too many.
    """
    demand_counts(tasks=tasks, batches=count)
    demand_together(count, tasks)
    found: list[Measurement] = []
    for workload in workloads:
        drawn = list(batches(workload, tasks, count, seed, gpu))
        for maker in makers:
            found.append(measure(maker(), workload, drawn, gpu, cost))
            told()
    return Evaluation(gpu=gpu.name, cost=cost, tasks=tasks, batches=count, seed=seed, measurements=tuple(found))


def interval(values: NDArray[np.float64]) -> tuple[float, float]:
    """Give the 95 % interval of a mean by percentile bootstrap (Efron and Tibshirani, 1993)."""
    drawn = np.random.default_rng(0).integers(len(values), size=(_SAMPLES, len(values)))
    low, high = np.quantile(values[drawn].mean(1), [(1 - _COVERAGE) / 2, (1 + _COVERAGE) / 2])
    return float(low), float(high)
