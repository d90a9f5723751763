"""Firmware images that clients push: read within bounds, thrown away, and handed on as an update by name.

A simulated machine installs what an image is called, so its bytes are of no use (DSP0266, "Multipart HTTP push
updates" and UpdateService schema, ``HttpPushUri``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import orjson
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from igc_redfish.bodies import as_object
from igc_redfish.server.answers import refusal
from igc_redfish.server.content import Refused, blocks_of, demand_plain

if TYPE_CHECKING:
    from igc_redfish.server.content import Receive
    from igc_redfish.server.limits import Limits

_PARAMETERS: Final = "UpdateParameters"
_FILE: Final = "UpdateFile"
_MOST_PARTS: Final = 16
#: Largest part that is no image.
_PART_BYTES: Final = 64 << 10


class _Parts:
    """Collects the parts of a multipart body; of an image only its name."""

    def __init__(self, boundary: bytes) -> None:
        callbacks: Any = {
            "on_part_begin": self._begin,
            "on_header_field": self._field,
            "on_header_value": self._value,
            "on_header_end": self._header,
            "on_part_data": self._data,
            "on_end": self._end,
        }
        self.parser = MultipartParser(boundary, callbacks)
        self.texts: dict[str, bytes] = {}
        self.image: str | None = None
        self.whole = False
        self._count = 0

    def _begin(self) -> None:
        self._count += 1
        if self._count > _MOST_PARTS:
            raise _malformed("multipart/form-data")
        self._name, self._header_name, self._header_value = "", b"", b""

    def _field(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _header(self) -> None:
        if self._header_name.lower() == b"content-disposition":
            options = parse_options_header(self._header_value)[1]
            self._name = options.get(b"name", b"").decode(errors="replace")
            if self._name == _FILE:
                self.image = options.get(b"filename", b"").decode(errors="replace")
        self._header_name, self._header_value = b"", b""

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._name == _PARAMETERS:
            text = self.texts.get(self._name, b"") + data[start:end]
            if len(text) > _PART_BYTES:
                raise Refused(refusal("PayloadTooLarge", status=413, closing=True))
            self.texts[self._name] = text

    def _end(self) -> None:
        self.whole = True


async def update_of(receive: Receive, headers: dict[str, str], limits: Limits) -> bytes:
    """Read a pushed image; return what a SimpleUpdate with it would say, as JSON.

    Raises:
        Refused: It is too large, no image, or lacks a part.
    """
    demand_plain(headers)
    media, options = parse_options_header(headers.get("content-type", ""))
    if media == b"multipart/form-data":
        return await _from_parts(receive, headers, limits, options.get(b"boundary", b""))
    if media != b"application/octet-stream":
        raise Refused(refusal("HeaderInvalid", "Content-Type", status=415, closing=True))
    size = 0
    async for block in blocks_of(receive, headers, limits.image_bytes):
        size += len(block)
    named = parse_options_header(headers.get("content-disposition", ""))[1].get(b"filename", b"")
    if not size:
        raise _malformed(_FILE)
    return orjson.dumps({"ImageURI": _uri(named.decode(errors="replace"))})


async def _from_parts(receive: Receive, headers: dict[str, str], limits: Limits, boundary: bytes) -> bytes:
    if not boundary:
        raise _malformed("boundary")
    parts = _Parts(boundary)
    try:
        async for block in blocks_of(receive, headers, limits.image_bytes):
            parts.parser.write(block)
        parts.parser.finalize()
        stated = orjson.loads(parts.texts.get(_PARAMETERS, b"{}") or b"{}")
    except MultipartParseError:
        raise _malformed("multipart/form-data") from None
    except ValueError:
        raise _malformed(_PARAMETERS) from None
    if not isinstance(stated, dict):
        raise _malformed(_PARAMETERS)
    if parts.image is None or not parts.whole:
        raise _malformed(_FILE)
    parameters = {key: value for key, value in as_object(stated).items() if key == "Targets" or "@" in key}
    return orjson.dumps({**parameters, "ImageURI": _uri(parts.image)})


def _uri(filename: str) -> str:
    """Name an image that came from a client: nothing that could be fetched."""
    return f"upload:///{quote(filename.replace(chr(92), '/').rpartition('/')[2])}"


def _malformed(part: str) -> Refused:
    return Refused(refusal("MissingOrMalformedPart", part, status=400, closing=True))
