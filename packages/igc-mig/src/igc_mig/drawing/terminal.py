"""Gantt charts in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text

from igc_mig.drawing.chart import COLOURS, RECONFIGURATION
from igc_mig.drawing.ticks import ticks

if TYPE_CHECKING:
    from igc_mig.drawing.chart import Chart, Rectangle

_LEFT = 9
#: What stands where the rest of a name has no room.
_CUT = "~"


def draw_terminal(chart: Chart, width: int = 100) -> Text:
    """Draw a chart with a row of characters for each slice.

    Tasks begin with a bar and bear their names, of which ``~`` stands for what has no room; ``#`` is a reconfiguration,
    which covers at least one character; dots are idle. Without colours it can still be read.

    Args:
        chart: What to draw.
        width: Characters across.
    """
    span = max(width - _LEFT, 10)
    scale = span / (chart.end_s or 1.0)
    rows = [[(".", "")] * span for _ in range(chart.slices)]
    # Reconfigurations are short: drawn last, they stay visible.
    for one in sorted(chart.rectangles(), key=lambda one: one.bar.kind != "task"):
        _paint(rows, one, scale)
    lines = [Text(f"{f'slice {number}':<{_LEFT}}").append_text(_line(row)) for number, row in enumerate(rows)]
    return Text("\n").join([*lines, Text(_axis(chart, span, scale))])


def _paint(rows: list[list[tuple[str, str]]], one: Rectangle, scale: float) -> None:
    first = min(int(one.bar.start_s * scale), len(rows[0]) - 1)
    last = max(first + 1, min(int(one.bar.end_s * scale), len(rows[0])))
    task = one.bar.kind == "task"
    fill = COLOURS[one.size] if task else RECONFIGURATION
    for row in range(one.first, one.first + one.rows):
        label = one.label if row == one.first + (one.rows - 1) // 2 else ""
        text = ["|", *_cells(label, last - first)] if task else ["#"] * (last - first)
        for column in range(first, last):
            rows[row][column] = (text[column - first], fill)


def _cells(label: str, width: int) -> list[str]:
    """Spread a label over cells; a wide character, such as a Chinese one, takes two, of which the second is empty."""
    found = [cell for character in label for cell in (character, "")[: cell_len(character)]]
    if len(found) > width - 1:  # the bar before it takes one
        found = [*found[: max(width - 2, 0)], _CUT]
    return [*found, *" " * width][:width]


def _line(row: list[tuple[str, str]]) -> Text:
    line = Text()
    for column, (cell, fill) in enumerate(row):
        follows = row[column + 1][0] if column + 1 < len(row) else " "
        # Something else may cover a half of a wide character.
        torn = (cell_len(cell) > 1 and follows) or (not cell and cell_len(row[column - 1][0]) < 2)  # noqa: PLR2004
        character = " " if torn else cell
        line.append(character, Style(color="black", bgcolor=fill) if fill else Style(dim=True))
    return line


def _axis(chart: Chart, span: int, scale: float) -> str:
    axis = [" "] * (span + _LEFT)
    for second in ticks(chart.end_s, wanted=6):
        label, place = f"{second:g}s", _LEFT + int(second * scale)
        if place + len(label) <= len(axis):
            axis[place : place + len(label)] = label
    return "".join(axis).rstrip()
