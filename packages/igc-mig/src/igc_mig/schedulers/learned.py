"""The learned agent as a scheduler: greedy, or the best of some samples by replay."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from igc_core.errors import AgentError
from igc_mig.agent.saving import SavedAgent, load, shipped
from igc_mig.batched import BatchedMig
from igc_mig.geometry import gpu as named_gpu
from igc_mig.process.layouts import layouts
from igc_mig.replay import Step, replay
from igc_mig.schedulers.portfolio import Portfolio
from igc_mig.tree import grow, steps

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from igc_mig.geometry import Gpu
    from igc_mig.replay import CostModel

#: What a logit of an action that is not legal becomes.
_IMPOSSIBLE = np.float32(-1e8)
#: Temperatures of the first and the last sample, the others between in equal ratios: training leaves little to chance
#: in the end, so that samples of the agent's own temperature are much alike.
_COOLEST, _WARMEST = 2.0, 4.0


class Learned:
    """Schedule by a trained agent.

    Attributes:
        name: How tables call it.
        samples: Episodes drawn besides the greedy one.
    """

    def __init__(self, samples: int = 0, folder: Path | None = None, seed: int = 0) -> None:
        """Load the agent.

        Args:
            samples: Episodes drawn besides the greedy one. Each is replayed as it was played, and with its tasks in the
                order of a tree: an agent that schedules as it goes finds good placements before a good order. The
                shortest counts. Without samples the plan is the greedy episode as it was played.
            folder: Of the agent; the one that comes with the package if None.
            seed: Of the samples, so the same tasks give the same plan.

        Raises:
            AgentError: There is no agent, or it is damaged.
        """
        self.samples = samples
        self.name = f"rl:{samples}" if samples else "rl"
        self._agent = _loaded(folder or shipped())
        self._seed = seed

    def plan(self, gpu: Gpu, durations: NDArray[np.float64], cost: CostModel) -> Sequence[Step]:
        """Make a plan; tasks that an episode did not come to are added where they end first.

        Raises:
            AgentError: The agent was trained for GPUs with other partitions.
        """
        if not len(durations):
            return []
        batch = self._play(gpu, durations)
        plans = [_completed(gpu, durations, batch.plan(row)) for row in range(batch.num_envs)]
        if self.samples:
            plans += [_in_order(gpu, durations, plan, cost) for plan in plans]
        return min(plans, key=lambda plan: replay(gpu, durations, plan, cost).makespan_s)

    def _play(self, gpu: Gpu, durations: NDArray[np.float64]) -> BatchedMig:
        """Play the greedy episode, and beside it those drawn."""
        demand_fitting(self._agent, gpu)
        options: dict[str, Any] = {**self._agent.manifest.environment, "gpu": gpu.name}
        slots = int(options.pop("slots", None) or len(durations))
        rows = 1 + self.samples
        batch = BatchedMig(rows, tasks=len(durations), slots=slots, compiled=False, **options)
        seen = batch.load(np.broadcast_to(durations, (rows, *durations.shape)))
        random = np.random.default_rng(self._seed)
        temperatures = np.geomspace(_COOLEST, _WARMEST, self.samples, dtype=np.float32)[:, None]
        running = np.ones(rows, np.bool_)
        for _ in range(batch.horizon):
            scores = self._agent.network.logits(seen)
            # The largest of scores with Gumbel noise is a sample of the softmax.
            scores[1:] += temperatures * random.gumbel(size=scores[1:].shape)
            scores[~batch.state.legal] = _IMPOSSIBLE
            running &= ~batch.advance(np.where(running, scores.argmax(1), -1))[1]
            if not running.any():
                break
            seen = batch.look()
        return batch


class Safe:
    """Ask the agent and a portfolio, replay both, and keep the shorter plan: never worse than the portfolio.

    Attributes:
        name: How tables call it.
    """

    def __init__(self, agent: Learned, portfolio: Portfolio | None = None) -> None:
        """Combine.

        Args:
            agent: The agent.
            portfolio: What it must not be worse than; the default one if None.
        """
        self.name = f"safe-{agent.name}"
        self._members = Portfolio((portfolio or Portfolio(), agent))

    def plan(self, gpu: Gpu, durations: NDArray[np.float64], cost: CostModel) -> Sequence[Step]:
        """Make a plan.

        Raises:
            AgentError: The agent was trained for GPUs with other partitions.
        """
        return self._members.plan(gpu, durations, cost)


def demand_fitting(agent: SavedAgent, gpu: Gpu) -> None:
    """Make sure that an agent knows the partitions of a GPU.

    Raises:
        AgentError: It was trained for others.
    """
    trained = named_gpu(agent.manifest.gpu)
    if [one.sizes for one in layouts(trained)] != [one.sizes for one in layouts(gpu)]:
        raise AgentError(
            f"the agent was trained for {trained.name}, whose partitions {gpu.name} does not have",
            code="agent-incompatible",
            hint=f"train one: igc mig train --gpu {gpu.name}",
        )


def demand_trained_for(folder: Path | None, gpu: Gpu) -> None:
    """Make sure that the agent in a folder, or the one that comes with the package, knows the partitions of a GPU.

    Raises:
        AgentError: It was trained for others, is not there, or is damaged.
    """
    demand_fitting(_loaded(folder or shipped()), gpu)


def _completed(gpu: Gpu, durations: NDArray[np.float64], plan: list[Step]) -> list[Step]:
    """Add tasks that are missing, each where the whole then ends first."""
    done = {step.task for step in plan}
    for task in range(len(durations)):
        if task not in done:
            options = [[*plan, Step(task, place)] for place in range(len(gpu.placements))]
            plan = min(options, key=lambda one: replay(gpu, durations, one, "serial").makespan_s)
    return plan


def _in_order(gpu: Gpu, durations: NDArray[np.float64], plan: list[Step], cost: CostModel) -> list[Step]:
    """Keep where the tasks of a plan run, and order them as a tree does."""
    placements = {step.task: step.placement for step in plan}
    tree = grow(gpu, durations, [placements[task] for task in range(len(durations))])
    return steps(gpu, durations, tree, serial=cost != "none")


@lru_cache(maxsize=4)
def _loaded(folder: Path) -> SavedAgent:
    return load(folder)
