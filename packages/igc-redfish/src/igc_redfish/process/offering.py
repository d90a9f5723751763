"""What documents offer under a goal, described for each of its sub-goals."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from igc_redfish.goals.resets import RESTARTS, TO_OFF, TO_ON
from igc_redfish.process.belief import HOST_OFF, HOST_ON, bits, effect
from igc_redfish.process.catalogue import WAIT_ACTION, conditional, goal_offers
from igc_redfish.process.lexicon import candidate_tokens, document_tokens
from igc_redfish.process.matching import (
    candidate_scores,
    document_fit,
    document_flags,
    host_power,
    match_features,
    own_features,
    speaks_of,
)
from igc_redfish.process.serving import carries, undoes
from igc_redfish.process.shield import HOST_RESETS, permits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from numpy.typing import NDArray

    from igc_core.protocols import Action
    from igc_core.rest import JsonObject
    from igc_redfish.process.ground import Ground
    from igc_redfish.process.lexicon import GoalWords
    from igc_redfish.process.matching import Features
    from igc_redfish.process.rows import Rows
    from igc_redfish.process.traits import ActionTraits, DocumentTraits


#: What a power state that was shown confirms and refutes.
_POWER = {"On": (HOST_ON, HOST_OFF), "Off": (HOST_OFF, HOST_ON), "": (0, 0)}


@dataclass(frozen=True, slots=True)
class Offer:
    """What one document offers under one goal. ``parts`` is the number of sub-goals.

    Attributes:
        actions: Numbers of the actions, shape ``(n,)``, int32.
        rows: Their rows in the table of candidates, compared with each sub-goal, shape ``(n, parts)``, int32.
        scores: How well they fit each sub-goal, shape ``(n, parts)``, float32.
        effects: What they do once accepted, see :func:`igc_redfish.process.belief.effect`, shape ``(n,)``, int32.
        mutates: Whether they change something, shape ``(n,)``, bool.
        documents: The document's row in the table of documents, compared with each sub-goal, shape ``(parts,)``, int32.
        fits: How well it fits each sub-goal, shape ``(parts,)``, float32.
        confirms: Bits of the sub-goals that the document shows to be reached, and whether it shows the host on or off.
        refutes: Bits of those that it shows not to be, likewise.
        described: The actions as this document offers them.
    """

    actions: NDArray[np.int32]
    rows: NDArray[np.int32]
    scores: NDArray[np.float32]
    effects: NDArray[np.int32]
    mutates: NDArray[np.bool_]
    documents: NDArray[np.int32]
    fits: NDArray[np.float32]
    confirms: int
    refutes: int
    described: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class _Own:
    """What of a candidate's description is the same whichever document of a type offers it, for one sub-goal."""

    tokens: NDArray[np.int32]
    key: bytes
    features: tuple[float, ...]


def _power_after(kinds: AbstractSet[str]) -> str:
    """Return the power state that a reset leaves a host in, ``""`` where that depends on the one before."""
    if kinds & TO_OFF:
        return "Off"
    return "On" if kinds & (TO_ON | RESTARTS) else ""


