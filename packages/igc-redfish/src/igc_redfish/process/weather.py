"""Random trouble in many episodes at once; :class:`~igc_redfish.process.disturbance.Interference` is that of one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from igc_redfish.process.disturbance import FAULT_STATUS, draw
from igc_redfish.process.ground import WAIT_ID

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from igc_redfish.process.disturbance import Disturbance
    from igc_redfish.process.memo import Memo, Steps
    from igc_redfish.process.standings import Standings


class Weather:
    """The trouble that the requests of each episode meet.

    Attributes:
        disturbance: How much of it there is.
    """

    def __init__(self, disturbance: Disturbance, num_envs: int) -> None:
        """Begin with none; every episode draws its rates as it begins."""
        self.disturbance = disturbance
        self._rates = np.zeros((3, num_envs))

    def begin(self, envs: NDArray[np.int64], rng: np.random.Generator) -> None:
        """Draw the rates of episodes that begin anew."""
        self._rates[:, envs] = self.disturbance.rates(rng, len(envs))

    def spoil(
        self, step: Steps, action: NDArray[np.int32], standings: Standings, memo: Memo, rng: np.random.Generator
    ) -> Steps:
        """Let the service fail, answer with an old state, or accept without doing.

        Args:
            step: What the actions do where nothing happens.
            action: Numbers of the actions; waits meet no trouble.
            standings: Where the episodes stood before.
            memo: Knows what would have been read before the last request.
            rng: Draws the trouble.
        """
        fails, drops, stale = draw(rng, self._rates)
        asked = action != WAIT_ID
        fails &= asked
        drops &= step.mutates & succeeds(step) & ~fails
        stale &= asked & ~step.mutates & ~fails & succeeds(step)
        document = np.where(fails, 0, step.document)
        old = np.flatnonzero(stale)
        if old.size:
            earlier = memo.step(standings.scenario[old], standings.before[old], action[old])
            fits = succeeds(earlier)
            document[old[fits]] = earlier.document[fits]
        return replace(
            step,
            world=np.where(fails | drops, standings.world, step.world),
            status=np.where(fails, FAULT_STATUS, step.status),
            document=document,
            pending=step.pending | fails,
        )


def succeeds(step: Steps) -> NDArray[np.bool_]:
    """Tell which answers are successes (RFC 9110, section 15.3)."""
    found: NDArray[Any] = step.status < 300  # noqa: PLR2004 - 2xx
    return found
