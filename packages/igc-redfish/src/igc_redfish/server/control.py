"""The control of a served machine, outside of ``/redfish``: reset, snapshots, time, faults.

Off unless a token is given; the token is another one than any client of the machine has.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any, Final

import orjson
from pydantic import ValidationError

from igc_redfish.bodies import as_object
from igc_redfish.server.answers import Answer, json_answer
from igc_redfish.server.injection import Injection

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from igc_redfish.server.host import Host
    from igc_redfish.service.world import Snapshot

PREFIX: Final = "/control/"
#: Most snapshots of a machine that are kept; each costs what had changed.
_SNAPSHOTS: Final = 100
_LONGEST_S: Final = 10 * 365 * 86400.0
_FASTEST: Final = 1e6


class Control:
    """Answers control requests: ``POST /control/<what>`` with a JSON object."""

    def __init__(self, token: str) -> None:
        """Take the token that controllers have to know.

        Args:
            token: Sent as ``Authorization: Bearer <token>``.
        """
        self._token = token.encode()
        self._snapshots: dict[Host, dict[str, Snapshot]] = {}
        self._count = 0
        self._tasks: Mapping[str, Callable[[Host, dict[str, Any]], dict[str, Any]]] = {
            "reset": self._reset,
            "snapshot": self._snapshot,
            "restore": self._restore,
            "advance": self._advance,
            "pace": self._pace,
            "faults": self._faults,
        }

    def answer(self, host: Host, method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        """Answer one request about a machine."""
        given = headers.get("authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), self._token):
            return json_answer(401, {"error": "send the control token as Authorization: Bearer"})
        task = self._tasks.get(path.removeprefix(PREFIX))
        if task is None:
            return json_answer(404, {"error": f"there are {', '.join(self._tasks)}"})
        if method != "POST":
            return json_answer(405, {"error": "send a POST"})
        try:
            return json_answer(200, task(host, as_object(orjson.loads(body or b"{}"))))
        except (KeyError, TypeError, ValueError) as error:
            return json_answer(400, {"error": _problem(error)})

    def _reset(self, host: Host, _: dict[str, Any]) -> dict[str, Any]:
        """Go back to the capture."""
        host.reset()
        return _time(host)

    def _snapshot(self, host: Host, _: dict[str, Any]) -> dict[str, Any]:
        """Remember the present state."""
        kept = self._snapshots.setdefault(host, {})
        if len(kept) >= _SNAPSHOTS:
            kept.pop(next(iter(kept)))
        self._count += 1
        kept[str(self._count)] = host.snapshot()
        return {"snapshot": str(self._count)}

    def _restore(self, host: Host, values: dict[str, Any]) -> dict[str, Any]:
        """Go back to a remembered state."""
        host.restore(self._snapshots.get(host, {})[str(values["snapshot"])])
        return _time(host)

    def _advance(self, host: Host, values: dict[str, Any]) -> dict[str, Any]:
        """Let virtual time pass."""
        seconds = float(values["seconds"])
        if not 0 <= seconds <= _LONGEST_S:
            raise ValueError("seconds are between 0 and ten years")
        host.advance(seconds)
        return _time(host)

    def _pace(self, host: Host, values: dict[str, Any]) -> dict[str, Any]:
        """Let virtual time pass faster or slower from now on, or not at all."""
        factor = float(values["factor"])
        if not 0 <= factor <= _FASTEST:
            raise ValueError("factor is between 0, which stops the clock, and a million")
        host.pace(factor)
        return _time(host)

    def _faults(self, host: Host, values: dict[str, Any]) -> dict[str, Any]:
        """Have a fault wait for its requests; without any values forget all."""
        if values:
            host.injections.add(Injection.model_validate(values))
        else:
            host.injections.clear()
        return {"waiting": len(host.injections)}


def _problem(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return str(error.errors()[0]["msg"])
    return f"{error} is missing or unknown" if isinstance(error, KeyError) else str(error)


def _time(host: Host) -> dict[str, Any]:
    return {"clock_s": host.simulator.world.clock_s}
