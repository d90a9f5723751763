"""The machine behind the decision process: worlds, actions and documents as numbers, transitions computed once.

The simulator stays the one source of truth. The engine only remembers what it answered: a world is numbered by its
content, so a transition seen once is a look-up from then on, whichever episode comes by.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from igc_redfish.process.catalogue import (
    ROOT_ACTION,
    WAIT_ACTION,
    Document,
    Lever,
    action_infos,
    conditional,
    identity,
    levers,
    plain_offers,
)
from igc_redfish.process.lexicon import in_transition
from igc_redfish.process.traits import action_traits, document_traits
from igc_redfish.service.core import DOWN_UNTIL
from igc_redfish.service.world import Snapshot, World, digest_of
from igc_redfish.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from igc_core.protocols import Action
    from igc_core.rest import Json, Request, Response
    from igc_redfish.machine import Machine
    from igc_redfish.process.traits import ActionTraits, DocumentTraits
    from igc_redfish.service.rules import RuleSource

#: Virtual seconds that one WAIT lasts where no answer said how long to wait, and at most.
CLOCK_STEP_S, LONGEST_WAIT_S = 30.0, 600.0
#: Memory: virtual time before which an answer asked not to come again.
NOT_BEFORE = "client:not-before"
#: Numbers of the two actions that every machine has.
WAIT_ID, ROOT_ID = 0, 1
#: Statuses after which something is under way, so that waiting makes sense.
_PENDING = frozenset({202, 409, 503})
_WHOLES = ("ComputerSystem", "Chassis", "Manager", "Storage", "Fabric")


@dataclass(frozen=True, slots=True)
class Step:
    """What one action does in one world.

    Attributes:
        world: Number of the world afterwards.
        status: HTTP status, 0 for a wait.
        document: Number of the resource that the answer shows, 0 for none.
        pending: Whether the answer tells of something under way.
        refusal: Number of the error that the answer tells of, 0 for none.
    """

    world: int
    status: int
    document: int
    pending: bool
    refusal: int = 0


class Engine:
    """One machine's worlds, actions and documents, numbered.

    Attributes:
        machine: The machine.
        simulator: Computes what is not known yet.
        worlds: Snapshots by number; 0 is the capture.
        actions: Actions by number.
        documents: Documents by number; 0 stands for none.
        refusals: Error bodies by number (DSP0266, "Error responses"); 0 stands for none.
    """

    def __init__(self, machine: Machine, handlers: Sequence[RuleSource]) -> None:
        self.machine = machine
        self.simulator = Simulator(machine, handlers)
        self.worlds: list[Snapshot] = []
        self.actions: list[Action] = []
        self.documents: list[Document] = [Document("", {}, ())]
        self.refusals: list[Json] = [None]
        self._world_numbers: dict[bytes, int] = {}
        self._action_numbers: dict[tuple[str, str, str], int] = {}
        self._refusal_numbers: dict[str, int] = {}
        self._document_numbers: dict[tuple[str, str, tuple[str, ...]], int] = {}
        self._steps: dict[tuple[int, int], Step] = {}
        self._reads: dict[tuple[int, str], Step] = {}
        self._plain_offers: dict[int, tuple[tuple[Action, ActionTraits], ...]] = {}
        self._action_traits: dict[tuple[int, str, str], ActionTraits] = {}
        self._document_traits: dict[int, DocumentTraits] = {}
        self.present_world()
        self.number_of(WAIT_ACTION)
        self.number_of(ROOT_ACTION)

    def number_of(self, action: Action) -> int:
        """Number an action by what would be sent.

        The number stands for the request alone: where an episode met it is told by the document that offered it.
        """
        key = identity(action)
        number = self._action_numbers.get(key)
        if number is None:
            number = self._action_numbers[key] = len(self.actions)
            self.actions.append(action)
        return number

    def present_world(self) -> int:
        """Number the state that the simulator is in."""
        key = self.simulator.world.key()
        number = self._world_numbers.get(key)
        if number is None:
            number = self._world_numbers[key] = len(self.worlds)
            self.worlds.append(self.simulator.snapshot())
        return number

    def reader(self, world: int) -> World:
        """Return a private view of one world's observable state."""
        view = World(self.machine)
        view.restore(self.worlds[world])
        return view

    def step(self, world: int, action: int) -> Step:
        """Take an action in a world."""
        known = self._steps.get((world, action))
        if known is None:
            known = self._steps[world, action] = self._compute(world, action)
        return known

    def plain_offers(self, document: int) -> tuple[tuple[Action, ActionTraits], ...]:
        """What a document offers whatever the goal is."""
        known = self._plain_offers.get(document)
        if known is None:
            found = plain_offers(self.documents[document], self.referrers)
            known = self._plain_offers[document] = tuple((action, self.traits(action)) for action in found)
        return known

    def traits(self, action: Action) -> ActionTraits:
        """Take an action apart, as resources of one type offer it."""
        number = self.number_of(action)
        key = (number, action.relation, action.source_type)
        known = self._action_traits.get(key)
        if known is None:
            known = self._action_traits[key] = action_traits(action, number)
        return known

    def document_traits(self, document: int) -> DocumentTraits:
        """Take a document apart."""
        known = self._document_traits.get(document)
        if known is None:
            known = self._document_traits[document] = document_traits(self.documents[document])
        return known

    def number_document(self, document: Document | None) -> int:
        """Number a document by its content."""
        if document is None:
            return 0
        key = (document.uri, digest_of(document.body), document.allow)
        number = self._document_numbers.get(key)
        if number is None:
            number = self._document_numbers[key] = len(self.documents)
            self.documents.append(document)
        return number

    def number_refusal(self, response: Response) -> int:
        """Number the error that an answer tells of; 0 for a success and for an answer without a body."""
        if response.ok or response.body is None:
            return 0
        key = repr(response.body)
        if key not in self._refusal_numbers:
            self._refusal_numbers[key] = len(self.refusals)
            self.refusals.append(response.body)
        return self._refusal_numbers[key]

    def conditional_of(self, action: int) -> int:
        """Number the same request under ``If-Match``."""
        return self.number_of(conditional(self.actions[action]))

    @cached_property
    def referrers(self) -> Mapping[str, Lever]:
        """The actions that ActionInfo resources describe, by the URI of those."""
        found: dict[str, Lever] = {}
        for document in self._captured:
            for info, lever in action_infos(document):
                found.setdefault(self.machine.canonical(info), lever)
        return found

    @cached_property
    def bearers(self) -> Mapping[str, Sequence[str]]:
        """Resources that bear each operation (``"patch Chassis"``), ActionInfo resources included, nearest first."""
        found: dict[str, list[str]] = {}
        for document in self._captured:
            for operation in levers(document):
                found.setdefault(operation, []).append(document.uri)
            for info, lever in action_infos(document):
                found.setdefault(f"action {lever.name}", []).append(self.machine.canonical(info))
        return found

    @cached_property
    def wholes(self) -> frozenset[str]:
        """Resources that others are parts of, and that have nothing to do with their siblings."""
        return frozenset(uri for kind in _WHOLES for uri in self.machine.of_type(kind))

    @cached_property
    def _captured(self) -> Sequence[Document]:
        return [Document(uri, self.machine.get(uri) or {}, ()) for uri in self.machine.reachable]

    def _compute(self, world: int, action: int) -> Step:
        snapshot = self.worlds[world]
        if action == WAIT_ID:
            if not is_busy(snapshot):
                return Step(world, 0, 0, pending=False)
            self.simulator.restore(snapshot)
            self.simulator.wait(patience(snapshot))
            self.simulator.world.memory.pop(NOT_BEFORE, None)
            return Step(self.present_world(), 0, 0, pending=False)
        request = self.actions[action].request
        if request.method == "GET":
            return self._read(world, action)
        self.simulator.restore(snapshot)
        response = self._perform(request)
        document = shown(self._canonical(request.uri), request, response)
        pending = is_pending(request.mutates, response, document)
        numbers = self.number_document(document), pending, self.number_refusal(response)
        return Step(self.present_world(), response.status, *numbers)

    def _perform(self, request: Request) -> Response:
        """Send a request, and remember how long its answer asks to wait (RFC 9110, section 10.2.3)."""
        response = self.simulator.perform(request)
        asked = response.headers.get("Retry-After", "")
        if asked.isdigit():
            self.simulator.world.memory[NOT_BEFORE] = self.simulator.world.clock_s + int(asked)
        return response

    def _canonical(self, uri: str) -> str:
        return self.machine.resolve(uri) or uri.rstrip("/")

    def _read(self, world: int, action: int) -> Step:
        """Read a resource; the answer depends on its own version alone, while the service is up."""
        snapshot, request = self.worlds[world], self.actions[action].request
        uri = self._canonical(request.uri)
        version = snapshot.changes.get(uri)
        key = (action, version.digest if version is not None else "")
        known = self._reads.get(key)
        if known is None or is_down(snapshot):
            self.simulator.restore(snapshot)
            response = self._perform(request)
            document = shown(uri, request, response)
            pending = is_pending(request.mutates, response, document)
            numbers = self.number_document(document), pending, self.number_refusal(response)
            if is_down(snapshot):
                return Step(self.present_world(), response.status, *numbers)
            known = self._reads[key] = Step(world, response.status, *numbers)
        return replace(known, world=world)


