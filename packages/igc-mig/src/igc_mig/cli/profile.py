"""``igc mig profile``: measure tasks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from igc_core.cli import console, warn

COMMANDS_HELP = "CSV file of name,command: what each task runs."


def profile(
    commands: Annotated[Path, typer.Argument(help=COMMANDS_HELP)],
    out: Annotated[Path, typer.Argument(help="New file for the run times: .csv or .json, as igc mig plan reads it.")],
    instance: Annotated[
        list[str], typer.Option(help="Size and UUID of an idle instance, e.g. 3=MIG-...; one for each size.")
    ],
    repeats: Annotated[int, typer.Option(min=1, help="Runs of each task on each instance; the median counts.")] = 1,
    execute: Annotated[bool, typer.Option("--execute", help="Run the tasks; without it they are only listed.")] = False,
    restart: Annotated[bool, typer.Option("--restart", help="Forget what a stopped profile has measured.")] = False,
) -> None:
    """Measure how long each task runs on an instance of each size.

    What is measured is kept in OUT.partial until all is: after Ctrl-C, or a task that failed, the same command goes on.
    """
    from igc_core.interruption import interruptible  # noqa: PLC0415 - help does without all of these
    from igc_mig import batch_file  # noqa: PLC0415
    from igc_mig.cli.output import demand_new  # noqa: PLC0415
    from igc_mig.commands_file import load_commands  # noqa: PLC0415
    from igc_mig.measurements import Measurements  # noqa: PLC0415
    from igc_mig.profiling import measure_tasks, parse_instances  # noqa: PLC0415

    demand_new(out)
    batch_file.demand_kind(out)
    tasks, instances = load_commands(commands), parse_instances(instance)
    output = console()
    if not execute:
        for command in tasks.values():
            for uuid in instances.values():
                output.print(f"CUDA_VISIBLE_DEVICES={uuid} {command}", markup=False, soft_wrap=True)
        output.print(f"# dry run: --execute runs these {len(tasks) * len(instances) * repeats} commands")
        return

    def tell(name: str, size: int, seconds: float) -> None:
        output.print(f"{name} on {size}g: {seconds:.2f} s", markup=False)

    kept = Measurements(out.with_name(f"{out.name}.partial"), instances, restart=restart)
    if kept.count:
        output.print(f"{kept.path}: {kept.count} runs were measured before", markup=False)
    try:
        with interruptible() as interruption:
            measured = measure_tasks(
                tasks,
                instances,
                repeats=repeats,
                measurements=kept,
                told=tell,
                stopped=lambda: interruption.requested,
            )
        batch_file.save(measured, out)
    except BaseException:
        if kept.count:
            warn(f"what is measured is kept in {kept.path}: the same command goes on from there")
        raise
    kept.discard()
    output.print(f"{out}: run times of {len(tasks)} tasks on {len(instances)} sizes")
