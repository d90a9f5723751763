"""Which sub-goals a change brings about, and which it takes back, as far as its words tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_redfish.process.lexicon import comparable, literal, operation_of
from igc_redfish.process.matching import is_all_of
from igc_redfish.process.shield import HOST_RESETS

if TYPE_CHECKING:
    from igc_core.protocols import Action
    from igc_core.rest import Json
    from igc_redfish.process.lexicon import GoalWords

_GONE, _POWER = comparable(None), "PowerState"


def carries(action: Action, goal: GoalWords) -> bool:
    """Tell whether a change is one that brings a sub-goal about, rather than one that prepares it.

    Of the bodies that a handler words, those that contradict the wanted values (ejecting before another image is
    inserted) prepare; so does an empty one where the goal has values of its own, and deleting where something is
    wanted. A PATCH may carry several sub-goals at once.
    """
    operation = operation_of(action)
    if operation not in goal.operations:
        return False
    if action.request.method == "DELETE":
        return _wants_nothing(goal)
    worded = goal.payloads.get(operation)
    if worded is None:
        return action.request.method != "PATCH" or is_all_of(goal, {literal(value) for _, value in action.arguments})
    if not any(_holds(action.request.body, body) for body in worded):
        return False
    if not action.arguments:
        return not goal.literals - {"0"}
    return _agrees(action, goal)


def undoes(action: Action, goal: GoalWords, power: str = "") -> bool:
    """Tell whether a change takes back what brought a sub-goal about: it deletes, empties or switches what was wanted.

    Args:
        action: The request.
        goal: The sub-goal.
        power: ``"On"`` or ``"Off"`` where the request leaves the host so.
    """
    if operation_of(action) not in goal.operations:
        return False
    if action.request.method == "DELETE":
        return not _wants_nothing(goal)
    if _POWER in goal.values and operation_of(action) in HOST_RESETS:
        return comparable(power) not in {"", goal.values[_POWER]}
    worded = goal.payloads.get(operation_of(action), ())
    return action.request.body in worded and not _agrees(action, goal)


def _wants_nothing(goal: GoalWords) -> bool:
    """Tell whether a goal wants something to be gone."""
    return set(goal.values.values()) == {_GONE}


def _holds(body: Json, part: Json) -> bool:
    """Tell whether a body says all that another one says."""
    if not isinstance(body, dict) or not isinstance(part, dict) or not part:
        return body == part
    return all(name in body and _holds(body[name], value) for name, value in part.items())


def _agrees(action: Action, goal: GoalWords) -> bool:
    """Tell whether a body contradicts no wanted value; what is no PATCH may put a property in another place."""
    for path, value in action.arguments:
        wanted = goal.values.get(path)
        if wanted is None and action.request.method != "PATCH":
            wanted = goal.wanted.get(path.rpartition("/")[2].lower())
        if wanted not in {None, comparable(value)}:
            return False
    return True
