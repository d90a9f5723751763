"""The time in which a service does not answer, because its manager restarts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from igc_redfish.service.messages import refused
from igc_redfish.service.refusal import Refusal

if TYPE_CHECKING:
    from igc_core.rest import Response
    from igc_redfish.service.world import World

#: Memory: virtual time until which the service does not answer.
DOWN_UNTIL: Final = "service:down-until"


def unavailable(world: World, notice_s: float = 0.0) -> Response | None:
    """Answer for a service that is down: 503 with the time left; None where it is up.

    Args:
        world: Whose manager restarts.
        notice_s: Virtual seconds between a restart's answer and the outage, in which clients log out.
    """
    until_s = world.memory.get(DOWN_UNTIL)
    if not isinstance(until_s, int | float) or world.clock_s >= until_s:
        return None
    if notice_s and world.clock_s < until_s - world.machine.profile.delays.manager_s + notice_s:
        return None
    left_s = math.ceil(until_s - world.clock_s)
    return refused(Refusal("ServiceTemporarilyUnavailable", str(left_s), status=503, retry_after_s=left_s))
