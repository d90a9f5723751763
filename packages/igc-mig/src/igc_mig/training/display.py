"""How training stands: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Self

from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from types import TracebackType

    from rich.console import Console

    from igc_mig.training.trainer import Standing

#: Seconds between lines where there is no terminal.
_LINE_EVERY_S = 10.0


class TrainingDisplay:
    """A progress bar with steps, speed and reward; used as a context manager, and as a watcher of training."""

    def __init__(self, console: Console) -> None:
        self._console, self._told = console, time.monotonic()
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            TextColumn("{task.completed:,.0f}/{task.total:,.0f}"),
            TextColumn("{task.fields[figures]}"),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("preparing", total=1, figures="")

    def __enter__(self) -> Self:
        """Show the bar."""
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the bar as it stands."""
        self._progress.stop()

    def __call__(self, standing: Standing) -> None:
        """Show how training stands."""
        figures = f"{standing.per_second:,.0f} fps  reward {standing.reward:.4f}" if standing.per_second else ""
        if not self._console.is_terminal and time.monotonic() - self._told >= _LINE_EVERY_S:
            self._told = time.monotonic()
            self._console.print(f"{standing.phase} {standing.done:,}/{standing.total:,}  {figures}")
        self._progress.update(
            self._task,
            description=standing.phase,
            completed=standing.done,
            total=standing.total,
            figures=figures,
        )
