"""What the core itself puts behind the hooks, as the plugin ``core``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_core.errors import GoalError
from igc_core.hookspecs import hookimpl
from igc_core.specs import CommandSpec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from igc_core.episode import Session, Transition
    from igc_core.models import AnyGoal
    from igc_core.plugins import PluginManager


class Builtin:
    """The core's own hook implementations."""

    def __init__(self, manager: PluginManager) -> None:
        self._manager = manager

    @hookimpl
    def igc_commands(self) -> Iterable[CommandSpec]:
        """Offer ``igc plugins``."""
        yield CommandSpec(name="plugins", factory="igc_core.cli.plugins:app", summary="Show what is installed.")

    @hookimpl
    def igc_parse_goal(self, text: str) -> AnyGoal | None:
        """Ask every goal handler; one that claims the text but cannot read it has the last word if no other can."""
        failure: GoalError | None = None
        for handler in self._manager.goal_handlers().values():
            try:
                goal = handler.parse(text)
            except GoalError as error:
                failure = failure or error
            else:
                if goal is not None:
                    return goal
        if failure:
            raise failure
        return None

    @hookimpl(trylast=True)
    def igc_perform(self, session: Session, index: int) -> Transition:
        """Let the session act."""
        return session.perform(index)
