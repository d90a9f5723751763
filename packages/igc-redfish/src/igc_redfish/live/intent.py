"""One request that is about to change a real host, with all that a guard may want to know."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson

from igc_redfish.live.twin import Prediction
from igc_redfish.process.shield import HOST_RESETS

if TYPE_CHECKING:
    from igc_core.rest import JsonObject, Request
    from igc_redfish.live.risk import Risk


@dataclass(frozen=True, slots=True)
class Intent:
    """A request that is about to change a host.

    Attributes:
        host: Address of the host, e.g. ``"https://r7-u12-bmc"``.
        identity: What the host says of itself; see :func:`igc_redfish.identity.identity_of`.
        request: What would be sent, ``If-Match`` included.
        operation: What it does, e.g. ``"action ComputerSystem.Reset"``.
        source: The resource that it is about.
        risk: What may be lost by it.
        before: That resource as it was read just now, or None.
        prediction: What the twin expects.
        secrets: Texts that nothing may show.
    """

    host: str
    identity: str
    request: Request
    operation: str
    source: str
    risk: Risk
    before: JsonObject | None = None
    prediction: Prediction = field(default_factory=lambda: Prediction(0))
    secrets: frozenset[str] = frozenset()

    @property
    def resets(self) -> bool:
        """Whether it resets a host."""
        return self.operation in HOST_RESETS

    @property
    def key(self) -> str:
        """What an approval is bound to: the host, and the request without its conditions; 64 hexadecimal digits."""
        return approval_key(self.host, self.identity, self.request)


def approval_key(host: str, identity: str, request: Request) -> str:
    """Hash what an approval is bound to.

    Args:
        host: Address of the host: some say nothing of themselves, and some boards of a batch say the same.
        identity: What it says of itself.
        request: The request; its headers do not count.
    """
    content = [host, identity, request.method, request.uri.rstrip("/").casefold(), request.body]
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()
