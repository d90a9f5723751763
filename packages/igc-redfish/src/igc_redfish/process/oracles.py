"""Agents that look behind the curtain: upper bounds, not competitors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from igc_core.errors import AgentError, GoalError
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
        """Return the first slot of an optimal action; where none has a slot, that of a read or a wait.

        Raises:
            AgentError: The view is not of a simulated machine.
            GoalError: The planner finds no way from the start.
        """
        trial = view.simulation
        if not isinstance(trial, Trial):
            raise AgentError(
                "the planner needs a simulated machine", code="agent-incompatible", hint="run it on a capture"
            )
        best = self.planner.optimal(trial.scenario, trial.world, trial.stage, trial.known_actions)
        if not best and not view.steps:
            raise GoalError(
                "the planner finds no way to this goal on this machine",
                code="goal-not-expressible",
                hint="does some resource show what the goal changes, and allow the change?",
            )
        slots = np.flatnonzero(np.isin(trial.slot_actions()[: len(view.actions)], list(best)))
        harmless = (index for index, action in enumerate(view.actions) if not action.request.mutates)
        return int(slots[0]) if slots.size else next(harmless, 0)
