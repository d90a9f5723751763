"""``igc mig apply``: run a plan."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from igc_core.cli import console
from igc_mig.cli.profile import COMMANDS_HELP

if TYPE_CHECKING:
    from igc_mig.driver.conductor import Ran


def apply(
    plan: Annotated[Path | None, typer.Argument(help="File that igc mig plan --json wrote.")] = None,
    commands: Annotated[Path | None, typer.Option(help=COMMANDS_HELP)] = None,
    device: Annotated[
        int | None, typer.Option(min=0, help="Number of the GPU; 0 by default, or that of the journal to recover from.")
    ] = None,
    execute: Annotated[
        bool, typer.Option("--execute", help="Cut the GPU and run the tasks; without it commands are only printed.")
    ] = False,
    journal: Annotated[
        Path | None, typer.Option(help="New file for what is done; mig-journal.jsonl by default.")
    ] = None,
    recover: Annotated[
        Path | None, typer.Option(help="Journal of a run that broke off: undo what it left, and do nothing else.")
    ] = None,
) -> None:
    """Run a plan on a GPU; without --execute, print what would be done."""
    if recover is not None:
        _recover(recover, device)
    elif plan is not None and execute:
        _execute(plan, commands, device or 0, journal or Path("mig-journal.jsonl"))
    elif plan is not None:
        _print(plan, commands, device or 0)
    else:
        raise typer.BadParameter("give a plan, or --recover")


def _print(plan: Path, commands: Path | None, device: int) -> None:
    from igc_mig.commands_file import load_commands  # noqa: PLC0415 - help does without
    from igc_mig.driver.commands import demand_known, dry_run  # noqa: PLC0415
    from igc_mig.plan_file import PlanFile  # noqa: PLC0415

    made = PlanFile.read(plan)
    tasks = None if commands is None else load_commands(commands)
    if tasks is not None:
        demand_known(made, tasks)
    output = console()
    for at_s, text in dry_run(made, device, tasks):
        output.print(f"{text:<80}  # {at_s:.1f} s", markup=False, highlight=False, soft_wrap=True)
    output.print("# dry run: nothing was changed")


def _execute(plan: Path, commands: Path | None, device: int, journal: Path) -> None:
    from igc_core.interruption import interruptible  # noqa: PLC0415 - help does without
    from igc_mig.commands_file import load_commands  # noqa: PLC0415
    from igc_mig.driver.commands import demand_known  # noqa: PLC0415
    from igc_mig.driver.conductor import Conductor  # noqa: PLC0415
    from igc_mig.driver.journal import Journal  # noqa: PLC0415
    from igc_mig.driver.nvml import NvmlDriver  # noqa: PLC0415
    from igc_mig.errors import MigError  # noqa: PLC0415
    from igc_mig.plan_file import PlanFile  # noqa: PLC0415

    if commands is None:
        raise MigError(
            "--execute runs tasks, and has no commands for them", code="mig-options-refused", hint="give --commands"
        )
    made, tasks = PlanFile.read(plan), load_commands(commands)
    demand_known(made, tasks)
    kept = Journal(journal)
    conductor = Conductor(NvmlDriver(device), made, tasks, kept)
    kept.begin(device)
    output = console()

    def tell(ran: Ran) -> None:
        output.print(f"{ran.name} on {ran.placement}: {ran.seconds:.1f} s", markup=False)

    with interruptible() as interruption:
        seconds = conductor.run(tell, lambda: interruption.requested)
    output.print(f"all {len(made.tasks)} tasks ended after {seconds:.1f} s; the GPU is as it was before")


def _recover(journal: Path, device: int | None) -> None:
    from igc_mig.driver.conductor import recover  # noqa: PLC0415 - help does without
    from igc_mig.driver.journal import Journal  # noqa: PLC0415
    from igc_mig.driver.nvml import NvmlDriver  # noqa: PLC0415
    from igc_mig.errors import MigError  # noqa: PLC0415

    kept = Journal(journal)
    kept.standing()
    noted = kept.device()
    if None not in (noted, device) and noted != device:
        raise MigError(
            f"{journal} is of GPU {noted}, not {device}", code="mig-options-refused", hint="leave --device out"
        )
    removed, again = recover(NvmlDriver((device if noted is None else noted) or 0), kept)
    console().print(f"{removed} instances removed, {again} made again")
