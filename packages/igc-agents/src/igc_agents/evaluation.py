"""How good an agent is: success, path length and refusals, with confidence intervals.

Every episode that is started counts. Counting the first that end would favour short ones, so a batched environment
gives each of its places a fixed share of the episodes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from igc_agents.report import Report, summarise
from igc_core.episode import run_episode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from igc_agents.agents import BatchAgent
    from igc_core.episode import Session
    from igc_core.plugins import PluginManager
    from igc_core.protocols import Agent, BatchedEnvironment


class Trial(Protocol):
    """One episode to try an agent on."""

    @property
    def family(self) -> str:
        """Family of the goal."""
        ...

    @property
    def machine(self) -> str:
        """Name of the machine."""
        ...

    @property
    def shortest(self) -> int:
        """The fewest requests that reach the goal, 0 where unknown."""
        ...

    def start(self) -> Session:
        """Begin the episode."""
        ...


@dataclass(frozen=True, slots=True)
class Result:
    """How one episode went.

    Attributes:
        family: Family of the goal.
        machine: Name of the machine.
        success: Whether the goal was reached.
        requests: Requests made.
        shortest: The fewest that reach the goal, 0 where unknown.
        refused: Requests that were refused, or None where nobody counted.
        destructive: Destructive requests that the goal did not ask for, or None where nobody counted.
    """

    family: str
    machine: str
    success: bool
    requests: int
    shortest: int
    refused: int | None = None
    destructive: int | None = None


def evaluate(agent: Agent, trials: Iterable[Trial], *, seed: int = 0, plugins: PluginManager | None = None) -> Report:
    """Try an agent on episodes, one after the other.

    Args:
        agent: The agent.
        trials: The episodes.
        seed: Seed of the agent's choices and of the intervals.
        plugins: Whose hooks guard and follow the episodes; only the core's if None.

    Returns:
        How good it is.
    """
    results: list[Result] = []
    for number, trial in enumerate(trials):
        session = trial.start()
        outcome = run_episode(agent, session, plugins=plugins, seed=seed + number)
        results.append(
            Result(
                family=trial.family,
                machine=trial.machine,
                success=outcome.success,
                requests=len(outcome.steps),
                shortest=trial.shortest,
                refused=outcome.refused,
                destructive=getattr(session, "destroyed", None),
            )
        )
    return summarise(results, seed=seed)


def evaluate_batched(agent: BatchAgent, environment: BatchedEnvironment, episodes: int, *, seed: int = 0) -> Report:
    """Try an agent on the episodes of a batched environment.

    Args:
        agent: The agent.
        environment: The episodes; its names of ``families`` and ``machines`` are used where it has them.
        episodes: How many.
        seed: Seed of the episodes, of the agent's choices and of the intervals.

    Returns:
        How good it is.
    """
    counts = np.arange(environment.num_envs)
    left = episodes // environment.num_envs + (counts < episodes % environment.num_envs)
    names = _Names(getattr(environment, "families", ()), getattr(environment, "machines", ()))
    results: list[Result] = []
    observations = environment.reset(seed)
    agent.start(seed)
    while (left > 0).any():
        actions = agent.choose_batch(observations, environment.action_masks())
        observations, _, terminated, truncated, info = environment.step(actions)
        ended = np.flatnonzero((terminated | truncated) & (left > 0))
        left[ended] -= 1
        results += [_result(int(index), info, names) for index in ended]
    return summarise(results, seed=seed)


@dataclass(frozen=True, slots=True)
class _Names:
    families: Sequence[str]
    machines: Sequence[str]


def _result(index: int, info: Mapping[str, NDArray[Any]], names: _Names) -> Result:
    return Result(
        family=_name(names.families, info, "family", index),
        machine=_name(names.machines, info, "machine", index),
        success=bool(info["success"][index]),
        requests=int(info["length"][index]),
        shortest=int(info["shortest"][index]),
        refused=int(info["refused"][index]) if "refused" in info else None,
        destructive=int(info["destroyed"][index]) if "destroyed" in info else None,
    )


def _name(names: Sequence[str], info: Mapping[str, NDArray[Any]], key: str, index: int) -> str:
    if key not in info:
        return ""
    number = int(info[key][index])
    return names[number] if number < len(names) else str(number)
