"""``igc mig``: its commands."""

from __future__ import annotations

import typer

from igc_mig.cli.apply import apply
from igc_mig.cli.evaluate import evaluate
from igc_mig.cli.generate import generate
from igc_mig.cli.plan import plan
from igc_mig.cli.profile import profile
from igc_mig.cli.render import render
from igc_mig.cli.train import train

app = typer.Typer(
    help="Schedule tasks on the MIG partitions of GPUs.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)


@app.callback()
def group() -> None:
    """Schedule tasks on the MIG partitions of GPUs."""


for command in (generate, plan, train, evaluate, render, profile, apply):
    app.command()(command)
