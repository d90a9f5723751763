"""Gantt charts in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.style import Style
from rich.text import Text

from igc_mig.drawing.chart import COLOURS, RECONFIGURATION
from igc_mig.drawing.ticks import ticks

if TYPE_CHECKING:
    from igc_mig.drawing.chart import Chart, Rectangle

_LEFT = 9


def draw_terminal(chart: Chart, width: int = 100) -> Text:
    """Draw a chart with a row of characters for each slice.

    Tasks begin with a bar and bear their names; ``#`` is a reconfiguration, which covers at least one character; dots
    are idle. Without colours it can still be read.

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
        text = f"|{label:<{last - first}}" if task else "#" * (last - first)
        for column in range(first, last):
            rows[row][column] = (text[column - first], fill)


def _line(row: list[tuple[str, str]]) -> Text:
    line = Text()
    for character, fill in row:
        line.append(character, Style(color="black", bgcolor=fill) if fill else Style(dim=True))
    return line


def _axis(chart: Chart, span: int, scale: float) -> str:
    axis = [" "] * (span + _LEFT)
    for second in ticks(chart.end_s, wanted=6):
        label, place = f"{second:g}s", _LEFT + int(second * scale)
        if place + len(label) <= len(axis):
            axis[place : place + len(label)] = label
    return "".join(axis).rstrip()
