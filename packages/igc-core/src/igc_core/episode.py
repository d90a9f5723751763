"""The episode runner: observe, choose, check, perform, until the goal is reached."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from igc_core.errors import ActionError
from igc_core.models import CompositeGoal, Goal
from igc_core.plugins import PluginManager
from igc_core.redaction import mask, secrets_in

if TYPE_CHECKING:
    from igc_core.models import AnyGoal
    from igc_core.protocols import Action, Agent, View
    from igc_core.rest import Request, Response


@dataclass(frozen=True, slots=True)
class Transition:
    """What one action led to.

    Attributes:
        reward: Reward of the step.
        terminated: Whether the goal is reached, or can no longer be.
        truncated: Whether the episode ran out of requests instead.
        request: What was sent.
        response: What the service answered.
    """

    reward: float
    terminated: bool
    truncated: bool
    request: Request
    response: Response


@runtime_checkable
class Session(Protocol):
    """One episode on one service: what is seen, what is done, and whether it is enough."""

    def view(self) -> View:
        """Return what an agent may know now. Asking again changes nothing."""
        ...

    def perform(self, index: int) -> Transition:
        """Perform the action at ``index`` of the latest view's actions.

        Raises:
            ActionError: There is no such action, or it is not legal now.
            BackendError: The service could not be reached.
        """
        ...

    def reached(self) -> bool:
        """Tell whether the goal holds, judged from the observable state."""
        ...


@dataclass(frozen=True, slots=True)
class Episode:
    """What is to be done.

    Attributes:
        goal: The goal, its secrets masked.
        seed: Seed that the agent starts with.
        agent: Class name of the agent.
    """

    goal: AnyGoal
    seed: int
    agent: str


@dataclass(frozen=True, slots=True)
class Step:
    """One request of an episode, as it may be shown.

    Attributes:
        request: What was sent, without headers and with its secrets masked.
        status: Status of the answer.
        reward: Reward of the step.
        seconds: Wall-clock time of choosing and performing, in seconds.
    """

    request: Request
    status: int
    reward: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done.

    Attributes:
        success: Whether the goal was verified at the end.
        truncated: Whether the episode ran out of requests.
        steps: The requests, in order.
        seconds: Wall-clock time of the episode, in seconds.
        problem: What stopped the episode before its end, or ``""``.
    """

    success: bool
    truncated: bool
    steps: tuple[Step, ...]
    seconds: float
    problem: str = ""

    @property
    def refused(self) -> int:
        """Number of requests that the service answered with a status of 400 or above."""
        return sum(step.status >= 400 for step in self.steps)  # noqa: PLR2004 - RFC 9110: 4xx and 5xx are errors

    @property
    def reward(self) -> float:
        """Undiscounted return."""
        return sum(step.reward for step in self.steps)

    def as_json(self) -> dict[str, Any]:
        """Give the outcome as a JSON object, for files and ``--json``."""
        return {
            "success": self.success,
            "truncated": self.truncated,
            "requests": len(self.steps),
            "refused": self.refused,
            "reward": self.reward,
            "seconds": self.seconds,
            "problem": self.problem,
            "steps": [
                {
                    "method": step.request.method,
                    "uri": step.request.uri,
                    "body": step.request.body,
                    "status": step.status,
                    "reward": step.reward,
                    "seconds": step.seconds,
                }
                for step in self.steps
            ],
        }


def run_episode(
    agent: Agent, session: Session, *, plugins: PluginManager | None = None, seed: int = 0, max_steps: int | None = None
) -> Outcome:
    """Let an agent act until its session ends.

    Args:
        agent: Who chooses.
        session: A fresh session.
        plugins: Whose hooks guard, wrap and follow the episode; only the core's if None.
        seed: Seed of the agent's choices.
        max_steps: The most requests to make, besides what the session itself allows.

    Returns:
        What was done, which is nothing where the goal holds already. Success is what the session verifies,
        not what the agent or a status code claims.

    Raises:
        ActionError: The agent chose what is not there, or a plugin vetoed its choice; nothing was sent.
        BackendError: The service could not be reached.
    """
    run = _Run(agent, session, PluginManager() if plugins is None else plugins, seed)
    return run.to_the_end(max_steps)


class _Run:
    """One episode under way."""

    def __init__(self, agent: Agent, session: Session, plugins: PluginManager, seed: int) -> None:
        self._agent, self._session, self._hook = agent, session, plugins.hook
        self._steps: list[Step] = []
        self._began = time.perf_counter()
        goal = session.view().goal
        self._secrets = _secrets(goal)
        self._episode = Episode(goal=_masked(goal), seed=seed, agent=type(agent).__name__)

    def to_the_end(self, max_steps: int | None) -> Outcome:
        self._hook.igc_episode_started(episode=self._episode)
        success, truncated, problem = False, False, ""
        try:
            self._agent.start(self._episode.seed)
            truncated = self._loop(max_steps)
            success = self._session.reached()
        except BaseException as error:
            problem = str(mask(f"{type(error).__name__}: {error}", self._secrets))
            raise
        finally:
            seconds = time.perf_counter() - self._began
            outcome = Outcome(success, truncated and not success, tuple(self._steps), seconds, problem)
            self._hook.igc_episode_ended(episode=self._episode, outcome=outcome)
        return outcome

    def _loop(self, max_steps: int | None) -> bool:
        """Act until the session ends, and tell whether it ran out of requests."""
        ended = self._session.reached()
        while not ended:
            if max_steps is not None and len(self._steps) >= max_steps:
                return True
            transition = self._step()
            if transition.truncated and not transition.terminated:
                return True
            ended = transition.terminated
        return False

    def _step(self) -> Transition:
        began = time.perf_counter()
        view = self._session.view()
        index = self._agent.choose(view)
        if not 0 <= index < len(view.actions):
            raise ActionError(
                f"the agent {self._episode.agent} chose action {index} of {len(view.actions)}", code="action-illegal"
            )
        self._check(view.actions[index], view)
        transition: Transition = self._hook.igc_perform(session=self._session, action=view.actions[index], index=index)
        sent = transition.request
        shown = replace(sent, uri=mask(sent.uri, self._secrets), body=mask(sent.body, self._secrets), headers={})
        seconds = time.perf_counter() - began
        self._steps.append(Step(shown, transition.response.status, transition.reward, seconds))
        return transition

    def _check(self, action: Action, view: View) -> None:
        reason = self._hook.igc_veto(action=action, view=view)
        if reason is not None:
            raise ActionError(
                f"{action.request.method} {mask(action.request.uri, self._secrets)} was vetoed: {reason}",
                code="action-vetoed",
            )


def _secrets(goal: AnyGoal) -> frozenset[str]:
    return frozenset[str]().union(*(secrets_in(part.arguments) for part in goal.parts))


def _masked(goal: AnyGoal) -> AnyGoal:
    if isinstance(goal, CompositeGoal):
        return goal.model_copy(update={"goals": tuple(_masked(part) for part in goal.goals)})
    return Goal(family=goal.family, verb=goal.verb, target=goal.target, arguments=mask(goal.arguments))
