"""``igc mig render``: draw a plan."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def render(
    plan: Annotated[Path, typer.Argument(help="File that igc mig plan --json wrote.")],
    plot: Annotated[Path | None, typer.Option(help="File to draw the schedule to: .svg, or .png.")] = None,
) -> None:
    """Draw a plan that was made earlier."""
    from igc_mig.cli.output import demand_plot, show_chart  # noqa: PLC0415 - help does without
    from igc_mig.plan_file import PlanFile  # noqa: PLC0415

    demand_plot(plot)
    show_chart(PlanFile.read(plan), plot)
