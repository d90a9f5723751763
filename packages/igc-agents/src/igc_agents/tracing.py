"""Episodes that a person can follow request by request: what was asked, what came back, and why."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

import numpy as np

from igc_agents.vector import path_efficiency
from igc_core.episode import run_episode
from igc_core.models import Model
from igc_core.redaction import mask, secrets_in
from igc_core.rest import WAIT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from igc_agents.evaluation import Result, Trial
    from igc_core.episode import Session, Transition
    from igc_core.plugins import PluginManager
    from igc_core.protocols import Action, Agent, View
    from igc_core.rest import JsonObject, Request

#: Candidates kept of each decision, and characters kept of a body.
_CANDIDATES, _LONGEST_BODY = 5, 6000

#: Why an episode is shown.
Kind = Literal["worst", "typical"]


@runtime_checkable
class Scoring(Protocol):
    """An agent that tells how probable it makes each action."""

    def scores(self, view: View) -> NDArray[np.float32]:
        """Return a probability for each action shown."""
        ...


class Choice(Model):
    """One of the likeliest candidates of a decision.

    Attributes:
        probability: How probable the agent made it.
        method: Method of the request.
        uri: Where it goes.
        body: What it sends, as JSON; ``""`` for nothing.
        relation: How it was offered: the key path of a link, the name of an action, or a property path.
        source: URI of the resource that offered it.
        chosen: Whether it was taken.
    """

    probability: float
    method: str
    uri: str
    body: str = ""
    relation: str = ""
    source: str = ""
    chosen: bool = False


class TraceStep(Model):
    """One request.

    Attributes:
        method: Method of the request; ``WAIT`` for letting time pass.
        uri: Where it went.
        body: What it sent, as JSON; ``""`` for nothing.
        status: Status of the answer; 0 for a wait.
        answer: The body of the answer, as JSON, cut where it is long.
        cut: Number of characters left out of the answer.
        read: URIs of the resources read by it.
        legal: Number of actions that the agent could choose from.
        choices: The likeliest of them; none where the agent does not tell.
    """

    method: str
    uri: str
    body: str = ""
    status: int
    answer: str = ""
    cut: int = 0
    read: tuple[str, ...] = ()
    legal: int
    choices: tuple[Choice, ...] = ()


class Trace(Model):
    """One episode. Every secret is masked.

    Attributes:
        agent: Who acted.
        kind: Why it is shown.
        family: Family of the goal.
        machine: Name of the machine.
        goal: The goal as text.
        success: Whether the goal was reached.
        shortest: The fewest requests that reach the goal, 0 where unknown.
        known: URIs of the resources that were read before the first request.
        steps: The requests.
    """

    agent: str
    kind: Kind
    family: str
    machine: str
    goal: str
    success: bool
    shortest: int
    known: tuple[str, ...] = ()
    steps: tuple[TraceStep, ...]


def trace(agent: Agent, trial: Trial, *, name: str, kind: Kind, seed: int, plugins: PluginManager) -> Trace:
    """Let an agent act in an episode, and write down what a person needs to follow it."""
    session = _Recorder(trial.start(), agent)
    outcome = run_episode(agent, session, plugins=plugins, seed=seed)
    return Trace(
        agent=name,
        kind=kind,
        family=trial.family,
        machine=trial.machine,
        goal=getattr(trial, "goal", "") or session.goal,
        success=outcome.success,
        shortest=trial.shortest,
        known=session.known,
        steps=tuple(session.steps),
    )


def worth_showing(results: Sequence[Result]) -> list[tuple[int, Kind]]:
    """Choose episodes of every family: the worst one, and one that is like most.

    Returns:
        Places in ``results``, by family; no second one where there is only one episode.
    """
    families: dict[str, list[int]] = {}
    for place in sorted(range(len(results)), key=lambda place: _worth(results[place])):
        families.setdefault(results[place].family, []).append(place)
    chosen: list[tuple[int, Kind]] = []
    for family in sorted(families):
        worst, *others = families[family]
        chosen.append((worst, "worst"))
        if others:
            chosen.append((others[(len(others) - 1) // 2], "typical"))
    return chosen


def _worth(found: Result) -> float:
    """Efficiency; among those alike, the longer an episode the worse it is."""
    one = np.asarray([found.success]), np.asarray([found.requests]), np.asarray([found.shortest])
    return float(path_efficiency(*one)[0]) - found.requests * 1e-6


def _read(request: Request, before: Mapping[str, JsonObject], after: Mapping[str, JsonObject]) -> Iterator[str]:
    """Yield the URIs of what a request read: new bodies, and the one asked for, which may be as it was."""
    for uri, body in after.items():
        if before.get(uri) is not body or (request.method == "GET" and request.uri == uri):
            yield uri


@dataclass
class _Recorder:
    """A session that writes down what happens in another one."""

    session: Session
    agent: Agent
    steps: list[TraceStep] = field(default_factory=list[TraceStep])

    def __post_init__(self) -> None:
        self._view = self.session.view()
        goal = self._view.goal
        self._secrets = frozenset[str]().union(*(secrets_in(part.arguments) for part in goal.parts))
        self.goal = "; ".join(self._shown(f"{part.family} {part.verb} {part.target}") for part in goal.parts)
        self.known = tuple(self._shown(uri) for uri in self._view.documents)

    def view(self) -> View:
        self._view = self.session.view()
        return self._view

    def reached(self) -> bool:
        return self.session.reached()

    def perform(self, index: int) -> Transition:
        view, before = self._view, dict(self._view.documents)
        choices, legal = self._choices(view, index), len(view.actions)
        done = self.session.perform(index)
        after = self.session.view().documents
        answer = self._text(done.response.body)
        self.steps.append(
            TraceStep(
                method=done.request.method,
                uri=self._uri(done.request.method, done.request.uri),
                body=self._text(done.request.body),
                status=done.response.status,
                answer=answer[:_LONGEST_BODY],
                cut=max(0, len(answer) - _LONGEST_BODY),
                read=tuple(self._shown(uri) for uri in _read(done.request, before, after)),
                legal=legal,
                choices=choices,
            )
        )
        return done

    def _choices(self, view: View, chosen: int) -> tuple[Choice, ...]:
        if not isinstance(self.agent, Scoring):
            return ()
        scores = self.agent.scores(view)
        likeliest: list[int] = np.argsort(-scores, kind="stable")[:_CANDIDATES].tolist()
        shown = likeliest if chosen in likeliest else [*likeliest[:-1], chosen]
        return tuple(self._choice(view.actions[place], float(scores[place]), place == chosen) for place in shown)

    def _choice(self, action: Action, probability: float, chosen: bool) -> Choice:
        request = action.request
        return Choice(
            probability=round(probability, 6),
            method=request.method,
            uri=self._uri(request.method, request.uri),
            body=self._text(request.body),
            relation=self._shown(action.relation),
            source=self._shown(action.source),
            chosen=chosen,
        )

    def _uri(self, method: str, uri: str) -> str:
        return "" if method == WAIT else self._shown(uri)

    def _text(self, body: Any) -> str:
        """Write a body as JSON, its secrets masked."""
        return "" if body is None else json.dumps(mask(body, self._secrets), indent=2, default=dict, ensure_ascii=False)

    def _shown(self, text: str) -> str:
        return str(mask(text, self._secrets))
