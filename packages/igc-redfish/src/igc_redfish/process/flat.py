"""The flat codec: one-hot API x method x argument for known machines, the original design of this project.

Every request that the machines can offer has a fixed slot, and every goal a place
(:mod:`igc_redfish.process.flat_index`). What is learned of one slot tells nothing of the next, so the codec learns
machines by heart; it serves as the baseline that shows what the candidate codec's transfer is worth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from igc_core.errors import ActionError
from igc_core.protocols import View
from igc_redfish.process.flat_index import REST
from igc_redfish.process.semantics import ACCEPTED, STATUS_CLASSES
from igc_redfish.process.trial import Trial

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from igc_core.episode import Transition
    from igc_redfish.process.flat_index import FlatIndex
    from igc_redfish.process.scenario import Scenario


class FlatTrial(Trial):
    """A trial whose slots are those of a :class:`~igc_redfish.process.flat_index.FlatIndex`.

    The observation ``state`` is float32: for every slot whether it is known, tried and accepted, then the goal as
    :meth:`~igc_redfish.process.flat_index.FlatIndex.place` marks it, then the share of the horizon used, whether
    something is pending, and where at most n resets are allowed, 1 / (1 + n).
    """

    def __init__(self, scenario: Scenario, index: FlatIndex) -> None:
        """Begin an episode.

        Args:
            scenario: One whose goal the index knows.
            index: The slots.

        Raises:
            GoalError: The index does not know the goal.
        """
        self.index = index
        self._goal = index.place(scenario.goal)
        self._numbering = index.numbering(scenario.simulated)
        super().__init__(scenario, slots=len(index.actions))

    def view(self) -> View:
        """Return what the agent may know now; all slots are listed, ``action_mask`` tells which are legal."""
        return View(
            goal=self.scenario.goal,
            actions=self.index.actions,
            documents=self._read,
            steps=self.steps,
            observation={**self.observation(), "action_mask": self.action_masks()},
            simulation=self,
            terms=self.scenario.terms,
        )

    def perform(self, index: int) -> Transition:
        """Perform the action of a slot.

        Raises:
            ActionError: It is not legal now.
        """
        found = np.flatnonzero(self._shown_slots() == index)
        if not found.size:
            problem = f"slot {index} is not legal now"
            raise ActionError(problem, code="action-illegal", hint="choose among action_masks()")
        return super().perform(int(found[0]))

    def _choose_shown(self) -> NDArray[np.intp]:
        """Leave out what the index does not know; wait where nothing else is left."""
        found = super()._choose_shown()
        kept = found[self._numbering.slots[self._known.actions[found]] >= 0]
        return kept if kept.size else np.zeros(1, np.intp)

    def _shown_slots(self) -> NDArray[np.int32]:
        """Legal slots, by their numbers."""
        return self._numbering.slots[super().slot_actions()]

    def slot_actions(self) -> NDArray[np.int32]:
        """Numbers of the actions in the slots, -1 where this machine does not have one."""
        return self._numbering.numbers

    def fair(self, optimal: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return the labels as they are: every slot stands for one action, so nothing looks like another."""
        return optimal

    def action_masks(self) -> NDArray[np.bool_]:
        """Legal slots."""
        masks = np.zeros(len(self.index.actions), np.bool_)
        masks[self._shown_slots()] = True
        return masks

    def observation(self) -> dict[str, NDArray[Any]]:
        """Return the observation of the flat codec."""
        n = len(self.index.actions)
        state = np.zeros(3 * n + len(self._goal) + REST, np.float32)
        slots = self._numbering.slots[self.known_actions]
        places = np.flatnonzero(slots >= 0)
        slots, codes = slots[places], self._known.codes[places]
        state[slots] = 1.0
        state[n + slots] = codes > 0
        state[2 * n + slots] = codes % STATUS_CLASSES == ACCEPTED
        state[3 * n : -REST] = self._goal
        limit = self.scenario.max_resets
        state[-REST:] = self.steps / self.horizon, self._pending, 0.0 if limit is None else 1.0 / (1 + limit)
        return {"state": state}
