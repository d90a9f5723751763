"""The methods that a service allows at a URI (RFC 9110, section 10.2.1)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from igc_core.rest import Request
from igc_redfish.client.errors import ClientError

if TYPE_CHECKING:
    from igc_core.rest import Response
    from igc_redfish.client.transport import Transport

#: Ways to ask where GET did not tell. Each is given up when it has told nothing so many times.
_PROBES = ("HEAD", "OPTIONS")
_TRIALS = 5


class Methods:
    """Finds the allowed methods, and stops asking in ways that a service does not answer."""

    def __init__(self, transport: Transport, *, probe: bool) -> None:
        self._transport = transport
        self._probes = _PROBES if probe else ()
        self._asked: Counter[str] = Counter()
        self._told: Counter[str] = Counter()

    def of(self, path: str, answer: Response) -> tuple[str, ...] | None:
        """Return the methods allowed at a path whose GET gave an answer; None where the service does not say."""
        stated = _stated(answer)
        if stated is not None:
            return stated
        for probe in self._probes:
            if self._told[probe] or self._asked[probe] < _TRIALS:
                stated = self._ask(probe, path)
                if stated is not None:
                    return stated
        return None

    def _ask(self, probe: str, path: str) -> tuple[str, ...] | None:
        self._asked[probe] += 1
        try:
            stated = _stated(self._transport.send(Request(probe, path)))
        except ClientError:
            return None
        self._told[probe] += stated is not None
        return stated


def _stated(answer: Response) -> tuple[str, ...] | None:
    allow = answer.headers.get("Allow")
    if allow is None:
        return None
    return tuple(dict.fromkeys(method.strip().upper() for method in allow.split(",") if method.strip()))
