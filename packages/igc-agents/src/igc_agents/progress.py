"""How long work stands: a bar on a terminal, once the work has taken a while."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Self

from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from types import TracebackType

    from rich.console import Console

#: Work shorter than this shows nothing, in seconds.
_PATIENCE_S = 2.0


class ProgressBar:
    """Shows what is under way; used as a context manager, and as a watcher of an evaluation."""

    def __init__(self, console: Console) -> None:
        self._began = time.monotonic()
        self._shown = False
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("", total=None)

    def __enter__(self) -> Self:
        """Begin to be patient."""
        self._began = time.monotonic()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the bar away."""
        if self._shown:
            self._progress.stop()

    def __call__(self, what: str, done: int, total: int) -> None:
        """Show what is under way, and how much of it is done; a total of 0 is unknown."""
        self._progress.update(self._task, description=what, completed=done, total=total or None)
        if not self._shown and (time.monotonic() - self._began >= _PATIENCE_S or not total):
            self._shown = True
            self._progress.start()
