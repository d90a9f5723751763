"""Gantt charts as SVG, without any library."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from igc_mig.drawing.chart import COLOURS, RECONFIGURATION, shortened
from igc_mig.drawing.ticks import ticks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from igc_mig.drawing.chart import Chart, Rectangle

_WIDTH, _ROW, _LEFT, _TOP, _BOTTOM = 960, 34, 64, 44, 74
_FONT = 'font-family="sans-serif" font-size="12"'
#: Narrowest bar that gets its label, and the width of a letter, in pixels.
_LABELLED, _LETTER = 26, 6.5


def draw_svg(chart: Chart) -> str:
    """Draw a chart as an SVG document; hovering a bar tells its times."""
    height = _TOP + chart.slices * _ROW + _BOTTOM
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH + _LEFT + 20} {height}" {_FONT}>',
            '<rect width="100%" height="100%" fill="white"/>',
            f'<text x="{_LEFT}" y="24" font-size="15">{escape(chart.title)}</text>',
            *_axes(chart),
            *(_bar(chart, one) for one in chart.rectangles()),
            *_legend(chart),
            "</svg>\n",
        )
    )


def _x(chart: Chart, seconds: float) -> float:
    return _LEFT + _WIDTH * seconds / (chart.end_s or 1.0)


def _axes(chart: Chart) -> Iterator[str]:
    floor = _TOP + chart.slices * _ROW
    for row in range(chart.slices):
        middle = _TOP + row * _ROW + _ROW / 2 + 4
        yield f'<text x="{_LEFT - 8}" y="{middle:.0f}" text-anchor="end">slice {row}</text>'
    for second in ticks(chart.end_s):
        x = _x(chart, second)
        yield f'<line x1="{x:.1f}" y1="{_TOP}" x2="{x:.1f}" y2="{floor}" stroke="#ddd"/>'
        yield f'<text x="{x:.1f}" y="{floor + 18}" text-anchor="middle">{second:g} s</text>'


def _bar(chart: Chart, one: Rectangle) -> str:
    x, end = _x(chart, one.bar.start_s), _x(chart, one.bar.end_s)
    y, width, height = _TOP + one.first * _ROW, max(end - x, 0.5), one.rows * _ROW
    task = one.bar.kind == "task"
    fill = COLOURS[one.size] if task else RECONFIGURATION
    tip = f"{one.label}: {one.bar.start_s:.2f} to {one.bar.end_s:.2f} s on {one.size}g"
    text = shortened(one.label, int(width / _LETTER)) if task and width >= _LABELLED else ""
    edge = ' stroke="white"' if task else ""
    middle = f'x="{x + width / 2:.1f}" y="{y + height / 2 + 4:.1f}" text-anchor="middle"'
    box = f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{height}" fill="{fill}"{edge}/>'
    return f"<g><title>{escape(tip)}</title>{box}<text {middle}>{escape(text)}</text></g>"


def _legend(chart: Chart) -> Iterator[str]:
    y = _TOP + chart.slices * _ROW + 38
    entries = [(COLOURS[size], f"task on {size}g") for size in chart.sizes]
    for index, (fill, label) in enumerate([*entries, (RECONFIGURATION, "reconfiguration")]):
        x = _LEFT + index * 130
        yield f'<rect x="{x}" y="{y}" width="14" height="14" fill="{fill}"/>'
        yield f'<text x="{x + 20}" y="{y + 12}">{label}</text>'
