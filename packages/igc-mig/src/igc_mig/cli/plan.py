"""``igc mig plan``: schedule a batch."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from igc_core.cli import console

if TYPE_CHECKING:
    from igc_mig.batch import Batch
    from igc_mig.geometry import Gpu
    from igc_mig.plan_file import PlanFile
    from igc_mig.replay import CostModel
    from igc_mig.schedulers.exact import Exact
    from igc_mig.schedulers.protocol import Scheduler

GPU_HELP = "Model: a30, a100, h100 or h200."
COST_HELP = "How reconfigurations take time: not at all, each on its own slices, or all on one clock as drivers do."


class Cost(StrEnum):
    """How reconfigurations take time."""

    NONE = "none"
    PARALLEL = "parallel"
    SERIAL = "serial"


def plan(
    tasks: Annotated[Path, typer.Argument(help="File of tasks, .csv or .json: name, t1, t2, t3, t4, t7 in seconds.")],
    gpu: Annotated[str, typer.Option(help=GPU_HELP)] = "a100",
    scheduler: Annotated[
        str, typer.Option("--scheduler", "--method", help="Who plans, e.g. portfolio, exact, rl or rl:32.")
    ] = "portfolio",
    agent: Annotated[
        Path | None, typer.Option(help="Folder of the agent behind rl; the shipped one by default.")
    ] = None,
    cost: Annotated[Cost, typer.Option(help=COST_HELP)] = Cost.SERIAL,
    plot: Annotated[Path | None, typer.Option(help="File to draw the schedule to: .svg, or .png.")] = None,
    json: Annotated[Path | None, typer.Option(help="New file for the plan, which igc mig render reads.")] = None,
) -> None:
    """Make a short schedule of tasks, and show it."""
    import time  # noqa: PLC0415 - help does without all of these

    from igc_mig import batch_file, geometry  # noqa: PLC0415
    from igc_mig.cli.output import demand_new, demand_plot, show_chart  # noqa: PLC0415
    from igc_mig.schedulers.catalogue import demand_learned  # noqa: PLC0415
    from igc_mig.schedulers.catalogue import scheduler as named  # noqa: PLC0415

    demand_learned([scheduler], agent)
    demand_new(json, plot)
    demand_plot(plot)
    model, batch, chosen = geometry.gpu(gpu), batch_file.load(tasks), named(scheduler, agent)
    begun = time.process_time()
    with console().status(f"planning by {chosen.name}"):
        made = _plan(model, batch, chosen, cost.value, agent)
    spent = time.process_time() - begun
    if json is not None:
        made.write(json)  # before anything is printed, as whoever reads may not read on
    show_chart(made, plot)
    if json is not None:
        console().print(f"{json}: the plan")
    console().print(f"decided in {1000 * spent:.0f} ms of CPU time")


def _plan(model: Gpu, batch: Batch, chosen: Scheduler, cost: CostModel, agent: Path | None) -> PlanFile:
    """Plan all at once, or as they arrive."""
    from igc_mig.plan_file import PlanFile  # noqa: PLC0415 - help does without
    from igc_mig.schedulers.exact import Exact  # noqa: PLC0415

    durations = batch.durations(model)
    if batch.arrivals_s is None and isinstance(chosen, Exact):
        return _proven(model, batch, chosen, cost)
    if batch.arrivals_s is None:
        return PlanFile.of(model, batch, chosen.plan(model, durations, cost), cost=cost, scheduler=chosen.name)
    from igc_mig.flow import dispatcher  # noqa: PLC0415 - only where tasks arrive
    from igc_mig.stream import Stream, decisions, flow_of  # noqa: PLC0415

    stream = Stream(durations, batch.arrivals_s)
    timeline = dispatcher(chosen.name, agent).dispatch(model, stream, cost)
    plan, begun = decisions(timeline)
    flow = flow_of(stream, timeline)
    console().print(f"tasks are in the system for {flow.mean_s:.1f} s on average, 95 % for {flow.p95_s:.1f} s at most")
    return PlanFile.of(model, batch, plan, cost=cost, scheduler=chosen.name, ready_s=begun)


def _proven(model: Gpu, batch: Batch, chosen: Exact, cost: CostModel) -> PlanFile:
    """Plan by a solver, and say what it has proven."""
    from igc_mig.plan_file import PlanFile  # noqa: PLC0415 - help does without

    durations = batch.durations(model)
    found = chosen.solve(model, durations)
    said = "the best without reconfigurations" if found.proven else f"none better was found in {chosen.limit_s:g} s"
    console().print(
        f"tasks alone take {found.makespan_s:.1f} s, {said}; proven: no schedule takes less than {found.bound_s:.1f} s"
    )
    plan = chosen.carried_out(found, model, durations, cost)
    return PlanFile.of(model, batch, plan, cost=cost, scheduler=chosen.name, bound_s=found.bound_s)
