"""Gantt charts as PNG files, by matplotlib."""

from __future__ import annotations

import io
import warnings
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from igc_core.errors import PluginError
from igc_mig.drawing.chart import COLOURS, RECONFIGURATION, shortened

if TYPE_CHECKING:
    from igc_mig.drawing.chart import Chart, Rectangle


def demand_matplotlib() -> None:
    """Make sure that PNG files can be drawn.

    Raises:
        PluginError: matplotlib is not installed.
    """
    if find_spec("matplotlib") is None:
        raise PluginError(
            "PNG pictures need matplotlib, which is not installed",
            code="plugin-unknown-component",
            hint="pip install igc-mig[plot], or choose a name that ends in .svg",
        )


def draw_png(chart: Chart) -> bytes:
    """Draw a chart as a PNG file.

    Raises:
        PluginError: matplotlib is not installed.
    """
    demand_matplotlib()
    from matplotlib.figure import Figure  # noqa: PLC0415 - an extra
    from matplotlib.patches import Patch  # noqa: PLC0415

    figure = Figure(figsize=(11, 1.8 + 0.45 * chart.slices), layout="constrained")
    axes: Any = figure.add_subplot()
    for one in chart.rectangles():
        _bar(axes, one, chart.end_s)
    axes.set(title=chart.title, xlabel="seconds", xlim=(0, chart.end_s), ylim=(chart.slices - 0.5, -0.5))
    axes.set_yticks(range(chart.slices), [f"slice {row}" for row in range(chart.slices)])
    entries = [(COLOURS[size], f"task on {size}g") for size in chart.sizes] + [(RECONFIGURATION, "reconfiguration")]
    patches = [Patch(color=fill, label=label) for fill, label in entries]
    axes.legend(handles=patches, loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=len(patches), frameon=False)
    out = io.BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph", UserWarning)  # letters that the font lacks become boxes
        figure.savefig(out, format="png", dpi=150)
    return out.getvalue()


def _bar(axes: Any, one: Rectangle, end_s: float) -> None:
    task = one.bar.kind == "task"
    # A reconfiguration takes a fraction of a second: it gets a width that can be seen.
    width = one.bar.end_s - one.bar.start_s if task else max(one.bar.end_s - one.bar.start_s, 0.002 * end_s)
    middle = one.first + (one.rows - 1) / 2
    axes.barh(
        middle,
        width,
        height=one.rows * 0.96,
        left=one.bar.start_s,
        color=COLOURS[one.size] if task else RECONFIGURATION,
        edgecolor="white" if task else "none",
        zorder=1 if task else 2,
    )
    if task and width > 0.03 * end_s:
        letters = max(1, int(115 * width / end_s))
        centre = one.bar.start_s + width / 2
        axes.text(centre, middle, shortened(one.label, letters), ha="center", va="center", fontsize=8, parse_math=False)
