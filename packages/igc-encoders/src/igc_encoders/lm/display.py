"""How training stands: a bar on a terminal, a line now and then elsewhere, curves for TensorBoard."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any, Self

from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from igc_encoders.extras import extra

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from rich.console import Console

    from igc_encoders.lm.training import Standing

#: Seconds between lines where there is no terminal.
_LINE_EVERY_S = 10.0


class TrainingDisplay:
    """A progress bar with loss and speed; used as a context manager, and as a watcher of training."""

    def __init__(self, console: Console, board: Path | None) -> None:
        """Prepare the display.

        Args:
            console: Where it is shown.
            board: Folder of TensorBoard's files; ``None`` shows and writes nothing, as beside a main process.
        """
        self._console, self._told = console, time.monotonic()
        self._silent = board is None
        self._writer = _writer(board) if board else None
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            TextColumn("{task.completed:,.0f}/{task.total:,.0f}"),
            TextColumn("{task.fields[figures]}"),
            TimeRemainingColumn(),
            console=console,
            disable=self._silent or not console.is_terminal,
        )
        self._task = self._progress.add_task("preparing", total=1, figures="")

    def __enter__(self) -> Self:
        """Show the bar."""
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the bar as it stands, and close TensorBoard's file."""
        self._progress.stop()
        if self._writer is not None:
            self._writer.close()

    def prepare(self, what: str, done: int, total: int) -> None:
        """Show how the preparation stands."""
        self._line(f"{what} {done:,}/{total:,}")
        self._progress.update(self._task, description=what, completed=done, total=total)

    def __call__(self, standing: Standing) -> None:
        """Show how training stands."""
        best = f"  {standing.best:.3f} bits per byte held out" if math.isfinite(standing.best) else ""
        figures = f"loss {standing.loss:.3f}  {standing.tokens_per_second:,.0f} tokens/s{best}"
        self._line(f"step {standing.step:,}/{standing.steps:,}  {figures}")
        self._progress.update(
            self._task, description="training", completed=standing.step, total=standing.steps, figures=figures
        )
        if self._writer is not None:
            self._writer.add_scalar("train/loss", standing.loss, standing.step)
            self._writer.add_scalar("train/rate", standing.rate, standing.step)
            if best:
                self._writer.add_scalar("validation/best_bits_per_byte", standing.best, standing.step)

    def _line(self, text: str) -> None:
        if self._silent or self._console.is_terminal or time.monotonic() - self._told < _LINE_EVERY_S:
            return
        self._told = time.monotonic()
        self._console.print(text)


def _writer(folder: Path) -> Any:
    with extra("lm", "language models"):
        from torch.utils.tensorboard import SummaryWriter  # noqa: PLC0415
    return SummaryWriter(str(folder))
