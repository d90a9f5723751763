"""What every kind of chart shows."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from igc_core.cli import printable
from igc_mig.geometry import gpu

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from igc_mig.plan_file import PlanFile
    from igc_mig.replay import Bar

#: Colour of an instance by compute slices; told apart with colour-blind eyes too (Okabe and Ito, 2008).
COLOURS: Mapping[int, str] = MappingProxyType({1: "#56b4e9", 2: "#009e73", 3: "#e69f00", 4: "#cc79a7", 7: "#f0e442"})
#: Colour of creations and destructions.
RECONFIGURATION = "#d7263d"


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A bar of a chart.

    Attributes:
        bar: What it stands for.
        first: Its first row.
        rows: How many rows it covers.
        size: Compute slices that work.
        label: What stands in it.
    """

    bar: Bar
    first: int
    rows: int
    size: int
    label: str


def shortened(label: str, letters: int, mark: str = "\N{HORIZONTAL ELLIPSIS}") -> str:
    """Cut a label to so many letters, and mark that: ``task1`` must not stand for ``task12``."""
    return label if len(label) <= letters else label[: max(letters - 1, 0)] + mark


class Chart:
    """A plan, ready to be drawn.

    Attributes:
        slices: Rows.
        end_s: When the last thing ends.
        title: One line.
        sizes: Sizes of the instances used, ascending.
    """

    def __init__(self, plan: PlanFile) -> None:
        self._model, self._timeline = gpu(plan.gpu), plan.timeline()
        self._names = [task.name for task in plan.tasks]
        self.slices = self._model.compute_slices
        self.end_s = self._timeline.makespan_s
        over = 100 * (self.end_s / plan.lower_bound_s - 1) if plan.lower_bound_s else 0.0
        self.title = (
            f"{len(self._names)} tasks on {plan.gpu.upper()} in {self.end_s:.1f} s by "
            f"{printable(plan.scheduler)}; "
            f"at most {over:.1f} % above the shortest possible"
        )
        self.sizes = sorted({self._model.placements[bar.placement].size for bar in self._timeline.tasks})

    def rectangles(self) -> Iterator[Rectangle]:
        """Yield the bars in the order in which they were decided."""
        for bar in self._timeline.bars:
            place = self._model.placements[bar.placement]
            label = printable(self._names[bar.task]) if bar.kind == "task" else f"{bar.kind} {place.profile.name}"
            yield Rectangle(bar, place.slices.start, len(place.slices), place.size, label)
