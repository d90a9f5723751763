"""Agents that look behind the curtain: upper bounds, not competitors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from igc_core.errors import AgentError
from igc_redfish.process.planner import Planner
from igc_redfish.process.trial import Trial

if TYPE_CHECKING:
    from igc_core.protocols import View


class PlannerAgent:
    """Follows a shortest solution. Needs a simulated machine, whose truth it reads."""

    def __init__(self, planner: Planner | None = None) -> None:
        self.planner = planner or Planner()

    def start(self, seed: int) -> None:
        """Begin an episode; the planner has no memory of its own."""

    def choose(self, view: View) -> int:
        """Return the first slot of an optimal action; slot 0 where no solution is left.

        Raises:
            AgentError: The view is not of a simulated machine.
        """
        trial = view.simulation
        if not isinstance(trial, Trial):
            raise AgentError(
                "the planner needs a simulated machine", code="agent-incompatible", hint="run it on a capture"
            )
        best = self.planner.optimal(trial.scenario, trial.world, trial.stage, trial.known_actions)
        slots = np.flatnonzero(np.isin(trial.slot_actions()[: len(view.actions)], list(best)))
        return int(slots[0]) if slots.size else 0
