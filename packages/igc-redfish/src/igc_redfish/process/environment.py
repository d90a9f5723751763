"""The Redfish environments: single for Gymnasium and for people, batched for training."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from gymnasium import spaces

from igc_core.env import GoalEnvironment
from igc_core.errors import PluginError, SettingsError
from igc_redfish.process.batch import BatchedRedfish
from igc_redfish.process.build import DEFAULT_SOURCES, build_pool, insist_on_options
from igc_redfish.process.factories import CANDIDATES, FLAT, flat_batch, make_batched, remembering_batch
from igc_redfish.process.options import checked
from igc_redfish.process.planner import Planner
from igc_redfish.process.semantics import SLOTS, Rewards
from igc_redfish.process.spaces import observation_space
from igc_redfish.process.trial import Trial

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from igc_core.protocols import View
    from igc_redfish.process.pool import Pool

__all__ = [
    "CANDIDATES",
    "DEFAULT_SOURCES",
    "FLAT",
    "BatchedRedfish",
    "CandidateCodec",
    "RedfishEnvironment",
    "build_pool",
    "flat_batch",
    "make",
    "make_batched",
    "remembering_batch",
]


class CandidateCodec:
    """The observation that a trial computes, and its slots."""

    def __init__(self, slots: int = SLOTS) -> None:
        self.observation_space = observation_space(slots)
        self.action_space = spaces.Discrete(slots)

    def encode(self, view: View) -> tuple[dict[str, NDArray[Any]], NDArray[np.bool_]]:
        """Return the observation of a view and its mask."""
        return view.observation, view.simulation.action_masks()

    def compute_reward(self, achieved_goal: Any, desired_goal: Any, info: Any) -> Any:
        """Judge achieved against desired goals, one pair or a batch of them.

        Args:
            achieved_goal: int32, shape ``(..., 8)``.
            desired_goal: int32, shape ``(..., 8)``.
            info: The step's info, or as many of them; its ``cost`` (reward apart from success) counts where it is
                given, else the price of one accepted request.

        Returns:
            float, or float32 of shape ``(...)``.
        """
        rewards = Rewards()
        hit = np.all(np.asarray(achieved_goal) == np.asarray(desired_goal), axis=-1)
        if hit.ndim == 0:
            return float(info.get("cost", rewards.request) + rewards.success * hit)
        costs = [one.get("cost", rewards.request) for one in np.ravel(info)]
        return (np.reshape(np.asarray(costs, np.float32), hit.shape) + rewards.success * hit).astype(np.float32)


class RedfishEnvironment(GoalEnvironment):
    """Goals on Redfish machines, one scenario an episode.

    ``reset(options={"scenario": i})`` starts a given scenario, and raises a SettingsError where there is none of that
    number; else one is drawn. ``info`` holds ``cost``, the reward
    apart from success, for ``compute_reward``.

    Attributes:
        pool: The scenarios.
    """

    metadata: dict[str, Any] = {"render_modes": ["ansi"], "render_fps": 4}  # noqa: RUF012 - gymnasium declares it so

    def __init__(self, pool: Pool, *, slots: int = SLOTS, render_mode: str | None = None) -> None:
        self.pool = pool
        self._slots = slots
        super().__init__(self._begin, CandidateCodec(slots), render_mode=render_mode)

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Send the request in a slot; see :meth:`igc_core.env.GoalEnvironment.step`."""
        observation, reward, terminated, truncated, info = super().step(action)
        info["cost"] = reward - Rewards().success * terminated
        return observation, reward, terminated, truncated, info

    def _begin(self, seed: int, options: Mapping[str, Any]) -> Trial:
        scenarios = self.pool.scenarios
        index = options.get("scenario", seed % len(scenarios))
        if options.keys() - {"scenario"} or index not in range(len(scenarios)):
            problem = f"an episode cannot begin with {dict(options)}"
            raise SettingsError(problem, hint=f'say {{"scenario": i}}, with i from 0 to {len(scenarios) - 1}')
        return Trial(scenarios[index], slots=self._slots)


@checked
def make(
    sources: Sequence[str] = DEFAULT_SOURCES,
    *,
    codec: str = CANDIDATES,
    slots: int = SLOTS,
    render_mode: str | None = None,
    plan: bool = False,
    **options: Any,
) -> RedfishEnvironment:
    """Build the single environment.

    Args:
        sources: Captures.
        codec: ``"candidates"``, the only one of a single environment.
        slots: Most actions shown at once.
        render_mode: None or ``"ansi"``.
        plan: Whether a planner drops what has no solution.
        **options: Those of :func:`build_pool`.

    Raises:
        PluginError: There is no such option, or no such codec.
        SettingsError: An option has a value that it does not take.
    """
    if codec != CANDIDATES:
        problem = f"a single environment has no codec {codec!r}, only {CANDIDATES!r}"
        raise PluginError(problem, code="plugin-options-refused", hint="igc-redfish batches 'flat': make_batched")
    insist_on_options(options, make)
    pool = build_pool(sources, planner=Planner() if plan else None, **options)
    return RedfishEnvironment(pool, slots=slots, render_mode=render_mode)
