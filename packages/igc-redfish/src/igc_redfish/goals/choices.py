"""Which values a service leaves one to choose from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from igc_core.errors import GoalError
from igc_redfish.bodies import action_target, as_object, as_objects, as_texts, value_at
from igc_redfish.facts import facts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from igc_core.models import Goal
    from igc_core.rest import Json, JsonObject


class Catalogue(Protocol):
    """Whatever knows a service's resources by URI and by type: a survey, or a transaction."""

    def get(self, uri: str) -> JsonObject | None:
        """Return the body at a URI, or None."""
        ...

    def of_type(self, name: str) -> Sequence[str]:
        """List the reachable resources of a type."""
        ...


def choices(service: Catalogue, uri: str, action: str, parameter: str) -> tuple[str, ...]:
    """List the values that a parameter of an action may take.

    They stand inline, in an ActionInfo resource, or else in the schema (DSP0266, "Action info annotation").

    Returns:
        Nothing where the resource does not offer the action.
    """
    body = service.get(uri)
    if not action_target(body, action):
        return ()
    offer = as_object(as_object(value_at(body, "Actions")).get(f"#{action}"))
    inline = as_texts(offer.get(f"{parameter}@Redfish.AllowableValues"))
    if inline:
        return tuple(inline)
    info = offer.get("@Redfish.ActionInfo")
    described = as_objects(value_at(service.get(info), "Parameters")) if isinstance(info, str) else []
    for entry in described:
        if entry.get("Name") == parameter and as_texts(entry.get("AllowableValues")):
            return tuple(as_texts(entry["AllowableValues"]))
    fact = facts().action(action)
    known = fact.parameters.get(parameter) if fact is not None else None
    return known.enum if known is not None else ()


def require_choice(goal: Goal, name: str, allowed: Sequence[Json]) -> None:
    """Insist that an argument of a goal is a value that the machine offers.

    Raises:
        GoalError: It is not; the message lists what is.
    """
    if goal.arguments.get(name) not in allowed:
        problem = f"{goal.family} {goal.verb}: {goal.target} does not offer {name}={goal.arguments.get(name)!r}"
        hint = f"choose one of: {', '.join(str(value) for value in allowed[:24])}"
        raise GoalError(problem, code="goal-not-expressible", hint=hint)
