"""What candidates and documents are by themselves, in the terms in which goals are compared with them.

A machine's resources are compared with every goal that is tried on it, so all that does not depend on the goal is
taken apart once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from igc_core.rest import WAIT
from igc_redfish.bodies import type_name
from igc_redfish.goals.resets import RESTARTS, TO_OFF, TO_ON
from igc_redfish.process.compass import expected_type, type_at
from igc_redfish.process.lexicon import (
    CANDIDATE_TOKENS,
    TRANSITIONAL,
    leaves,
    literal,
    operation_of,
    path_ids,
    token,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from igc_core.protocols import Action
    from igc_core.rest import Json
    from igc_redfish.process.catalogue import Document

#: Words that say nothing of what a request is about.
_STOP_WORDS = frozenset({"redfish", "v1", "actions", "members", "links", "change", "odata", "the", "oem"})
#: Arguments of a request that get tokens.
_ARGUMENTS = 4
_INFO = re.compile(r"#(\w+\.\w+)/@Redfish\.ActionInfo$")


class Segment(NamedTuple):
    """A segment of a path.

    Attributes:
        field: Field of its tokens.
        name: The segment in lower case.
        tokens: Tokens of its words.
        most: Most tokens that it gets, a marker included.
    """

    field: str
    name: str
    tokens: tuple[int, ...]
    most: int


class Argument(NamedTuple):
    """An argument of a request: last name of its path and value, in lower case, and their tokens."""

    name: str
    literal: str
    tokens: tuple[int, ...]
    value: int


@dataclass(frozen=True, slots=True, eq=False)
class ActionTraits:
    """A request as a document of some type offers it.

    Attributes:
        number: Number of the action.
        method: Method of the request.
        operation: The operation that it carries out, ``""`` for a read.
        body: Body of the request.
        source_type: Type of what offers it.
        leads: Type that a link leads to as far as the schemas tell; ``""`` for other requests.
        describes: The operation whose parameters a link to an ActionInfo leads to, ``""`` for any other.
        ids: Ids in the path.
        last: Last segment of the path, in lower case.
        words: Words of the last segment, the relation and the arguments.
        type_words: Those of the last segment and the relation, which may name a type.
        names: Last names of the arguments, in lower case.
        literals: Values of the arguments, in lower case.
        resets: Whether it restarts what it resets, switches it on, or switches it off; all false for what is no reset.
        head: Tokens of method, relation and types.
        segments: The segments that get tokens.
        arguments: The arguments that get tokens.
        plain: All tokens where none becomes a marker, int32.
        markable: What may become a marker.
    """

    number: int
    method: str
    operation: str
    body: Json
    source_type: str
    leads: str
    describes: str
    ids: frozenset[str]
    last: str
    words: frozenset[str]
    type_words: frozenset[str]
    names: frozenset[str]
    literals: frozenset[str]
    resets: tuple[bool, bool, bool]
    head: tuple[int, ...]
    segments: tuple[Segment, ...]
    arguments: tuple[Argument, ...]
    plain: NDArray[np.int32]
    markable: frozenset[str]


@dataclass(frozen=True, slots=True, eq=False)
class DocumentTraits:
    """A resource as it was read.

    Attributes:
        document: The resource.
        kind: Its type.
        kind_words: Words of that.
        ids: Ids in its path.
        leaves: ``(lower-case name, value)`` pairs of its first levels.
        facts: The same as a mapping.
        texts: The texts among the values, in lower case.
        marks: The ``(name, value)`` pairs at its top, both in lower case.
        is_collection: Whether it has members.
        members: How many.
        in_transition: Whether it shows that something is under way.
        head: Tokens of its type.
        place: Last segment of its path.
    """

    document: Document
    kind: str
    kind_words: frozenset[str]
    ids: tuple[str, ...]
    leaves: tuple[tuple[str, Json], ...]
    facts: Mapping[str, Json]
    texts: frozenset[str]
    marks: frozenset[tuple[str, str]]
    is_collection: bool
    members: int
    in_transition: bool
    head: tuple[int, ...]
    place: Segment


def _described_operation(action: Action) -> str:
    found = _INFO.search(action.relation) if action.request.method == "GET" else None
    return f"action {found[1]}" if found else ""


def action_traits(action: Action, number: int = 0) -> ActionTraits:
    """Take a request apart."""
    request = action.request
    path = request.uri.split("/")[3:]
    leads = _leads(action) if request.method == "GET" else ""
    named = [(name.rpartition("/")[2], literal(value)) for name, value in action.arguments]
    last = path[-1].lower() if path else ""
    relation = words(action.relation)
    about = {*words(request.uri.rpartition("/")[2]), *relation}
    about.update(word for name, _ in action.arguments for word in words(name))
    head = tuple(_head(action, leads))
    segments = () if request.method == WAIT else tuple(_segments(path, parent=not named))
    arguments = tuple(_argument(*pair) for pair in named[:_ARGUMENTS])
    plain = [*head, *(one for segment in segments for one in segment.tokens)]
    plain += [one for argument in arguments for one in (*argument.tokens, argument.value)]
    marks = [*(segment.name for segment in segments), *(one for argument in arguments for one in argument[:2])]
    return ActionTraits(
        number=number,
        method=request.method,
        operation=operation_of(action),
        body=request.body,
        source_type=action.source_type,
        leads=leads,
        describes=_described_operation(action),
        ids=frozenset(path_ids(request.uri)),
        last=last,
        words=frozenset(about) - _STOP_WORDS,
        type_words=frozenset({*words(last), *relation}),
        names=frozenset(name.lower() for name, _ in named),
        literals=frozenset(value for _, value in named),
        resets=_resets(action),
        head=head,
        segments=segments,
        arguments=arguments,
        plain=np.asarray(plain[:CANDIDATE_TOKENS], np.int32),
        markable=frozenset(marks),
    )


def document_traits(document: Document) -> DocumentTraits:
    """Take a resource apart."""
    body, kind = document.body, type_name(document.body)
    found = tuple(leaves(body))
    facts = dict(found)
    texts = [value for value in facts.values() if isinstance(value, str)]
    members = body.get("Members")
    return DocumentTraits(
        document=document,
        kind=kind,
        kind_words=frozenset(words(kind)),
        ids=path_ids(document.uri),
        leaves=found,
        facts=facts,
        texts=frozenset(literal(value) for value in texts if value),
        marks=frozenset((name, literal(value)) for name, value in leaves(body, 0)),
        is_collection="Members" in body,
        members=len(members) if isinstance(members, list) else 0,
        in_transition=not TRANSITIONAL.isdisjoint(texts),
        head=tuple(token("type", word) for word in words(kind)),
        place=_segment("place", document.uri.rpartition("/")[2]),
    )


def _resets(action: Action) -> tuple[bool, bool, bool]:
    if not operation_of(action).endswith(".Reset"):
        return False, False, False
    kinds = {str(value) for _, value in action.arguments}
    return bool(kinds & RESTARTS), bool(kinds & TO_ON), bool(kinds & TO_OFF)


def _leads(action: Action) -> str:
    """Name the type that a link leads to: by what holds it, else, in what only one maker knows, by its own path."""
    return expected_type(action.source_type, action.relation) or type_at(action.request.uri)


def _head(action: Action, leads: str) -> Sequence[int]:
    request = action.request
    found = [token("method", f"{request.method}{' if-match' if request.headers else ''}")]
    if request.method == WAIT:
        return found
    found += [token("relation", word) for word in words(action.relation)[-5:]]
    found += [token("source", word) for word in words(action.source_type)[:3]]
    return found + [token("leads", word) for word in words(leads)[:4]]


def _segments(path: Sequence[str], *, parent: bool) -> Sequence[Segment]:
    found = [_segment("last", name) for name in path[-1:]]
    return found + [_segment("parent", name, 3) for name in path[-2:-1] if parent]


def _segment(field: str, text: str, most: int = 5) -> Segment:
    found = ("<number>" if word.isdigit() else word for word in words(text)[:4])
    return Segment(field, text.lower(), tuple(token(field, word) for word in found)[:most], most)


def _argument(name: str, value: str) -> Argument:
    tokens = tuple(token("argument", word) for word in words(name)[:3])
    return Argument(name.lower(), value, tokens, token("value", value[:32]))
