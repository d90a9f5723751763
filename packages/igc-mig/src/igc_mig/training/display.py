"""How training stands, in words and as a bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_core.cli.display import WorkDisplay

if TYPE_CHECKING:
    from igc_mig.training.trainer import Standing


class TrainingDisplay(WorkDisplay):
    """Steps, speed and reward; a watcher of training."""

    def __call__(self, standing: Standing) -> None:
        """Show how training stands."""
        figures = f"{standing.per_second:,.0f} fps  reward {standing.reward:.4f}" if standing.per_second else ""
        self.show(standing.phase, standing.done, standing.total, figures)
