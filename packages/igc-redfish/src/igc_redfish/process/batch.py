"""Many episodes at once: the semantics of :class:`~igc_redfish.process.trial.Trial` as array operations.

Transitions, offers and judgements are looked up in integer tables; what is not there yet is computed by the engine and
the scenario once, and kept. Episodes that end start anew at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gymnasium as gym
import numpy as np

from igc_redfish.process.engine import ROOT_ID, WAIT_ID
from igc_redfish.process.ledger import Ledger
from igc_redfish.process.memo import Memo
from igc_redfish.process.lexicon import FINGERPRINT
from igc_redfish.process.scenario import GOAL_VALUES
from igc_redfish.process.semantics import (
    ACCEPTED,
    CONFLICT,
    FAILED,
    FARED,
    HISTORY,
    PRECONDITION,
    REFUSED,
    SLOT_VALUES,
    SLOTS,
    STATUS_CLASSES,
    STEP_VALUES,
    UNDER_WAY,
    Rewards,
    horizon,
)
from igc_redfish.process.serial import Attempt
from igc_redfish.process.spaces import observation_space
from igc_redfish.process.trial import Trial

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from igc_core.tables import Layout
    from igc_redfish.process.disturbance import Disturbance
    from igc_redfish.process.planner import Planner
    from igc_redfish.process.scenario import Scenario

_STATUS_CLASS = np.full(600, REFUSED, np.int8)
_STATUS_CLASS[0] = 0
_STATUS_CLASS[200:300] = ACCEPTED
_STATUS_CLASS[500:] = FAILED
_STATUS_CLASS[[202, 409, 428]] = UNDER_WAY, CONFLICT, PRECONDITION
_FAULT_STATUS = 503


class BatchedRedfish:
    """A batched environment over a pool of scenarios.

    Attributes:
        scenarios: What episodes are drawn from.
        families: Names that ``info["family"]`` numbers.
        machines: Names that ``info["machine"]`` numbers.
        hidden: Legal actions that found no slot, summed over all steps.
    """

    codec_name = "candidates"
    codec_fingerprint = FINGERPRINT

    def __init__(
        self,
        scenarios: Sequence[Scenario],
        num_envs: int,
        *,
        slots: int = SLOTS,
        rewards: Rewards | None = None,
        disturbance: Disturbance | None = None,
        planner: Planner | None = None,
        weights: NDArray[np.float64] | None = None,
    ) -> None:
        self.scenarios = list(scenarios)
        self.num_envs = num_envs
        self.slots = slots
        self.rewards = rewards or Rewards()
        self.families = tuple(sorted({scenario.family for scenario in self.scenarios}))
        self.machines = tuple(sorted({scenario.engine.machine.name for scenario in self.scenarios}))
        self.observation_space = observation_space(slots)
        self.action_space = gym.spaces.Discrete(slots)
        self.hidden = 0
        self._planner = planner
        self._disturbance = disturbance
        self._memo = Memo(self.scenarios)
        self._weights = _family_weights(self.scenarios) if weights is None else weights
        self._family = np.asarray([self.families.index(item.family) for item in self.scenarios], np.int16)
        machines = [self.machines.index(item.engine.machine.name) for item in self.scenarios]
        self._machine = np.asarray(machines, np.int16)
        self._shortest = np.asarray([item.shortest for item in self.scenarios], np.int32)
        self._goal_rows = np.asarray([item.goal_row for item in self.scenarios], np.int32)
        self._desired = np.asarray([item.desired for item in self.scenarios], np.int32)
        self._parts = np.asarray([len(item.goal.parts) for item in self.scenarios], np.int32)
        self._horizons = np.asarray([horizon(parts) for parts in self._parts.tolist()], np.int32)
        self._rng = np.random.default_rng(0)
        self._all = np.arange(num_envs)
        self._ledger = Ledger(num_envs)
        self._begin_arrays()

    @property
    def layout(self) -> Layout:
        """How observations refer to the tables."""
        return self.scenarios[0].rows.layout

    # -- the batched environment -------------------------------------------------------------------------------------

    def reset(self, seed: int | None = None) -> dict[str, NDArray[Any]]:
        """Start every episode anew."""
        if seed is not None:
            self._rng = np.random.default_rng(seed)
        self._restart(self._all, self._draw(self.num_envs))
        self._choose_shown()
        return self._observe()

    def start(self, scenarios: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
        """Start given scenarios, one in each episode, and return the first observations."""
        self._restart(self._all, scenarios)
        self._choose_shown()
        return self._observe()

    def step(
        self, actions: NDArray[np.integer[Any]]
    ) -> tuple[
        dict[str, NDArray[Any]], NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_], Mapping[str, NDArray[Any]]
    ]:
        """Take one action in each episode; see :class:`igc_core.protocols.BatchedEnvironment`."""
        rewards = self._act(np.asarray(actions))
        terminated = self._reached.copy()
        truncated = ~terminated & (self._steps >= self._horizons[self._scenario])
        ended = np.flatnonzero(terminated | truncated)
        info = self._summary(terminated)
        if ended.size:
            if truncated.any():
                self._choose_shown()
                final = self._observe()
                late = np.flatnonzero(truncated)
                info["terminal_index"] = late
                info["terminal_observation"] = {key: value[late] for key, value in final.items()}  # type: ignore[assignment]
            self._restart(ended, self._draw(len(ended)))
        self._choose_shown()
        return self._observe(), rewards, terminated, truncated, info

    def action_masks(self) -> NDArray[np.bool_]:
        """Legal slots, shape ``(num_envs, slots)``."""
        return np.arange(self.slots) < self._shown_count[:, None]

    def optimal_actions(self) -> NDArray[np.bool_]:
        """Slots of all actions that a planner with full knowledge might take, shape ``(num_envs, slots)``."""
        labels = np.zeros((self.num_envs, self.slots), np.bool_)
        if self._planner is None:
            return labels
        for env in range(self.num_envs):
            scenario = self.scenarios[self._scenario[env]]
            shown = self._ledger.actions[env, self._shown[env, : self._shown_count[env]]]
            known = self._ledger.actions[env, : self._ledger.count[env]]
            best = self._planner.optimal(scenario, self._memo.local_world(self._world[env]), int(self._stage[env]), known)
            labels[env, : len(shown)] = np.isin(shown, list(best))
        return labels

    def trials(self, episodes: int, seed: int) -> Iterator[Attempt]:
        """Yield episodes for agents that choose for one at a time, drawn like those of a batch."""
        rng = np.random.default_rng(seed)
        for index in rng.choice(len(self.scenarios), size=episodes, p=self._weights):
            yield Attempt(self.scenarios[index], self._begin)

    def _begin(self, scenario: Scenario) -> Trial:
        return Trial(scenario, slots=self.slots, rewards=self.rewards)

    # -- one step ----------------------------------------------------------------------------------------------------

    def _begin_arrays(self) -> None:
        n = self.num_envs
        self._scenario = np.zeros(n, np.int64)
        self._world = np.zeros(n, np.int64)
        self._before = np.zeros(n, np.int64)
        self._stage = np.zeros(n, np.int64)
        self._share = np.zeros(n, np.float32)
        self._reached = np.zeros(n, np.bool_)
        self._achieved = np.zeros((n, GOAL_VALUES), np.int32)
        self._steps = np.zeros(n, np.int32)
        self._refused = np.zeros(n, np.int32)
        self._destroyed = np.zeros(n, np.int32)
        self._epoch = np.zeros(n, np.int16)
        self._pending = np.zeros(n, np.bool_)
        self._status = np.zeros(n, np.int8)
        self._document = np.zeros(n, np.int32)
        self._history = np.zeros((n, HISTORY), np.int32)
        self._history_status = np.zeros((n, HISTORY), np.int8)
        self._shown = np.zeros((n, self.slots), np.int64)
        self._shown_count = np.zeros(n, np.int64)
        self._legal_count = np.zeros(n, np.int64)

    def _draw(self, n: int) -> NDArray[np.int64]:
        return self._rng.choice(len(self.scenarios), size=n, p=self._weights)

    def _restart(self, envs: NDArray[np.int64], scenarios: NDArray[np.int64]) -> None:
        self._scenario[envs] = scenarios
        self._world[envs] = self._before[envs] = self._memo.starts[scenarios]
        for array in (
            self._stage,
            self._share,
            self._reached,
            self._steps,
            self._refused,
            self._destroyed,
            self._epoch,
            self._pending,
            self._status,
            self._document,
            self._history,
            self._history_status,
        ):
            array[envs] = 0
        judged = self._memo.judge(scenarios, self._world[envs], self._stage[envs])
        self._stage[envs], self._share[envs], self._achieved[envs] = judged.stage, judged.share, judged.achieved
        self._ledger.clear(envs)
        waits = self._memo.wait_rows[scenarios]
        self._ledger.learn(envs, np.full(len(envs), WAIT_ID), waits, np.zeros(len(envs), np.float32), self._steps)
        roots = self._memo.step(scenarios, self._world[envs], np.full(len(envs), ROOT_ID))
        self._study(envs[roots.document > 0], roots.document[roots.document > 0])

    def _act(self, choices: NDArray[np.integer[Any]]) -> NDArray[np.float32]:
        every, ledger, rewards = self._all, self._ledger, self.rewards
        slot = self._shown[every, choices]
        action = ledger.actions[every, slot]
        step = self._memo.step(self._scenario, self._world, action)
        world, status, document, pending = step.world, step.status, step.document, step.pending
        if self._disturbance is not None:
            world, status, document, pending = self._disturb(action, step)
        kind = _STATUS_CLASS[status]
        self._steps += 1
        changed = (action == WAIT_ID) | (step.mutates & ((kind == ACCEPTED) | (kind == UNDER_WAY)))
        self._epoch += changed
        ledger.record(every, slot, kind, self._epoch - (kind == FAILED))
        self._history[:, 1:] = self._history[:, :-1]
        self._history_status[:, 1:] = self._history_status[:, :-1]
        self._history[:, 0] = ledger.rows[every, slot]
        self._history_status[:, 0] = kind
        self._status = kind
        self._pending |= pending
        self._before, self._world = self._world, world
        for env in np.flatnonzero(kind == PRECONDITION):
            self._learn_twin(int(env), int(action[env]))
        reading = np.flatnonzero(document)
        self._study(reading, document[reading])
        judged = self._memo.judge(self._scenario, self._world, self._stage)
        gained = (judged.share - self._share) * (self._parts[self._scenario] > 1)
        self._stage, self._share, self._reached = judged.stage, judged.share, judged.reached
        self._achieved = judged.achieved
        refused = kind >= REFUSED
        self._refused += refused
        self._destroyed += step.destructive
        return (
            rewards.request
            + rewards.shaping * gained
            + rewards.refused * refused
            + rewards.destructive * step.destructive
            + rewards.success * judged.reached
        ).astype(np.float32)

    def _disturb(
        self, action: NDArray[np.int32], step: Any
    ) -> tuple[NDArray[np.int64], NDArray[np.int16], NDArray[np.int32], NDArray[np.bool_]]:
        """Let the service fail, answer with an old state, or accept without doing."""
        assert self._disturbance is not None
        fails, drops, stale = self._disturbance.draw(self._rng, self.num_envs)
        asked = action != WAIT_ID
        fails &= asked
        drops &= step.mutates & (step.status < 300) & ~fails  # noqa: PLR2004 - RFC 9110: 2xx is success
        stale &= asked & ~step.mutates & ~fails
        world = np.where(fails | drops, self._world, step.world)
        status = np.where(fails, _FAULT_STATUS, step.status)
        document = np.where(fails, 0, step.document)
        if stale.any():
            old = np.flatnonzero(stale)
            earlier = self._memo.step(self._scenario[old], self._before[old], action[old])
            fits = earlier.status < 300  # noqa: PLR2004 - RFC 9110: 2xx is success
            document[old[fits]] = earlier.document[fits]
        return world, status, document, step.pending | fails

    def _study(self, envs: NDArray[np.int64], documents: NDArray[np.int32]) -> None:
        if not envs.size:
            return
        offer = self._memo.offer(self._scenario[envs], documents)
        self._document[envs] = offer.row
        self._ledger.studied[envs] = self._steps[envs]
        owners = np.repeat(envs, offer.length)
        places = np.arange(len(owners)) - np.repeat(np.cumsum(offer.length) - offer.length, offer.length)
        entries = np.repeat(offer.start, offer.length) + places
        pools = self._memo.pools
        self._ledger.learn(owners, pools.action[entries], pools.row[entries], pools.score[entries], self._steps)

    def _learn_twin(self, env: int, action: int) -> None:
        scenario = self.scenarios[self._scenario[env]]
        if scenario.engine.actions[action].request.headers:
            return
        number, row, score = scenario.twin(action)
        one = np.asarray([env])
        self._ledger.learn(one, np.asarray([number]), np.asarray([row]), np.asarray([score], np.float32), self._steps)

    # -- observations ------------------------------------------------------------------------------------------------

    def _choose_shown(self) -> None:
        ledger = self._ledger
        legal = ledger.untried(self._epoch)
        legal[:, 0] = self._pending | ~legal[:, 1:].any(axis=1)
        self._legal_count = legal.sum(axis=1)
        crowded = np.flatnonzero(self._legal_count > self.slots)
        if crowded.size:
            ranks = np.where(legal[crowded], -ledger.scores[crowded, : legal.shape[1]], np.inf)
            worst = np.argsort(ranks, axis=1, kind="stable")[:, self.slots :]
            legal[crowded[:, None], worst] = False
            self.hidden += int((self._legal_count[crowded] - self.slots).sum())
        self._shown_count = np.minimum(self._legal_count, self.slots)
        envs, slots = np.nonzero(legal)
        first = np.cumsum(self._shown_count) - self._shown_count
        self._shown[:] = 0
        self._shown[envs, np.arange(len(envs)) - first[envs]] = slots

    def _observe(self) -> dict[str, NDArray[Any]]:
        ledger, shown = self._ledger, self._shown
        filled = self.action_masks()
        horizons = self._horizons[self._scenario]
        places = shown + (self._all * ledger.capacity)[:, None]
        values = np.empty((self.num_envs, self.slots, len(SLOT_VALUES)), np.float32)
        np.take(FARED, ledger.codes.ravel()[places] * filled, axis=0, out=values, mode="clip")
        values[..., 5] = (ledger.offered.ravel()[places] == ledger.studied[:, None]) & filled
        age = (self._steps[:, None] - ledger.born.ravel()[places]) * filled
        values[..., 6] = age * (1.0 / horizons).astype(np.float32)[:, None]
        values[..., 7] = (shown == 0) & filled
        return {
            "candidates": ledger.rows.ravel()[places] * filled,
            "slot_values": values,
            "document": self._document[:, None].copy(),
            "goal": self._goal_rows[self._scenario][:, None],
            "history": self._history.copy(),
            "achieved_goal": self._achieved.copy(),
            "desired_goal": self._desired[self._scenario],
            "values": self._step_values(horizons),
        }

    def _step_values(self, horizons: NDArray[np.int32]) -> NDArray[np.float32]:
        step = np.zeros((self.num_envs, len(STEP_VALUES) + 2 * HISTORY), np.float32)
        step[:, 0] = self._steps / horizons
        step[:, 1] = self._pending
        step[self._all, 2 + self._status] = 1.0
        step[:, 9] = self._ledger.count / 128
        step[:, 10] = self._shown_count / self.slots
        step[:, 11] = np.minimum((self._legal_count - self._shown_count) / 64, 1.0)
        step[:, 12] = self._epoch / 8
        step[:, 13] = self._parts[self._scenario] / 4
        made = self._history != 0
        step[:, len(STEP_VALUES) :: 2] = (self._history_status == ACCEPTED) | (self._history_status == UNDER_WAY)
        step[:, len(STEP_VALUES) + 1 :: 2] = (self._history_status >= REFUSED) & made
        return step

    def _summary(self, success: NDArray[np.bool_]) -> dict[str, NDArray[Any]]:
        return {
            "success": success,
            "length": self._steps.copy(),
            "refused": self._refused.copy(),
            "destroyed": self._destroyed.copy(),
            "shortest": self._shortest[self._scenario],
            "family": self._family[self._scenario],
            "machine": self._machine[self._scenario],
            "scenario": self._scenario.copy(),
        }


def _family_weights(scenarios: Sequence[Scenario]) -> NDArray[np.float64]:
    """Draw every family equally often, and within a family every machine."""
    families = [scenario.family for scenario in scenarios]
    machines = [(scenario.family, scenario.engine.machine.name) for scenario in scenarios]
    count_family = {name: len({machine for machine in machines if machine[0] == name}) for name in set(families)}
    count_machine: dict[tuple[str, str], int] = {}
    for pair in machines:
        count_machine[pair] = count_machine.get(pair, 0) + 1
    weights = np.asarray(
        [1 / (count_family[pair[0]] * count_machine[pair]) for pair in machines], np.float64
    )
    return weights / weights.sum()  # type: ignore[no-any-return]
