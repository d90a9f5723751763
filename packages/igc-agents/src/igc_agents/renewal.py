"""Fresh machines while training goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

if TYPE_CHECKING:
    from igc_agents.checkpoint import TrainingState


@runtime_checkable
class Renewable(Protocol):
    """A batched environment that can take other machines and goals, and make them harder as training goes on.

    Training calls ``renew`` once before the first episode, and again every ``Recipe.renew_every`` steps, each time
    right before it resets the environment. Spaces must stay as they are. Rows of the tables that observations referred
    to must stay too, unless ``layout`` is another object afterwards.
    """

    def renew(self, progress: float, seed: int) -> None:
        """Take other machines.

        What comes must follow from the arguments and from how the environment was built alone, not from earlier calls:
        a run that is resumed makes only the last one again.

        Args:
            progress: Share of the whole training that is done, from 0 to 1; a curriculum may follow it.
            seed: Seed of what is drawn, below 2**32; another for each call, and for each process.
        """
        ...


class Renewals:
    """Decides when an environment is renewed, and does it.

    Attributes:
        count: Which renewal is in force, from 0; -1 before the first.
        progress: What it was told of the training.
    """

    def __init__(self, environment: Any, every: int, seed: int, rank: int) -> None:
        """Take note of the environment.

        Args:
            environment: What is renewed, if it is :class:`Renewable`.
            every: Steps of one process between renewals; 0 for the first one only.
            seed: Seed of training.
            rank: Number of this process.
        """
        self._environment: Renewable | None = environment if isinstance(environment, Renewable) else None
        self._every, self._seed, self._rank = every, seed, rank
        self.count, self.progress = -1, 0.0

    def advance(self, steps: int, progress: float) -> bool:
        """Renew where it is time to.

        Args:
            steps: Steps of one process so far.
            progress: Share of the whole training that is done.

        Returns:
            Whether it was.
        """
        due = steps // self._every if self._every else 0
        if self._environment is None or due == self.count:
            return False
        self._renew(due, progress)
        return True

    def restore(self, state: TrainingState, steps: int, progress: float) -> None:
        """Put the environment where it was, or where it would be next."""
        self.count = state.renewals
        if not self.advance(steps, progress) and self.count >= 0:
            self._renew(state.renewals, state.renewal_progress)

    def _renew(self, count: int, progress: float) -> None:
        self.count, self.progress = count, progress
        if self._environment is not None:
            seed = np.random.SeedSequence([self._seed, self._rank, count]).generate_state(1)
            self._environment.renew(progress, int(seed[0]))
