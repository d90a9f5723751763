"""What comes in: headers, URI and content of a request, within bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from igc_redfish.server.answers import Answer, refusal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping

    Header = tuple[bytes, bytes]
    Scope = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
    Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

#: Headers of which a request has one; where one comes twice it is not clear who is meant (RFC 9110, section 5.3).
_SINGLE: Final = frozenset({"authorization", "x-auth-token", "content-type", "odata-version", "content-encoding"})


#: Methods whose requests have no content.
WITHOUT_CONTENT: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Refused(Exception):  # noqa: N818 - an answer, not an error of the program
    """A request that goes no further.

    Attributes:
        answer: What the client is told, or None where nobody is there any more.
    """

    def __init__(self, answer: Answer | None) -> None:
        self.answer = answer
        super().__init__()


def uri_of(scope: Scope) -> str:
    """Return path and query as they were sent."""
    path: bytes = scope["raw_path"]
    query: bytes = scope["query_string"]
    return (path + b"?" + query if query else path).decode("latin-1")


def headers_of(pairs: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return headers by lower-case name; several of one name are joined.

    Raises:
        Refused: A header came twice of which there can be one.
    """
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in pairs}
    if len(headers) < len(pairs):
        headers.clear()
        for raw, value in pairs:
            name, text = raw.decode("latin-1"), value.decode("latin-1")
            if name in headers and name in _SINGLE:
                raise Refused(refusal("HeaderInvalid", name, status=400))
            headers[name] = f"{headers[name]}, {text}" if name in headers else text
    return headers


def demand_plain(headers: dict[str, str]) -> None:
    """Refuse compressed content: nothing here needs it, and a small one may unpack to any size.

    Raises:
        Refused: 415.
    """
    coding = headers.get("content-encoding")
    if coding is not None and coding.strip().lower() not in {"", "identity"}:
        raise Refused(refusal("HeaderInvalid", "Content-Encoding", status=415, closing=True))


async def content_of(receive: Receive, headers: dict[str, str], limit: int) -> bytes | None:
    """Read the content; None where there is none.

    Raises:
        Refused: It is compressed or too long, or the client has gone.
    """
    demand_plain(headers)
    content = b""
    more = _comes(headers, limit)
    while more:
        block, more = _block_of(await receive())
        content = content + block if content else block
        if len(content) > limit:
            raise Refused(_too_large())
    return content or None


async def blocks_of(receive: Receive, headers: dict[str, str], limit: int) -> AsyncIterator[bytes]:
    """Read long content in the blocks that it comes in.

    Raises:
        Refused: It is too long, or the client has gone.
    """
    total = 0
    more = _comes(headers, limit)
    while more:
        block, more = _block_of(await receive())
        total += len(block)
        if total > limit:
            raise Refused(_too_large())
        yield block


def _comes(headers: dict[str, str], limit: int) -> bool:
    """Tell whether there is content, and refuse at once what says that it is too long."""
    stated = headers.get("content-length", "0")
    if stated.isdecimal() and int(stated) > limit:
        raise Refused(_too_large())
    return stated != "0" or "transfer-encoding" in headers


def _block_of(message: MutableMapping[str, Any]) -> tuple[bytes, bool]:
    """Return what came, and whether more follows."""
    if message["type"] == "http.disconnect":
        raise Refused(None)
    return message.get("body", b""), message.get("more_body", False)


def _too_large() -> Answer:
    return refusal("PayloadTooLarge", status=413, closing=True)
