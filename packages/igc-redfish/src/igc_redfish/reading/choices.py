"""What a machine can be asked for, and how a text says each of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from igc_core.models import Goal
from igc_redfish.reading.phrasebook import mark, meaning, phrases
from igc_redfish.reading.spans import Span, occurrences, replaced, secret_among, spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from igc_core.protocols import Survey
    from igc_core.rest import Json
    from igc_redfish.family import GoalFamily
    from igc_redfish.goals.book import GoalBook

#: Values that are words of every text; they count as values only as they are written.
_PLAIN = frozenset({"none", "user", "on", "off", "enabled", "disabled", "auto", "other", "all", "one", "two", "usb"})
_ADDRESSES, _SECRET, _URL = "addresses", "secret", "url"
#: What a value of each kind may stand as, the likeliest first.
_KINDS: Mapping[str, Sequence[str]] = {
    "name": ("known", "quoted", "name", "address", "url"),
    "id": ("known", "quoted"),
    _SECRET: ("quoted",),
    _URL: ("known", "url", "quoted", "address"),
    _ADDRESSES: ("address", "quoted"),
}
#: What a place on a network has in it, or the name of a file.
_PLACE = re.compile(r"[.:@/]")
_PREPOSITION = re.compile(r"\b(?:of|on|for|at|in|from)\s+(?:the\s+)?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Choice:
    """What a machine can be asked for, on one target or on several.

    Attributes:
        family: Handler of the goals.
        goals: The goals that differ in their targets alone, or in what follows from these.
        named: What tells them from others of their verb.
        called: What the machine calls values of ``named`` where it shows them to people, by argument.
        is_offered: Whether the machine can be asked for it. What it cannot be asked for is weighed too, so that it is
            told apart from what it can.
    """

    family: GoalFamily
    goals: tuple[Goal, ...]
    named: Mapping[str, str]
    called: Mapping[str, str] = field(default_factory=dict[str, str])
    is_offered: bool = True

    @property
    def verb(self) -> str:
        """The goals' verb."""
        return self.goals[0].verb


@dataclass(frozen=True, slots=True)
class Said:
    """A choice as a text would say it.

    Attributes:
        choice: What would be meant.
        text: The text, with marks where values stand that the goal repeats.
        meaning: What is meant, with the same marks.
        given: Values of arguments that people make up.
        missing: Names of those that the text lacks.
        target: Targets that the text names; empty where it names none.
        left: Whether the text holds a value that the goal has no place for.
    """

    choice: Choice
    text: str
    meaning: str
    given: Mapping[str, Json]
    missing: tuple[str, ...]
    target: tuple[str, ...]
    left: bool


def choices(book: GoalBook, service: Survey) -> list[Choice]:
    """List what a machine can be asked for, and what only others can."""
    found: dict[tuple[str, str, tuple[tuple[str, str], ...]], list[Goal]] = {}
    called = {family.family: family.called(service) for family in book}
    for family in book:
        for goal in family.askable(service):
            for each in _variants(family, goal):
                found.setdefault((goal.family, goal.verb, tuple(family.named(each).items())), []).append(each)
    offered = [
        Choice(book.handler(key[0]), tuple(goals), dict(key[2]), _called(called[key[0]], key[2]))
        for key, goals in found.items()
    ]
    return [*offered, *_elsewhere(book, offered)]


