"""What commands print."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
#: Width of tables that go to a file or a pipe, where nothing wraps.
_UNBOUNDED = 10_000


def console() -> Console:
    """Make the console of standard output. Nothing is cut where the output is not a terminal."""
    from rich.console import Console  # noqa: PLC0415 - help and JSON do without rich

    return Console(file=sys.stdout, width=None if sys.stdout.isatty() else _UNBOUNDED, highlight=False, markup=False)


def show(
    rows: Sequence[Mapping[str, object]], *, as_json: bool = False, title: str = "", unfolded: bool = False
) -> None:
    """Print records, as a table or as JSON.

    Args:
        rows: Records; their keys head the columns, and one that a record lacks is left blank.
        as_json: Print a JSON array instead of a table.
        title: Stands above the table.
        unfolded: Fold no cell even on a narrow terminal, so that what it wraps can still be copied in one piece.
    """
    if as_json:
        show_json(list(rows))
        return
    columns = list(dict.fromkeys(name for row in rows for name in row))
    values = [[row.get(name) for name in columns] for row in rows]
    cells = [[printable("" if value is None else str(value)) for value in line] for line in values]
    if unfolded or not sys.stdout.isatty():
        _print_lines(columns, cells, title)
    else:
        _print_table(columns, cells, title)


def _print_table(columns: Sequence[str], cells: Sequence[Sequence[str]], title: str) -> None:
    """Fit a table into the terminal."""
    from rich.table import Table  # noqa: PLC0415 - help and JSON do without rich
    from rich.text import Text  # noqa: PLC0415

    table = Table(title=title or None, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for name in columns:
        table.add_column(name, overflow="fold")
    for line in cells:
        table.add_row(*map(Text, line))
    console().print(table)


def _print_lines(columns: Sequence[str], cells: Sequence[Sequence[str]], title: str) -> None:
    """Print one line a record, however long; nothing follows the last value."""
    from rich.cells import cell_len, set_cell_size  # noqa: PLC0415 - help and JSON do without rich

    widths = [max(map(cell_len, column)) for column in zip(columns, *cells, strict=True)]
    if title:
        print(title)  # noqa: T201 - the output of a command
    for line in (columns, *cells) if columns else ():
        print("  ".join(map(set_cell_size, line, widths)).rstrip())  # noqa: T201


def show_json(value: object) -> None:
    """Print a value as JSON on standard output; what JSON does not know is printed as text."""
    print(json.dumps(value, indent=2, default=str))  # noqa: T201 - the output of a command


def warn(message: str) -> None:
    """Print one line of warning on standard error."""
    print(f"warning: {printable(message)}", file=sys.stderr)  # noqa: T201 - the output of a command


def printable(text: str) -> str:
    """Put a text on one line, and keep it from steering the terminal.

    Line breaks become spaces; other control characters are written out as escapes.
    """
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), " ".join(text.split()))
