"""Match features: how candidates and documents compare with a goal, as numbers in [0, 1].

They carry what words cannot: whether a request holds the goal's values, whether the resource that offers it is the one
meant, and how far a link is from the goal's type by DMTF's schemas. Nothing here knows a vendor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from igc_core.rest import WAIT
from igc_redfish.bodies import type_name
from igc_redfish.process.compass import expected_type, reads_to
from igc_redfish.process.lexicon import TRANSITIONAL, leaves, literal, operation_of, path_ids, words

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from numpy.typing import NDArray

    from igc_core.protocols import Action
    from igc_core.rest import Json
    from igc_redfish.process.catalogue import Document
    from igc_redfish.process.lexicon import GoalWords

    Features = NDArray[np.float32]

#: How a request compares with the goal.
REQUEST_FEATURES = (
    "word overlap",
    "some value is the goal's",
    "every value is the goal's",
    "sets a property of the goal",
    "sets every property of the goal",
    "names the goal's resource",
    "names a resource around it",
    "names the goal's type",
    "is an operation of the goal's families",
    "path ends in a value of the goal",
    "is a request that the goal's handler words",
)
#: Where a link leads; all zero for other requests.
LINK_FEATURES = (
    "leads to an owner's type",
    "share of the goal's ids on its path",
    "has an id that is not the goal's",
    "the goal's type",
    "one read from the goal's type",
    "two reads from it",
    "three reads from it",
    "four reads or more from it",
    "an owner's type",
    "one read from an owner's type",
    "two reads or more from it",
    "nearer to the goal's type than what offers it",
    "nearer to an owner's type than what offers it",
)
#: Names of the flags of a document.
DOCUMENT_FLAGS = (
    "is the goal's resource",
    "is around the goal's resource",
    "is of the goal's type",
    "shows a property of the goal",
    "shows every wanted value",
    "shows some value of the goal",
    "is a collection",
    "number of members",
    "is in transition",
    "has an id that is not the goal's",
    "is of an owner's type",
    "shows what the goal is about",
    "shows a property of the goal empty",
)
#: Names of the match features of a candidate: its own, where it leads, and the flags of the document that offers it.
MATCH_FEATURES = (*REQUEST_FEATURES, *LINK_FEATURES, *(f"offered by what {flag}" for flag in DOCUMENT_FLAGS))

#: What the request features, then the link features, then the document flags weigh where slots are scarce.
_WEIGHTS = np.concatenate(
    [
        np.asarray([1, 1, 1, 1, 0.5, 2, 1, 1.5, 3, 2, 3], np.float32),
        np.asarray([1, 2, -0.5, 2, 1.5, 1, 0.5, 0, 1, 0.5, 0, 1, 1], np.float32),
        np.asarray([0.5, 0.2, 0.2, 0.2, 0, 0.2, 0, 0, 0, -0.3, 0.2, 1, 0], np.float32),
    ]
)
_FITS = np.asarray([2, 1, 1, 1, 1, 1, 0, 0, 0, -1, 0.5, 2, 0], np.float32)
_OFFERED = len(REQUEST_FEATURES) + len(LINK_FEATURES)
_STOP_WORDS = frozenset({"redfish", "v1", "actions", "members", "links", "change", "odata", "the", "oem"})
_FAR = 99
_EMPTY: tuple[object, ...] = (None, "", [])


def candidate_match(action: Action, goal: GoalWords, source: Features | None = None) -> Features:
    """Compare a candidate with a goal.

    Args:
        action: The candidate.
        goal: The goal, or the sub-goal that it is compared with.
        source: Flags of the document that offers it; none are set where nothing does.

    Returns:
        One value per name in ``MATCH_FEATURES``, float32.
    """
    found = np.zeros(len(MATCH_FEATURES), np.float32)
    if action.request.method == WAIT:
        return found
    own = len(REQUEST_FEATURES)
    found[:own] = _request_features(action, goal)
    if action.request.method == "GET":
        found[own:_OFFERED] = _link_features(action, goal)
    return with_source(found, source)


def with_source(match: Features, source: Features | None) -> Features:
    """Complete match features by the flags of the document that offers the candidate."""
    if source is None:
        return match
    found = match.copy()
    found[_OFFERED:] = source
    return found


def candidate_score(match: Features) -> float:
    """Rank a candidate by its match features, for where more are legal than there are slots."""
    return float(match @ _WEIGHTS)


def document_fit(flags: Features) -> float:
    """Rank a document by its flags: which of several sub-goals it is about."""
    return float(flags @ _FITS)


def speaks_of(document: Document, goal: GoalWords, flags: Features) -> bool | None:
    """Tell whether a document shows a sub-goal to be reached; None where it does not speak of it.

    What is in transition speaks for nothing.
    """
    told = dict(zip(DOCUMENT_FLAGS, flags.tolist(), strict=True))
    kind = type_name(document.body)
    if goal.about:
        mine = told["shows what the goal is about"]
    else:
        named = told["is the goal's resource"] or not goal.selectors
        mine = kind in goal.kinds and named and not told["has an id that is not the goal's"]
    if not mine or not told["shows a property of the goal"] or told["is in transition"]:
        return None
    return bool(told["shows every wanted value"])


def document_flags(document: Document, goal: GoalWords) -> Features:
    """Compare a document with a goal: one value per name in ``DOCUMENT_FLAGS``, float32."""
    body, kind = document.body, type_name(document.body)
    facts = dict(leaves(body))
    ids = path_ids(document.uri)
    members = body.get("Members")
    count = len(members) if isinstance(members, list) else 0
    shown = [name for name in goal.wanted if name in facts]
    texts = {literal(value) for value in facts.values() if isinstance(value, str) and value}
    return np.asarray(
        [
            bool(ids) and ids[-1] in goal.selectors,
            bool(goal.around & set(ids)),
            _is_typed(set(words(kind)), goal),
            bool(goal.properties & facts.keys()),
            bool(shown) and all(literal(facts[name]) == goal.wanted[name] for name in shown),
            bool(texts & goal.literals),
            "Members" in body,
            min(count / 16, 1.0),
            any(isinstance(value, str) and value in TRANSITIONAL for value in facts.values()),
            bool(goal.ids) and not goal.ids.issuperset(ids),
            kind in goal.owners,
            bool(texts & goal.about),
            any(facts.get(name, "-") in _EMPTY for name in goal.properties),
        ],
        np.float32,
    )


def carries(action: Action, goal: GoalWords) -> bool:
    """Tell whether a change is one that brings a sub-goal about, rather than one that prepares it.

    Of the bodies that a handler words, those that contradict the wanted values (ejecting before another image is
    inserted) prepare; so does an empty one where the goal has values of its own.
    """
    operation = operation_of(action)
    if operation not in goal.operations:
        return False
    worded = goal.payloads.get(operation)
    if worded is None:
        return action.request.method != "PATCH" or _request_features(action, goal)[2] > 0
    if action.request.body not in worded:
        return False
    if not action.arguments:
        return not goal.literals - {"0"}
    return all(_agrees(path, value, goal.wanted) for path, value in action.arguments)


def _agrees(path: str, value: Json, wanted: Mapping[str, str]) -> bool:
    name = path.rpartition("/")[2].lower()
    return name not in wanted or wanted[name] == literal(value if value != "" else None)


def _request_features(action: Action, goal: GoalWords) -> list[float]:
    request = action.request
    segments = [segment.lower() for segment in request.uri.split("/")[3:]]
    last = segments[-1] if segments else ""
    mine = set(words(request.uri.rpartition("/")[2])) | set(words(action.relation))
    arguments = [(path.rpartition("/")[2].lower(), literal(value)) for path, value in action.arguments]
    mine |= {word for path, _ in action.arguments for word in words(path)}
    mine -= _STOP_WORDS
    hits = [value in goal.literals for _, value in arguments]
    names = {name for name, _ in arguments} & goal.properties
    operation = operation_of(action)
    return [
        len(mine & goal.vocabulary) / max(len(mine), 1),
        any(hits),
        bool(hits) and all(hits),
        bool(names),
        bool(names) and names >= goal.properties,
        last in goal.selectors,
        bool(goal.around & set(segments[-1:])),
        _is_typed({*words(last), *words(action.relation)}, goal),
        bool(operation) and operation in goal.operations,
        last in goal.literals,
        bool(operation) and any(request.body == body for body in goal.payloads.get(operation, ())),
    ]


def _link_features(action: Action, goal: GoalWords) -> list[float]:
    leads = expected_type(action.source_type, action.relation)
    ids = path_ids(action.request.uri)
    here, there = _nearest(action.source_type, goal.kinds), _nearest(leads, goal.kinds)
    here_owner, there_owner = _nearest(action.source_type, goal.owners), _nearest(leads, goal.owners)
    return [
        bool(leads) and leads in goal.owners,
        len(goal.ids.intersection(ids)) / max(len(goal.ids), 1),
        bool(goal.ids) and not goal.ids.issuperset(ids),
        *(there == reads for reads in range(4)),
        4 <= there < _FAR,  # noqa: PLR2004 - reads, as the names of the features say
        *(there_owner == reads for reads in range(2)),
        2 <= there_owner < _FAR,  # noqa: PLR2004 - likewise
        there < here,
        there_owner < here_owner,
    ]


def _nearest(kind: str, wanted: Collection[str]) -> int:
    return min((reads_to(one).get(kind, _FAR) for one in wanted), default=_FAR)


def _is_typed(found: set[str], goal: GoalWords) -> bool:
    return any(kind <= found for kind in goal.types)
