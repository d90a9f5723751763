"""``igc goals``: what a machine can be asked for."""

from __future__ import annotations

from typing import Annotated

import typer

from igc_core.cli import plugin_manager, show, show_json
from igc_redfish.sources import goal_book, machines

app = typer.Typer(
    help="List what a machine can be asked for.", no_args_is_help=True, add_completion=False, rich_markup_mode=None
)


@app.callback()
def main() -> None:
    """List what a machine can be asked for."""


@app.command(name="list")
def list_goals(
    on: Annotated[str, typer.Option("--on", help="A capture: its path, its name, or generated:SEED.")],
    family: Annotated[list[str] | None, typer.Option(help="Only this family; may be repeated.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """List the goals that a machine can express, as texts that `igc run` understands."""
    from igc_redfish.process.engine import Engine  # noqa: PLC0415 - numpy is not needed to print help

    book = goal_book(plugin_manager())
    for name in family or ():
        book.handler(name)
    rows: list[dict[str, object]] = []
    for machine in machines([on]):
        service = Engine(machine, list(book)).reader(0)
        for goal in book.goals(service):
            if not family or goal.family in family:
                holds = book.holds(goal, service, service)
                rows.append({"family": goal.family, "holds": holds, "goal": book.shown(goal)})
    if as_json:
        show_json(rows)
        return
    told = [{**row, "holds": "yes" if row["holds"] else ""} for row in rows]
    show(told, title=f"{len(rows)} goal{'s' if len(rows) != 1 else ''} on {on}", unfolded=True)
