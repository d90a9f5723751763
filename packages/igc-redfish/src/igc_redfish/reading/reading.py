"""Goals out of anybody's words: which of the goals of the machine at hand a text means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from igc_core.errors import GoalError
from igc_redfish.reading.choices import choices, said
from igc_redfish.reading.phrasebook import meaning

if TYPE_CHECKING:
    from collections.abc import Sequence

    from igc_core.models import AnyGoal, Goal
    from igc_core.protocols import GoalReader, Survey
    from igc_redfish.goals.book import GoalBook
    from igc_redfish.reading.choices import Choice, Said

#: Characters of a text in free words.
_LONGEST = 2000
#: Goals that an error suggests, and the least probability of the last of them.
_SUGGESTED, _LEAST = 3, 0.02


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text was taken for.

    Attributes:
        goal: The goal, bound to its target.
        probability: How sure the reader is, from 0 to 1.
    """

    goal: AnyGoal
    probability: float


def told(reading: Reading, book: GoalBook) -> str:
    """Word what a text was taken for, its secrets masked, for a person to see before anything is done."""
    return f"understood as: {book.shown(reading.goal)}  ({reading.probability:.0%} sure)"


class MachineReader:
    """Reads texts as goals of one machine."""

    def __init__(self, reader: GoalReader, book: GoalBook, service: Survey) -> None:
        """Look at what the machine can be asked for.

        Args:
            reader: Weighs meanings.
            book: The goal handlers.
            service: The machine.
        """
        self._reader, self._book, self._service = reader, book, service
        self._choices: Sequence[Choice] = choices(book, service)

    def read(self, text: str) -> Reading:
        """Read a text. It may hold secrets, so errors never repeat it.

        Raises:
            GoalError: The reader is not sure enough, a value is missing or left over, or the machine cannot express
                the goal.
        """
        if not text.strip() or len(text) > _LONGEST:
            problem = f"a goal in free words has 1 to {_LONGEST:,} characters, this text has {len(text):,}"
            raise GoalError(problem, code="goal-unreadable", hint="say it shorter")
        best, probability = self._weighed(text)
        _demand_complete(best)
        return Reading(self._book.bind(_goal(best), self._service), probability)

    def _weighed(self, text: str) -> tuple[Said, float]:
        candidates = list({one.meaning: one for one in said(text, self._choices)}.values())
        if not candidates:
            raise GoalError("this machine can be asked for nothing", code="goal-not-expressible")
        weights = self._reader.weigh([one.text for one in candidates], [one.meaning for one in candidates])
        order = sorted(range(len(candidates)), key=lambda place: -float(weights[place]))
        best = order[0]
        if weights[best] < self._reader.confidence:
            near = [candidates[place].meaning for place in order[:_SUGGESTED] if weights[place] >= _LEAST]
            nothing = 1 - float(weights.sum()) > weights[best]
            problem = "the text asks for nothing that machines do" if nothing else "the text may mean several things"
            asked = f"did you mean {' or '.join(map(repr, near))}?" if near else "see `igc goals list`"
            raise GoalError(f"{problem}, as far as the reader can tell", code="goal-uncertain", hint=asked)
        return candidates[best], float(weights[best])


def _demand_complete(found: Said) -> None:
    """Refuse a reading that the machine cannot express, that lacks a value, or that would leave one out.

    Raises:
        GoalError: It does.
    """
    shown = f"{found.choice.family.family} {found.choice.verb}"
    if not found.choice.is_offered:
        asked = meaning(found.choice.family.family, found.choice.verb, found.choice.named)
        problem = f"the text was taken for {asked!r}, which this machine cannot express"
        raise GoalError(problem, code="goal-not-expressible", hint="see `igc goals list`")
    if found.missing:
        problem = f"the text was taken for {shown!r}, and its {' and '.join(found.missing)} cannot be told"
        raise GoalError(problem, code="goal-uncertain", hint="put what you make up in quotes, say \"user 'alice'\"")
    if found.left:
        problem = f"the text was taken for {shown!r}, which has no place for one of the values in it"
        raise GoalError(problem, code="goal-uncertain", hint="leave the value out, or say more plainly what it is for")


def _goal(found: Said) -> Goal:
    """Make the goal: that of the target that was named, with the values that were made up."""
    goals = [goal for goal in found.choice.goals if not found.target or goal.target in found.target]
    first = goals[0] if goals else found.choice.goals[0]
    made_up = found.choice.family.made_up
    arguments = {name: value for name, value in first.arguments.items() if name not in made_up}
    targets = {goal.target for goal in goals}
    if len(targets) > 1:
        # Whoever binds it says which targets there are; what followed from one of them is no part of the goal.
        arguments = {name: value for name, value in arguments.items() if name in found.choice.named}
    update = {"target": first.target if len(targets) == 1 else "", "arguments": {**arguments, **found.given}}
    return first.model_copy(update=update)
