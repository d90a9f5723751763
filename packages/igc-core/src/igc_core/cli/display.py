"""How long-running work stands: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, Self

from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from types import TracebackType

    from rich.console import Console

#: Seconds between lines where there is no terminal.
LINE_EVERY_S: Final = 10.0


class WorkDisplay:
    """A progress bar with the figures of the moment, used as a context manager.

    Args:
        console: Where to show it.
        unit: What is counted, e.g. ``"steps"``.
        phase: What is being done before :meth:`show` tells.
        line_every_s: Seconds between lines where the console is no terminal.
    """

    def __init__(
        self, console: Console, *, unit: str = "", phase: str = "preparing", line_every_s: float = LINE_EVERY_S
    ) -> None:
        self._console, self._unit = console, f" {unit}" if unit else ""
        self._line_every_s, self._told = line_every_s, time.monotonic()
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            TextColumn(f"{{task.completed:,.0f}}/{{task.total:,.0f}}{self._unit}"),
            TextColumn("{task.fields[figures]}"),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task(phase, total=1, figures="")

    def __enter__(self) -> Self:
        """Show the bar."""
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the bar as it stands."""
        self._progress.stop()

    def show(self, phase: str, done: int, total: int, figures: str = "") -> None:
        """Show how the work stands.

        Args:
            phase: What is being done.
            done: How much of it is done, in units.
            total: How much there is.
            figures: What else is worth knowing at the moment.
        """
        if not self._console.is_terminal and time.monotonic() - self._told >= self._line_every_s:
            self._told = time.monotonic()
            self._console.print(f"{phase} {done:,}/{total:,}{self._unit}  {figures}".rstrip())
        self._progress.update(self._task, description=phase, completed=done, total=total, figures=figures)
