"""Match features: how candidates and documents compare with a goal, as numbers in [0, 1].

They carry what words cannot: whether a request holds the goal's values, whether the resource that offers it is the one
meant, and how far a link is from the goal's type by DMTF's schemas. Nothing here knows a vendor.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from igc_core.rest import WAIT
from igc_redfish.bodies import has, value_at
from igc_redfish.goals.resets import LATER
from igc_redfish.process.compass import reads_to
from igc_redfish.process.lexicon import comparable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from collections.abc import Set as AbstractSet

    from numpy.typing import NDArray

    from igc_redfish.process.lexicon import GoalWords
    from igc_redfish.process.traits import ActionTraits, DocumentTraits

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
    "restarts what it resets",
    "switches it on",
    "switches it off",
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
    "describes an operation of the goal's families",
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
        np.asarray([1, 1, 1, 1, 0.5, 2, 1, 1.5, 6, 2, 3, 0, 0, 0], np.float32),
        np.asarray([1, 2, -0.5, 2, 1.5, 1, 0.5, 0, 1, 0.5, 0, 1, 1, 3], np.float32),
        np.asarray([0.5, 0.2, 0.2, 0.2, 0, 0.2, 0, 0, 0, -0.3, 0.2, 1, 0], np.float32),
    ]
)
_FITS = np.asarray([2, 1, 1, 1, 1, 1, 0, 0, 0, -1, 0.5, 2, 0], np.float32)
_FOREIGN = DOCUMENT_FLAGS.index("has an id that is not the goal's")
_HOSTS = frozenset({"ComputerSystem", "Chassis"})
_OFFERED = len(REQUEST_FEATURES) + len(LINK_FEATURES)
_NO_LINK = (0.0,) * len(LINK_FEATURES)
_FAR = 99
_EMPTY: tuple[object, ...] = (None, "", [])


def own_features(action: ActionTraits, goal: GoalWords) -> tuple[float, ...]:
    """Compare a request with a goal or sub-goal: the request features, then the link features."""
    if action.method == WAIT:
        return (0.0,) * _OFFERED
    links = _link_features(action, goal) if action.method == "GET" else _NO_LINK
    return (*_request_features(action, goal), *links)


def match_features(own: Sequence[Sequence[float]], source: Features | None = None) -> Features:
    """Complete the features of candidates by the flags of the document that offers them.

    Args:
        own: Features of each candidate, see :func:`own_features`.
        source: Flags of the document; none are set where there is no document.

    Returns:
        One row per candidate, one value per name in ``MATCH_FEATURES``, float32.
    """
    found = np.zeros((len(own), len(MATCH_FEATURES)), np.float32)
    if own:
        found[:, :_OFFERED] = own
    if source is not None:
        found[:, _OFFERED:] = source
    return found


def candidate_scores(match: Features) -> Features:
    """Rank candidates by their match features, for where more are legal than there are slots.

    Equal rows get equal scores to the last bit, which a product of matrices would not promise.
    """
    scores: Features = (match * _WEIGHTS).sum(axis=1)
    return scores


def document_fit(flags: Features) -> float:
    """Rank a document by its flags: which of several sub-goals it is about."""
    return float(flags @ _FITS)


def speaks_of(document: DocumentTraits, goal: GoalWords, flags: Features) -> bool | None:
    """Tell whether a document shows a sub-goal to be reached; None where it does not speak of it.

    What is in transition speaks for nothing, and of a wish for something to happen after now no document can tell.
    """
    told = dict(zip(DOCUMENT_FLAGS, flags.tolist(), strict=True))
    if goal.marks:
        mine = told["shows what the goal is about"] and document.kind in goal.kinds
    elif goal.about:
        mine = document.document.uri.lower() in goal.about
    else:
        named = told["is the goal's resource"] or not goal.selectors
        mine = document.kind in goal.kinds and named and not told["has an id that is not the goal's"]
    shown = any(has(document.document.body, path) for path in goal.values)
    if not mine or not shown or told["is in transition"] or LATER in goal.values.values():
        return None
    return bool(told["shows every wanted value"])


def host_power(document: DocumentTraits, goal: GoalWords, flags: Features) -> str:
    """Return the power state that a document shows of the goal's host, ``""`` where it shows none."""
    mine = document.kind in _HOSTS and document.kind in goal.owners | goal.kinds
    state = document.facts.get("powerstate") if mine and not flags[_FOREIGN] else None
    return state if isinstance(state, str) and state in {"On", "Off"} else ""


