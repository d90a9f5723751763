"""What may go to disk: bodies and headers with every secret masked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from igc_core.redaction import MASK, redact
from igc_redfish.bodies import as_array, as_object
from igc_redfish.capture import Resource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from igc_core.rest import Json

#: Headers worth keeping; ``Allow`` is kept as the methods.
_KEPT_HEADERS = ("ETag", "Location", "Link")
#: Secrets that are known by their looks, under whatever key they stand.
_PATTERNS = (
    re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(-----END [A-Z0-9 ]*PRIVATE KEY-----|\Z)", re.DOTALL),
    re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"),  # a JSON web token, RFC 7519
    re.compile(r"\b(?:Bearer|Basic)\s+[\w.~+/-]{8,}=*"),
    re.compile(r"\$(?:1|2[aby]?|5|6|y|argon2\w*)\$[\w./$=,+-]{10,}"),  # hashes of crypt(5)
)
_MARKS = ("PRIVATE KEY", "eyJ", "Bearer", "Basic", "$")
#: A shorter password could be part of ordinary words.
_SHORTEST_OWN = 6


class Screen:
    """Masks secrets: those that keys and looks give away, and the crawl's own.

    Args:
        own: Gives the password that the crawl uses, and the like. Texts under six characters are only masked where a
            key gives them away.
    """

    def __init__(self, own: Callable[[], Iterable[str]] = tuple) -> None:
        self._own = own

    def body(self, body: Any) -> Any:
        """Copy a JSON value without its secrets."""
        own = tuple(text for text in self._own() if len(text) >= _SHORTEST_OWN)
        return _looked_through(redact(body), own)

    def resource(
        self, uri: str, body: Mapping[str, Json], status: int, headers: Mapping[str, str], methods: Sequence[str] | None
    ) -> Resource:
        """Make the record of an answer."""
        kept = {name: headers[name] for name in _KEPT_HEADERS if headers.get(name)}
        return Resource(uri, self.body(body), methods=methods, status=status, headers=self.body(kept))


def _looked_through(value: Any, own: tuple[str, ...]) -> Any:
    if isinstance(value, str):
        return _looked_at(value, own)
    if isinstance(value, dict):
        return {key: _looked_through(item, own) for key, item in as_object(value).items()}
    if isinstance(value, list):
        return [_looked_through(item, own) for item in as_array(value)]
    return value


def _looked_at(text: str, own: tuple[str, ...]) -> str:
    for secret in own:
        if secret in text:
            text = text.replace(secret, MASK)
    if any(mark in text for mark in _MARKS):
        for pattern in _PATTERNS:
            text = pattern.sub(MASK, text)
    return text
