"""How training stands, in words, as a bar, and as curves for TensorBoard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Console

from igc_core.cli.display import WorkDisplay
from igc_encoders.extras import extra

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from igc_encoders.lm.training import Standing


class TrainingDisplay(WorkDisplay):
    """Loss and speed; a watcher of training."""

    def __init__(self, console: Console, board: Path | None) -> None:
        """Prepare the display.

        Args:
            console: Where it is shown.
            board: Folder of TensorBoard's files; ``None`` shows and writes nothing, as beside a main process.
        """
        super().__init__(Console(quiet=True) if board is None else console)
        self._writer = _writer(board) if board else None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the bar as it stands, and close TensorBoard's file."""
        super().__exit__(kind, error, trace)
        if self._writer is not None:
            self._writer.close()

    def __call__(self, standing: Standing) -> None:
        """Show how training stands."""
        best = "" if standing.best is None else f"  {standing.best:.3f} bits per byte held out"
        figures = f"loss {standing.loss:.3f}  {standing.tokens_per_second:,.0f} tokens/s{best}"
        self.show("training", standing.step, standing.steps, figures)
        if self._writer is not None:
            self._writer.add_scalar("train/loss", standing.loss, standing.step)
            self._writer.add_scalar("train/rate", standing.rate, standing.step)
            if standing.best is not None:
                self._writer.add_scalar("validation/best_bits_per_byte", standing.best, standing.step)


def _writer(folder: Path) -> Any:
    with extra("lm", "language models"):
        from torch.utils.tensorboard import SummaryWriter  # noqa: PLC0415
    return SummaryWriter(str(folder))
