"""One episode: what the agent knows, what it may ask, and what it earned."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from igc_core.episode import Transition
from igc_core.errors import ActionError
from igc_core.protocols import View
from igc_core.rest import Response
from igc_redfish.process.belief import HOST_OFF, HOST_ON, MUTATES, RESETS, Belief, bit, bit_count, open_parts, sent
from igc_redfish.process.belief import read as read_document
from igc_redfish.process.engine import Engine
from igc_redfish.process.fairness import equally_informed, look_alikes
from igc_redfish.process.ground import ROOT_ID, WAIT_ID, Step
from igc_redfish.process.notebook import Notebook
from igc_redfish.process.semantics import (
    ACCEPTED,
    FAILED,
    FARED,
    HISTORY,
    MOST_PARTS,
    MOST_WAITS,
    NO_STATUS,
    PRECONDITION,
    REFUSED,
    SLOT_VALUES,
    SLOTS,
    STATUS_CLASSES,
    UNDER_WAY,
    Rewards,
    horizon,
    status_class,
)
from igc_redfish.process.shown import Seen, ShownActions

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from igc_redfish.process.recollection import Recollection
    from igc_redfish.process.scenario import Scenario

#: Step at which what is remembered from earlier episodes was learned.
_BEFORE = -1
#: Whether a remembered request was accepted, and whether it was refused, by status class.
_FATES = [(float(kind in {ACCEPTED, UNDER_WAY}), float(kind >= REFUSED)) for kind in range(STATUS_CLASSES)]


class Trial:
    """One episode of a scenario, as a session of the episode runner.

    An action is legal while the world may have changed since it was last tried, so nothing is asked twice in vain:
    every accepted change and every wait begins a new *epoch*, and an action tried in the present epoch is masked. A
    request that failed on the service's side (5xx) may be repeated at once. Against going round in circles, a change
    that was answered four times is barred for good, and after six waits in a row something must be asked.

    Attributes:
        scenario: Goal, machine and start.
        slots: Most actions shown at once; None for as many as are legal.
        steps: Requests made.
        refused: Requests answered with a status of 400 or above.
        destroyed: Destructive requests that the goal did not ask for.
        hidden: Legal actions that found no slot, summed over the steps.
        memory: What earlier episodes learned about the machine, and what this one adds to; None for nothing.
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        slots: int | None = None,
        rewards: Rewards | None = None,
        perform: Callable[[int, int], Step] | None = None,
        memory: Recollection | None = None,
    ) -> None:
        """Begin the episode.

        Args:
            scenario: Goal, machine and start.
            slots: Most actions shown at once; None for as many as are legal.
            rewards: What a step earns.
            perform: Takes an action, by its number, in a world; the engine if None.
            memory: What earlier episodes learned about the machine, and what this one adds to; none if None.
        """
        self.scenario = scenario
        self.slots = slots
        self.rewards = rewards or Rewards()
        self.horizon = horizon(len(scenario.goal.parts))
        self.steps = self.refused = self.destroyed = self.hidden = 0
        self._perform = perform or scenario.engine.step
        self.memory = memory
        self._world = scenario.start
        self._epoch = 0
        self._pending = False
        self._status = NO_STATUS
        self._raw_status = 0
        self._document = 0
        self._belief = Belief()
        self._resets = self._waits = 0
        self._history = [(0, NO_STATUS)] * HISTORY
        self._progress = scenario.progress(self._world, 0)
        self._read: dict[str, Any] = {}
        self._studied = self._legal_count = 0
        self._known = self._open()
        if memory is not None:
            for document, offer in list(memory.offers(scenario)):
                self._known.learn(offer, document, _BEFORE, len(scenario.engine.actions))
            if self._document:  # what the root offers is offered now, remembered or not
                root = scenario.offer(self._document)
                self._known.learn(root, self._document, self.steps, len(scenario.engine.actions))
        self._shown = self._choose_shown()

    # -- the session of the episode runner -------------------------------------------------------------------------

    def view(self) -> View:
        """Return what the agent may know now."""
        engine = self.scenario.engine
        return View(
            goal=self.scenario.goal,
            actions=ShownActions(self._known.described, self._shown.tolist()),
            documents=self._read,
            current=engine.documents[self._document].uri,
            steps=self.steps,
            status=self._raw_status,
            observation=Seen(self.observation(), self.scenario.rows.layout),
            simulation=self if isinstance(engine, Engine) else None,
            terms=self.scenario.terms,
        )

    def perform(self, index: int) -> Transition:
        """Perform the action in a slot.

        Raises:
            ActionError: The slot is empty.
        """
        if not 0 <= index < len(self._shown):
            problem = f"there is no legal action in slot {index}: {len(self._shown)} are filled"
            raise ActionError(problem, code="action-illegal", hint="choose among action_masks()")
        slot = int(self._shown[index])
        action = int(self._known.actions[slot])
        step = self._perform(self._world, action)
        reward = self._account(slot, action, step)
        terminated = self._progress.reached
        truncated = not terminated and self.steps >= self.horizon
        self._shown = self._choose_shown()
        engine = self.scenario.engine
        request = engine.actions[action].request
        body = engine.documents[step.document].body if step.document else engine.refusals[step.refusal]
        return Transition(reward, terminated, truncated, request, Response(step.status, body))

    def reached(self) -> bool:
        """Tell whether the goal holds in the present world."""
        return self._progress.reached

    # -- what planners and labels look at ----------------------------------------------------------------------------

    @property
    def world(self) -> int:
        """Number of the present world."""
        return self._world

    @property
    def stage(self) -> int:
        """For ordered goals, how many sub-goals were reached in order."""
        return self._progress.stage

    def slot_actions(self) -> NDArray[np.int32]:
        """Numbers of the actions in the slots."""
        return self._known.actions[self._shown]

    @property
    def known_actions(self) -> NDArray[np.int32]:
        """Numbers of all actions discovered."""
        return self._known.actions[: self._known.count]

    def fair(self, optimal: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Extend labels of the slots to what looks the same to an agent; see :mod:`igc_redfish.process.fairness`."""
        known, shown = self._known, self._shown
        rows = np.asarray([self._row(place) for place in shown.tolist()], np.int32)
        reads = ((known.effects[shown] & MUTATES) == 0) & (shown > 0)
        return equally_informed(look_alikes(rows, known.origins[shown]), optimal, reads, known.codes[shown] > 0)

    # -- arrays ------------------------------------------------------------------------------------------------------

    def observation(self) -> dict[str, NDArray[Any]]:
        """Return the observation of the candidate codec; see :mod:`igc_redfish.process.environment` for its space."""
        shown, known, scenario = self._shown, self._known, self.scenario
        n = len(shown)
        pursued = self._pursued
        best = np.where(pursued, known.scores[shown], -np.inf).argmax(axis=1)
        slots = n if self.slots is None else self.slots
        candidates = np.zeros(slots, np.int32)
        candidates[:n] = known.rows[shown, best]
        values = np.zeros((slots, len(SLOT_VALUES)), np.float32)
        filled = values[:n]
        filled[:] = FARED[known.codes[shown]]
        filled[:, 5] = known.offered[shown] == self._studied
        filled[:, 6] = (self.steps - known.born[shown]) * np.float32(1.0 / self.horizon)
        if n and shown[0] == 0:
            filled[0, 7] = 1.0
        filled[:, 8] = self._belief.asked >> best & 1
        return {
            "candidates": candidates,
            "slot_values": values,
            "document": np.array([self._document_row()], np.int32),
            "goal": np.array([scenario.goal_row(self._open_parts)], np.int32),
            "history": np.array([row for row, _ in self._history], np.int32),
            "achieved_goal": np.array(self._progress.achieved, np.int32),
            "desired_goal": np.array(scenario.desired, np.int32),
            "values": np.array(self._step_values(n), np.float32),
        }

    def _document_row(self) -> int:
        if not self._document:
            return 0
        offer = self.scenario.offer(self._document)
        return int(offer.documents[np.where(self._pursued, offer.fits, -np.inf).argmax()])

    def _row(self, place: int) -> int:
        """Row by which a known action is shown."""
        best = np.where(self._pursued, self._known.scores[place], -np.inf).argmax()
        return int(self._known.rows[place, best])

    @property
    def _open_parts(self) -> int:
        """Bits of the sub-goals that are pursued."""
        scenario = self.scenario
        bits: int = open_parts(self._belief, scenario.every, int(scenario.ordered))
        return bits

    @property
    def _pursued(self) -> NDArray[np.bool_]:
        return _which(self._open_parts, len(self.scenario.parts))

    def _step_values(self, shown: int) -> list[float]:
        """The values of ``STEP_VALUES``, then of each remembered request whether it was accepted and refused."""
        status = [0.0] * STATUS_CLASSES
        status[self._status] = 1.0
        parts, limit = len(self.scenario.goal.parts), self.scenario.max_resets
        return [
            self.steps / self.horizon,
            self._pending,
            *status,
            self._known.count / 128,
            min(shown / SLOTS, 1.0),
            min((self._legal_count - shown) / 64, 1.0),
            self._epoch / 8,
            parts / MOST_PARTS,
            bit_count(self._open_parts) / MOST_PARTS,
            bit_count(self._belief.asked) / parts,
            float(self.scenario.ordered),
            float(limit is not None),
            max(limit - self._resets, 0) / MOST_PARTS if limit is not None else 0.0,
            min(self.refused / 8, 1.0),
            float(self._belief.shown & HOST_ON != 0),
            float(self._belief.shown & HOST_OFF != 0),
            *(value for _, kind in self._history for value in _FATES[kind]),
        ]

    def action_masks(self) -> NDArray[np.bool_]:
        """Return the legal slots, shape ``(slots,)``; at least one is true."""
        return np.arange(len(self._shown) if self.slots is None else self.slots) < len(self._shown)

    # -- learning ----------------------------------------------------------------------------------------------------

    def _open(self) -> Notebook:
        """Know the wait, and what the service root offers; the same for every trial of a scenario."""
        scenario = self.scenario
        first = self._perform(self._world, ROOT_ID)
        if scenario.opening is None:
            self._known = Notebook(len(scenario.engine.actions), len(scenario.parts))
            self._known.learn(scenario.wait, 0, self.steps, WAIT_ID + 1)
            if first.document:
                self._study(first.document)
            scenario.opening = self._known
        elif first.document:
            self._see(first.document)
        return scenario.opening.copy()

    def _account(self, slot: int, action: int, step: Step) -> float:
        """Update what is known after a step, and price it."""
        scenario, rewards = self.scenario, self.rewards
        described = scenario.engine.actions[action]
        kind = status_class(step.status)
        self.steps += 1
        self._status, self._raw_status = kind, step.status
        if action == WAIT_ID or (described.request.mutates and kind in (ACCEPTED, UNDER_WAY)):
            self._epoch += 1
        self._known.record(slot, kind, self._epoch - (kind == FAILED), mutates=described.request.mutates)
        self._waits = self._waits + 1 if action == WAIT_ID else 0
        self._history = [(self._row(slot), kind), *self._history[:-1]]
        effects, accepted = int(self._known.effects[slot]), kind in {ACCEPTED, UNDER_WAY}
        self._resets += accepted and effects & RESETS != 0
        self._belief = sent(self._belief, effects, accepted, scenario.staged, scenario.spent)
        self._pending = step.pending or self._pending
        before_world, self._world = self._world, step.world
        if kind == PRECONDITION and not described.request.headers:
            origin = int(self._known.origins[slot])
            self._known.learn(scenario.twin(action, origin), origin, self.steps, len(scenario.engine.actions))
        if step.document:
            self._study(step.document)
        before = self._progress
        self._progress = scenario.progress(self._world, before.stage)
        reward = rewards.request
        if len(scenario.goal.parts) > 1:
            reward += rewards.shaping * (self._progress.share - before.share)
        if kind >= REFUSED:
            self.refused += 1
            reward += rewards.refused
        if scenario.strays(before_world, action):
            self.destroyed += 1
            reward += rewards.destructive
        return reward + rewards.success * self._progress.reached

    def _see(self, document: int) -> None:
        """Keep a resource that was read."""
        self._document = document
        self._studied = self.steps
        read = self.scenario.engine.documents[document]
        self._read[read.uri] = read.body
        if self.memory is not None:
            self.memory.keep(read.uri, document)
        offer = self.scenario.offer(document)
        self._belief = read_document(self._belief, offer.confirms, offer.refutes, self.scenario.made)

    def _study(self, document: int) -> None:
        """Take in a resource that was read, and what it offers."""
        self._see(document)
        offer = self.scenario.offer(document)
        self._known.learn(offer, document, self.steps, len(self.scenario.engine.actions))

    def _choose_shown(self) -> NDArray[np.intp]:
        """Pick the slots: legal actions in order of discovery; the best-scored ones where there are too many."""
        legal = self._known.untried(self._epoch)
        legal[0] = (self._pending and self._waits < MOST_WAITS) or not legal[1:].any()
        found = legal.nonzero()[0]
        self._legal_count = len(found)
        if self.slots is not None and len(found) > self.slots:
            self.hidden += len(found) - self.slots
            scores = np.where(self._pursued, self._known.scores[found], -np.inf).max(axis=1)
            order = np.argsort(-scores, kind="stable")[: self.slots]
            found = found[np.sort(order)]
        return found


@lru_cache(maxsize=1024)
def _which(bits: int, parts: int) -> NDArray[np.bool_]:
    """Tell of each sub-goal whether its bit is set."""
    found = np.asarray([bits & bit(part) != 0 for part in range(parts)], np.bool_)
    found.setflags(write=False)
    return found
