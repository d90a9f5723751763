"""The seams of the SDK: what others may implement, and what each side may count on.

No base class is required. Arrays are described in the docstrings; `igc_core.testing` holds a contract test for each
protocol.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from igc_core.models import AnyGoal, Goal
    from igc_core.rest import Json, JsonObject, Request, Response


@runtime_checkable
class Backend(Protocol):
    """A REST service, real or simulated. Nothing tells an agent which."""

    def perform(self, request: Request) -> Response:
        """Send one request.

        Args:
            request: Any method but ``WAIT``.

        Returns:
            The answer, whatever its status. A refusal is an answer, not an exception.

        Raises:
            BackendError: The service could not be reached or did not speak HTTP.
        """
        ...

    def wait(self, seconds: float) -> None:
        """Let ``seconds`` pass on the service's clock."""
        ...

    def close(self) -> None:
        """Release what the backend holds. Safe to call twice."""
        ...


class Reader(Protocol):
    """Sight of a service's observable state, without counting as an agent's request."""

    def get(self, uri: str) -> JsonObject | None:
        """Return the body at ``uri``, or None where the service has no such resource."""
        ...

    def authenticate(self, username: str, password: str) -> bool:
        """Tell whether the service lets these credentials in."""
        ...


class Survey(Reader, Protocol):
    """Sight of a whole service, as a capture gives it."""

    def uris(self) -> Iterable[str]:
        """Every resource's URI, in a stable order."""
        ...

    def of_type(self, name: str) -> Sequence[str]:
        """URIs of the resources of a type, e.g. ``"ComputerSystem"``, that are reachable from the root."""
        ...


@runtime_checkable
class GoalHandler(Protocol):
    """One family of goals: sees them, words them, and tells when they are reached."""

    @property
    def family(self) -> str:
        """Name of the family, lower case with dashes."""
        ...

    def goals(self, service: Survey) -> Iterable[Goal]:
        """Enumerate the goals that this service can express, bound to their targets.

        Goals already true are included. The order and the content are the same on every call.
        """
        ...

    def bind(self, goal: Goal, service: Survey) -> Goal:
        """Fill in the goal's target on one service.

        Raises:
            GoalError: The service cannot express the goal, or the target is ambiguous; the message lists what fits.
        """
        ...

    def wanted(self, goal: Goal) -> Mapping[str, Json]:
        """The values that :meth:`observe` shows once the goal is reached, by property path."""
        ...

    def observe(self, goal: Goal, now: Reader, before: Reader) -> Mapping[str, Json]:
        """The values of the goal's property paths.

        Args:
            goal: A bound goal.
            now: The state to judge.
            before: The state when the episode began, for goals that ask for an event (a restart).

        Returns:
            One value per key of :meth:`wanted`; the goal is reached exactly when the two are equal.
        """
        ...

    def text(self, goal: Goal) -> str:
        """Word a goal; :meth:`parse` gives an equal goal back."""
        ...

    def parse(self, text: str) -> Goal | None:
        """Read a goal, or return None where the text speaks of another family.

        Raises:
            GoalError: The text is of this family but cannot be understood; the message says what was expected.
        """
        ...


@runtime_checkable
class StateEncoder(Protocol):
    """Turns resources into vectors."""

    @property
    def width(self) -> int:
        """Length of one vector."""
        ...

    @property
    def fingerprint(self) -> str:
        """Changes whenever the same resource would give another vector."""
        ...

    def encode(self, resources: Sequence[JsonObject]) -> NDArray[np.float32]:
        """Embed a batch of resources.

        Args:
            resources: ``batch`` JSON objects as the backend returned them.

        Returns:
            Array of shape ``(batch, width)``, float32, each row of unit or zero L2 norm.

        Raises:
            EncodingError: A resource cannot be encoded.
        """
        ...