def document_flags(document: DocumentTraits, goal: GoalWords) -> Features:
    """Compare a document with a goal: one value per name in ``DOCUMENT_FLAGS``, float32."""
    facts, ids, texts = document.facts, document.ids, document.texts
    mine = goal.properties & facts.keys()
    return np.asarray(
        [
            document.place.name in goal.selectors or (bool(ids) and ids[-1] in goal.selectors),
            not goal.around.isdisjoint(ids),
            _is_typed(document.kind_words, goal),
            bool(mine),
            _shows_all(document, goal),
            not texts.isdisjoint(goal.literals),
            document.is_collection,
            min(document.members / 16, 1.0),
            document.in_transition,
            bool(goal.ids) and not goal.ids.issuperset(ids),
            document.kind in goal.owners,
            _is_about(document, goal),
            any(facts[name] in _EMPTY for name in mine),
        ],
        np.float32,
    )


def _shows_all(document: DocumentTraits, goal: GoalWords) -> bool:
    """Tell whether a document shows wanted values, and none of those properties otherwise."""
    body = document.document.body
    shown = [path for path in goal.values if has(body, path)]
    return bool(shown) and all(comparable(value_at(body, path)) == goal.values[path] for path in shown)


def _is_about(document: DocumentTraits, goal: GoalWords) -> bool:
    """Tell whether a document shows what the goal is about: by the property that bears it where one does."""
    if goal.marks:
        return not goal.marks.isdisjoint(document.marks)
    return not document.texts.isdisjoint(goal.about)


def is_all_of(goal: GoalWords, values: AbstractSet[str]) -> bool:
    """Tell whether there are values and all are the goal's."""
    return bool(values) and values <= goal.literals


def _request_features(action: ActionTraits, goal: GoalWords) -> tuple[float, ...]:
    names = action.names & goal.properties
    serves = action.operation in goal.operations
    worded = goal.payloads.get(action.operation, ()) if action.operation else ()
    return (
        len(action.words & goal.vocabulary) / max(len(action.words), 1),
        not action.literals.isdisjoint(goal.literals),
        is_all_of(goal, action.literals),
        bool(names),
        bool(names) and names >= goal.properties,
        action.last in goal.selectors,
        action.last in goal.around,
        _is_typed(action.type_words, goal),
        bool(action.operation) and serves,
        action.last in goal.literals,
        bool(worded) and action.body in worded,
        *action.resets,
    )


def _link_features(action: ActionTraits, goal: GoalWords) -> tuple[float, ...]:
    way = _way(action.source_type, action.leads, goal.kinds, goal.owners)
    return (
        way[0],
        len(goal.ids & action.ids) / max(len(goal.ids), 1),
        bool(goal.ids) and not goal.ids >= action.ids,
        *way[1:],
        action.describes in goal.operations,
    )


@lru_cache(maxsize=65536)
def _way(source_type: str, leads: str, kinds: frozenset[str], owners: frozenset[str]) -> tuple[bool, ...]:
    """How far a link of some type is from a goal's types, where ``leads`` is the type that it leads to."""
    here, there = _nearest(source_type, kinds), _nearest(leads, kinds)
    here_owner, there_owner = _nearest(source_type, owners), _nearest(leads, owners)
    return (
        bool(leads) and leads in owners,
        *(there == reads for reads in range(4)),
        4 <= there < _FAR,  # noqa: PLR2004 - reads, as the names of the features say
        *(there_owner == reads for reads in range(2)),
        2 <= there_owner < _FAR,  # noqa: PLR2004 - likewise
        there < here,
        there_owner < here_owner,
    )


def _nearest(kind: str, wanted: Iterable[str]) -> int:
    return min((reads_to(one).get(kind, _FAR) for one in wanted), default=_FAR)


def _is_typed(found: frozenset[str], goal: GoalWords) -> bool:
    for kind in goal.types:  # noqa: SIM110 - this runs for every candidate, and a generator takes twice as long
        if kind <= found:
            return True
    return False
