"""Where the commands put plans and pictures."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from igc_core.cli import console
from igc_core.errors import DataError
from igc_core.files import demand_writable, write_atomically

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from igc_mig.drawing.chart import Chart
    from igc_mig.plan_file import PlanFile

PLOT_HELP = "File to draw the schedule to: .svg, or .png with igc-mig[plot]."
_NARROW = 100


def demand_new(*files: Path | None) -> None:
    """Make sure, before long work, that files can be written and that nothing is written over.

    Raises:
        DataError: Something is there already, two are one, or one cannot be written.
    """
    wanted = [file.absolute() for file in files if file is not None]
    if len(set(wanted)) < len(wanted):
        raise DataError(f"{wanted[0]} is to be two files", code="data-exists", hint="choose another name for one")
    for file in files:
        if file is not None and file.exists():
            raise DataError(f"{file} exists already", code="data-exists", hint="choose another file")
        if file is not None:
            demand_writable(file)


@contextmanager
def progress(total: int) -> Generator[Callable[[], None]]:
    """Show a bar on a terminal while work goes on.

    Yields:
        What is called after each part of the work.
    """
    from rich.progress import Progress  # noqa: PLC0415 - help does without

    output = console()
    with Progress(console=output, disable=not output.is_terminal, transient=True) as bar:
        task = bar.add_task("comparing", total=total)
        yield lambda: bar.advance(task)


def demand_plot(file: Path | None) -> None:
    """Make sure that a picture can be drawn and written.

    Raises:
        DataError: Its name ends in something unknown, or it cannot be written.
        PluginError: What draws it is not installed.
    """
    if file is None:
        return
    demand_new(file)
    if file.suffix.lower() not in (".svg", ".png"):
        raise DataError(f"{file} ends neither in .svg nor in .png", code="data-invalid")
    if file.suffix.lower() == ".png":
        from igc_mig.drawing.png import demand_matplotlib  # noqa: PLC0415 - only where a picture is wanted

        demand_matplotlib()


def show_chart(plan: PlanFile, plot: Path | None) -> None:
    """Draw a plan's chart to a file where that is wanted, and print it.

    Raises:
        DataError: The file cannot be written.
    """
    from igc_mig.drawing.chart import Chart  # noqa: PLC0415 - help does without
    from igc_mig.drawing.terminal import draw_terminal  # noqa: PLC0415

    chart, out = Chart(plan), console()
    if plot is not None:
        _draw(chart, plot)
    out.print(chart.title)
    out.print(draw_terminal(chart, min(out.width, _NARROW)))
    if plot is not None:
        out.print(f"{plot}: the same as a picture")


def _draw(chart: Chart, plot: Path) -> None:
    if plot.suffix.lower() == ".svg":
        from igc_mig.drawing.svg import draw_svg  # noqa: PLC0415 - only where a picture is wanted

        write_atomically(plot, draw_svg(chart))
    else:
        from igc_mig.drawing.png import draw_png  # noqa: PLC0415

        write_atomically(plot, draw_png(chart))
