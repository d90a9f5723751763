"""What a service does for clients over a network that a machine in process need not do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from igc_redfish.service.query import FEATURES

if TYPE_CHECKING:
    from igc_core.rest import JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """How a service treats its clients; the defaults are those of a machine in process.

    Attributes:
        features: What the service root says of the protocol.
        notice_s: Seconds of the clients between the answer to a manager's restart and its outage.
        page_size: Members that a collection shows at a time; 0 for all.
        once: Whether a task monitor tells how its operation ended to one GET only, and is gone then.
    """

    features: JsonObject = field(default_factory=lambda: FEATURES)
    notice_s: float = 0.0
    page_size: int = 0
    once: bool = False


IN_PROCESS = Serving()
