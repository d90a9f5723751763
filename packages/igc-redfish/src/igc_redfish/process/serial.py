"""Single episodes side by side, behind the interface of the batched environment.

It is the reference that the batched environment is compared with, and what the flat codec trains on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from igc_redfish.process.lineup import Lineup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from gymnasium import spaces
    from numpy.typing import NDArray

    from igc_core.tables import Layout
    from igc_redfish.process.planner import Planner
    from igc_redfish.process.scenario import Scenario
    from igc_redfish.process.trial import Trial


@dataclass(frozen=True, slots=True)
class Attempt:
    """One episode to try an agent on.

    Attributes:
        scenario: The scenario.
        begin: Begins a trial of it.
        seed: Seed of whatever is left to chance in it.
    """

    scenario: Scenario
    begin: Callable[[Scenario, int], Trial]
    seed: int = 0

    @property
    def family(self) -> str:
        """Family of the goal."""
        return self.scenario.family

    @property
    def goal(self) -> str:
        """The goal as text, its secrets masked."""
        return self.scenario.book.shown(self.scenario.goal)

    @property
    def machine(self) -> str:
        """Name of the machine."""
        return self.scenario.engine.machine.name

    @property
    def ceiling(self) -> float:
        """The best SPL that can be expected of who cannot tell look-alikes apart, nan where unknown."""
        return self.scenario.ceiling

    @property
    def shortest(self) -> int:
        """The fewest requests that reach the goal, 0 where unknown."""
        return self.scenario.shortest

    def start(self) -> Trial:
        """Begin the episode."""
        return self.begin(self.scenario, self.seed)


class SerialBatch:
    """A batched environment that steps one trial after the other. Implements ``BatchedEnvironment``.

    Equal seeds draw the same scenarios as in :class:`~igc_redfish.process.batch.BatchedRedfish`.

    Attributes:
        scenarios: What episodes are drawn from.
        families: Names that ``info["family"]`` numbers.
        machines: Names that ``info["machine"]`` numbers.
    """

    def __init__(
        self,
        scenarios: Sequence[Scenario],
        num_envs: int,
        begin: Callable[[Scenario], Trial],
        observation_space: spaces.Space[Any],
        action_space: spaces.Discrete,
        planner: Planner | None = None,
        *,
        layout: Layout | None = None,
        codec: tuple[str, str] = ("flat", ""),
        anew: Callable[[], Callable[[Scenario], Trial]] | None = None,
    ) -> None:
        """Build the environment.

        Args:
            scenarios: What episodes are drawn from.
            num_envs: Episodes at once.
            begin: Begins a trial of a scenario.
            observation_space: Space of what the trials observe.
            action_space: Their slots.
            planner: Labels optimal actions; without one there are no labels.
            layout: How observations refer to tables, where they do.
            codec: Name and fingerprint of what turns views into observations.
            anew: Makes a ``begin`` whose trials know nothing of those begun before, where ``begin`` shares something
                among them: it takes its place with every seed, and for each set of attempts.
        """
        self.layout = layout
        self.codec_name, self.codec_fingerprint = codec
        self.lineup = Lineup(scenarios)
        self.scenarios = self.lineup.scenarios
        self.families, self.machines = self.lineup.families, self.lineup.machines
        self.num_envs = num_envs
        self.observation_space = observation_space
        self.action_space = action_space
        self._begin, self._planner = begin, planner
        self._anew = anew or (lambda: begin)
        self._seeded = False
        self._rng = np.random.default_rng(0)
        self._drawn = np.zeros(num_envs, np.int64)
        self._trials: list[Trial] = []

    @property
    def captures(self) -> dict[str, str]:
        """Hash of every machine's capture, by its name."""
        return self.lineup.captures

    def reset(self, seed: int | None = None) -> dict[str, NDArray[Any]]:
        """Start every episode anew; with a seed, as if there had been none before."""
        if seed is not None:
            self._rng = np.random.default_rng(seed)
            self._begin = self._anew()
        observations = self.start(self._draw(self.num_envs))
        self._seeded = seed is not None
        return observations

    def start(self, scenarios: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
        """Start given scenarios, one in each episode; right after a seed, as if there had been none before."""
        if self._seeded:
            self._begin, self._seeded = self._anew(), False
        self._drawn = scenarios.copy()
        drawn: list[int] = scenarios.tolist()
        self._trials = [self._begin(self.scenarios[index]) for index in drawn]
        return self._observe(self._trials)

    def step(
        self, actions: NDArray[np.integer[Any]]
    ) -> tuple[
        dict[str, NDArray[Any]], NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_], Mapping[str, NDArray[Any]]
    ]:
        """Take one action in each episode; see :meth:`igc_redfish.process.batch.BatchedRedfish.step`."""
        self._seeded = False
        done = [trial.perform(action) for trial, action in zip(self._trials, actions.tolist(), strict=True)]
        terminated = np.asarray([step.terminated for step in done])
        truncated = np.asarray([step.truncated for step in done])
        info: dict[str, Any] = self._summary(terminated)
        late = np.flatnonzero(truncated)
        if late.size:
            info["terminal_index"] = late
            info["terminal_observation"] = self._observe([self._trials[env] for env in late.tolist()])
        ended = np.flatnonzero(terminated | truncated)
        if ended.size:
            self._drawn[ended] = self._draw(len(ended))
            for env in ended.tolist():
                self._trials[env] = self._begin(self.scenarios[int(self._drawn[env])])
        rewards = np.asarray([step.reward for step in done], np.float32)
        return self._observe(self._trials), rewards, terminated, truncated, info

    def action_masks(self) -> NDArray[np.bool_]:
        """Legal slots, shape ``(num_envs, slots)``."""
        return np.stack([trial.action_masks() for trial in self._trials])

    def optimal_actions(self) -> NDArray[np.bool_]:
        """Slots of all actions that a planner with full knowledge might take, shape ``(num_envs, slots)``."""
        labels = np.zeros((self.num_envs, int(self.action_space.n)), np.bool_)
        if self._planner is None:
            return labels
        for env, trial in enumerate(self._trials):
            best = self._planner.optimal(trial.scenario, trial.world, trial.stage, trial.known_actions)
            slots = trial.slot_actions()
            labels[env, : len(slots)] = trial.fair(np.isin(slots, list(best)))
        return labels & self.action_masks()

    def every_trial(self, seed: int = 0) -> Iterator[Attempt]:
        """Yield one episode of every scenario, in their order; they know nothing of other episodes than these.

        Args:
            seed: Shifts the seeds of the episodes.
        """
        yield from self._attempts(range(len(self.scenarios)), seed)

    def trials(self, episodes: int, seed: int) -> Iterator[Attempt]:
        """Yield episodes for agents that choose for one at a time, drawn like those of a batch."""
        yield from self._attempts(self.lineup.draw(np.random.default_rng(seed), episodes).tolist(), seed)

    def _attempts(self, drawn: Iterable[int], seed: int) -> Iterator[Attempt]:
        begin = self._anew()

        def attempt(scenario: Scenario, _: int) -> Trial:
            return begin(scenario)

        for number, index in enumerate(drawn):
            yield Attempt(self.scenarios[index], attempt, seed + number)

    def _draw(self, n: int) -> NDArray[np.int64]:
        return self.lineup.draw(self._rng, n)

    def _observe(self, trials: Sequence[Trial]) -> dict[str, NDArray[Any]]:
        seen = [trial.observation() for trial in trials]
        return {key: np.stack([one[key] for one in seen]) for key in seen[0]}

    def _summary(self, success: NDArray[np.bool_]) -> dict[str, NDArray[Any]]:
        return {
            "success": success,
            "length": np.asarray([trial.steps for trial in self._trials], np.int32),
            "refused": np.asarray([trial.refused for trial in self._trials], np.int32),
            "destroyed": np.asarray([trial.destroyed for trial in self._trials], np.int32),
            **self.lineup.summary(self._drawn),
        }
