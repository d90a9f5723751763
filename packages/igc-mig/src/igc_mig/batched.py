"""Many episodes of the decision process, stepped together."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import gymnasium as gym
import numpy as np

from igc_core.errors import ActionError
from igc_mig.arrivals import demand_load
from igc_mig.environment import Observation, observer_of
from igc_mig.errors import MigError
from igc_mig.geometry import gpu as named_gpu
from igc_mig.process import vectorised
from igc_mig.process.episodes import Drawn, Episodes, prepare
from igc_mig.process.machine import Machine, Rule, Rules
from igc_mig.process.options import demand_counts, demand_range, demand_together
from igc_mig.process.state import State, empty
from igc_mig.process.tables import tables
from igc_mig.replay import Step
from igc_mig.workloads import named

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import ModuleType

    from numpy.typing import NDArray

#: Arrays of a ``"set"`` observation by name; one array of the others.
Observations: TypeAlias = Any


class BatchedMig:
    """Schedule many batches, each on a GPU of its own, one decision in all of them at a time.

    The process is that of :class:`~igc_mig.environment.MigEnvironment`, and so are observations, masks and rewards. An
    episode that ends starts anew at once with another batch. Without numba steps are vectorised over the episodes.

    Attributes:
        num_envs: Episodes at a time.
        observation_space: Of one of them.
        action_space: Likewise.
        state: Their states.
        episodes: Their batches.
        horizon: Steps after which an episode is truncated.
    """

    def __init__(
        self,
        num_envs: int = 256,
        *,
        gpu: str = "a100",
        workload: str | Sequence[str] = "mix_scaling_soft",
        tasks: int | tuple[int, int] = 14,
        slots: int | None = None,
        levels: int | None = None,
        observation: Observation = "set",
        reconfiguration: Rule = "blocking",
        exchange: bool = False,
        cut_flag: bool = False,
        random_start: bool = False,
        load: float | None = None,
        horizon: int | None = None,
        illegal_reward: float = -0.01,
        seed: int | Sequence[int] = 0,
        compiled: bool | None = None,
    ) -> None:
        """Build the environment; options are those of the single one, but for these.

        Args:
            num_envs: Episodes at a time.
            gpu: Name of the model.
            workload: Kind of the batches, or several, each as likely.
            tasks: In each batch, or the fewest and the most.
            slots: Kinds of task shown at once; all of the largest batch if None.
            levels: Levels of the times, or None for times over the lower bound.
            observation: How states are described.
            reconfiguration: When the GPU may be cut anew.
            exchange: Whether mirrored layouts are reached by exchanging slices.
            cut_flag: Whether a float observation tells that the last action cut the GPU.
            random_start: Whether episodes begin in a random layout whose instances are busy for a while.
            load: Let tasks arrive one by one, as in the single environment; None for all at once.
            horizon: Steps after which an episode is truncated; 20 a task if None.
            illegal_reward: Reward of an action that is masked; it changes nothing.
            seed: Of the batches, unless ``reset`` is given another.
            compiled: Whether numba does the steps; None for where it is installed.

        Raises:
            MigError: A name is unknown, the observation needs levels, or numba is not installed.
            DataError: A number is not 1 or more, or too large for a memory.
        """
        fewest, most = (tasks, tasks) if isinstance(tasks, int) else tasks
        demand_range(fewest, most)
        demand_counts(tasks=most, num_envs=num_envs, slots=slots, levels=levels, horizon=horizon)
        demand_together(num_envs, max(most, slots or 0))
        rules = Rules(slots=slots or most, reconfiguration=reconfiguration, exchange=exchange)
        self.gpu, self._levels, self._random_start = named_gpu(gpu), levels, random_start
        self._steps: ModuleType = _backend(compiled)
        machine = Machine(self.gpu, rules)
        self._tables = tables(self.gpu, rules, arriving=load is not None)
        self._observer = observer_of(observation, levels, cut_flag=cut_flag)
        self.num_envs = num_envs
        self.observation_space: gym.Space[Any] = self._observer.space(machine)
        self.action_space = gym.spaces.Discrete(machine.actions)
        self.horizon, self._illegal_reward = 20 * most if horizon is None else horizon, illegal_reward
        shape = (num_envs, most, rules.slots, len(self.gpu.sizes), self.gpu.compute_slices, machine.actions)
        self.state: State = empty(*shape)
        for kind in (workload,) if isinstance(workload, str) else workload:
            named(kind)
        self._source = (self.gpu, (workload,) if isinstance(workload, str) else tuple(workload), fewest, most, levels)
        self._load_of_streams = load
        if load is not None:
            demand_load(load)
        self._lengths = np.zeros(num_envs, np.int64)
        self._begin_drawing(seed)

    def reset(self, seed: int | None = None) -> Observations:
        """Start every episode and return the first observations."""
        if seed is not None:
            self._begin_drawing(seed)
        self._load(np.arange(self.num_envs), self._drawn.take(self.num_envs))
        return self._look()

    def load(self, seconds: NDArray[np.float64], total: NDArray[np.int64] | None = None) -> Observations:
        """Start every episode with a given batch.

        Args:
            seconds: Shape ``(num_envs, tasks, sizes)``, with as many tasks as the largest batch; 0 beyond its tasks.
            total: Tasks of each, shape ``(num_envs,)``; all if None.
        """
        counts = np.full(self.num_envs, seconds.shape[1]) if total is None else total
        self._load(np.arange(self.num_envs), prepare(self.gpu, seconds, counts, self._levels))
        return self._look()

    def step(
        self, actions: NDArray[np.integer[Any]]
    ) -> tuple[Observations, NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_], Mapping[str, NDArray[Any]]]:
        """Take one action in each episode.

        Args:
            actions: Shape ``(num_envs,)``.

        Returns:
            Observations, rewards ``(num_envs,)`` float32, terminated, truncated, and of the episodes that ended their
            ``index``, ``length`` in steps and ``elapsed`` in units; of those truncated ``terminal_index`` and
            ``terminal_observation``.
        """
        rewards, terminated = self.advance(actions)
        truncated = ~terminated & (self._lengths >= self.horizon)
        index = np.flatnonzero(terminated | truncated)
        info: dict[str, Any] = {"index": index}
        if len(index):
            info |= {"length": self._lengths[index].copy(), "elapsed": self.state.elapsed[index].copy()}
            if truncated.any():
                last = self._look()
                cut = np.flatnonzero(truncated)
                info |= {"terminal_index": cut, "terminal_observation": rows_of(last, cut)}
            self._load(index, self._drawn.take(len(index)))
        return self._look(), rewards, terminated, truncated, info

    def advance(self, actions: NDArray[np.integer[Any]]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Take one action in each episode; those that end stay as they are.

        Returns:
            Rewards ``(num_envs,)`` float32, and which episodes are over. :meth:`look` says what is seen.

        Raises:
            ActionError: There is not one action for each episode.
        """
        chosen = np.asarray(actions, np.int64)
        if chosen.shape != (self.num_envs,):
            raise ActionError(f"actions of shape {chosen.shape} were given, not ({self.num_envs},)")
        passed, legal, over = self._steps.advance(self._tables, self.state, chosen)
        self._lengths += 1
        return np.where(legal, -passed, self._illegal_reward).astype(np.float32), over

    def look(self) -> Observations:
        """Describe the states, and find what is legal."""
        return self._look()

    def action_masks(self) -> NDArray[np.bool_]:
        """Legal actions, shape ``(num_envs, actions)``."""
        return self.state.legal.copy()

    def plan(self, index: int) -> list[Step]:
        """What was started in an episode, on the placements where it runs."""
        waiting: dict[int, list[int]] = {}
        for task, kind in enumerate(self.episodes.kind[index, : self.episodes.total[index]].tolist()):
            waiting.setdefault(kind, []).append(task)
        started = self.state.plan[index, : self.state.started[index]].tolist()
        return [Step(waiting[kind].pop(0), place) for kind, place in started]

    def _begin_drawing(self, seed: int | Sequence[int]) -> None:
        self._random = np.random.default_rng(seed)
        self._drawn = Drawn(*self._source, self._random, self._load_of_streams)

    def _load(self, rows: NDArray[np.intp], episodes: Episodes) -> None:
        """Begin episodes."""
        state = self.state
        if len(rows) == self.num_envs:
            self.episodes = episodes.take(np.arange(self.num_envs))
        else:
            for known, new in zip(self.episodes, episodes, strict=True):
                known[rows] = new
        state.times[rows], state.kind[rows] = episodes.times, episodes.kind
        state.total[rows], state.unit_s[rows] = episodes.total, episodes.unit_s
        state.arrival[rows] = episodes.arrivals_s / episodes.unit_s[:, None]
        for array in (
            state.waited,
            state.layout,
            state.elapsed,
            state.just_cut,
            state.swapped,
            state.started,
            self._lengths,
        ):
            array[rows] = 0
        state.remaining[rows] = 0.0
        if self._random_start:
            self._occupy(rows)
        self._steps.show(self._tables, state, rows)

    def _occupy(self, rows: NDArray[np.intp]) -> None:
        """Begin in a random layout, each instance of which is busy for a while."""
        state, random = self.state, self._random
        state.layout[rows] = layout = random.integers(len(self._tables.instances), size=len(rows))
        shape = self._tables.first[layout].shape
        if self._levels is None:
            busy = random.uniform(0.0, 1.0, shape) * state.times[rows].max((1, 2))[:, None]
        else:
            busy = random.integers(self._levels + 1, size=shape).astype(np.float64)
        state.remaining[rows] = np.take_along_axis(busy, self._tables.owners[layout], 1)

    def _look(self) -> Observations:
        self._steps.find_legal(self._tables, self.state)
        return self._observer.observe_all(self._steps, self._tables, self.state)


def rows_of(observations: Observations, rows: Any) -> Observations:
    """Take some episodes' part of observations; ``rows`` indexes the first axis."""
    if isinstance(observations, dict):
        return {name: array[rows] for name, array in cast("dict[str, NDArray[Any]]", observations).items()}
    return observations[rows]


def _backend(compiled: bool | None) -> ModuleType:
    there = importlib.util.find_spec("numba") is not None
    if compiled and not there:
        raise MigError(
            "the field compiled is True, and numba is not installed",
            code="mig-options-refused",
            hint="pip install igc-mig[numba], or leave it out",
        )
    if compiled or (compiled is None and there):
        from igc_mig.process import compiled as numba_steps  # noqa: PLC0415 - an extra, and slow to import

        return numba_steps
    return vectorised