def _called(known: Mapping[str, Mapping[str, str]], named: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {name: known[name][value] for name, value in named if value in known.get(name, ())}


def _variants(family: GoalFamily, goal: Goal) -> Iterator[Goal]:
    """Yield a goal, and the same without what may be left out of it and is no target's own."""
    yield goal
    spare = [name for name in family.optional.get(goal.verb, ()) if name in family.named(goal)]
    if spare:
        kept = {name: value for name, value in goal.arguments.items() if name not in spare}
        yield goal.model_copy(update={"arguments": kept})


def _elsewhere(book: GoalBook, offered: Sequence[Choice]) -> Iterator[Choice]:
    """Yield verbs that the machine has no goals of, and values that it does not offer."""
    verbs: dict[tuple[str, str], list[Choice]] = {}
    for choice in offered:
        verbs.setdefault((choice.family.family, choice.verb), []).append(choice)
    for family in book:
        words = phrases()[family.family].words if family.family in phrases() else {}
        for verb, arguments in family.verbs.items():
            goal = Goal(family=family.family, verb=verb)
            chosen = [name for name in arguments if name not in family.made_up]
            rivals = verbs.get((family.family, verb), [])
            if not rivals:
                yield Choice(family, (goal,), {name: mark(name) for name in chosen}, is_offered=False)
            elif len(chosen) == 1:
                known = {rival.named.get(chosen[0]) for rival in rivals}
                lacking = [value for value in words.get(chosen[0], {}) if value not in known]
                yield from (Choice(family, (goal,), {chosen[0]: value}, is_offered=False) for value in lacking)


def said(text: str, offered: Sequence[Choice]) -> Iterator[Said]:
    """Say how a text would word each choice; choices that contradict the values in it are left out."""
    verbs: dict[tuple[str, str], list[Choice]] = {}
    for choice in offered:
        verbs.setdefault((choice.family.family, choice.verb), []).append(choice)
    for rivals in verbs.values():
        yield from _said(text, rivals)


def _said(text: str, rivals: Sequence[Choice]) -> Iterator[Said]:
    """Say how a text would word each choice of one verb."""
    family, verb = rivals[0].family, rivals[0].verb
    found = spans(text)
    made = _made_up(text, found, family, rivals)
    marked = [(span, mark(name)) for name, several in made.items() for span in several]
    taken = [span for span, _ in marked]
    named = dict.fromkeys(name for rival in rivals for name in rival.named)
    literal = {name: _literal(text, name, rivals, taken) for name in named}
    marked += [(span, mark(name)) for name, span in literal.items() if span is not None]
    targets, dropped = _targets(text, found, rivals, [span for span, _ in marked])
    wording = replaced(text, [*marked, *((_with_preposition(text, span), "") for span in dropped)])
    placed = [*(span for span, _ in marked), *dropped]
    left = any(span.is_plain and not _within(span, placed) for span in found)
    given = {name: _value(family.made_up[name], several) for name, several in made.items()}
    missing = tuple(name for name in family.verbs[verb] if name in family.made_up and name not in made)
    marks = {name: mark(name) for name in (*made, *missing)}
    for choice in rivals:
        if _is_said(choice, literal):
            values = {name: mark(name) if literal[name] else value for name, value in choice.named.items()}
            told = meaning(family.family, verb, values | marks)
            yield Said(choice, wording, told, given, missing, targets, left)


def _made_up(text: str, found: Sequence[Span], family: GoalFamily, rivals: Sequence[Choice]) -> dict[str, list[Span]]:
    """Find the values that people made up, by argument; passwords first, as names might be taken for them."""
    verb = rivals[0].verb
    names = [*family.verbs[verb], *family.optional.get(verb, ())]
    kinds = {name: family.made_up[name] for name in names if name in family.made_up}
    goals = [goal for rival in rivals for goal in rival.goals]
    known = {name: {str(goal.arguments[name]) for goal in goals if name in goal.arguments} for name in kinds}
    made: dict[str, list[Span]] = {}
    for name in sorted(kinds, key=lambda name: kinds[name] != _SECRET):
        taken = {span for spans_of in made.values() for span in spans_of}
        free = [span for span in found if not any(_meet(span, other) for other in taken)]
        if kinds[name] == _SECRET:
            users = {value for other, values in known.items() if other != name for value in values}
            secret = secret_among(text, found, users)
            fitting = [secret] if secret else []
        else:
            free += [span for value in known[name] for span in occurrences(text, value) if not _within(span, taken)]
            fitting = _fitting(free, kinds[name])
        if fitting:
            made[name] = fitting
    return made


def _fitting(free: Sequence[Span], kind: str) -> list[Span]:
    """Choose what stands for a value: all of the first kind that there is, where several may be given, or the first."""
    for each in _KINDS[kind]:
        fitting = [span for span in free if span.kind == each and (kind != _URL or _PLACE.search(span.text))]
        if fitting:
            return fitting if kind == _ADDRESSES else [max(fitting, key=lambda span: len(span.text))]
    return []


def _value(kind: str, taken: Sequence[Span]) -> Json:
    return [span.text for span in taken] if kind == _ADDRESSES else taken[0].text


def _literal(text: str, name: str, rivals: Sequence[Choice], used: Sequence[Span]) -> Span | None:
    """Find the one value of an argument that stands in the text as it is, as it is called, or as the end of a URI."""
    found: dict[str, Span] = {}
    words = {rival.named[name]: rival.called.get(name, "") for rival in rivals if name in rival.named}
    for value, called in words.items():
        for word in dict.fromkeys((called, value, value.rpartition("/")[2])):
            hits = [span for span in occurrences(text, word) if word and not _within(span, used)]
            if word.casefold() in _PLAIN:
                hits = [span for span in hits if text[span.start : span.end] == word and word != word.casefold()]
            for span in hits[:1]:
                if value not in found or _length(span) > _length(found[value]):
                    found[value] = Span(span.start, span.end, value, span.kind)
    longest = max(map(_length, found.values()), default=0)
    best = [span for span in found.values() if _length(span) == longest]
    return best[0] if len(best) == 1 else None


def _length(span: Span) -> int:
    return span.end - span.start


def _is_said(choice: Choice, literal: Mapping[str, Span | None]) -> bool:
    """Tell whether a choice has the values that stand in the text, and in their absence none but words."""
    if any(span and name not in choice.named for name, span in literal.items()):
        return False
    return all(
        value == span.text if (span := literal[name]) else not value.startswith("/")
        for name, value in choice.named.items()
    )


def _targets(
    text: str, found: Sequence[Span], rivals: Sequence[Choice], used: Sequence[Span]
) -> tuple[tuple[str, ...], list[Span]]:
    """Find the targets that a text names: by URI, by id, or by what they are (``the chassis``)."""
    uris = list(dict.fromkeys(goal.target for rival in rivals for goal in rival.goals if goal.target))
    by_uri = [(uri, span) for span in found if span.kind == "uri" for uri in uris if uri == span.text.rstrip("/")]
    if by_uri:
        return tuple(uri for uri, _ in by_uri), [span for _, span in by_uri]
    if len(uris) == 1:
        return (), [span for span in found if span.kind == "quoted" and span.text == uris[0].rpartition("/")[2]]
    by_id = [(uri, span) for uri in uris for span in _id_in(text, uri) if not _within(span, used)]
    longest = max((len(span.text) for _, span in by_id), default=0)
    named = {uri: span for uri, span in by_id if len(span.text) == longest}
    if named:
        return tuple(named), [span for span in named.values() if span.kind == "quoted" or not span.text.isalpha()]
    kinds = {uri: uri.rstrip("/").split("/")[-2].removesuffix("s").casefold() for uri in uris if uri.count("/") > 1}
    words = {word.removesuffix("s") for word in re.findall(r"\w+", text.casefold())}
    return tuple(uri for uri, kind in kinds.items() if kind in words), []


def _id_in(text: str, uri: str) -> Iterable[Span]:
    """Find the id of a target, in quotes or not."""
    name = uri.rstrip("/").rpartition("/")[2]
    quoted = [span for span in spans(text) if span.kind == "quoted" and span.text == name]
    return quoted or occurrences(text, name)


def _with_preposition(text: str, span: Span) -> Span:
    before = _PREPOSITION.search(text, 0, span.start)
    return Span(before.start(), span.end, span.text, span.kind) if before else span


def _within(span: Span, others: Iterable[Span]) -> bool:
    return any(_meet(span, other) for other in others)


def _meet(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end
