"""Scheduling as a Gymnasium environment."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import gymnasium as gym
import numpy as np

from igc_core.plugins import suggestion
from igc_mig.bounds import lower_bound_s
from igc_mig.errors import MigError
from igc_mig.geometry import gpu as named_gpu
from igc_mig.process.machine import Machine, Rule, Rules
from igc_mig.process.observing import FloatObserver, Observer, OneHotObserver, SetObserver
from igc_mig.replay import CostModel, replay
from igc_mig.workloads import generate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from igc_mig.replay import Step

#: How states are described.
Observation: TypeAlias = Literal["onehot", "float", "set"]

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
            cost: How ``makespan_s`` in ``info`` reckons reconfigurations.
            horizon: Steps after which an episode is truncated; 20 a task if None.
            illegal_reward: Reward of an action that is masked.

        Raises:
            MigError: The GPU is unknown, or the observation needs levels.
        """
        self._workload, self._tasks, self._levels = workload, tasks, levels
        self._cost: CostModel = cost
        rules = Rules(slots=slots or tasks, reconfiguration=reconfiguration, exchange=exchange)
        self._machine = Machine(named_gpu(gpu), rules)
        self._observer = observer_of(observation, levels, cut_flag=cut_flag)
        self._horizon, self._illegal_reward = horizon or 20 * tasks, illegal_reward
        self._durations: NDArray[np.float64] | None = None
        self._steps, self._bound_s = 0, 0.0
        self._begin(generate(workload, tasks, np.random.default_rng(0)).durations(self._machine.gpu))
        self.observation_space = self._observer.space(self._machine)
        self.action_space = gym.spaces.Discrete(self._machine.actions)
        self._durations = None

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Begin a batch on an idle GPU.

        Args:
            seed: Seeds this batch and those after it.
            options: ``durations``: a batch to schedule instead of a drawn one, seconds, shape ``(tasks, sizes)``.

        Returns:
            The first observation, and ``info`` with ``lower_bound_s``.
        """
        super().reset(seed=seed)
        given = (options or {}).get("durations")
        drawn = given if given is not None else self._draw()
        self._begin(np.asarray(drawn, np.float64))
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
        illegal = not (0 <= number < self._machine.actions and self._machine.mask()[number])
        reward = self._illegal_reward if illegal else -self._machine.step(number)
        done = self._machine.done
        info: dict[str, Any] = {"illegal": illegal}
        if done:
            makespan_s = replay(self._machine.gpu, durations, self.plan, self._cost).makespan_s
            info |= {"makespan_s": makespan_s, "ratio": makespan_s / self._bound_s}
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
        return generate(self._workload, self._tasks, self.np_random).durations(self._machine.gpu)

    def _begin(self, durations: NDArray[np.float64]) -> None:
        self._durations, self._steps = durations, 0
        self._bound_s = lower_bound_s(self._machine.gpu, durations)
        unit_s = self._bound_s if self._levels is None else float(durations.max()) / self._levels
        times = durations / unit_s
        # The reference's levels begin at 1: 0 stands for no task.
        self._machine.reset(times if self._levels is None else np.round(times) + 1, unit_s)

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


def observer_of(observation: Observation, levels: int | None, *, cut_flag: bool) -> Observer:
    """Choose how states are described.

    Raises:
        MigError: It needs levels, and there are none.
    """
    if observation == "set":
        return SetObserver()
    if levels is None:
        raise MigError(
            f"the observation {observation!r} needs levels",
            code="mig-options-refused",
            hint="give levels=14, or observation='set'",
        )
    return OneHotObserver(levels) if observation == "onehot" else FloatObserver(levels, cut_flag=cut_flag)
