"""Slots of requests and places of goals for the flat codec, on any number of machines."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from gymnasium import spaces

from igc_core.errors import GoalError
from igc_core.redaction import redact
from igc_redfish.process.catalogue import ROOT_ACTION, WAIT_ACTION, Document, conditional, goal_offers, identity
from igc_redfish.process.shield import permits
from igc_redfish.process.starts import prepared
from igc_redfish.process.wording import goal_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from igc_core.models import AnyGoal, Goal
    from igc_core.protocols import Action
    from igc_core.rest import JsonObject
    from igc_redfish.goals.book import GoalBook
    from igc_redfish.process.engine import Engine
    from igc_redfish.process.scenario import Scenario

#: Values at the end of ``state``: share of the horizon used, whether something is pending, how few resets may happen.
REST = 3


@dataclass(frozen=True)
class KnownMachine:
    """A machine, and the goals on it, whose requests get slots.

    Attributes:
        engine: The machine.
        book: The goal handlers.
        goals: The goals.
    """

    engine: Engine
    book: GoalBook
    goals: Sequence[AnyGoal]

    def requests(self) -> Iterator[Action]:
        """Yield what its resources offer under the goals, with repetitions.

        They count as they are in the capture, and where a goal holds there, as its handler undoes it. That does not
        depend on which scenarios were drawn.
        """
        engine = self.engine
        words = [goal_words(self.book, goal, engine) for goal in self.goals]
        payloads: dict[str, list[JsonObject]] = {}
        for word in words:
            for operation, bodies in word.payloads.items():
                payloads.setdefault(operation, []).extend(bodies)
        for number in self._documents():
            document = engine.documents[number]
            for action in goal_offers(document, payloads, engine.referrers):
                if any(permits(action, document, [word]) for word in words):
                    yield from self._with_twin(action)
            for action, _ in engine.plain_offers(number):
                if any(permits(action, document, [word]) for word in words):
                    yield from self._with_twin(action)

    def _with_twin(self, action: Action) -> Iterator[Action]:
        yield action
        if action.request.mutates and self.engine.machine.profile.require_if_match:
            yield conditional(action)

    def _documents(self) -> Iterator[int]:
        """Yield the numbers of the resources of the capture, then of what undoing a goal changes."""
        engine = self.engine
        worlds = dict.fromkeys(prepared(engine, self.book, goal) for goal in self.goals)
        found: dict[int, None] = {}
        for world in (0, *(world for world in worlds if world)):
            reader = engine.reader(world)
            for uri in engine.worlds[world].changes if world else reader.uris():
                body = reader.get(uri)
                if body is not None:
                    document = Document(uri, body, engine.simulator.service.allowed(reader, uri))
                    found[engine.number_document(document)] = None
        yield from found


class Numbering:
    """Where the slots are among one machine's actions, and back."""

    def __init__(self, engine: Engine, index: FlatIndex) -> None:
        self._engine, self._index = engine, index
        self._slots = np.zeros(0, np.int32)
        self._numbers = np.full(len(index.actions), -1, np.int32)

    @property
    def slots(self) -> NDArray[np.int32]:
        """Slot of every action by its number, -1 for none, shape ``(actions,)``."""
        self._catch_up()
        return self._slots

    @property
    def numbers(self) -> NDArray[np.int32]:
        """Number of the action in every slot, -1 where this machine does not have it, shape ``(slots,)``."""
        self._catch_up()
        return self._numbers

    def _catch_up(self) -> None:
        """Look up actions that the machine came to offer since."""
        first = len(self._slots)
        if first == len(self._engine.actions):
            return
        added = np.asarray([self._index.slot(action) for action in self._engine.actions[first:]], np.int32)
        known = (added >= 0).nonzero()[0]
        self._numbers[added[known]] = first + known
        self._slots = np.concatenate([self._slots, added])


class FlatIndex:
    """Slots of the requests and places of the goals of some machines.

    Requests are sorted by method, URI and body, and goals by their words, so the machines' order does not matter.

    Attributes:
        actions: What is requested, by slot; the first two slots are those that every machine has.
        goals: Places of the single goals in the observation.
        fingerprint: Tells indices apart.
    """

    def __init__(self, scenarios: Sequence[Scenario], also: Iterable[KnownMachine] = ()) -> None:
        """Give slots.

        Args:
            scenarios: Their goals, and the requests of their machines under these, get slots.
            also: So do those of these machines.
        """
        offered: dict[tuple[str, str, str], Action] = {}
        goals: set[Goal] = set()
        for machine in (*_machines(scenarios), *also):
            goals.update(part for goal in machine.goals for part in goal.parts)
            for action in machine.requests():
                offered.setdefault(identity(action), action)
        first = {identity(action): action for action in (WAIT_ACTION, ROOT_ACTION)}
        ordered = first | {key: offered[key] for key in sorted(offered.keys() - first.keys())}
        self.actions = list(ordered.values())
        self._slot_of = {key: slot for slot, key in enumerate(ordered)}
        self.goals = {goal: place for place, goal in enumerate(sorted(goals, key=_words))}
        self._numberings: dict[Engine, Numbering] = {}
        self.action_space = spaces.Discrete(len(self.actions))
        width = 3 * len(self.actions) + len(self.goals) + REST
        self.observation_space = spaces.Dict({"state": spaces.Box(0.0, 1.0, (width,), np.float32)})
        self.fingerprint = self._digest()

    def slot(self, action: Action) -> int:
        """Return the slot of a request, -1 where it has none."""
        return self._slot_of.get(identity(action), -1)

    def numbering(self, engine: Engine) -> Numbering:
        """Return where the slots are among a machine's actions."""
        if engine not in self._numberings:
            self._numberings[engine] = Numbering(engine, self)
        return self._numberings[engine]

    def place(self, goal: AnyGoal) -> NDArray[np.float32]:
        """Mark a goal's place: 1; of several sub-goals each, one that has its turn later by 1/2, 1/3 and so on.

        Returns:
            Shape ``(goals,)``.

        Raises:
            GoalError: The index does not know the goal.
        """
        marks = np.zeros(len(self.goals), np.float32)
        for turn, part in enumerate(goal.parts):
            if part not in self.goals:
                problem = f"the flat codec knows {len(self.goals)} goals, and this one is not among them"
                raise GoalError(problem, code="goal-not-expressible", hint="use the codec 'candidates'")
            marks[self.goals[part]] = 1.0 / (1 + turn if getattr(goal, "ordered", False) else 1)
        return marks

    def _digest(self) -> str:
        """Digest what has slots; no secret goes into it."""
        digest = hashlib.sha256()
        for action in self.actions:
            request = action.request
            method, uri, _ = identity(action)
            digest.update(f"{method} {uri} {redact(request.body)!r}\n".encode())
        for goal in self.goals:
            digest.update(f"{goal!r}\n".encode())
        return digest.hexdigest()[:16]


def _machines(scenarios: Sequence[Scenario]) -> Iterator[KnownMachine]:
    """Yield the machines of scenarios with the goals of these."""
    goals: dict[Engine, dict[AnyGoal, GoalBook]] = {}
    for scenario in scenarios:
        goals.setdefault(scenario.simulated, {})[scenario.goal] = scenario.book
    for engine, mine in goals.items():
        yield KnownMachine(engine, next(iter(mine.values())), list(mine))


def _words(goal: Goal) -> tuple[str, str, str, str]:
    return goal.family, goal.verb, goal.target, repr(sorted(goal.arguments.items()))
