"""How good an agent is: success, path length and refusals, with confidence intervals.

Every episode that is started counts. Counting the first that end would favour short ones, so a batched environment
gives each of its places a fixed share of the episodes, or is waited for until each place has ended its first one.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

from igc_agents.report import Report, summarise
from igc_core.episode import run_episode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from igc_agents.agents import BatchAgent
    from igc_core.episode import Session
    from igc_core.plugins import PluginManager
    from igc_core.protocols import Agent, BatchedEnvironment


@runtime_checkable
class Addressable(Protocol):
    """A batched environment whose scenarios have numbers: those of ``info["scenario"]``.

    Where it draws episodes too, by ``trials(episodes, seed)``, all agents meet the same draws if each trial tells by an
    attribute ``scenario`` what it is of: the very object that the trial of :meth:`every_trial` has.
    """

    def start(self, scenarios: NDArray[np.int64]) -> Mapping[str, NDArray[Any]]:
        """Start given scenarios, shape ``(num_envs,)``, and return the first observations."""
        ...

    def every_trial(self) -> Iterable[Trial]:
        """Yield one episode of every scenario, in the order of their numbers.

        Where something is left to chance, there is a parameter ``seed`` that decides it.
        """
        ...


def trials_of(environment: Addressable, seed: int) -> Iterable[Trial]:
    """Yield one episode of every scenario, its chances decided by a seed where the environment takes one."""
    every: Callable[..., Iterable[Trial]] = environment.every_trial
    return every(seed=seed) if "seed" in inspect.signature(every).parameters else every()


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
        ceiling: The best efficiency that can be expected without knowledge of the machine, in (0, 1]; None where
            unknown.
        scenario: What tells the scenario from others of its family and machine, or ``""``.
        seed: Seed of the episodes.
        run: Which of the agent's trainings acted.
    """

    family: str
    machine: str
    success: bool
    requests: int
    shortest: int
    refused: int | None = None
    destructive: int | None = None
    ceiling: float | None = None
    scenario: str = ""
    seed: int = 0
    run: int = 0


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
    return summarise(list(one_by_one(agent, trials, seed=seed, plugins=plugins)), seed=seed)


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
    return summarise(drawn(agent, environment, episodes, seed=seed), seed=seed)


def one_by_one(
    agent: Agent, trials: Iterable[Trial], *, seed: int = 0, plugins: PluginManager | None = None
) -> Iterator[Result]:
    """Try an agent on episodes, and yield how each went; see :func:`evaluate`."""
    for number, trial in enumerate(trials):
        session = trial.start()
        outcome = run_episode(agent, session, plugins=plugins, seed=seed + number)
        yield Result(
            family=trial.family,
            machine=trial.machine,
            success=outcome.success,
            requests=len(outcome.steps),
            shortest=trial.shortest,
            refused=outcome.refused,
            destructive=getattr(session, "destroyed", None),
            scenario=getattr(trial, "goal", ""),
        )


def drawn(agent: BatchAgent, environment: BatchedEnvironment, episodes: int, *, seed: int = 0) -> list[Result]:
    """Try an agent on episodes that the environment draws; see :func:`evaluate_batched`."""
    counts = np.arange(environment.num_envs)
    left = episodes // environment.num_envs + (counts < episodes % environment.num_envs)
    names = _Names.of(environment)
    results: list[Result] = []
    observations = environment.reset(seed)
    agent.start(seed)
    while (left > 0).any():
        actions = agent.choose_batch(observations, environment.action_masks())
        observations, _, terminated, truncated, info = environment.step(actions)
        ended = np.flatnonzero((terminated | truncated) & (left > 0))
        left[ended] -= 1
        results += [_result(int(index), info, names) for index in ended]
    return results


def each_once(
    agent: BatchAgent, environment: BatchedEnvironment, scenarios: Sequence[int], *, seed: int = 0
) -> Iterator[list[Result]]:
    """Try an agent on given scenarios, a batch at a time.

    Args:
        agent: The agent.
        environment: One that is :class:`Addressable`.
        scenarios: Numbers of the scenarios; one may occur several times.
        seed: Seed of the episodes and of the agent's choices.

    Yields:
        How each went, in their order, batch after batch. A place that has ended its episode goes on with another one,
        which does not count.
    """
    assert isinstance(environment, Addressable)  # noqa: S101 - for type checkers: callers have asked
    n, names = environment.num_envs, _Names.of(environment)
    environment.reset(seed)
    agent.start(seed)
    for begin in range(0, len(scenarios), n):
        batch = scenarios[begin : begin + n]
        found: dict[int, Result] = {}
        observations = environment.start(np.resize(np.asarray(batch, np.int64), n))
        while len(found) < len(batch):
            actions = agent.choose_batch(observations, environment.action_masks())
            observations, _, terminated, truncated, info = environment.step(actions)
            for place in np.flatnonzero((terminated | truncated)[: len(batch)]).tolist():
                if place not in found:
                    found[place] = _result(place, info, names)
        yield [found[place] for place in range(len(batch))]


@dataclass(frozen=True, slots=True)
class _Names:
    families: Sequence[str]
    machines: Sequence[str]
    scenarios: Sequence[str]

    @classmethod
    def of(cls, environment: BatchedEnvironment) -> _Names:
        trials = environment.every_trial() if isinstance(environment, Addressable) else ()
        goals = [getattr(trial, "goal", "") for trial in trials]
        return cls(getattr(environment, "families", ()), getattr(environment, "machines", ()), goals)


def _result(index: int, info: Mapping[str, NDArray[Any]], names: _Names) -> Result:
    return Result(
        family=_name(names.families, info, "family", index),
        machine=_name(names.machines, info, "machine", index),
        success=bool(info["success"][index]),
        requests=int(info["length"][index]),
        shortest=int(info["shortest"][index]),
        refused=int(info["refused"][index]) if "refused" in info else None,
        destructive=int(info["destroyed"][index]) if "destroyed" in info else None,
        ceiling=known_ceiling(info["ceiling"][index]) if "ceiling" in info else None,
        scenario=_name(names.scenarios, info, "scenario", index),
    )


def _name(names: Sequence[str], info: Mapping[str, NDArray[Any]], key: str, index: int) -> str:
    if key not in info:
        return ""
    number = int(info[key][index])
    return names[number] if number < len(names) else str(number)


def known_ceiling(value: float) -> float | None:
    """Take what is not a positive number for unknown: nothing can be measured against it."""
    return float(value) if 0 < value < np.inf else None
