"""Flow times of dispatchers over many streams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from igc_core.errors import AgentError
from igc_core.models import Model
from igc_mig.errors import MigError
from igc_mig.evaluation import interval
from igc_mig.process.options import demand_counts, demand_together
from igc_mig.schedulers.beam import Beam
from igc_mig.schedulers.catalogue import LEARNED, demand_fitting, scheduler
from igc_mig.schedulers.far import Far
from igc_mig.schedulers.fixed import BestFixed
from igc_mig.stream import FixedFifo, Replanning, draw_stream, flow_of, proposals

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from igc_mig.geometry import Gpu
    from igc_mig.replay import CostModel
    from igc_mig.stream import Dispatcher, Flow

#: Who is compared where nobody is named.
USUAL = ("fifo-fixed-best", "far", "portfolio", "rl")
#: Width of the beam: at every arrival there is a plan to make.
_WIDTH = 30


class FlowMeasurement(Model):
    """A dispatcher on a kind of stream.

    Attributes:
        scheduler: Its name.
        workload: The kind.
        load: Of the stream.
        mean_s: Mean flow time, averaged over streams.
        low_s: Lower end of its 95 % interval (percentile bootstrap over streams).
        high_s: Upper end.
        p95_s: 95th percentile of flow times, averaged over streams.
    """

    scheduler: str
    workload: str
    load: float
    mean_s: float
    low_s: float
    high_s: float
    p95_s: float


class FlowEvaluation(Model):
    """What was measured, and how.

    Attributes:
        gpu: Name of the model.
        cost: How reconfigurations were reckoned.
        tasks: In each stream.
        streams: Of each kind.
        seed: Of the streams.
        measurements: One for each dispatcher and kind.
    """

    gpu: str
    cost: Literal["none", "parallel", "serial"]
    tasks: int
    streams: int
    seed: int
    measurements: tuple[FlowMeasurement, ...]


def usual(gpu: Gpu, agent: Path | None = None) -> tuple[str, ...]:
    """Who is compared where nobody is named; without the agent that comes with the package where it does not fit.

    Raises:
        AgentError: The agent in the folder given does not fit, is not there, or is damaged.
    """
    try:
        demand_fitting(USUAL, agent, gpu)
    except AgentError:
        if agent is not None:
            raise
        return tuple(name for name in USUAL if name not in LEARNED)
    return USUAL


def dispatcher(name: str, agent: Path | None = None) -> Dispatcher:
    """Make a dispatcher: ``fifo-fixed-best``, ``portfolio``, or any scheduler's name to plan anew with.

    Raises:
        MigError: The name is unknown.
        AgentError: There is no agent, or it is damaged.
    """
    if name == FixedFifo.name:
        return FixedFifo()
    if name == "portfolio":
        return Replanning(name, proposals((Beam(_WIDTH, finalists=1), Far(), BestFixed())))
    if name.partition(":")[0] == LEARNED[1]:
        raise MigError(f"{name} compares makespans, not flow times", code="mig-options-refused", hint="use rl")
    return Replanning.of(scheduler(name, agent))


def evaluate_flow(
    dispatchers: Sequence[Dispatcher],
    workloads: Sequence[str],
    gpu: Gpu,
    *,
    load: float,
    cost: CostModel = "serial",
    tasks: int = 100,
    count: int = 5,
    seed: int = 0,
    told: Callable[[], None] = lambda: None,
) -> FlowEvaluation:
    """Compare dispatchers on the same seeded streams.

    Args:
        dispatchers: Who is compared.
        workloads: Kinds of task.
        gpu: Where.
        load: Of the streams.
        cost: How reconfigurations are reckoned.
        tasks: In each stream.
        count: Streams of each kind.
        seed: Of the streams.
        told: Called after each stream of each dispatcher.

    Raises:
        MigError: A workload is unknown.
        DataError: There is to be no task or stream, or there are to be too many; or the load is not above 0.
    """
    demand_counts(tasks=tasks, batches=count)
    demand_together(count, tasks)
    found: list[FlowMeasurement] = []
    for workload in workloads:
        randoms = [np.random.default_rng([seed, number]) for number in range(count)]
        streams = [draw_stream(gpu, workload, tasks, load, random) for random in randoms]
        for one in dispatchers:
            flows: list[Flow] = []
            for stream in streams:
                flows.append(flow_of(stream, one.dispatch(gpu, stream, cost)))
                told()
            means = np.array([flow.mean_s for flow in flows])
            low, high = interval(means)
            found.append(
                FlowMeasurement(
                    scheduler=one.name,
                    workload=workload,
                    load=load,
                    mean_s=float(means.mean()),
                    low_s=low,
                    high_s=high,
                    p95_s=float(np.mean([flow.p95_s for flow in flows])),
                )
            )
    return FlowEvaluation(gpu=gpu.name, cost=cost, tasks=tasks, streams=count, seed=seed, measurements=tuple(found))
