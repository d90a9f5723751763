"""Where the marks of the page's pictures go, in the units of their SVG view boxes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from igc_agents.report import worst_first

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from igc_agents.comparison import Comparison
    from igc_agents.curves import Curve
    from igc_agents.intervals import Estimate
    from igc_agents.report import Group, Report

Metric = Literal["success", "efficiency"]
METRICS: dict[Metric, str] = {"success": "Success", "efficiency": "SPL"}

#: Colours for agents and runs; after these they begin anew.
COLORS = 6
#: Lower ends of the classes of colour, from the worst to the best.
LEVELS = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0)
#: Width of a character of a label, and of the longest one that is written out.
_CHARACTER, _LONGEST = 7.3, 42
_CELL_WIDTH, _CELL_HEIGHT, _GAP, _APART, _SLANT = 36, 22, 2, 6, 0.72
#: Heading of what sums up.
_ALL = "all"


@dataclass(frozen=True, slots=True)
class Cell:
    """One machine and one family."""

    x: float
    y: float
    text: str
    title: str
    level: str


@dataclass(frozen=True, slots=True)
class Label:
    """The name of a row or a column."""

    x: float
    y: float
    text: str
    title: str


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Families by machines; the worst come first in both, after what sums up."""

    agent: str
    metric: str
    width: float
    height: float
    cell_width: float
    cell_height: float
    rows: Sequence[Label]
    columns: Sequence[Label]
    cells: Sequence[Cell]


def heat_map(agent: str, report: Report, metric: Metric) -> HeatMap:
    """Lay the heat map of one agent out; its first row and its first column sum up."""
    machines, families = ("", *worst_first(report.machines)), ("", *worst_first(report.families))
    left = 16 + _CHARACTER * max(len(shortened(name)) for name in machines)
    top = 16 + _CHARACTER * _SLANT * max(len(name) for name in families)
    xs, ys = _places(len(families), left, _CELL_WIDTH), _places(len(machines), top, _CELL_HEIGHT)
    return HeatMap(
        agent=agent,
        metric=METRICS[metric],
        width=xs[-1] + _CELL_WIDTH + top * 0.9,
        height=ys[-1] + _CELL_HEIGHT + 2,
        cell_width=_CELL_WIDTH,
        cell_height=_CELL_HEIGHT,
        rows=[Label(left - 8, y + 15, shortened(name) or _ALL, name) for name, y in zip(machines, ys, strict=True)],
        columns=[Label(x + 14, top - 7, name or _ALL, name) for name, x in zip(families, xs, strict=True)],
        cells=[
            _cell(x, y, machine, family, _found(report, machine, family), metric)
            for machine, y in zip(machines, ys, strict=True)
            for family, x in zip(families, xs, strict=True)
        ],
    )


def _places(n: int, start: float, size: float) -> list[float]:
    """Place cells side by side; the first one, which sums up, stands apart."""
    return [start + place * (size + _GAP) + (_APART if place else 0) for place in range(n)]


def _found(report: Report, machine: str, family: str) -> Group | None:
    """Look figures up; an empty name stands for all."""
    if not machine:
        return report.families[family] if family else report.overall
    return report.families_by_machine[machine].get(family) if family else report.machines[machine]


def _cell(x: float, y: float, machine: str, family: str, group: Group | None, metric: Metric) -> Cell:
    what = f"{family or 'all families'} on {machine or 'all machines'}"
    level_of = "" if machine and family else "sum "
    found: Estimate | None = getattr(group, metric) if group else None
    if group is None or found is None:
        return Cell(x, y, "", f"{what}: no goal was tried", f"{level_of}none")
    title = f"{what}: {METRICS[metric]} {found.mean:.2f} [{found.low:.2f}, {found.high:.2f}], {group.episodes} episodes"
    return Cell(x, y, hundredths(found.mean), title, f"{level_of}q{level(found.mean)}")


def level(value: float) -> int:
    """Number the class of colour of a share."""
    return max(number for number, low in enumerate(LEVELS) if value >= low - 1e-9 or number == 0)


def hundredths(value: float) -> str:
    """Write a share as a whole number of hundredths; what is not quite all never reads as 100."""
    return str(round(value * 100) if value in {0.0, 1.0} else min(99, max(1, round(value * 100))))


def shortened(name: str) -> str:
    """Cut a long name in its middle."""
    half = _LONGEST // 2 - 1
    return name if len(name) <= _LONGEST else f"{name[:half]}…{name[-half:]}"


@dataclass(frozen=True, slots=True)
class Mark:
    """An interval and its mean, in percent of the width."""

    low: float
    mean: float
    high: float
    text: str
    color: int
    name: str


