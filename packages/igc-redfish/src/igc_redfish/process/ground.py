"""The ground that episodes are played on: what is numbered of a machine, whichever way it answers.

A simulated machine (:class:`igc_redfish.process.engine.Engine`) remembers every answer it ever gave; a real one
(:class:`igc_redfish.live.ground.LiveGround`) is asked each time. What an agent sees of either is made here, of the
documents it read and of the machine's capture, so nothing tells it which it drives.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
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
from igc_redfish.service.world import digest_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from igc_core.protocols import Action, Reader
    from igc_core.rest import Json, Request, Response
    from igc_redfish.machine import Machine
    from igc_redfish.process.traits import ActionTraits, DocumentTraits

#: Virtual seconds that one WAIT lasts.
CLOCK_STEP_S = 30.0
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


class Ground(ABC):
    """One machine's actions and documents, numbered, and what its worlds answer.

    Attributes:
        machine: The machine as it was captured.
        actions: Actions by number.
        documents: Documents by number; 0 stands for none.
        refusals: Error bodies by number (DSP0266, "Error responses"); 0 stands for none.
    """

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.actions: list[Action] = []
        self.documents: list[Document] = [Document("", {}, ())]
        self.refusals: list[Json] = [None]
        self._action_numbers: dict[tuple[str, str, str], int] = {}
        self._refusal_numbers: dict[str, int] = {}
        self._document_numbers: dict[tuple[str, str, tuple[str, ...]], int] = {}
        self._plain_offers: dict[int, tuple[tuple[Action, ActionTraits], ...]] = {}
        self._action_traits: dict[tuple[int, str, str], ActionTraits] = {}
        self._document_traits: dict[int, DocumentTraits] = {}
        self.number_of(WAIT_ACTION)
        self.number_of(ROOT_ACTION)

    @abstractmethod
    def step(self, world: int, action: int) -> Step:
        """Take an action, by its number, in a world."""

    @abstractmethod
    def reader(self, world: int) -> Reader:
        """Return sight of one world's observable state."""

    @abstractmethod
    def resets(self, world: int) -> int:
        """Count the host resets that led to a world."""

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

    def take_in(self, request: Request, response: Response) -> tuple[int, bool, int]:
        """Number what an answer shows: the document, whether something is under way, and the error."""
        document = shown(self.canonical(request.uri), request, response)
        pending = is_pending(request.mutates, response, document)
        return self.number_document(document), pending, self.number_refusal(response)

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

    def canonical(self, uri: str) -> str:
        """Return the canonical URI of what is asked for; its own spelling where the capture has nothing there."""
        return self.machine.resolve(uri) or uri.rstrip("/")


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
