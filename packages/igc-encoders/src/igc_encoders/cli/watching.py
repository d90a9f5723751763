"""Shows the share of long work that is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_core.cli.display import WorkDisplay

if TYPE_CHECKING:
    from rich.console import Console

_WHOLE = 100


class Watch(WorkDisplay):
    """What is going on, and how much of it is done, in percent."""

    def __init__(self, console: Console) -> None:
        super().__init__(console, unit="%")

    def __call__(self, what: str, share: float) -> None:
        """Say what is going on, and which share of it is done."""
        self.show(what, round(_WHOLE * share), _WHOLE)
