"""What the entry point names. Light: the family itself is imported when it is first used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_core.hookspecs import hookimpl
from igc_core.specs import GoalHandlerSpec

if TYPE_CHECKING:
    from collections.abc import Iterable


@hookimpl
def igc_goal_handlers() -> Iterable[GoalHandlerSpec]:
    """Offer the family."""
    yield GoalHandlerSpec(
        name="asset",
        factory="own_goal_handler.asset:AssetFamily",
        summary="Give a machine an asset tag.",
        system="redfish",
    )
