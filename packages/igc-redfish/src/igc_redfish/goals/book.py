"""All goal families together: reads, words, binds and judges any goal, alone or combined."""

from __future__ import annotations

import difflib
from itertools import combinations
from types import MappingProxyType
from typing import TYPE_CHECKING

from igc_core.errors import GoalError
from igc_core.models import CompositeGoal, Goal
from igc_core.redaction import redact
from igc_redfish.goals.composite import join_words, split_words
from igc_redfish.goals.progress import START, Progress, judge
from igc_redfish.service.merging import merged

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from igc_core.models import AnyGoal
    from igc_core.protocols import Reader, Survey
    from igc_core.rest import Json, JsonObject
    from igc_redfish.family import GoalFamily
    from igc_redfish.goals.progress import Stage


class GoalBook:
    """Goal families by name.

    Attributes:
        families: The handlers, in the order given.
    """

    def __init__(self, handlers: Iterable[GoalFamily]) -> None:
        self.families: Mapping[str, GoalFamily] = MappingProxyType({item.family: item for item in handlers})

    def __iter__(self) -> Iterator[GoalFamily]:
        """Iterate over the handlers."""
        return iter(self.families.values())

    def handler(self, family: str) -> GoalFamily:
        """Return the handler of a family.

        Raises:
            GoalError: There is none; the message names near misses.
        """
        found = self.families.get(family)
        if found is None:
            problem = f"no goal family named {family!r}"
            raise GoalError(problem, code="goal-unknown-family", hint=self._near(family))
        return found

    def operations(self, family: str) -> tuple[str, ...]:
        """Name the operations that a family and the families it requires answer, ``"<kind> <key>"``."""
        handler = self.handler(family)
        names = (family, *(name for name in handler.requires if name in self.families))
        rules = (rule for name in names for rule in self.families[name].rules())
        return tuple(dict.fromkeys(f"{rule.kind} {rule.key}" for rule in rules if rule.kind != "event"))

    # -- words ---------------------------------------------------------------------------------------------------------

    def parse(self, text: str) -> AnyGoal:
        """Read a goal, or several joined by ``and`` or ``then``, perhaps ``with at most N resets``.

        Raises:
            GoalError: The text cannot be understood; the message says what was expected.
        """
        clauses, ordered, limit = split_words(text)
        goals = tuple(self._parse_one(clause) for clause in clauses)
        if len(goals) == 1 and limit is None:
            return goals[0]
        return CompositeGoal(goals=goals, ordered=ordered, max_resets=limit)

    def text(self, goal: AnyGoal) -> str:
        """Word a goal; :meth:`parse` gives an equal goal back."""
        words = [self.handler(part.family).text(part) for part in goal.parts]
        if isinstance(goal, CompositeGoal):
            return join_words(words, ordered=goal.ordered, max_resets=goal.max_resets)
        return join_words(words)

    def shown(self, goal: AnyGoal) -> str:
        """Word a goal for people to read: like :meth:`text`, with its secrets masked."""
        if isinstance(goal, CompositeGoal):
            return self.text(goal.model_copy(update={"goals": tuple(_without_secrets(part) for part in goal.goals)}))
        return self.text(_without_secrets(goal))

    def _parse_one(self, clause: str) -> Goal:
        family = clause.split(maxsplit=1)[0].lower() if clause.split() else ""
        goal = self.families[family].parse(clause) if family in self.families else None
        if goal is None:
            # The word is not repeated: it may be what followed an "and" in a password.
            problem = "a goal begins with its family, and this one begins with none that is known"
            raise GoalError(problem, code="goal-unknown-family", hint=self._near(family))
        return goal

    def _near(self, family: str) -> str:
        close = difflib.get_close_matches(family, self.families, n=3)
        return f"did you mean {' or '.join(map(repr, close))}?" if close else f"known: {', '.join(self.families)}"

    # -- machines ------------------------------------------------------------------------------------------------------

    def bind(self, goal: AnyGoal, service: Survey) -> AnyGoal:
        """Fill in the targets on one service; see :meth:`GoalFamily.bind`.

        Raises:
            GoalError: The service cannot express the goal, or its sub-goals contradict each other.
        """
        if isinstance(goal, Goal):
            return self.handler(goal.family).bind(goal, service)
        bound = tuple(self.handler(part.family).bind(part, service) for part in goal.parts)
        clash = next((pair for pair in combinations(bound, 2) if self.contradict(*pair)), None)
        if clash is not None and not goal.ordered:
            one, other = (f"{part.family} {part.verb}" for part in clash)
            problem = f"{one} and {other} cannot both hold at {clash[0].target}"
            raise GoalError(problem, code="goal-not-expressible", hint="use 'then' for one after the other")
        return goal.model_copy(update={"goals": bound})

    def goals(self, service: Survey) -> list[Goal]:
        """Enumerate the single goals that a service can express."""
        return [goal for handler in self for goal in handler.goals(service)]

    def payloads(self, goal: AnyGoal) -> dict[str, list[JsonObject]]:
        """Collect the bodies with a goal's values by operation; see :meth:`GoalFamily.payloads`.

        Sub-goals about the same resource are also offered in one PATCH: a baseline of settings costs one restart then,
        and some firmware takes no second change before it.
        """
        found: dict[str, list[JsonObject]] = {}
        joint: dict[tuple[str, str], JsonObject] = {}
        for part in goal.parts:
            for operation, bodies in self.handler(part.family).payloads(part).items():
                found.setdefault(operation, []).extend(bodies)
                if operation.startswith("patch ") and bodies:
                    before = joint.get((operation, part.target), {})
                    joint[operation, part.target] = merged(before, bodies[0])
        for (operation, _), body in joint.items():
            if body not in found[operation]:
                found[operation].insert(0, body)
        return found

    # -- judging -------------------------------------------------------------------------------------------------------

    def wanted(self, goal: Goal) -> Mapping[str, Json]:
        """Return the values that a single goal asks for."""
        return self.handler(goal.family).wanted(goal)

    def observe(self, goal: Goal, now: Reader, before: Reader) -> Mapping[str, Json]:
        """Return the present values of a single goal."""
        return self.handler(goal.family).observe(goal, now, before)

    def holds(self, goal: Goal, now: Reader, before: Reader) -> bool:
        """Tell whether a single goal is reached."""
        handler = self.handler(goal.family)
        return dict(handler.observe(goal, now, before)) == dict(handler.wanted(goal))

    def judge(self, goal: AnyGoal, now: Reader, before: Reader, stage: Stage = START, *, resets: int = 0) -> Progress:
        """Judge any goal; see :func:`igc_redfish.goals.progress.judge`."""
        return judge(goal, self.holds, self.lasting(goal), (now, before), stage, resets)

    def reached(self, goal: AnyGoal, now: Reader, before: Reader, stage: Stage = START, *, resets: int = 0) -> bool:
        """Tell whether a goal is reached."""
        return self.judge(goal, now, before, stage, resets=resets).reached

    def progress(self, goal: AnyGoal, now: Reader, before: Reader, stage: Stage = START) -> int:
        """Count the sub-goals reached."""
        return self.judge(goal, now, before, stage).done

    def lasting(self, goal: AnyGoal) -> tuple[bool, ...]:
        """Tell of each sub-goal whether it must hold at the end.

        In a sequence some need not: those meant to be used up by what follows (a boot override for one boot), and
        those that a later sub-goal contradicts (off, then on).
        """
        parts = goal.parts
        if not getattr(goal, "ordered", False):
            return (True,) * len(parts)
        return tuple(self._lasts(part, parts[index + 1 :]) for index, part in enumerate(parts))

    def _lasts(self, part: Goal, later: tuple[Goal, ...]) -> bool:
        if later and part.verb in self.handler(part.family).transient:
            return False
        return not any(self.contradict(part, other) for other in later)

    def contradict(self, one: Goal, other: Goal) -> bool:
        """Tell whether two goals want different values of the same property of the same thing."""
        if (one.family, one.target) != (other.family, other.target):
            return False
        about = self.handler(one.family).about
        if any(one.arguments.get(name) != other.arguments.get(name) for name in about):
            return False
        first, second = self.wanted(one), self.wanted(other)
        return any(first[path] != second[path] for path in first.keys() & second.keys())


def _without_secrets(goal: Goal) -> Goal:
    return goal.model_copy(update={"arguments": redact(goal.arguments)})
