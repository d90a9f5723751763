"""Requests and responses of any REST service, free of transport.

Both are born and consumed once a step, so they are slotted dataclasses rather than validated models.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

from igc_core.redaction import redact

#: Any value of a parsed JSON text.
Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
#: A JSON object, by convention never changed in place once it has been handed out.
JsonObject: TypeAlias = Mapping[str, Json]

_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


def _no_headers() -> Mapping[str, str]:
    return _NO_HEADERS


#: The pseudo method of the action that lets time pass instead of sending a request.
WAIT = "WAIT"
#: Methods that leave a service as it was (RFC 9110, section 9.2.1).
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", WAIT})


@dataclass(frozen=True, slots=True)
class Request:
    """One call of a REST service."""

    method: str
    uri: str
    body: Json = None
    headers: Mapping[str, str] = field(default_factory=_no_headers)

    @property
    def mutates(self) -> bool:
        """Whether the method may change the service."""
        return self.method not in SAFE_METHODS

    def __repr__(self) -> str:
        """Show the call with every secret in its body masked and its headers left out."""
        body = "" if self.body is None else f", body={redact(self.body)!r}"
        return f"Request({self.method!r}, {self.uri!r}{body})"


@dataclass(frozen=True, slots=True)
class Response:
    """What a REST service answered."""

    status: int
    body: Json = None
    headers: Mapping[str, str] = field(default_factory=_no_headers)

    @property
    def ok(self) -> bool:
        """Whether the service accepted the request (status below 300)."""
        return self.status < 300  # noqa: PLR2004 - RFC 9110: 2xx is success

    def __repr__(self) -> str:
        """Show the status and a masked body."""
        return f"Response({self.status}, body={redact(self.body)!r})"
