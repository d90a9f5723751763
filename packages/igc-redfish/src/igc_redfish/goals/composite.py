"""Goals made of goals: their words, usual examples, and random samples for training."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import takewhile
from typing import TYPE_CHECKING

from igc_core.errors import GoalError
from igc_core.models import CompositeGoal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from random import Random

    from igc_core.models import Goal
    from igc_core.protocols import Survey
    from igc_redfish.goals.book import GoalBook

#: A word as the shell would read it, quotations kept.
_WORD = re.compile(r"""(?:[^\s'"\\]|\\.|'[^']*'|"(?:\\.|[^"\\])*")+|['"\\]""", re.DOTALL)
_LIMIT = re.compile(r"with at most (\d{1,9}) resets?", re.IGNORECASE)
_JOINTS = frozenset({"and", "then"})
#: Words that would be read as joints if they stood bare in a clause.
_TELLING = _JOINTS | {"with"}


def split_words(text: str) -> tuple[list[str], bool, int | None]:
    """Split a composite goal's text.

    Returns:
        The clauses, whether they are ordered, and the most resets or None.

    Raises:
        GoalError: The joints are mixed, or join nothing.
    """
    words = _WORD.findall(text)
    limit = None
    match = _LIMIT.fullmatch(" ".join(words[-5:]))
    if match is not None:
        words, limit = words[:-5], int(match[1])
    if any([word.lower() for word in words[at : at + 3]] == ["with", "at", "most"] for at in range(len(words))):
        hint = "the limit stands at the end: ... with at most N resets"
        raise GoalError("cannot read the limit of resets", code="goal-unreadable", hint=hint)
    clauses: list[list[str]] = [[]]
    joints: set[str] = set()
    for word in words:
        if word.lower() in _JOINTS:
            joints.add(word.lower())
            _drop_comma(clauses[-1])
            clauses.append([])
        else:
            clauses[-1].append(word)
    if len(joints) > 1 or not all(clauses):
        problem = "cannot read the goal: 'and' and 'then' are mixed" if all(clauses) else "cannot read an empty goal"
        raise GoalError(problem, code="goal-unreadable", hint="join goals by 'and' alone or by 'then' alone")
    return [" ".join(clause) for clause in clauses], "then" in joints, limit


def _drop_comma(clause: list[str]) -> None:
    """Leave out the comma before a joint, as in ``boot once from PXE, then power on``; a value keeps its own."""
    if clause and clause[-1].endswith(",") and "=" not in clause[-1] and not clause[-1].endswith(("\\,", "',", '",')):
        clause[-1] = clause[-1].removesuffix(",")
        if not clause[-1]:
            clause.pop()


def join_words(clauses: Sequence[str], *, ordered: bool = False, max_resets: int | None = None) -> str:
    """Join the words of goals; :func:`split_words` parts them again."""
    safe = (" ".join(f"'{word}'" if word.lower() in _TELLING else word for word in _WORD.findall(c)) for c in clauses)
    text = (" then " if ordered else " and ").join(safe)
    return text if max_resets is None else f"{text} with at most {max_resets} resets"


# -- examples ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """One sub-goal of a recipe; the arguments are texts that the goal's must end with."""

    family: str
    verb: str
    arguments: Mapping[str, str] = field(default_factory=dict[str, str])
    optional: bool = False

    def fits(self, goal: Goal) -> bool:
        """Tell whether a goal is such a sub-goal."""
        same = (goal.family, goal.verb) == (self.family, self.verb)
        return same and all(str(goal.arguments.get(name)).endswith(end) for name, end in self.arguments.items())


@dataclass(frozen=True, slots=True)
class Recipe:
    """Something that people want of machines and that takes several goals."""

    steps: tuple[Step, ...]
    ordered: bool = False
    max_resets: int | None = None


_ISO, _CD = {"image": ".iso"}, {"source": "Cd"}
RECIPES = (
    # Boot once from this image.
    Recipe(
        (Step("media", "insert", _ISO), Step("boot", "once", _CD), Step("power", "restart", optional=True)),
        ordered=True,
    ),
    # A BIOS baseline of three attributes, with one reset.
    Recipe((Step("bios", "set"),) * 3, max_resets=1),
    # Hand a machine over: an account and the right time.
    Recipe((Step("account", "create"), Step("ntp", "enable"))),
    # Find the machine and take it out.
    Recipe((Step("led", "on"), Step("power", "off"))),
    # Harden it.
    Recipe((Step("secureboot", "enable"), Step("log", "clear"), Step("protocol", "disable", optional=True))),
    # Provision it over the network.
    Recipe((Step("bios", "set"), Step("boot", "continuous", {"source": "Pxe"}), Step("power", "on")), max_resets=2),
)


def example_composites(service: Survey, book: GoalBook) -> list[CompositeGoal]:
    """List the recipes that a service can express, with its own targets."""
    goals = book.goals(service)
    made = (_cook(recipe, goals, book) for recipe in RECIPES)
    return [goal for goal in made if goal is not None]


def _cook(recipe: Recipe, goals: Sequence[Goal], book: GoalBook) -> CompositeGoal | None:
    chosen: list[Goal] = []
    for step in recipe.steps:
        # Of several targets the one nearest to the first sub-goal's is meant: the media of the same manager or system.
        fitting = [goal for goal in goals if step.fits(goal) and all(compatible(goal, other, book) for other in chosen)]
        anchor = chosen[-1].target if chosen else ""
        best = max(fitting, key=lambda goal: _shared_segments(goal.target, anchor), default=None)
        if best is not None:
            chosen.append(best)
        elif not step.optional:
            return None
    if len(chosen) < 2:  # noqa: PLR2004 - a composite has at least two
        return None
    return CompositeGoal(goals=tuple(chosen), ordered=recipe.ordered, max_resets=recipe.max_resets)


def _shared_segments(one: str, other: str) -> int:
    pairs = zip(one.split("/"), other.split("/"), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def sample_composites(service: Survey, book: GoalBook, rng: Random, n: int, size: int = 2) -> list[CompositeGoal]:
    """Draw different conjunctions of goals that can hold together.

    Families are drawn first, so that a machine with many systems or attributes is not all about them.

    Args:
        service: The machine.
        book: The families.
        rng: Source of chance; the same state gives the same goals.
        n: How many are wanted; fewer come back where the machine has no more to offer.
        size: Sub-goals of each.
    """
    families: dict[str, list[Goal]] = {}
    for goal in book.goals(service):
        families.setdefault(goal.family, []).append(goal)
    found: dict[frozenset[Goal], CompositeGoal] = {}
    for _ in range(20 * n):
        parts = tuple(_draw(families, book, rng, size))
        if len(found) >= n:
            break
        if len(parts) == size:
            found.setdefault(frozenset(parts), CompositeGoal(goals=parts))
    return list(found.values())


def _draw(families: Mapping[str, Sequence[Goal]], book: GoalBook, rng: Random, size: int) -> Iterator[Goal]:
    chosen: list[Goal] = []
    for family in rng.sample(sorted(families), min(size, len(families))):
        goal = rng.choice(families[family])
        if all(compatible(goal, other, book) for other in chosen):
            chosen.append(goal)
            yield goal


def compatible(one: Goal, other: Goal, book: GoalBook) -> bool:
    """Tell whether two goals can hold together, as far as their words tell.

    Not: the same goal twice, the same property with two values, or two wishes about one account.
    """
    if one == other or book.contradict(one, other):
        return False
    user = one.arguments.get("user")
    return user is None or user != other.arguments.get("user")
