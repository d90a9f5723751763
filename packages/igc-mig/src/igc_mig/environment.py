"""Scheduling as a Gymnasium environment."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import gymnasium as gym
import numpy as np

from igc_core.plugins import suggestion
from igc_mig.arrivals import demand_arrivals, demand_load, poisson_arrivals
from igc_mig.batch import demand_durations
from igc_mig.bounds import lower_bound_s
from igc_mig.errors import MigError
from igc_mig.geometry import gpu as named_gpu
from igc_mig.process.machine import Machine, Rule, Rules
from igc_mig.process.observing import FloatObserver, Observer, OneHotObserver, SetObserver
from igc_mig.process.options import demand_counts, demand_named
from igc_mig.replay import COST_MODELS, CostModel, replay
from igc_mig.workload_blocks import draw_block
from igc_mig.workloads import SIZES, generate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from igc_mig.replay import Step

#: Batches drawn at a time.
_AHEAD = 16
#: How states are described.
Observation: TypeAlias = Literal["onehot", "float", "set"]
OBSERVATIONS: tuple[Observation, ...] = ("onehot", "float", "set")

_LEGACY: Mapping[str, Any] = MappingProxyType({"levels": 14, "exchange": True, "observation": "float"})
#: Options that make the reference's versions, without its bugs.
PRESETS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "one_hot": {**_LEGACY, "observation": "onehot", "reconfiguration": "idle-only"},
        "float": {**_LEGACY, "reconfiguration": "idle-only"},
        "entropy": {**_LEGACY, "reconfiguration": "idle-only"},
        "direct_reconfig": {**_LEGACY, "reconfiguration": "blocking"},
        "online": {
            **_LEGACY,
            "levels": 35,
            "reconfiguration": "flat",
            "cut_flag": True,
            "tasks": 50,
            "slots": 5,
            "workload": "mix_scaling_online",
        },
    }
)


class MigEnvironment(gym.Env[Any, Any]):
    """Schedule a batch of tasks on one GPU, decision by decision.

    Actions and their meaning stand in :mod:`igc_mig.process.machine`. The reward is minus the time that passed, so an
    episode's return is minus the makespan: over the lower bound, or in levels where times are discretised. An illegal
    action changes nothing and costs ``illegal_reward``.
    """

    metadata: dict[str, Any] = {"render_modes": []}  # noqa: RUF012 - gymnasium declares it so

    def __init__(
        self,
        *,
        gpu: str = "a100",
        workload: str = "mix_scaling_soft",
        tasks: int = 14,
        slots: int | None = None,
        levels: int | None = None,
        observation: Observation = "set",
        reconfiguration: Rule = "blocking",
        exchange: bool = False,
        cut_flag: bool = False,
        random_start: bool = False,
        load: float | None = None,
        cost: CostModel = "serial",
        horizon: int | None = None,
        illegal_reward: float = -0.01,
    ) -> None:
        """Build the environment.

        Args:
            gpu: Name of the model.
            workload: Kind of the batches.
            tasks: In each batch.
            slots: Kinds of task shown at once; all of the batch if None.
            levels: Discretise times to so many levels, as the reference does; None for times over the lower bound.
            observation: ``"set"``, or with levels ``"float"`` or ``"onehot"``.
            reconfiguration: When the GPU may be cut anew.
            exchange: Whether mirrored layouts are reached by exchanging slices.
            cut_flag: Whether a float observation tells that the last action cut the GPU.
            random_start: Whether episodes begin in a random layout whose instances are busy for a while.
            load: Let tasks arrive one by one (Poisson) so that their least work takes this share of the GPU, and reward
                short flow times; None for all at once.
            cost: How ``makespan_s`` in ``info`` reckons reconfigurations.
            horizon: Steps after which an episode is truncated; 20 a task if None.
            illegal_reward: Reward of an action that is masked.

        Raises:
            MigError: A name is unknown, or the observation needs levels.
            DataError: A number is not 1 or more, or too large for a memory.
        """
        demand_counts(tasks=tasks, slots=slots, levels=levels, horizon=horizon)
        demand_named("cost", cost, COST_MODELS)
        self._workload, self._tasks, self._levels = workload, tasks, levels
        self._cost: CostModel = cost
        self._random_start, self._load = random_start, load
        if load is not None:
            demand_load(load)
        rules = Rules(slots=slots or tasks, reconfiguration=reconfiguration, exchange=exchange)
        self._machine = Machine(named_gpu(gpu), rules)
        self._observer = observer_of(observation, levels, cut_flag=cut_flag)
        self._given_horizon, self._illegal_reward = horizon, illegal_reward
        self._durations: NDArray[np.float64] | None = None
        self._steps, self._bound_s = 0, 0.0
        self._ahead: list[NDArray[np.float64]] = []
        self._begin(generate(workload, tasks, np.random.default_rng(0)).durations(self._machine.gpu))
        self.observation_space = self._observer.space(self._machine)
        self.action_space = gym.spaces.Discrete(self._machine.actions)
        self._durations = None

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Begin a batch on an idle GPU.

        Args:
            seed: Seeds this batch and those after it.
            options: ``durations``: a batch to schedule instead of a drawn one, seconds, shape ``(tasks, sizes)``;
                ``arrivals``: when each of its tasks arrives, ascending, seconds, shape ``(tasks,)``.

        Returns:
            The first observation, and ``info`` with ``lower_bound_s``.
        """
        super().reset(seed=seed)
        if seed is not None:
            self._ahead.clear()
        given = options or {}
        drawn = given.get("durations")
        durations = demand_durations(self._machine.gpu, self._draw() if drawn is None else drawn)
        if self._load is not None and drawn is None:
            durations = self.np_random.permutation(durations)  # kinds of task come mixed
        arrivals_s = given.get("arrivals")
        if arrivals_s is None and self._load is not None:
            arrivals_s = poisson_arrivals(self._machine.gpu, durations, self._load, self.np_random)
        self._begin(durations, None if arrivals_s is None else demand_arrivals(arrivals_s, len(durations)))
        if self._random_start:
            self._occupy()
        return self._observer.observe(self._machine), {"lower_bound_s": self._bound_s}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Decide.

        Args:
            action: Its number.

        Returns:
            Observation, reward, terminated, truncated, and ``info``: ``illegal``, and at the end ``makespan_s`` of the
            plan by replay and its ``ratio`` to the lower bound.
        """
        durations = self._running()
        self._steps += 1
        number = int(action)
        illegal = not self._machine.allows(number)
        reward = self._illegal_reward if illegal else -self._act(number)
        done = self._machine.done
        info: dict[str, Any] = {"illegal": illegal}
        if done:
            info |= self._outcome(durations)
        return self._observer.observe(self._machine), reward, done, not done and self._steps >= self._horizon, info

    def action_masks(self) -> NDArray[np.bool_]:
        """Legal actions, shape ``(actions,)``."""
        self._running()
        return self._machine.mask().copy()

    @property
    def plan(self) -> list[Step]:
        """What was started since the last reset, on the placements where it runs."""
        return list(self._machine.plan)

    def _draw(self) -> NDArray[np.float64]:
        """Take the next batch; several are drawn at a time, which is faster."""
        if not self._ahead:
            names, counts = [self._workload] * _AHEAD, np.full(_AHEAD, self._tasks)
            columns = [SIZES.index(size) for size in self._machine.gpu.sizes]
            self._ahead = list(draw_block(names, counts, self.np_random)[:, :, columns])
        return self._ahead.pop()

    def _act(self, action: int) -> float:
        """Act; return what that costs: the time, or with arrivals the flow times that came about, over the tasks."""
        machine = self._machine
        if self._arrivals_s is None:
            return machine.act(action)
        waited, started = machine.waited, len(machine.plan)
        machine.act(action)
        cost = machine.waited - waited
        if len(machine.plan) > started:
            cost += machine.running
        return cost / len(machine.arrivals)

    def _outcome(self, durations: NDArray[np.float64]) -> dict[str, Any]:
        arrivals_s = None if self._arrivals_s is None else self._arrivals_s.tolist()
        timeline = replay(self._machine.gpu, durations, self.plan, self._cost, ready_s=arrivals_s)
        found: dict[str, Any] = {"makespan_s": timeline.makespan_s, "ratio": timeline.makespan_s / self._bound_s}
        if arrivals_s is not None:
            flows = [bar.end_s - arrivals_s[bar.task] for bar in timeline.tasks]
            found |= {"mean_flow_s": float(np.mean(flows)), "p95_flow_s": float(np.quantile(flows, 0.95))}
        return found

    def _occupy(self) -> None:
        layout = int(self.np_random.integers(len(self._machine.layouts)))
        count, machine = self._machine.instances, self._machine
        if self._levels is None:
            longest = float(self._running().max()) / machine.unit_s
            machine.occupy(layout, self.np_random.uniform(0.0, longest, count).tolist())
        else:
            machine.occupy(layout, self.np_random.integers(self._levels + 1, size=count).tolist())

    def _begin(self, durations: NDArray[np.float64], arrivals_s: NDArray[np.float64] | None = None) -> None:
        self._durations, self._steps = durations, 0
        self._horizon = self._given_horizon or 20 * len(durations)
        self._bound_s = lower_bound_s(self._machine.gpu, durations)
        unit_s = self._bound_s if self._levels is None else float(durations.max()) / self._levels
        times = durations / unit_s
        # The reference's levels begin at 1: 0 stands for no task.
        units = times if self._levels is None else np.round(times) + 1
        self._arrivals_s = arrivals_s
        self._machine.reset(units, unit_s, None if arrivals_s is None else arrivals_s / unit_s)

    def _running(self) -> NDArray[np.float64]:
        if self._durations is None:
            raise gym.error.ResetNeeded("call reset() before anything else")
        return self._durations


def preset(version: str, **options: Any) -> MigEnvironment:
    """Build one of the reference's versions.

    Args:
        version: A name of :data:`PRESETS`.
        options: Of :class:`MigEnvironment`; they come before the preset's.

    Raises:
        MigError: There is no such version.
    """
    if version not in PRESETS:
        raise MigError(f"no version named {version!r}", hint=suggestion(version, PRESETS))
    return MigEnvironment(**{**PRESETS[version], **options})


def make(version: str = "", **options: Any) -> MigEnvironment:
    """Build the environment, or one of the reference's versions where one is named.

    Raises:
        MigError: There is no such version.
    """
    return preset(version, **options) if version else MigEnvironment(**options)


def observer_of(observation: Observation, levels: int | None, *, cut_flag: bool) -> Observer:
    """Choose how states are described.

    Raises:
        MigError: It is unknown, or needs levels, and there are none.
    """
    demand_named("observation", observation, OBSERVATIONS)
    if observation == "set":
        return SetObserver()
    if levels is None:
        raise MigError(
            f"the observation {observation!r} needs levels",
            code="mig-options-refused",
            hint="give levels=14, or observation='set'",
        )
    return OneHotObserver(levels) if observation == "onehot" else FloatObserver(levels, cut_flag=cut_flag)
