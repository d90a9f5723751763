"""How training stands, in words and as a bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_core.cli.display import LINE_EVERY_S, WorkDisplay

if TYPE_CHECKING:
    from rich.console import Console

    from igc_agents.standing import Standing


class TrainingDisplay(WorkDisplay):
    """Steps, speed, success and SPL; a watcher of training.

    Args:
        console: Where to show them.
        line_every_s: Seconds between lines where the console is no terminal.
    """

    def __init__(self, console: Console, *, line_every_s: float = LINE_EVERY_S) -> None:
        super().__init__(console, unit="steps", phase="collecting", line_every_s=line_every_s)

    def __call__(self, standing: Standing) -> None:
        """Show how training stands."""
        self.show(standing.phase, standing.done, standing.total, figures(standing))


def figures(standing: Standing) -> str:
    """Word the figures of the moment."""
    return f"{standing.steps_per_second:,.0f}/s  success {standing.success:.2f}  SPL {standing.efficiency:.2f}"
