"""The words of a goal on one machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from igc_redfish.bodies import type_name
from igc_redfish.facts import facts
from igc_redfish.process import lexicon
from igc_redfish.process.shield import HOST_RESETS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from igc_core.models import AnyGoal, Goal
    from igc_core.rest import Json
    from igc_redfish.goals.book import GoalBook
    from igc_redfish.process.ground import Ground

#: Values that tell nothing: many properties take them.
_COMMON = frozenset({"true", "false", "none"})


def goal_words(book: GoalBook, goal: AnyGoal, engine: Ground) -> lexicon.GoalWords:
    """Collect the words of a goal: of one with several sub-goals, those of all together."""
    kinds = [_kind_words(part, engine) for part in goal.parts]
    wanted = [_named(book.wanted(part)) for part in goal.parts]
    selectors, around = _ids(goal)
    described = [
        (part.family, part.verb, kind, list(mine)) for part, kind, mine in zip(goal.parts, kinds, wanted, strict=True)
    ]
    return lexicon.GoalWords(
        tokens=lexicon.goal_tokens(described),
        vocabulary=frozenset(_vocabulary(book, goal)).union(*kinds),
        literals=frozenset(_literals(goal, wanted)),
        properties=frozenset[str]().union(*wanted),
        selectors=tuple(selectors),
        around=frozenset(around),
        targets=frozenset(part.target.rstrip("/").lower() for part in goal.parts),
        trails=frozenset(lexicon.path_ids(part.target) for part in goal.parts),
        types=frozenset(frozenset(kind) for kind in kinds if kind),
        kinds=frozenset(kind for part in goal.parts for kind in _kinds(part, engine)),
        owners=frozenset(kind for part in goal.parts for kind in _owners(part.target, engine)),
        about=frozenset(_about(book, goal)),
        marks=frozenset(_marks(book, goal)),
        operations=frozenset[str]().union(*(operations(book, part, engine) for part in goal.parts)),
        wanted={name: value for mine in wanted for name, value in mine.items()},
        values={path: lexicon.comparable(value) for part in goal.parts for path, value in book.wanted(part).items()},
        payloads=book.payloads(goal),
    )


def operations(book: GoalBook, part: Goal, engine: Ground) -> frozenset[str]:
    """Name the operations that may serve one sub-goal.

    Not every verb may delete or create; and where the family answers operations on the target's own type, those on
    other types (the light of the chassis, where a fan's is meant) serve other goals.
    """
    handler = book.handler(part.family)
    names = [name for name in book.operations(part.family) if _suits(name, part, book)]
    shared = {name for family in handler.requires if family in book.families for name in book.operations(family)}
    kinds = frozenset(_kinds(part, engine))
    mine = [name for name in names if _subject(name) in kinds]
    if not mine:
        return frozenset(names)
    return frozenset([*mine, *(name for name in names if name in shared or name in HOST_RESETS)])


def _subject(operation: str) -> str:
    """Type of the resource that an operation is about: of ``"action LogService.ClearLog"`` it is ``LogService``."""
    return operation.rpartition(" ")[2].partition(".")[0]


def _suits(operation: str, part: Goal, book: GoalBook) -> bool:
    kind = operation.partition(" ")[0]
    if operation in book.handler(part.family).loses:
        return False
    if kind == "delete":
        return part.verb in book.handler(part.family).deletes
    return kind != "create" or part.verb != "delete"


def _kind_words(part: Goal, engine: Ground) -> Sequence[str]:
    return lexicon.words(type_name(engine.machine.get(part.target) or {}).removesuffix("Collection"))


def _kinds(part: Goal, engine: Ground) -> Iterator[str]:
    """The type of a target; of a collection also that of its members, which the goal may be about."""
    kind = type_name(engine.machine.get(part.target) or {})
    yield from (found for found in (kind, facts().member_type(kind)) if found)


def _owners(target: str, engine: Ground) -> Iterator[str]:
    """Types of the resources that contain a target: part of what the goal says (the log *of the manager*)."""
    segments = target.split("/")
    for end in range(4, len(segments)):
        uri = "/".join(segments[:end])
        kind = type_name(engine.machine.get(engine.machine.resolve(uri) or uri) or {})
        if kind and not kind.endswith("Collection"):
            yield kind


def _marks(book: GoalBook, goal: AnyGoal) -> Iterator[tuple[str, str]]:
    for part in goal.parts:
        for name, shown in book.handler(part.family).marks.items():
            values = lexicon.scalars(cast("Json", part.arguments.get(name)))
            yield from ((shown.lower(), lexicon.literal(value)) for value in values)


def _about(book: GoalBook, goal: AnyGoal) -> Iterator[str]:
    for part in goal.parts:
        for name in book.handler(part.family).about:
            yield from (lexicon.literal(value) for value in lexicon.scalars(cast("Json", part.arguments.get(name))))


def _named(wanted: Mapping[str, Json]) -> dict[str, str]:
    return {path.rpartition("/")[2].lower(): lexicon.literal(value) for path, value in wanted.items()}


def _vocabulary(book: GoalBook, goal: AnyGoal) -> Iterator[str]:
    for part in goal.parts:
        for text in (part.family, part.verb, *book.wanted(part)):
            yield from lexicon.words(text)


def _literals(goal: AnyGoal, wanted: Sequence[Mapping[str, str]]) -> Iterator[str]:
    for part, mine in zip(goal.parts, wanted, strict=True):
        yield from (lexicon.literal(value) for value in lexicon.scalars(cast("Json", part.arguments)))
        yield from (value for value in mine.values() if value not in _COMMON)


def _ids(goal: AnyGoal) -> tuple[list[str], set[str]]:
    """Ids of the members that are meant, and of the resources around them."""
    selectors: list[str] = []
    around: set[str] = set()
    for part in goal.parts:
        ids = lexicon.path_ids(part.target)
        is_member = bool(ids) and part.target.lower().endswith(f"/{ids[-1]}")
        # What is alone of its kind is named by the last segment: the settings of a system, not the system.
        selectors += ids[-1:] if is_member else [part.target.rpartition("/")[2].lower()]
        around.update(ids[:-1] if is_member else ids)
    return selectors, around
