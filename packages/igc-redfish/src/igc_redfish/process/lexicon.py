"""Words: how candidates, documents and goals become token ids without a vendor's vocabulary.

Tokens are hashed words, each under the field it stands in, so nothing has to be known beforehand. Literal values of
the goal become markers: what matters is that a request carries the goal's value, not which value that is.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from igc_redfish.process.catalogue import flatten

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from igc_core.protocols import Action
    from igc_core.rest import Json, JsonObject
    from igc_redfish.process.traits import ActionTraits, DocumentTraits, Segment

#: To be changed whenever the same view would give another observation: agents trained before will not load then.
FINGERPRINT = "candidates-8"
#: Number of token ids; 0 is padding.
VOCABULARY = 4096
#: Tokens of one candidate, document and goal.
CANDIDATE_TOKENS, DOCUMENT_TOKENS, GOAL_TOKENS = 28, 24, 32
_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
TRANSITIONAL = frozenset({"PoweringOn", "PoweringOff", "New", "Starting", "Running", "Pending", "Stopping"})
_COLLECTIONS = frozenset(
    {"chassis", "virtualmedia", "memory", "firmwareinventory", "softwareinventory", "storage", "simplestorage"}
)


@lru_cache(maxsize=65536)
def words(text: str) -> tuple[str, ...]:
    """Split a name into lower-case words without plural: ``LogServices/SEL`` gives ``log, service, sel``."""
    found = (word.lower() for word in _WORD.findall(text))
    return tuple(_singular(word) for word in found)


@lru_cache(maxsize=65536)
def token(field: str, word: str) -> int:
    """Number of a word under a field, in ``1 .. VOCABULARY - 1``."""
    return zlib.crc32(f"{field}:{word}".encode()) % (VOCABULARY - 1) + 1


@dataclass(frozen=True)
class GoalWords:
    """A goal, or one of its sub-goals, as the lexicon compares with it.

    Attributes:
        tokens: Token ids of the goal itself.
        vocabulary: Words of family, verb, type and properties.
        literals: The goal's own values, as text in lower case.
        properties: Last names of the properties that the goal is about, in lower case.
        selectors: Last segments of the targets that name members, in lower case.
        around: Ids of the resources that contain the target.
        targets: URIs of the targets, in lower case; they serve to hold agents to their goal, not to lead them there.
        trails: All ids in the paths of the targets, in their order.
        types: Words of the type of each sub-goal's target.
        kinds: Types of the targets themselves.
        owners: Types of the resources that contain the targets.
        about: Values that tell, besides the target, what the goal is about (the name of a user), in lower case.
        marks: Property and value, both in lower case, by either of which a resource shows that it is the one meant.
        operations: Operations (``"patch Chassis"``) of the goal's families.
        wanted: Wanted value by last name of the property.
        values: Wanted value by property path, see :func:`comparable`.
        payloads: Bodies that the goal's handlers word, by operation.
    """

    tokens: tuple[int, ...]
    vocabulary: frozenset[str]
    literals: frozenset[str]
    properties: frozenset[str]
    selectors: tuple[str, ...]
    around: frozenset[str]
    targets: frozenset[str]
    trails: frozenset[tuple[str, ...]]
    types: frozenset[frozenset[str]]
    kinds: frozenset[str]
    owners: frozenset[str]
    about: frozenset[str]
    marks: frozenset[tuple[str, str]]
    operations: frozenset[str]
    wanted: Mapping[str, str]
    values: Mapping[str, str]
    payloads: Mapping[str, Sequence[JsonObject]]

    @property
    def selector(self) -> str:
        """The first selector, or ``""`` where there is none."""
        return self.selectors[0] if self.selectors else ""

    @cached_property
    def ids(self) -> frozenset[str]:
        """Ids of the members that are meant, and of what contains them."""
        return frozenset[str]().union(*self.trails)

    @cached_property
    def asked(self) -> Mapping[str, frozenset[tuple[str, str]]]:
        """Property paths with the values that the handlers' bodies give them, see :func:`comparable`, by operation."""
        return {
            operation: frozenset((path, comparable(value)) for body in bodies for path, value in flatten(body))
            for operation, bodies in self.payloads.items()
        }

    @cached_property
    def marked(self) -> frozenset[str]:
        """Names and values that become markers in the descriptions of candidates."""
        return self.ids.union(self.selectors, self.properties, self.literals)


def literal(value: Json) -> str:
    """Write a value so that equal ones compare equal."""
    return str(value).lower()


def comparable(value: Json) -> str:
    """Write a value so that those which mean the same compare equal.

    An empty text means nothing, as null does; of a list neither empty places nor the order of references count.
    """
    if value is None or not isinstance(value, list):
        return "" if value is None else literal(value)
    links = [part.get("@odata.id") if isinstance(part, dict) else None for part in value]
    kept = sorted(str(link) for link in links) if links and all(links) else [part for part in value if part]
    return literal(kept)


