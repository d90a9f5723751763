"""The pictures of an evaluation as PNG files, drawn by matplotlib: the extra ``igc-agents[report]``."""

from __future__ import annotations

from importlib.util import find_spec
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from igc_agents.page.charts import METRICS, hundredths
from igc_agents.report import worst_first
from igc_core.errors import DataError, PluginError
from igc_core.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from igc_agents.comparison import Compared, Comparison
    from igc_agents.curves import Curve
    from igc_agents.page.charts import Metric

_DPI = 144
#: Colours of agents and runs, and the scale from the worst to the best; as on the page.
_COLORS = ("#2b55c9", "#bf4f12", "#12805c", "#7f43b5", "#5b6470", "#a3356b")
_SCALE = ((0.0, "#96233a"), (0.5, "#c4483f"), (0.75, "#f2ad68"), (0.95, "#f8e5bd"), (1.0, "#dcefe6"))
_INK, _SOFT, _LINE = "#18202b", "#55606f", "#dfe2e6"
#: Below this share a cell is so dark that its text is white.
_DARK = 0.6


def demand_matplotlib() -> None:
    """Make sure that pictures can be drawn.

    Raises:
        PluginError: matplotlib is not installed.
    """
    if find_spec("matplotlib") is None:
        raise PluginError(
            "matplotlib, which draws the pictures, is not installed",
            code="plugin-unknown-component",
            hint="pip install 'igc-agents[report]'",
        )


def draw_pictures(comparison: Comparison, folder: Path) -> list[Path]:
    """Draw a comparison of the agents, a heat map for each agent and figure, and learning curves where there are some.

    Args:
        comparison: The evaluation.
        folder: Where to; it is made if it is missing.

    Returns:
        The files.

    Raises:
        PluginError: matplotlib is not installed.
        DataError: A file cannot be written.
    """
    demand_matplotlib()
    figures = {"agents": _intervals(comparison.agents)}
    for number, agent in enumerate(comparison.agents):
        prefix = f"families-{number + 1}" if len(comparison.agents) > 1 else "families"
        figures |= {f"{prefix}-{metric}": _heat_map(agent, metric) for metric in METRICS}
    curves = [curve for curve in comparison.curves if curve.steps]
    if curves:
        figures["learning"] = _curves(curves)
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise DataError(f"cannot make {folder}: {error.strerror}", code="data-missing") from error
    return [_saved(figure, folder / f"{name}.png") for name, figure in figures.items()]


def _saved(figure: Any, path: Path) -> Path:
    image = BytesIO()
    figure.savefig(image, format="png", dpi=_DPI)
    write_atomically(path, image.getvalue())
    return path


def _frame(columns: int, width: float, height: float) -> tuple[Any, list[Any]]:
    """Make a figure with some axes side by side. No window and no global state is involved."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - a heavy extra
    from matplotlib.layout_engine import ConstrainedLayoutEngine  # noqa: PLC0415

    figure = Figure(figsize=(width, height), layout=ConstrainedLayoutEngine(w_pad=0.15, h_pad=0.12), facecolor="white")
    axes: list[Any] = figure.subplots(1, columns, squeeze=False)[0].tolist()
    for one in axes:
        one.spines[:].set_visible(False)
        one.tick_params(length=0, labelsize=9, labelcolor=_INK)
    return figure, axes


def _intervals(agents: Sequence[Compared]) -> Any:
    figure, axes = _frame(2, 9, 1.1 + 0.42 * len(agents))
    for axis, (metric, title) in zip(axes, METRICS.items(), strict=True):
        for row, agent in enumerate(agents):
            found = getattr(agent.report.overall, metric)
            if found is None:
                continue
            color = _COLORS[row % len(_COLORS)]
            axis.plot([found.low, found.high], [row, row], color=color, alpha=0.45, lw=5, solid_capstyle="round")
            axis.plot(found.mean, row, "o", color=color, ms=7, mec="white")
            axis.annotate(
                f"{found.mean:.3f}", (found.mean, row), (0, 8), textcoords="offset points", ha="center", size=8
            )
        axis.set_title(title, loc="left", size=11, weight="bold", color=_INK)
        axis.set_yticks(range(len(agents)), [agent.name for agent in agents])
        axis.set_ylim(len(agents) - 0.5, -0.6)
        axis.set_xlim(right=1.005)
        axis.grid(axis="x", color=_LINE, lw=0.8)
        axis.set_axisbelow(True)
    return figure


def _heat_map(agent: Compared, metric: Metric) -> Any:
    from matplotlib.colors import LinearSegmentedColormap  # noqa: PLC0415 - as above

    report = agent.report
    machines, families = worst_first(report.machines), worst_first(report.families)
    figure, (axis,) = _frame(1, 2.6 + 0.42 * len(families), 1.6 + 0.25 * len(machines))
    values = np.full((len(machines), len(families)), np.nan)
    for row, machine in enumerate(machines):
        for column, family in enumerate(families):
            found = getattr(report.families_by_machine[machine].get(family), metric, None)
            if found is not None:
                values[row, column] = found.mean
                color = "white" if found.mean < _DARK else _INK
                axis.text(column, row, hundredths(found.mean), ha="center", va="center", size=8, color=color)
    scale = LinearSegmentedColormap.from_list("igc", _SCALE)
    axis.imshow(values, cmap=scale, vmin=0, vmax=1, aspect="auto")
    axis.set_xticks(range(len(families)), families, rotation=45, ha="left", rotation_mode="anchor")
    axis.xaxis.tick_top()
    axis.set_yticks(range(len(machines)), machines)
    axis.set_xticks(np.arange(-0.5, len(families)), minor=True)
    axis.set_yticks(np.arange(-0.5, len(machines)), minor=True)
    axis.grid(which="minor", color="white", lw=2)
    axis.tick_params(which="minor", length=0)
    axis.set_title(f"{METRICS[metric]} of {agent.name}, in hundredths", loc="left", size=11, weight="bold", color=_INK)
    return figure


def _curves(curves: Sequence[Curve]) -> Any:
    figure, axes = _frame(2, 9, 3.2)
    for axis, (metric, title) in zip(axes, METRICS.items(), strict=True):
        for number, curve in enumerate(curves):
            color = _COLORS[number % len(_COLORS)]
            axis.plot(np.array(curve.steps) / 1000, getattr(curve, metric), color=color, lw=1.4, label=curve.run)
        if 0 < curves[0].imitated < curves[0].steps[-1]:
            axis.axvline(curves[0].imitated / 1000, color=_SOFT, lw=0.8, ls="--")
        axis.set_title(title, loc="left", size=11, weight="bold", color=_INK)
        axis.set_xlabel("thousand environment steps", size=9, color=_SOFT)
        axis.set_xlim(left=0)
        axis.set_ylim(top=1.005)
        axis.grid(color=_LINE, lw=0.8)
        axis.set_axisbelow(True)
    axes[1].legend(frameon=False, fontsize=9, loc="lower right")
    return figure
