"""Trying several agents on the same episodes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from igc_agents.agents import BatchAgent
from igc_agents.comparison import Comparison
from igc_agents.curves import learning_curves, run_folders
from igc_agents.evaluation import Addressable, drawn, each_once, known_ceiling, one_by_one, trials_of
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
        ceilings: Whether to ask the environment for the best efficiency that can be expected of each scenario, which
            takes a moment each.
        traced: Whether to write down some episodes of the first agent request by request.
    """

    build: Callable[[int], BatchedEnvironment]
    seeds: Sequence[int] = (0,)
    episodes: int = 256
    deterministic: bool = True
    ceilings: bool = False
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
        shown = {"traces": tuple(self.traces), "curves": learning_curves(folders)}
        return Comparison.of(self.results, seed=self.plan.seeds[0], **shown, **about)

    def _on(self, environment: BatchedEnvironment, seed: int, watch: Watcher, *, first: bool) -> None:
        """Try every agent on the environment of one seed."""
        scenarios = _scenarios(environment, self.plan.episodes, seed)
        ceilings = _ceilings(environment, scenarios, watch) if self.plan.ceilings and scenarios else {}
        ground = _Ground(environment, seed, scenarios, ceilings)
        for subject in self.subjects:
            measured = [self._try(subject, number, ground, watch) for number in range(len(subject.runs))]
            if first and self.plan.traced and subject is self.subjects[0]:
                self._trace(subject, ground, measured[0], watch)

    def _try(self, subject: Subject, number: int, ground: _Ground, watch: Watcher) -> list[Result]:
        """Try one training of an agent, and keep its results as they come."""
        name = subject.runs[number]
        agent = build_agent(name, ground.environment, self.plugins, deterministic=self.plan.deterministic)
        title = subject.name if len(subject.runs) == 1 else f"{subject.name} {number + 1}/{len(subject.runs)}"
        trying = _Trying(agent, name, ground, self.plan.episodes, self.plugins)
        results: list[Result] = []
        for found in trying.results(partial(watch, title)):
            for one in found:
                ceiling = ground.ceilings.get(len(results), one.ceiling)
                results.append(replace(one, seed=ground.seed, run=number, ceiling=ceiling))
            self.results[subject] += results[-len(found) :]
        return results

    def _trace(self, subject: Subject, ground: _Ground, results: Sequence[Result], watch: Watcher) -> None:
        """Write some episodes down, with the first training of an agent that chooses for one at a time."""
        agent = build_agent(subject.runs[0], ground.environment, self.plugins, deterministic=self.plan.deterministic)
        if not hasattr(agent, "choose"):
            return
        chosen = list(_chosen(ground, results))
        for number, (trial, kind) in enumerate(chosen):
            watch("writing episodes down", number, len(chosen))
            found = trace(agent, trial, name=subject.name, kind=kind, seed=ground.seed, plugins=self.plugins)
            self.traces.append(found)


@dataclass(frozen=True, slots=True)
class _Ground:
    """What agents are tried on for one seed.

    Attributes:
        environment: The environment.
        seed: Seed of episodes and choices.
        scenarios: Numbers of the scenarios, or None where they have none.
        ceilings: The best efficiency that can be expected, by place in ``scenarios``.
    """

    environment: BatchedEnvironment
    seed: int
    scenarios: Sequence[int] | None
    ceilings: Mapping[int, float | None]


@dataclass(frozen=True, slots=True)
class _Trying:
    """One agent on the environment of one seed."""

    agent: Any
    name: str
    ground: _Ground
    episodes: int
    plugins: PluginManager

    def results(self, watch: Callable[[int, int], None]) -> Iterator[Sequence[Result]]:
        """Yield results whenever as many are complete as may be counted."""
        total = len(self.ground.scenarios) if self.ground.scenarios is not None else self.episodes
        done = 0
        watch(done, total)
        for found in self._parts():
            done += len(found)
            watch(done, total)
            yield found

    def _parts(self) -> Iterator[Sequence[Result]]:
        batched = isinstance(self.agent, BatchAgent)
        if batched and self.ground.scenarios is not None:
            yield from each_once(self.agent, self.ground.environment, self.ground.scenarios, seed=self.ground.seed)
        elif batched and self.episodes:
            yield drawn(self.agent, self.ground.environment, self.episodes, seed=self.ground.seed)
        else:
            found = one_by_one(self.agent, self._trials(), seed=self.ground.seed, plugins=self.plugins)
            yield from ([one] for one in found)

    def _trials(self) -> Iterable[Trial]:
        offered: Any = self.ground.environment
        if self.name == EXPERT or not hasattr(offered, "trials" if self.episodes else "every_trial"):
            raise AgentError(
                f"the agent {self.name!r} chooses for one episode at a time, which the environment does not offer",
                code="agent-incompatible",
            )
        if self.episodes:
            return offered.trials(self.episodes, self.ground.seed)  # type: ignore[no-any-return]
        return trials_of(offered, self.ground.seed)


def _scenarios(environment: BatchedEnvironment, episodes: int, seed: int) -> list[int] | None:
    """Number the scenarios that every agent is tried on; None where the environment has no numbers for them."""
    if not isinstance(environment, Addressable):
        return None
    trials: list[Any] = list(environment.every_trial())
    if not episodes:
        return list(range(len(trials)))
    offered: Any = environment
    drawn: list[Any] = list(offered.trials(episodes, seed)) if hasattr(offered, "trials") else []
    if not drawn or not all(hasattr(trial, "scenario") for trial in (*trials, *drawn)):
        return None
    numbers: Mapping[int, int] = {id(trial.scenario): number for number, trial in enumerate(trials)}
    return [numbers[id(trial.scenario)] for trial in drawn]


def _ceilings(environment: Any, scenarios: Sequence[int], watch: Watcher) -> dict[int, float | None]:
    """Ask for the best that can be expected, by place in ``scenarios``; empty where the environment does not tell."""
    every: list[Any] = list(environment.every_trial())
    kinds: set[type[object]] = set(map(type, every))
    # Asking an episode itself whether it has a ceiling would work it out.
    if not all(hasattr(kind, "ceiling") for kind in kinds):
        return {}
    found: dict[int, float | None] = {}
    for place, number in enumerate(scenarios):
        watch("working out what can be expected", place, len(scenarios))
        found[place] = known_ceiling(every[number].ceiling)
    return found


def _chosen(ground: _Ground, results: Sequence[Result]) -> Iterator[tuple[Trial, Kind]]:
    """Yield the episodes to write down; where scenarios have no numbers, the first of each family."""
    offered: Any = ground.environment
    if ground.scenarios is not None:
        every: list[Trial] = list(trials_of(offered, ground.seed))
        for place, kind in worth_showing(results):
            yield every[ground.scenarios[place]], kind
    elif hasattr(offered, "trials"):
        seen: set[str] = set()
        for trial in offered.trials(len(results), ground.seed):
            if trial.family not in seen:
                seen.add(trial.family)
                yield trial, "typical"
