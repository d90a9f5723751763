"""Trying several agents on the same episodes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from igc_agents.agents import BatchAgent
from igc_agents.comparison import Comparison
from igc_agents.curves import learning_curve, run_folders
from igc_agents.evaluation import Addressable, drawn, each_once, one_by_one
from igc_agents.subjects import EXPERT, build_agent
from igc_agents.tracing import trace, worth_showing
from igc_core.errors import AgentError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from igc_agents.evaluation import Result, Trial
    from igc_agents.subjects import Subject
    from igc_agents.tracing import Kind, Trace
    from igc_core.plugins import PluginManager
    from igc_core.protocols import BatchedEnvironment


class Watcher(Protocol):
    """Follows an evaluation."""

    def __call__(self, what: str, done: int, total: int) -> None:
        """Take note of what is under way, and how many of its episodes are done; a total of 0 is unknown."""
        ...


@dataclass(frozen=True, slots=True)
class Plan:
    """What to try agents on.

    Attributes:
        build: Builds the environment for a seed.
        seeds: Seeds of episodes, and of the agents' choices.
        episodes: How many to draw for each seed, or 0 to try every goal once.
        deterministic: Whether trained agents take the likeliest action rather than draw one.
        traced: Whether to write down some episodes of the first agent request by request.
    """

    build: Callable[[int], BatchedEnvironment]
    seeds: Sequence[int] = (0,)
    episodes: int = 256
    deterministic: bool = True
    traced: bool = False


@dataclass
class Measurement:
    """An evaluation under way, which may be stopped at any time by an exception; what was measured stays.

    Attributes:
        subjects: The agents.
        plan: What they are tried on.
        plugins: The catalogue, whose hooks guard and follow the episodes.
        results: Episodes so far, by agent.
        traces: Those written down.
    """

    subjects: Sequence[Subject]
    plan: Plan
    plugins: PluginManager
    results: dict[Subject, list[Result]] = field(init=False)
    traces: list[Trace] = field(default_factory=list["Trace"])

    def __post_init__(self) -> None:
        """Begin with nothing."""
        self.results = {subject: [] for subject in self.subjects}

    def run(self, watch: Watcher) -> None:
        """Try every agent on every seed."""
        for place, seed in enumerate(self.plan.seeds):
            watch("building the environment", 0, 0)
            self._on(self.plan.build(seed), seed, watch, first=place == 0)

    def comparison(self, **about: Any) -> Comparison:
        """Take together what was measured.

        Args:
            **about: Attributes of the comparison that are not measured.
        """
        folders = run_folders(run for subject in self.subjects for run in subject.runs)
        curves = tuple(learning_curve(folder) for folder in folders)
        return Comparison.of(self.results, seed=self.plan.seeds[0], traces=tuple(self.traces), curves=curves, **about)

    def _on(self, environment: BatchedEnvironment, seed: int, watch: Watcher, *, first: bool) -> None:
        """Try every agent on the environment of one seed."""
        scenarios = _scenarios(environment, self.plan.episodes, seed)
        for subject in self.subjects:
            measured: list[Result] = []
            for number, name in enumerate(subject.runs):
                agent = build_agent(name, environment, self.plugins, deterministic=self.plan.deterministic)
                trial = _Trying(agent, name, environment, scenarios, self.plan.episodes, seed, self.plugins)
                title = subject.name if len(subject.runs) == 1 else f"{subject.name} {number + 1}/{len(subject.runs)}"
                for found in trial.results(partial(watch, title)):
                    self.results[subject] += [replace(one, seed=seed, run=number) for one in found]
                    measured += found if number == 0 else []
            if first and self.plan.traced and subject is self.subjects[0]:
                self._trace(subject, environment, scenarios, measured, seed, watch)

    def _trace(
        self,
        subject: Subject,
        environment: BatchedEnvironment,
        scenarios: Sequence[int] | None,
        results: Sequence[Result],
        seed: int,
        watch: Watcher,
    ) -> None:
        """Write some episodes down, with the first training of an agent that chooses for one at a time."""
        agent = build_agent(subject.runs[0], environment, self.plugins, deterministic=self.plan.deterministic)
        if not hasattr(agent, "choose"):
            return
        chosen = list(_chosen(environment, scenarios, results, seed))
        for number, (trial, kind) in enumerate(chosen):
            watch("writing episodes down", number, len(chosen))
            found = trace(agent, trial, name=subject.name, kind=kind, seed=seed, plugins=self.plugins)
            self.traces.append(found)


@dataclass(frozen=True, slots=True)
class _Trying:
    """One agent on the environment of one seed."""

    agent: Any
    name: str
    environment: BatchedEnvironment
    scenarios: Sequence[int] | None
    episodes: int
    seed: int
    plugins: PluginManager

    def results(self, watch: Callable[[int, int], None]) -> Iterator[Sequence[Result]]:
        """Yield results whenever as many are complete as may be counted."""
        total = len(self.scenarios) if self.scenarios is not None else self.episodes
        done = 0
        watch(done, total)
        for found in self._parts():
            done += len(found)
            watch(done, total)
            yield found

    def _parts(self) -> Iterator[Sequence[Result]]:
        batched = isinstance(self.agent, BatchAgent)
        if batched and self.scenarios is not None:
            yield from each_once(self.agent, self.environment, self.scenarios, seed=self.seed)
        elif batched and self.episodes:
            yield drawn(self.agent, self.environment, self.episodes, seed=self.seed)
        else:
            found = one_by_one(self.agent, self._trials(), seed=self.seed, plugins=self.plugins)
            yield from ([one] for one in found)

    def _trials(self) -> Iterable[Trial]:
        if self.name == EXPERT or not hasattr(self.environment, "trials" if self.episodes else "every_trial"):
            raise AgentError(
                f"the agent {self.name!r} chooses for one episode at a time, which the environment does not offer",
                code="agent-incompatible",
            )
        offered: Any = self.environment
        if self.scenarios is None:
            return offered.trials(self.episodes, self.seed)  # type: ignore[no-any-return]
        every: list[Trial] = list(offered.every_trial())
        return (every[number] for number in self.scenarios)


def _scenarios(environment: BatchedEnvironment, episodes: int, seed: int) -> list[int] | None:
    """Number the scenarios that every agent is tried on; None where the environment has no numbers for them."""
    if not isinstance(environment, Addressable):
        return None
    trials: list[Any] = list(environment.every_trial())
    if not episodes:
        return list(range(len(trials)))
    numbers: Mapping[int, int] = {id(trial.scenario): number for number, trial in enumerate(trials)}
    offered: Any = environment
    return [numbers[id(trial.scenario)] for trial in offered.trials(episodes, seed)]


def _chosen(
    environment: Any, scenarios: Sequence[int] | None, results: Sequence[Result], seed: int
) -> Iterator[tuple[Trial, Kind]]:
    """Yield the episodes to write down; where scenarios have no numbers, the first of each family."""
    if scenarios is not None:
        every: list[Trial] = list(environment.every_trial())
        for place, kind in worth_showing(results):
            yield every[scenarios[place]], kind
    elif hasattr(environment, "trials"):
        seen: set[str] = set()
        for trial in environment.trials(len(results), seed):
            if trial.family not in seen:
                seen.add(trial.family)
                yield trial, "typical"
