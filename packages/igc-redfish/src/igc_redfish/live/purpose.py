"""Whether a change is about the goal: what the shield lets an agent try on a simulated machine may be more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_redfish.process.shield import unasked

if TYPE_CHECKING:
    from igc_redfish.process.scenario import Scenario


class Purpose:
    """Judges changes by the truth that the host shows, and by the values that the goal asks for."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario

    def missed(self, world: int, action: int) -> str:
        """Return why a change is not about the goal, ``""`` where it is.

        Args:
            world: Number of the present world.
            action: Number of the action.
        """
        described = self._scenario.engine.actions[action]
        if not described.request.mutates:
            return ""
        if strange := unasked(described, self._scenario.parts):
            return f"the goal does not ask for {', '.join(strange)}"
        return "it is not about what the goal means" if self._scenario.strays(world, action) else ""
