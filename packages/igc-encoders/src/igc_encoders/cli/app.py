"""``igc encoder``: train, measure and use encoders that learn."""

from __future__ import annotations

import typer

from igc_encoders.cli.evaluate_lm import evaluate
from igc_encoders.cli.train_lm import train_lm

app = typer.Typer(
    help="Train, measure and use encoders that learn.",
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
)
training = typer.Typer(help="Train a part of an encoder.", rich_markup_mode=None, no_args_is_help=True)
app.add_typer(training, name="train")
training.command("lm")(train_lm)
app.command("eval")(evaluate)