@dataclass(frozen=True, slots=True)
class Action:
    """One legal request, with the structure an agent may look at.

    Attributes:
        request: What would be sent; its method is ``WAIT`` for letting time pass.
        source: URI of the resource that offered it.
        source_type: Type of that resource, e.g. ``"ComputerSystem"``.
        relation: How it was offered: the key path of the link, the name of the action, or the property path.
        arguments: The body, flattened to ``(property path, value)`` pairs.
    """

    request: Request
    source: str = ""
    source_type: str = ""
    relation: str = ""
    arguments: tuple[tuple[str, Json], ...] = ()


@dataclass(frozen=True, slots=True)
class View:
    """What an agent may know at a decision point.

    Attributes:
        goal: What it is to reach.
        actions: The legal actions shown, in the order of their slots.
        documents: Latest body read of each URI.
        current: URI of the document read last.
        steps: Requests made so far.
        status: Status of the last answer, 0 before the first.
        observation: The same as arrays, in the codec of the environment; None where nobody asked for them.
        simulation: The machine's truth, for planners; None on live services.
        terms: What the goal means on this system, for hand-written agents; None where the system has no such terms.
        memory: Free for agents.
    """

    goal: AnyGoal
    actions: Sequence[Action]
    documents: Mapping[str, JsonObject]
    current: str = ""
    steps: int = 0
    status: int = 0
    observation: Any = None
    simulation: Any = None
    terms: Any = None
    memory: dict[str, Any] = field(default_factory=dict[str, Any])


@runtime_checkable
class Agent(Protocol):
    """Chooses among legal actions."""

    def start(self, seed: int) -> None:
        """Begin an episode."""
        ...

    def choose(self, view: View) -> int:
        """Return the index of the action to take in ``view.actions``."""
        ...


@dataclass(frozen=True, slots=True)
class Example:
    """A way in which people ask for something, for goal readers to learn from.

    Attributes:
        text: What somebody says; ``{name}`` stands where a value stood that the goal repeats, such as a user's name.
        meaning: The goal, worded by the plugin whose goals these are, with the same marks; ``""`` for a text that asks
            for none of them.
        held_out: Whether readers are judged by it instead of learning from it.
        pattern: What the text is a variant of; variants of one pattern stay together where examples are parted.
    """

    text: str
    meaning: str
    held_out: bool = False
    pattern: str = ""


@runtime_checkable
class Phrasebook(Protocol):
    """How people ask for the goals of a plugin."""

    def examples(self) -> Sequence[Example]:
        """Return all examples, in the same order on every call."""
        ...


@runtime_checkable
class GoalReader(Protocol):
    """Tells what a text in anybody's words asks for, of what could be asked for."""

    @property
    def confidence(self) -> float:
        """Least probability that a meaning must have for anybody to act on it."""
        ...

    def weigh(self, texts: Sequence[str], meanings: Sequence[str]) -> NDArray[np.float32]:
        """Weigh the meanings that one text may have.

        Args:
            texts: The text, once for each meaning, with its marks where values stand that the meaning repeats.
            meanings: What could be meant; all different.

        Returns:
            Probability of each meaning, shape ``(len(meanings),)``, float32. What is missing from one in the sum is the
            probability that the text means none of them.

        Raises:
            EncodingError: A text cannot be encoded.
        """
        ...


class BatchedEnvironment(Protocol):
    """Many episodes of one decision process, stepped together.

    The observation space is that of the single environment; every array has ``num_envs`` as its first axis.
    An episode that ends starts anew at once: the observation returned is the new episode's first.
    """

    num_envs: int
    observation_space: Any
    action_space: Any

    def reset(self, seed: int | None = None) -> dict[str, NDArray[Any]]:
        """Start every episode and return the first observations."""
        ...

    def step(
        self, actions: NDArray[np.integer[Any]]
    ) -> tuple[
        dict[str, NDArray[Any]], NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_], Mapping[str, NDArray[Any]]
    ]:
        """Take one action in each episode.

        Args:
            actions: Slots, shape ``(num_envs,)``.

        Returns:
            Observations, rewards ``(num_envs,)`` float32, terminated, truncated, and arrays about ended episodes.
        """
        ...

    def action_masks(self) -> NDArray[np.bool_]:
        """Legal slots, shape ``(num_envs, slots)``; at least one of each row is true."""
        ...
