"""``igc encoder``: train, measure and use encoders that learn."""

from __future__ import annotations

import typer

from igc_encoders.cli.encode import encode, info
from igc_encoders.cli.evaluate_lm import evaluate
from igc_encoders.cli.probe import probe
from igc_encoders.cli.train_encoder import train_autoencoder, train_tfidf
from igc_encoders.cli.train_lm import train_lm
from igc_encoders.cli.train_reader import train_reader

app = typer.Typer(
    help="Train, measure and use encoders that learn.",
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
)
training = typer.Typer(help="Train a part of an encoder.", rich_markup_mode=None, no_args_is_help=True)
app.add_typer(training, name="train")
training.command("lm")(train_lm)
training.command("autoencoder")(train_autoencoder)
training.command("tfidf")(train_tfidf)
training.command("reader")(train_reader)
app.command("eval")(evaluate)
app.command("probe")(probe)
app.command("encode")(encode)
app.command("info")(info)
