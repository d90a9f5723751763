"""The time in which a service does not answer, because its manager restarts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from igc_core.rest import Response
from igc_redfish.service.messages import refused
from igc_redfish.service.refusal import Refusal

if TYPE_CHECKING:
    from igc_redfish.service.world import World

#: Memory: virtual time until which the service does not answer.
DOWN_UNTIL: Final = "service:down-until"


def unavailable(world: World, notice_s: float = 0.0) -> Response | None:
    """Answer for a service that is down: 503 with the time left; None where it is up.

    Args:
        world: Whose manager restarts.
        notice_s: Seconds of the clients between a restart's answer and the outage, in which clients log out.
    """
    until_s = world.memory.get(DOWN_UNTIL)
    if not isinstance(until_s, int | float) or world.clock_s >= until_s:
        return None
    begin_s = until_s - world.machine.profile.delays.manager_s + notice_s * world.clock_factor
    if notice_s and world.clock_s < begin_s:
        return None
    left_s = math.ceil(until_s - world.clock_s)
    return refused(Refusal("ServiceTemporarilyUnavailable", str(left_s), status=503, retry_after_s=left_s))


def paced(answer: Response, clock_factor: float) -> Response:
    """Tell a client when to come again by its own clock.

    Args:
        answer: Its ``Retry-After`` is in virtual seconds.
        clock_factor: Virtual seconds per second of the client; 0 where virtual time stands still.
    """
    wait_s = answer.headers.get("Retry-After")
    if wait_s is None:
        return answer
    real_s = max(1, math.ceil(int(wait_s) / clock_factor)) if clock_factor else 1
    return Response(answer.status, answer.body, {**answer.headers, "Retry-After": str(real_s)})