class Offering:
    """Describes what the documents of a machine offer under a goal, each once.

    Rows and scores of a candidate are those that it would have if the sub-goal stood alone.
    """

    def __init__(
        self,
        engine: Ground,
        rows: Rows,
        parts: Sequence[GoalWords],
        payloads: Mapping[str, Sequence[JsonObject]],
        required: Sequence[frozenset[str]],
    ) -> None:
        """Begin with nothing described.

        Args:
            engine: The machine.
            rows: Where descriptions are kept.
            parts: The sub-goals.
            payloads: Bodies with the goal's values, by operation.
            required: For each sub-goal the operations that put its values in force.
        """
        self._engine = engine
        self._rows = rows
        self._parts = parts
        self._payloads = payloads
        self._required = required
        self._offers: dict[int, Offer] = {}
        self._twins: dict[tuple[int, int], Offer] = {}
        self._own: dict[ActionTraits, tuple[_Own, ...]] = {}

    @cached_property
    def wait(self) -> Offer:
        """The wait, which no document offers."""
        return self._described([(WAIT_ACTION, self._engine.traits(WAIT_ACTION))], [None] * len(self._parts))

    def of(self, document: int) -> Offer:
        """Return what a document offers, by its number."""
        known = self._offers.get(document)
        if known is None:
            known = self._offers[document] = self._offered(document)
        return known

    def twin(self, action: int, origin: int) -> Offer:
        """Return an action under ``If-Match``, as the document that offered it would offer it."""
        known = self._twins.get((action, origin))
        if known is None:
            offer = self.of(origin)
            place = int(np.flatnonzero(offer.actions == action)[0])
            bound = conditional(offer.described[place])
            flags = self._flags(self._engine.document_traits(origin))
            known = self._twins[action, origin] = self._described([(bound, self._engine.traits(bound))], flags)
        return known

    def _offered(self, number: int) -> Offer:
        document = self._engine.document_traits(number)
        flags = self._flags(document)
        pairs = list(zip(self._parts, flags, strict=True))
        told = [speaks_of(document, *pair) for pair in pairs]
        seen = next((power for pair in pairs if (power := host_power(document, *pair))), "")
        return replace(
            self._described(self._permitted(number), flags),
            documents=np.asarray([self._document_row(document, *pair) for pair in pairs], np.int32),
            fits=np.asarray([document_fit(mine) for mine in flags], np.float32),
            confirms=bits(place for place, reached in enumerate(told) if reached is True) | _POWER[seen][0],
            refutes=bits(place for place, reached in enumerate(told) if reached is False) | _POWER[seen][1],
        )

    def _permitted(self, number: int) -> list[tuple[Action, ActionTraits]]:
        """What a document offers and the goal gives the authority for; the first offer of a request describes it."""
        engine, document = self._engine, self._engine.documents[number]
        mine = [(action, engine.traits(action)) for action in goal_offers(document, self._payloads, engine.referrers)]
        listed: dict[int, tuple[Action, ActionTraits]] = {}
        for action, traits in (*mine, *engine.plain_offers(number)):
            if not action.request.mutates or permits(action, document, self._parts):
                listed.setdefault(traits.number, (action, traits))
        return list(listed.values())

    def _flags(self, document: DocumentTraits) -> list[Features]:
        """Compare a document with each sub-goal."""
        return [document_flags(document, part) for part in self._parts]

    def _described(self, listed: Sequence[tuple[Action, ActionTraits]], flags: Sequence[Features | None]) -> Offer:
        """Describe actions, given the flags for each sub-goal of the document that offers them."""
        own = [self._compared(traits) for _, traits in listed]
        parts = len(self._parts)
        rows = np.zeros((len(listed), parts), np.int32)
        scores = np.zeros((len(listed), parts), np.float32)
        for place, source in enumerate(flags):
            mine = [compared[place] for compared in own]
            match = match_features([one.features for one in mine], source)
            rows[:, place] = [self._candidate_row(one, features) for one, features in zip(mine, match, strict=True)]
            scores[:, place] = candidate_scores(match)
        return Offer(
            actions=np.asarray([traits.number for _, traits in listed], np.int32),
            rows=rows,
            scores=scores,
            effects=np.asarray([self._effect(action, traits.operation) for action, traits in listed], np.int32),
            mutates=np.asarray([action.request.mutates for action, _ in listed], np.bool_),
            documents=np.zeros(parts, np.int32),
            fits=np.zeros(parts, np.float32),
            confirms=0,
            refutes=0,
            described=tuple(action for action, _ in listed),
        )

    def _compared(self, traits: ActionTraits) -> tuple[_Own, ...]:
        known = self._own.get(traits)
        if known is None:
            known = self._own[traits] = tuple(_compare(traits, part) for part in self._parts)
        return known

    def _candidate_row(self, own: _Own, match: Features) -> int:
        key = (own.key, match.tobytes())
        row = self._rows.candidates.find(key)
        return row or self._rows.candidates.intern(key, {"tokens": own.tokens, "match": match})

    def _effect(self, action: Action, operation: str) -> int:
        if not action.request.mutates:
            return 0
        pairs = list(enumerate(zip(self._parts, self._required, strict=True)))
        asks = (place for place, (part, required) in pairs if operation not in required and carries(action, part))
        resets = operation in HOST_RESETS
        kinds = {str(value) for _, value in action.arguments} if resets else frozenset[str]()
        power = _power_after(kinds)
        puts = (place for place, (_, required) in pairs if operation in required and power != "Off")
        back = (place for place, (part, required) in pairs if operation not in required and undoes(action, part, power))
        idle = bool(kinds & TO_ON)
        return effect(bits(asks), bits(puts), undoes=bits(back), resets=resets, power=power, only_if_off=idle)

    def _document_row(self, document: DocumentTraits, part: GoalWords, flags: Features) -> int:
        tokens = document_tokens(document, part)
        values: dict[str, NDArray[np.int32] | NDArray[np.float32]] = {"tokens": tokens, "flags": flags}
        if self._rows.encoder is not None:
            values["vector"] = self._rows.encoder.encode([document.document.body])[0]
        return self._rows.documents.intern(tuple(value.tobytes() for value in values.values()), values)


def _compare(traits: ActionTraits, part: GoalWords) -> _Own:
    tokens = candidate_tokens(traits, part)
    return _Own(tokens, tokens.tobytes(), own_features(traits, part))
