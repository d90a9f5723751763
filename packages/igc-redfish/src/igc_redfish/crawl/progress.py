"""Shows how a crawl gets on, on terminals."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Self

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from types import TracebackType

    from rich.console import Console

    from igc_redfish.crawl.engine import Engine


class CrawlProgress:
    """A bar of what was read among what is known, with resources a second and failures.

    Args:
        console: Where; nothing is shown where it is no terminal.
    """

    def __init__(self, console: Console) -> None:
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:.0f} of {task.total:.0f} links known, {task.fields[rate]:.0f} resources/s"),
            TextColumn("{task.fields[failures]} failures"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("crawling", total=1, rate=0.0, failures=0)
        self._begun = time.monotonic()
        self._first: int | None = None

    def __enter__(self) -> Self:
        """Return the bar, which is shown from the first update on: until then somebody may be asked for a password."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the bar away."""
        self._bar.stop()

    def update(self, engine: Engine) -> None:
        """Show the present state of a crawl; the speed is that of this run."""
        self._bar.start()
        read, failed = len(engine.resources), len(engine.failures)
        self._first = read if self._first is None else self._first
        rate = (read - self._first) / max(time.monotonic() - self._begun, 0.1)
        done = read + failed
        self._bar.update(self._task, completed=done, total=done + engine.waiting, rate=rate, failures=failed)
