"""One resource of a capture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

import orjson

from igc_redfish.bodies import type_name
from igc_redfish.capture.errors import CaptureError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from igc_core.rest import JsonObject


class Resource:
    """What a service answered to GET at one URI.

    Attributes:
        uri: Canonical URI.
        methods: The methods that the service allows there, or None where that was not recorded.
        status: HTTP status of the answer.
        headers: Headers of the answer that were recorded, but for ``Allow``.
    """

    __slots__ = ("_content", "headers", "methods", "status", "uri")

    def __init__(
        self,
        uri: str,
        body: JsonObject | bytes,
        *,
        methods: Sequence[str] | None = None,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.uri: Final = uri
        self.methods: Final = None if methods is None else tuple(methods)
        self.status: Final = status
        self.headers: Final[Mapping[str, str]] = headers or {}
        #: The body, as compact JSON until somebody asks for it.
        self._content: JsonObject | bytes = body

    def __repr__(self) -> str:
        """Name the resource."""
        return f"Resource({self.uri!r})"

    @property
    def body(self) -> dict[str, Any]:
        """The body, parsed on first use. Shared by everyone: replace it, never change it."""
        content = self._content
        if isinstance(content, bytes):
            content = self._content = orjson.loads(content)
        return cast("dict[str, Any]", content)

    @property
    def type(self) -> str:
        """Type without namespace and version, e.g. ``"ComputerSystem"``, or ``""``."""
        return type_name(self.body)

    @property
    def json(self) -> bytes:
        """The body as compact JSON, in the service's order of properties."""
        return self._content if isinstance(self._content, bytes) else encode(self._content, self.uri)

    def line(self) -> bytes:
        """The resource as one JSON object of a capture file."""
        envelope = {"path": self.uri, "methods": self.methods, "status": self.status, "headers": dict(self.headers)}
        return encode(envelope, self.uri)[:-1] + b',"body":' + self.json + b"}"

    def canonical_line(self) -> bytes:
        """The same for every order of properties and of headers."""
        body = orjson.loads(self._content) if isinstance(self._content, bytes) else self._content
        fields = {"path": self.uri, "methods": self.methods, "status": self.status, "headers": dict(self.headers)}
        return encode(fields | {"body": body}, self.uri, orjson.OPT_SORT_KEYS)


def encode(value: object, where: str, option: int = 0) -> bytes:
    """Write a JSON value as compact text.

    Raises:
        CaptureError: The value is no JSON, or nested deeper than 254 levels.
    """
    try:
        return orjson.dumps(value, option=option)
    except TypeError as error:
        reason = str(error).lower()
        if "recursion" in reason:
            reason = "it is nested deeper than 254 levels"
        raise CaptureError(f"{where} cannot be kept as JSON: {reason}", hint="no service answers that") from error
