"""``igc encoder probe``: what vectors tell of machines that nothing was trained on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from igc_core.cli import console, show, show_json
from igc_encoders.cli.choice import ENCODER_HELP, bare, build, chosen
from igc_encoders.cli.machines import CAPTURES_HELP, SPLIT_HELP, WITHOUT_HELP, sides

if TYPE_CHECKING:
    from collections.abc import Callable

    from igc_core.protocols import StateEncoder


def probe(
    encoder: Annotated[list[str], typer.Argument(help=f"{ENCODER_HELP} Several are compared.")],
    captures: Annotated[list[Path], typer.Option(help=CAPTURES_HELP)],
    split: Annotated[Path | None, typer.Option(help=SPLIT_HELP)] = None,
    without: Annotated[str | None, typer.Option(help=WITHOUT_HELP)] = None,
    seed: Annotated[int, typer.Option(help="Seed of the changes of states.", min=0)] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Train linear probes on the vectors of machines, and judge them on others; count collisions and neighbours."""
    found = [chosen(text) for text in encoder]
    known, held_out = sides(captures, split, without)
    from igc_encoders.probing import judge_all, table  # noqa: PLC0415 - the help must not wait for numpy
    from igc_encoders.probing.judging import examine  # noqa: PLC0415

    builders = {text: _builder(*one) for text, one in zip(encoder, found, strict=True)}
    with console().status("reading captures") as status:
        exam = examine(known, held_out, seed=seed)
        judged = judge_all(builders, exam, status.update)
    if as_json:
        show_json([one.as_json() for one in judged])
        return
    head, *rows = table(judged)
    show([dict(zip(["judged on held-out machines", *head[1:]], row, strict=True)) for row in rows])


def _builder(name: str, options: dict[str, Any]) -> Callable[[], tuple[StateEncoder, StateEncoder]]:
    return lambda: (build(name, bare(name, options)), build(name, options))