@lru_cache(maxsize=65536)
def path_ids(uri: str) -> tuple[str, ...]:
    """Ids in a URI: of ``/redfish/v1/Managers/BMC/LogServices/SEL`` they are ``bmc`` and ``sel``.

    What follows a collection's name is an id. Collections have names in the plural, or one of a few others (DSP0266,
    "Collections"); a service, a BIOS or a protocol is alone of its kind.
    """
    found: list[str] = []
    after_collection = False
    for segment in uri.split("/")[3:]:
        lower = segment.lower()
        if after_collection:
            found.append(lower)
        after_collection = not after_collection and _names_collection(lower)
    return tuple(found)


def _names_collection(segment: str) -> bool:
    if segment in _COLLECTIONS:
        return True
    return segment.endswith("s") and not segment.endswith(("ss", "us", "is", "os"))


def candidate_tokens(traits: ActionTraits, goal: GoalWords) -> NDArray[np.int32]:
    """Describe a candidate, shape ``(<= CANDIDATE_TOKENS,)``, int32."""
    if traits.markable.isdisjoint(goal.marked):
        return traits.plain
    found = list(traits.head)
    for segment in traits.segments:
        found += _placed(segment, goal)
    for argument in traits.arguments:
        found += [token("argument", "<property>")] if argument.name in goal.properties else []
        found += argument.tokens
        found.append(token("value", "<goal>") if argument.literal in goal.literals else argument.value)
    return np.asarray(found[:CANDIDATE_TOKENS], np.int32)


def operation_of(action: Action) -> str:
    """Name the operation that an action carries out, like the keys of ``GoalFamily.payloads``; "" for a read."""
    method = action.request.method
    if method == "PATCH":
        return f"patch {action.source_type}"
    if method == "DELETE" or action.relation.startswith("create "):
        return action.relation
    return f"action {action.relation}" if method == "POST" else ""


def document_tokens(traits: DocumentTraits, goal: GoalWords) -> NDArray[np.int32]:
    """Describe a document: its type, its place, and its facts about the goal's properties."""
    found = [*traits.head, *_placed(traits.place, goal)]
    for name, value in traits.leaves:
        if name in goal.properties:
            mark = goal.wanted.get(name) == literal(value) or literal(value) in goal.literals
            found.append(token("fact", f"{name}={'<goal>' if mark else literal(value)[:24]}"))
    return np.asarray(found[:DOCUMENT_TOKENS], np.int32)


def in_transition(body: JsonObject) -> bool:
    """Tell whether a resource shows that something is under way."""
    states = (body.get(name) for name in ("PowerState", "TaskState", "JobState"))
    return any(isinstance(state, str) and state in TRANSITIONAL for state in states)


def scalars(value: Json) -> Iterator[Json]:
    """Yield the scalars of a JSON value, nulls left out."""
    if isinstance(value, dict):
        for part in value.values():
            yield from scalars(part)
    elif isinstance(value, list):
        for part in value:
            yield from scalars(part)
    elif value is not None:
        yield value


def leaves(body: JsonObject, depth: int = 2) -> Iterable[tuple[str, Json]]:
    """Yield the ``(lower-case name, value)`` pairs of a body's first levels."""
    for key, value in body.items():
        if isinstance(value, dict):
            if depth:
                yield from leaves(value, depth - 1)
        elif not key.startswith("@"):
            yield key.lower(), value


def goal_tokens(parts: Sequence[tuple[str, str, Iterable[str], Iterable[str]]]) -> tuple[int, ...]:
    """Number the words of a goal's parts: family, verb, types and properties of each."""
    found: list[int] = []
    for family, verb, types, properties in parts:
        found += [token("family", family), token("verb", f"{family} {verb}")]
        found += [token("goal", word) for word in [*sorted(types)[:3], *sorted(properties)[:3]]]
    return tuple(found[:GOAL_TOKENS])


def _placed(segment: Segment, goal: GoalWords) -> tuple[int, ...]:
    """Tokens of a path segment; the goal's ids and values come with a marker."""
    if segment.name in goal.selectors or segment.name in goal.literals:
        marker = "<goal>"
    elif segment.name in goal.around:
        marker = "<around>"
    else:
        return segment.tokens
    return (token(segment.field, marker), *segment.tokens)[: segment.most]


def _singular(word: str) -> str:
    if len(word) > 3 and word.endswith("ies"):  # noqa: PLR2004 - "ies" itself is no plural
        return f"{word[:-3]}y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is", "os")) else word  # noqa: PLR2004