@dataclass(frozen=True, slots=True)
class Intervals:
    """One interval an agent, on a common axis."""

    metric: str
    axis: Sequence[str]
    marks: Sequence[Mark]


def intervals(comparison: Comparison, metric: Metric) -> Intervals:
    """Lay one interval an agent out, on an axis that ends at 1."""
    of: list[Estimate | None] = [getattr(agent.report.overall, metric) for agent in comparison.agents]
    low = _foot(found.low for found in of if found is not None)

    def place(value: float) -> float:
        return round(100 * (value - low) / (1 - low), 2)

    marks = [
        Mark(
            place(found.low),
            place(found.mean),
            place(found.high),
            f"{found.mean:.3f} [{found.low:.3f}, {found.high:.3f}]",
            number % COLORS,
            comparison.agents[number].name,
        )
        for number, found in enumerate(of)
        if found is not None
    ]
    return Intervals(METRICS[metric], [f"{low + share * (1 - low):.4g}" for share in (0, 0.5, 1)], marks)


def _foot(values: Iterable[float]) -> float:
    """Where an axis that ends at 1 may begin."""
    least = min(values, default=0.0)
    return max(foot for foot in (0.0, 0.5, 0.8, 0.9) if foot <= max(least, 0.0))


@dataclass(frozen=True, slots=True)
class Line:
    """One curve; ``imitated`` is where reinforcement begins, 0 where there is none of it."""

    points: str
    color: int
    name: str
    end: str
    imitated: float


@dataclass(frozen=True, slots=True)
class Plot:
    """Curves in one frame."""

    metric: str
    width: float
    height: float
    lines: Sequence[Line]
    ticks: Sequence[Label]


#: The frame of a plot: its size, and the space around it.
_WIDTH, _HEIGHT, _LEFT, _RIGHT, _BOTTOM, _TOP = 460.0, 200.0, 44.0, 14.0, 24.0, 8.0


def plot(curves: Sequence[Curve], metric: Metric) -> Plot:
    """Lay learning curves out, over environment steps."""
    values: list[tuple[float, ...]] = [getattr(curve, metric) for curve in curves]
    most = max((curve.steps[-1] for curve in curves if curve.steps), default=1)
    low = _foot(value for one in values for value in one)

    def x(step: float) -> float:
        return round(_LEFT + (_WIDTH - _LEFT - _RIGHT) * step / most, 1)

    def y(value: float) -> float:
        return round(_TOP + (_HEIGHT - _TOP - _BOTTOM) * (1 - value) / (1 - low), 1)

    lines = [
        Line(
            " ".join(f"{x(step)},{y(value)}" for step, value in zip(curve.steps, one, strict=True)),
            number % COLORS,
            curve.run,
            f"{one[-1]:.2f}" if one else "",
            x(curve.imitated) if 0 < curve.imitated < curve.steps[-1] else 0.0,
        )
        for number, (curve, one) in enumerate(zip(curves, values, strict=True))
    ]
    ticks = [Label(x(step), _HEIGHT - 6, _steps(step), "x") for step in _round_steps(most)]
    heights = [low + share * (1 - low) for share in (0, 0.25, 0.5, 0.75, 1)]
    ticks += [Label(_LEFT - 6, y(value), f"{value:.4g}", "y") for value in heights]
    return Plot(METRICS[metric], _WIDTH, _HEIGHT, lines, ticks)


def _round_steps(most: int) -> list[int]:
    """Choose round numbers of steps for an axis, at most six."""
    unit = 10 ** max(len(str(most)) - 2, 0)
    pace = next(unit * factor for factor in (1, 2, 5, 10, 20, 50) if most / (unit * factor) <= 5)  # noqa: PLR2004
    return list(range(0, most + 1, pace))


def _steps(number: float) -> str:
    """Word a number of steps shortly: ``1.2M``, ``350k``."""
    for unit, name in ((1e6, "M"), (1e3, "k")):
        if number >= unit:
            return f"{number / unit:.3g}{name}"
    return f"{number:.0f}"


def groups_by_name(
    comparison: Comparison, kind: Literal["families", "machines"]
) -> list[tuple[str, list[Group | None]]]:
    """List families or machines, the first agent's worst first, each with its figures by agent."""
    of: list[Mapping[str, Group]] = [getattr(agent.report, kind) for agent in comparison.agents]
    names = dict.fromkeys(name for groups in of for name in worst_first(groups))
    return [(name, [groups.get(name) for groups in of]) for name in names]
