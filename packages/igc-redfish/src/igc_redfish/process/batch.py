"""Many episodes at once: the semantics of :class:`~igc_redfish.process.trial.Trial` as array operations.

Transitions, offers and judgements are looked up in integer tables; what is not there yet is computed by the engine and
the scenario once, and kept. Episodes that end start anew at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gymnasium as gym
import numpy as np

from igc_core.errors import ActionError
from igc_redfish.process.belief import RESETS, open_parts, sent
from igc_redfish.process.belief import read as read_document
from igc_redfish.process.disturbance import Interference
from igc_redfish.process.ground import ROOT_ID, WAIT_ID
from igc_redfish.process.labels import optimal_slots
from igc_redfish.process.ledger import Entries, Ledger
from igc_redfish.process.lexicon import FINGERPRINT
from igc_redfish.process.lineup import Lineup
from igc_redfish.process.memo import Memo, widened
from igc_redfish.process.observing import fill_slots, filled_slots, observe
from igc_redfish.process.semantics import (
    ACCEPTED,
    FAILED,
    PRECONDITION,
    REFUSED,
    SLOTS,
    UNDER_WAY,
    Rewards,
    status_class,
)
from igc_redfish.process.serial import Attempt
from igc_redfish.process.spaces import observation_space
from igc_redfish.process.standings import Standings
from igc_redfish.process.trial import Trial
from igc_redfish.process.weather import Weather

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from igc_core.tables import Layout
    from igc_redfish.process.curriculum import Curriculum
    from igc_redfish.process.disturbance import Disturbance
    from igc_redfish.process.planner import Planner
    from igc_redfish.process.scenario import Scenario

_STATUS_CLASS = np.asarray([status_class(status) for status in range(600)], np.int8)


class BatchedRedfish:
    """A batched environment over scenarios. Implements the ``BatchedEnvironment`` protocol.

    Attributes:
        scenarios: What episodes are drawn from.
        families: Names that ``info["family"]`` numbers.
        machines: Names that ``info["machine"]`` numbers.
        hidden: Legal actions that found no slot, summed over all observations returned.
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
        fresh: Callable[[int], Sequence[Scenario]] | None = None,
        curriculum: Curriculum | None = None,
        ceilings: bool = False,
    ) -> None:
        """Build the environment.

        Args:
            scenarios: What episodes are drawn from.
            num_envs: Episodes at once.
            slots: Most actions shown at once.
            rewards: What a step earns.
            disturbance: Random trouble, or None for a service without.
            planner: Labels optimal actions; without one there are no labels.
            weights: How often each scenario is drawn; see :class:`~igc_redfish.process.lineup.Lineup`. One that comes
                at a renewal has their mean. Like the disturbance, they are not used where there is a curriculum.
            fresh: Makes scenarios on other machines from a seed, which come besides at every :meth:`renew`.
            curriculum: Mixes the scenarios, and tells what trouble there is, by how far training is.
            ceilings: Whether ``info`` tells the best SPL that can be expected, as ``ceiling``.
        """
        self.num_envs, self.slots = num_envs, slots
        self.rewards = rewards or Rewards()
        self.observation_space = observation_space(slots)
        self.action_space = gym.spaces.Discrete(slots)
        self.hidden = 0
        self._planner = planner
        self._named, self._fresh, self._curriculum = list(scenarios), fresh, curriculum
        self._ceilings, self._weights = ceilings, weights
        self._rng = np.random.default_rng(0)
        self._all = np.arange(num_envs)
        self._take(self._named, *self._mix(self._named, 0.0, disturbance))

    def _take(
        self, scenarios: Sequence[Scenario], disturbance: Disturbance | None, weights: NDArray[np.float64] | None
    ) -> None:
        """Draw episodes from these scenarios from now on."""
        self._weather = Weather(disturbance, self.num_envs) if disturbance is not None else None
        self.lineup = Lineup(scenarios, weights)
        self.scenarios = self.lineup.scenarios
        self.families, self.machines = self.lineup.families, self.lineup.machines
        self._memo = Memo(self.scenarios)
        parts = self._memo.pools.parts
        self._ledger = Ledger(self.num_envs, parts)
        self._standings = Standings(self.num_envs, self.slots, parts)

    def renew(self, progress: float, seed: int) -> None:
        """Take fresh machines besides the named ones, and go on in the curriculum; :meth:`reset` must follow.

        Args:
            progress: Share of the training that is done, in [0, 1].
            seed: Seed of the fresh machines.
        """
        if self._fresh is None and self._curriculum is None:
            return
        scenarios = [*self._named, *(self._fresh(seed) if self._fresh is not None else ())]
        told = self._weather.disturbance if self._weather is not None else None
        self._take(scenarios, *self._mix(scenarios, progress, told))
        if self._planner is not None:
            self._planner.forget_others(scenarios)

    def _mix(
        self, scenarios: Sequence[Scenario], progress: float, told: Disturbance | None
    ) -> tuple[Disturbance | None, NDArray[np.float64] | None]:
        """Tell the trouble and the weights of scenarios of which the named ones come first."""
        if self._curriculum is not None:
            return self._curriculum.trouble(progress), self._curriculum.weights(scenarios, progress)
        if self._weights is None:
            return told, None
        others = np.full(len(scenarios) - len(self._named), self._weights.mean())
        return told, np.concatenate([self._weights, others])

    @property
    def layout(self) -> Layout:
        """How observations refer to the tables."""
        return self.scenarios[0].rows.layout

    @property
    def captures(self) -> dict[str, str]:
        """Hash of every machine's capture, by its name."""
        return self.lineup.captures

    # -- the batched environment -------------------------------------------------------------------------------------

    def reset(self, seed: int | None = None) -> dict[str, NDArray[Any]]:
        """Start every episode anew."""
        if seed is not None:
            self._rng = np.random.default_rng(seed)
        return self.start(self._draw(self.num_envs))

    def start(self, scenarios: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
        """Start given scenarios, one in each episode, and return the first observations."""
        self._restart(self._all, scenarios)
        return self._look()

    def step(
        self, actions: NDArray[np.integer[Any]]
    ) -> tuple[
        dict[str, NDArray[Any]], NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_], Mapping[str, NDArray[Any]]
    ]:
        """Take one action in each episode; see :class:`igc_core.protocols.BatchedEnvironment`.

        Args:
            actions: Slots, shape ``(num_envs,)``.

        Returns:
            Observations, rewards, terminated, truncated, and arrays about all episodes as they stood before any began
            anew: ``success``, ``length``, ``refused``, ``destroyed``, ``shortest``, ``family``, ``machine`` and
            ``scenario``; where episodes were truncated, ``terminal_index`` and ``terminal_observation`` too.

        Raises:
            ActionError: A slot is empty; nothing was sent then.
        """
        standings = self._standings
        slots = np.asarray(actions)
        rewards = self._act(slots, self._chosen(slots))
        terminated = standings.reached.copy()
        truncated = ~terminated & (standings.steps >= self.lineup.horizons[standings.scenario])
        info: dict[str, Any] = self._summary(terminated)
        late = np.flatnonzero(truncated)
        if late.size:
            fill_slots(standings, self._ledger)
            final = observe(standings, self._ledger, self.lineup)
            info["terminal_index"] = late
            info["terminal_observation"] = {key: value[late] for key, value in final.items()}
        ended = np.flatnonzero(terminated | truncated)
        if ended.size:
            self._restart(ended, self._draw(len(ended)))
        return self._look(), rewards, terminated, truncated, info

    def action_masks(self) -> NDArray[np.bool_]:
        """Legal slots, shape ``(num_envs, slots)``."""
        return filled_slots(self._standings)

    def optimal_actions(self) -> NDArray[np.bool_]:
        """Slots of all actions that a planner with full knowledge might take, shape ``(num_envs, slots)``."""
        if self._planner is None:
            return np.zeros((self.num_envs, self.slots), np.bool_)
        return optimal_slots(self._planner, self.lineup, self._standings, self._ledger)

    def every_trial(self, seed: int = 0) -> Iterator[Attempt]:
        """Yield one episode of every scenario, in their order; ``seed`` shifts what is left to chance in each."""
        for number, scenario in enumerate(self.scenarios):
            yield Attempt(scenario, self._begin, seed + number)

    def trials(self, episodes: int, seed: int) -> Iterator[Attempt]:
        """Yield episodes for agents that choose for one at a time, drawn like those of a batch."""
        drawn: list[int] = self.lineup.draw(np.random.default_rng(seed), episodes).tolist()
        for number, index in enumerate(drawn):
            yield Attempt(self.scenarios[index], self._begin, seed + number)

    def _begin(self, scenario: Scenario, seed: int) -> Trial:
        perform = Interference(scenario, self._weather.disturbance, seed) if self._weather is not None else None
        return Trial(scenario, slots=self.slots, rewards=self.rewards, perform=perform)

    # -- one step ----------------------------------------------------------------------------------------------------

    def _draw(self, n: int) -> NDArray[np.int64]:
        return self.lineup.draw(self._rng, n)

    def _look(self) -> dict[str, NDArray[Any]]:
        self.hidden += fill_slots(self._standings, self._ledger)
        return observe(self._standings, self._ledger, self.lineup)

    def _restart(self, envs: NDArray[np.int64], scenarios: NDArray[np.int64]) -> None:
        standings, worlds = self._standings, self._memo.starts[scenarios]
        if self._weather is not None:
            self._weather.begin(envs, self._rng)
        standings.begin(envs, scenarios, worlds)
        judged = self._memo.judge(scenarios, worlds, standings.stage[envs])
        standings.stage[envs], standings.share[envs] = judged.stage, judged.share
        standings.achieved[envs] = judged.achieved
        self._ledger.clear(envs)
        self._ledger.learn(envs, self._waits(scenarios), standings.steps)
        roots = self._memo.step(scenarios, worlds, np.full(len(envs), ROOT_ID))
        self._study(envs, roots.document)
        self._focus()

    def _waits(self, scenarios: NDArray[np.int64]) -> Entries:
        n, parts = len(scenarios), self._memo.pools.parts
        rows = np.repeat(self._memo.wait_rows[scenarios][:, None], parts, axis=1)
        nothing, scores = np.zeros(n, np.int32), np.zeros((n, parts), np.float32)
        return Entries(np.full(n, WAIT_ID), nothing, nothing, np.zeros(n, np.bool_), rows, scores)

    def _focus(self) -> None:
        """Pick the sub-goals that are pursued."""
        standings, lineup = self._standings, self.lineup
        drawn = standings.scenario
        standings.open = open_parts(standings.belief, lineup.every[drawn], lineup.ordered[drawn])

    def _chosen(self, slots: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
        """Places in the ledger of the actions in the chosen slots."""
        empty = np.flatnonzero((slots < 0) | (slots >= self._standings.shown_count))
        if empty.size:
            env = int(empty[0])
            problem = f"there is no legal action in slot {int(slots[env])} of episode {env}"
            raise ActionError(problem, code="action-illegal", hint="choose among action_masks()")
        places: NDArray[np.int64] = self._standings.shown[self._all, slots]
        return places

    def _act(self, slots: NDArray[np.integer[Any]], places: NDArray[np.int64]) -> NDArray[np.float32]:
        """Perform the action in one slot of each episode, and price it."""
        standings, ledger, rewards = self._standings, self._ledger, self.rewards
        action = ledger.actions[self._all, places]
        step = self._memo.step(standings.scenario, standings.world, action)
        if self._weather is not None:
            step = self._weather.spoil(step, action, standings, self._memo, self._rng)
        kind = _STATUS_CLASS[step.status]
        standings.steps += 1
        standings.epoch += (action == WAIT_ID) | (step.mutates & ((kind == ACCEPTED) | (kind == UNDER_WAY)))
        ledger.record(self._all, places, kind, standings.epoch - (kind == FAILED), step.mutates)
        standings.waits = np.where(action == WAIT_ID, standings.waits + 1, 0)
        standings.remember(standings.seen[self._all, slots], kind)
        accepted = (kind == ACCEPTED) | (kind == UNDER_WAY)
        effects = ledger.effects[self._all, places]
        standings.resets += ((effects & RESETS) != 0) & accepted
        staged, spent = self.lineup.staged[standings.scenario], self.lineup.spent[standings.scenario]
        standings.belief = sent(standings.belief, effects, accepted, staged, spent)
        standings.pending |= step.pending
        standings.before, standings.world = standings.world, step.world
        for env in np.flatnonzero(kind == PRECONDITION).tolist():
            self._learn_twin(env, int(action[env]), int(ledger.origins[env, places[env]]))
        self._study(self._all, step.document)
        self._focus()
        judged = self._memo.judge(standings.scenario, step.world, standings.stage)
        gained = (judged.share - standings.share) * (self.lineup.parts[standings.scenario] > 1)
        standings.stage, standings.share, standings.reached = judged.stage, judged.share, judged.reached
        standings.achieved = judged.achieved
        refused = kind >= REFUSED
        standings.refused += refused
        standings.destroyed += step.destructive
        earned: NDArray[np.float64] = (
            rewards.request
            + rewards.shaping * gained
            + rewards.refused * refused
            + rewards.destructive * step.destructive
            + rewards.success * judged.reached
        )
        return earned.astype(np.float32)

    def _study(self, envs: NDArray[np.int64], documents: NDArray[np.int32]) -> None:
        """Take in the documents that were read in some episodes; 0 stands for none."""
        reading = np.flatnonzero(documents)
        if not reading.size:
            return
        envs, ledger, standings = envs[reading], self._ledger, self._standings
        read = documents[reading]
        offer = self._memo.offer(standings.scenario[envs], read)
        standings.document[envs], standings.fits[envs] = offer.rows, offer.fits
        confirms, refutes = spread(len(standings.read), envs, offer.confirms, offer.refutes)
        made = self.lineup.made[standings.scenario]
        standings.belief = read_document(standings.belief, confirms, refutes, made)
        ledger.studied[envs] = standings.steps[envs]
        owners = np.repeat(envs, offer.length)
        places = np.arange(len(owners)) - np.repeat(np.cumsum(offer.length) - offer.length, offer.length)
        entries = np.repeat(offer.start, offer.length) + places
        pools = self._memo.pools
        found = Entries(
            pools.action[entries],
            np.repeat(read, offer.length),
            pools.effect[entries],
            pools.mutates[entries],
            pools.row[entries],
            pools.score[entries],
        )
        ledger.learn(owners, found, standings.steps)

    def _learn_twin(self, env: int, action: int, origin: int) -> None:
        """Offer the same request under a condition, unless it was one already."""
        scenario = self.scenarios[int(self._standings.scenario[env])]
        if scenario.engine.actions[action].request.headers:
            return
        twin, parts = scenario.twin(action, origin), self._memo.pools.parts
        entries = Entries(
            twin.actions,
            np.asarray([origin]),
            twin.effects,
            twin.mutates,
            widened(twin.rows, parts, 0),
            widened(twin.scores, parts, -np.inf),
        )
        self._ledger.learn(np.asarray([env]), entries, self._standings.steps)

    def _summary(self, success: NDArray[np.bool_]) -> dict[str, NDArray[Any]]:
        standings = self._standings
        return {
            "success": success,
            "length": standings.steps.copy(),
            "refused": standings.refused.copy(),
            "destroyed": standings.destroyed.copy(),
            **self.lineup.summary(standings.scenario),
            **({"ceiling": self.lineup.ceilings[standings.scenario]} if self._ceilings else {}),
        }


def spread(n: int, envs: NDArray[np.int64], *bits: NDArray[np.int32]) -> Iterator[NDArray[np.int32]]:
    """Lay bits of some episodes out over all of them; none are set in the others."""
    for some in bits:
        every = np.zeros(n, np.int32)
        every[envs] = some
        yield every
