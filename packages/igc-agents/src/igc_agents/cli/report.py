"""``igc report``: make tables, a page and pictures out of what was measured."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from igc_agents.cli.evaluate import print_comparison
from igc_agents.cli.outcome import HTML_HELP, PNG_HELP, demand_outputs, write_outputs

app = typer.Typer(help="Show evaluations as tables, a page or pictures.", add_completion=False, rich_markup_mode=None)


@app.command()
def report(
    result: Annotated[
        list[Path], typer.Argument(help="File that --json wrote; of several, agents of one name are taken together.")
    ],
    run: Annotated[
        list[Path] | None, typer.Option(help="Run folder whose learning curve to show; may be given several times.")
    ] = None,
    json: Annotated[Path | None, typer.Option(help="File to write all of it to.")] = None,
    html: Annotated[Path | None, typer.Option(help=HTML_HELP)] = None,
    png: Annotated[Path | None, typer.Option(help=PNG_HELP)] = None,
) -> None:
    """Show what was measured earlier, without measuring it again."""
    from igc_agents.comparison import Comparison, merged  # noqa: PLC0415 - help does without
    from igc_agents.curves import learning_curves  # noqa: PLC0415

    demand_outputs(json, html, png)
    found = merged([Comparison.read(path) for path in result])
    curves = dict.fromkeys([*found.curves, *learning_curves(run or ())])
    found = found.model_copy(update={"curves": tuple(curves)})
    written = write_outputs(found, json, html, png)
    print_comparison(found, found.environment or "several environments", written)
