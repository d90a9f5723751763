"""The flat codec: one-hot API x method x argument for one known machine, the original design of this project.

Every request that the machine can ever offer has a fixed slot. It learns one machine by heart, and serves as the
baseline that shows what the candidate codec's transfer is worth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from gymnasium import spaces

from igc_core.errors import ActionError, GoalError
from igc_core.protocols import View
from igc_redfish.process.catalogue import Document
from igc_redfish.process.semantics import ACCEPTED, STATUS_CLASSES
from igc_redfish.process.trial import Trial

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from igc_core.episode import Transition
    from igc_redfish.process.scenario import Scenario


class FlatIndex:
    """Slots of one machine's actions and goals.

    Attributes:
        actions: Numbers of the actions, by slot.
        goals: Places of the goals in the observation's one-hot.
    """

    def __init__(self, scenarios: Sequence[Scenario]) -> None:
        engines = {id(scenario.engine): scenario.engine for scenario in scenarios}
        if len(engines) != 1:
            problem = f"the flat codec knows one machine, and {len(engines)} were given"
            raise ActionError(problem, code="action-illegal", hint="use the codec 'candidates'")
        (engine,) = engines.values()
        found: dict[int, None] = {0: None, 1: None}
        worlds = sorted({0, *(scenario.start for scenario in scenarios)})
        for scenario in scenarios:
            for world in worlds:
                for uri in engine.reader(world).uris():
                    allow = engine.simulator.service.allowed(engine.reader(world), uri)
                    body = engine.reader(world).get(uri)
                    number = engine.number_document(Document(uri, body or {}, allow))
                    found.update(dict.fromkeys(scenario.offer(number).actions.tolist()))
        self.actions = list(found)
        self.slot_of = {action: slot for slot, action in enumerate(self.actions)}
        goals = dict.fromkeys(scenario.goal for scenario in scenarios)
        self.goals = {goal: place for place, goal in enumerate(goals)}
        self.action_space = spaces.Discrete(len(self.actions))
        width = 3 * len(self.actions) + len(self.goals) + 2
        self.observation_space = spaces.Dict({"state": spaces.Box(0.0, 1.0, (width,), np.float32)})


class FlatTrial(Trial):
    """A trial whose slots are those of a :class:`FlatIndex`.

    The observation ``state`` is float32: for every slot whether it is known, tried and accepted, then the goal as
    one-hot, then the share of the horizon used and whether something is pending.
    """

    def __init__(self, scenario: Scenario, index: FlatIndex) -> None:
        """Begin an episode.

        Args:
            scenario: One of those that the index was made of.
            index: The slots.

        Raises:
            GoalError: The index does not know the goal.
        """
        if scenario.goal not in index.goals:
            problem = f"the flat codec knows {len(index.goals)} goals, and this one is not among them"
            raise GoalError(problem, code="goal-not-expressible", hint="use the codec 'candidates'")
        self.index = index
        super().__init__(scenario, slots=len(index.actions))

    def view(self) -> View:
        """Return what the agent may know now; all slots are listed, ``action_masks`` tells which are legal."""
        engine = self.scenario.engine
        return View(
            goal=self.scenario.goal,
            actions=[engine.actions[action] for action in self.index.actions],
            documents=self._read,
            steps=self.steps,
            observation=self.observation(),
            simulation=self,
        )

    def perform(self, index: int) -> Transition:
        """Perform the action of a slot.

        Raises:
            ActionError: It is not legal now.
        """
        legal = {int(action): place for place, action in enumerate(super().slot_actions())}
        place = legal.get(self.index.actions[index])
        if place is None:
            problem = f"slot {index} is not legal now"
            raise ActionError(problem, code="action-illegal", hint="choose among action_masks()")
        return super().perform(place)

    def _choose_shown(self) -> NDArray[np.intp]:
        """Leave out what the index does not know; wait where nothing else is left."""
        found = super()._choose_shown()
        kept = found[np.isin(self._known.actions[found], self.index.actions)]
        return kept if kept.size else np.zeros(1, np.intp)

    def slot_actions(self) -> NDArray[np.int32]:
        """Numbers of the actions in the slots."""
        return np.asarray(self.index.actions, np.int32)

    def fair(self, optimal: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return the labels as they are: every slot stands for one action, so nothing looks like another."""
        return optimal

    def action_masks(self) -> NDArray[np.bool_]:
        """Legal slots."""
        return np.isin(np.asarray(self.index.actions), super().slot_actions())

    def observation(self) -> dict[str, NDArray[Any]]:
        """Return the observation of the flat codec."""
        n = len(self.index.actions)
        state = np.zeros(3 * n + len(self.index.goals) + 2, np.float32)
        known = self.known_actions.tolist()
        slots = np.asarray([self.index.slot_of.get(action, -1) for action in known])
        places = np.flatnonzero(slots >= 0)
        state[slots[places]] = 1.0
        codes = self._known.codes[places]
        state[n + slots[places]] = codes > 0
        state[2 * n + slots[places]] = codes % STATUS_CLASSES == ACCEPTED
        state[3 * n + self.index.goals[self.scenario.goal]] = 1.0
        state[-2], state[-1] = self.steps / self.horizon, self._pending
        return {"state": state}
