"""Whether a change is about the goal: what the shield lets an agent try on a simulated machine may be more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_redfish.process.catalogue import flatten
from igc_redfish.process.lexicon import literal, operation_of

if TYPE_CHECKING:
    from igc_core.protocols import Action
    from igc_redfish.process.scenario import Scenario


class Purpose:
    """Judges changes by the truth that the host shows, and by the values that the goal asks for."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._values = {
            operation: {(path, literal(value)) for body in bodies for path, value in flatten(body)}
            for operation, bodies in scenario.payloads.items()
        }

    def missed(self, world: int, action: int) -> str:
        """Return why a change is not about the goal, ``""`` where it is.

        Args:
            world: Number of the present world.
            action: Number of the action.
        """
        described = self._scenario.engine.actions[action]
        if not described.request.mutates:
            return ""
        if self._scenario.strays(world, action):
            return "it is not about what the goal means"
        strange = self._strange(described)
        return f"the goal does not ask for {', '.join(strange)}" if strange else ""

    def _strange(self, action: Action) -> list[str]:
        """Properties to which a PATCH gives values that the goal does not ask for."""
        if action.request.method != "PATCH":
            return []
        known = self._values.get(operation_of(action), set[tuple[str, str]]())
        wanted = self._scenario.words.wanted
        return [
            path
            for path, value in action.arguments
            if (path, literal(value)) not in known and wanted.get(path.rpartition("/")[2].lower()) != literal(value)
        ]