def is_down(state: Snapshot) -> bool:
    """Tell whether the service does not answer in a world."""
    until = state.memory.get(DOWN_UNTIL)
    return isinstance(until, int | float) and until > state.clock_s


def patience(state: Snapshot) -> float:
    """Tell how long a wait lasts: as long as the last answer that said so asked for, in virtual seconds."""
    until = state.memory.get(NOT_BEFORE)
    asked = until - state.clock_s if isinstance(until, int | float) else 0.0
    return min(max(CLOCK_STEP_S, asked), LONGEST_WAIT_S)


def is_busy(state: Snapshot) -> bool:
    """Tell whether time changes anything in a world."""
    return bool(state.timers) or is_down(state)


def is_pending(mutates: bool, response: Response, document: Document | None) -> bool:
    """Tell whether an answer speaks of something under way."""
    if response.status in _PENDING or (mutates and response.ok):
        return True
    return document is not None and in_transition(document.body)


def shown(uri: str, request: Request, response: Response) -> Document | None:
    """Return the resource that an answer shows, or None.

    Args:
        uri: Canonical URI of what was asked; an answer to a POST names its own.
        request: The request.
        response: The answer.
    """
    body = response.body
    if not response.ok or not isinstance(body, dict) or not body:
        return None
    own = body.get("@odata.id")
    place = own if request.method == "POST" and isinstance(own, str) and own.startswith("/") else uri
    allow = response.headers.get("Allow", "")
    return Document(place.rstrip("/"), body, tuple(part.strip() for part in allow.split(",") if part.strip()))
