"""How a training of an autoencoder stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass
class Progress:
    """How training stands.

    Attributes:
        share: Done so far, in [0, 1].
        steps: Updates so far.
        losses: Means of the parts of the loss over the last updates, by name.
        seconds: Wall-clock time spent on updates, in seconds.
        ended: Whether all updates are made.
    """

    share: float = 0.0
    steps: int = 0
    losses: dict[str, float] = field(default_factory=dict[str, float])
    seconds: float = 0.0
    ended: bool = False

    def stepped(self, share: float, parts: Mapping[str, float]) -> None:
        """Note an update."""
        self.share, self.steps = share, self.steps + 1
        for name, part in parts.items():
            self.losses[name] = 0.98 * self.losses.get(name, part) + 0.02 * part
