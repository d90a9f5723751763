"""``igc mig evaluate``: compare schedulers."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from igc_core.cli import console, show
from igc_mig.cli.output import progress
from igc_mig.cli.plan import COST_HELP, GPU_HELP, Cost

if TYPE_CHECKING:
    from igc_mig.evaluation import Evaluation
    from igc_mig.flow import FlowEvaluation
    from igc_mig.geometry import Gpu

_USUAL = ["portfolio", "beam", "annealing", "far", "fixed-best", "fixed-1x7", "fixed-7", "speed-independent", "random"]
_OFFLINE = ["good_scaling", "bad_scaling", "mix_scaling_extreme", "mix_scaling_soft", "wide_times"]


def evaluate(  # noqa: PLR0917 - the options of the command line
    scheduler: Annotated[
        list[str] | None,
        typer.Option("--scheduler", "--method", help="Who is compared; may be given several times."),
    ] = None,
    workload: Annotated[
        list[str] | None, typer.Option(help="Kind of batch; may be given several times. The offline ones by default.")
    ] = None,
    agent: Annotated[
        Path | None, typer.Option(help="Folder of the agent behind rl; the shipped one by default.")
    ] = None,
    gpu: Annotated[str, typer.Option(help=GPU_HELP)] = "a100",
    cost: Annotated[Cost, typer.Option(help=COST_HELP)] = Cost.SERIAL,
    load: Annotated[
        float | None, typer.Option(help="Let tasks arrive at random, and compare flow times; e.g. 0.8 of the GPU.")
    ] = None,
    tasks: Annotated[int, typer.Option(min=1, help="Tasks in a batch.")] = 14,
    batches: Annotated[int, typer.Option(min=1, help="Batches or streams of each kind.")] = 50,
    seed: Annotated[int, typer.Option(min=0, help="The same seed draws the same batches.")] = 0,
    json: Annotated[Path | None, typer.Option(help="New file for all figures.")] = None,
) -> None:
    """Compare schedulers by mean makespan over the lower bound, or by flow time where tasks arrive."""
    from igc_core.files import write_atomically  # noqa: PLC0415 - help does without
    from igc_mig import geometry, workloads  # noqa: PLC0415
    from igc_mig.cli.output import demand_new  # noqa: PLC0415

    demand_new(json)
    model, kinds = geometry.gpu(gpu), workload or _OFFLINE
    for kind in kinds:
        workloads.named(kind)  # before long work
    options = {"cost": cost.value, "tasks": tasks, "count": batches, "seed": seed}
    found: Evaluation | FlowEvaluation
    if load is not None:
        found = _flow(scheduler, agent, kinds, model, {**options, "load": load})
    else:
        found = _makespan(scheduler or _USUAL, agent, kinds, model, options)
    if json is not None:
        write_atomically(json, found.model_dump_json(indent=1) + "\n")
        console().print(f"{json}: all figures")


def _makespan(
    names: list[str], agent: Path | None, kinds: list[str], model: Gpu, options: dict[str, Any]
) -> Evaluation:
    from igc_mig.evaluation import evaluate as compare  # noqa: PLC0415 - help does without
    from igc_mig.schedulers.catalogue import demand_fitting, demand_learned  # noqa: PLC0415
    from igc_mig.schedulers.catalogue import scheduler as named  # noqa: PLC0415

    demand_learned(names, agent)
    demand_fitting(names, agent, model)
    for name in names:
        named(name, agent)
    with progress(len(names) * len(kinds)) as told:
        found = compare([partial(named, name, agent) for name in names], kinds, model, told=told, **options)
    what = f"on {found.gpu}, {found.cost} costs, {found.batches} batches a kind"
    show(_table(found), title=f"mean makespan / lower bound {what}")
    return found


def _flow(
    names: list[str] | None, agent: Path | None, kinds: list[str], model: Gpu, options: dict[str, Any]
) -> FlowEvaluation:
    from igc_mig.flow import dispatcher, evaluate_flow, usual  # noqa: PLC0415 - help does without
    from igc_mig.schedulers.catalogue import demand_fitting, demand_learned  # noqa: PLC0415

    names = names or list(usual(model, agent))
    demand_learned(names, agent)
    demand_fitting(names, agent, model)
    chosen = [dispatcher(name, agent) for name in names]
    with progress(len(chosen) * len(kinds) * options["count"]) as told:
        found = evaluate_flow(chosen, kinds, model, told=told, **options)
    rows: dict[str, dict[str, str]] = {}
    for one in found.measurements:
        row = rows.setdefault(one.scheduler, {"scheduler": one.scheduler})
        row[one.workload] = f"{one.mean_s:.1f} ({one.low_s:.1f}-{one.high_s:.1f}), {one.p95_s:.1f}"
    what = f"on {found.gpu}, {found.cost} costs, load {options['load']:g}, {found.streams} streams a kind"
    show(list(rows.values()), title=f"mean flow time in seconds, and its 95th percentile, {what}")
    return found


def _table(found: Evaluation) -> list[dict[str, str]]:
    """One row a scheduler, one column a kind of batch."""
    rows: dict[str, dict[str, str]] = {}
    spent: dict[str, list[float]] = {}
    for one in found.measurements:
        row = rows.setdefault(one.scheduler, {"scheduler": one.scheduler})
        row[one.workload] = f"{one.ratio:.3f} ({one.low:.3f}-{one.high:.3f})"
        spent.setdefault(one.scheduler, []).append(one.decision_ms)
    return [{**row, "CPU ms": f"{sum(spent[name]) / len(spent[name]):.1f}"} for name, row in rows.items()]
