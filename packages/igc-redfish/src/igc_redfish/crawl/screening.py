"""What may go to disk: bodies and headers with every secret masked.

On top of what keys give away everywhere (:mod:`igc_core.redaction`), a capture of somebody's machine is searched for
what else hosts are known to show. A word too many is masked rather than one too few.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from igc_core.redaction import MASK, is_secret_key, redact
from igc_redfish.bodies import as_array, as_object
from igc_redfish.capture.resource import Resource, encode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from igc_core.rest import Json

#: Headers worth keeping; ``Allow`` is kept as the methods.
_KEPT_HEADERS = ("ETag", "Location", "Link")
#: Keys of secrets that are innocent words outside of a machine's settings.
_SECRET_KEY = re.compile(
    r"(activation|aes|client|controller|entitlement|ipmi|kg|ntp|priv|product|recovery|security|serial|server|ssl|tls"
    r"|transport|user|wep|wpa)_?key$|(owner|platform|endorsement|lockout)_?auth$|authvalue$|jwt$|assertion$|answer$",
    re.IGNORECASE,
)
#: Where lists of settings say what a value is: ``{"AttributeName": "AdminPassword", "CurrentValue": ...}``.
_NAMES = ("AttributeName", "Name", "Id", "Key", "PropertyName")
_VALUES = frozenset({"Value", "CurrentValue", "DefaultValue", "PendingValue", "NewValue", "OldValue"})
#: Secrets that are known by their looks, under whatever key they stand, with what such a text holds at least.
_LOOKS = tuple(
    (mark, re.compile(pattern, re.DOTALL | re.IGNORECASE))
    for mark, pattern in (
        ("PRIVATE KEY", r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(-----END [A-Z0-9 ]*PRIVATE KEY-----|\Z)"),
        ("eyJ", r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"),  # a JSON web token, RFC 7519
        (" ", r"\b(?:Bearer|Basic)\s+(?=\S*[\d=])[\w.~+/-]{8,}=*"),
        (":", r"\b(?:X-Auth-Token|(?:Proxy-)?Authorization|(?:Set-)?Cookie|community)\s*:\s*[^\r\n]+"),
        ("-", r"(?<!\S)--?(?:pass\w*|token|secret|api-?key)[ =]\s*\S+|(?<!\S)-u\s+\S+:\S+"),  # command lines
        ("$", r"\$(?:1|2[aby]?|5|6|y|argon2\w*)\$[\w./$=,+-]{10,}"),  # hashes of crypt(5)
    )
)
#: A shorter password could be part of ordinary words.
_SHORTEST_OWN = 6


class Screen:
    """Masks secrets: those that keys, names and looks give away, and the crawl's own.

    Args:
        own: Gives the password that the crawl uses, and the like. Texts under six characters are only masked where a
            key gives them away.
    """

    def __init__(self, own: Callable[[], Iterable[str]] = tuple) -> None:
        self._own = own

    def body(self, body: Any) -> Any:
        """Copy a JSON value without its secrets."""
        own = tuple(text for text in self._own() if len(text) >= _SHORTEST_OWN)
        return _screened(redact(body), own)

    def resource(
        self, uri: str, body: Mapping[str, Json], status: int, headers: Mapping[str, str], methods: Sequence[str] | None
    ) -> Resource:
        """Make the record of an answer."""
        kept = {name: headers[name] for name in _KEPT_HEADERS if headers.get(name)}
        content = encode(self.body(body), uri)
        return Resource(uri, content, methods=methods, status=status, headers=self.body(kept))


def _screened(value: Any, own: tuple[str, ...]) -> Any:
    if isinstance(value, str):
        return _screened_text(value, own)
    if isinstance(value, dict):
        members = as_object(value)
        named = any(isinstance(name := members.get(key), str) and _is_secret_name(name) for key in _NAMES)
        return {
            key: MASK
            if item and isinstance(item, str) and (_is_secret_name(key) or (named and key in _VALUES))
            else _screened(item, own)
            for key, item in members.items()
        }
    if isinstance(value, list):
        return [_screened(item, own) for item in as_array(value)]
    return value


@lru_cache(maxsize=1 << 13)
def _is_secret_name(name: str) -> bool:
    return is_secret_key(name) or bool(_SECRET_KEY.search(name))


def _screened_text(text: str, own: tuple[str, ...]) -> str:
    for secret in own:
        if secret in text:
            text = text.replace(secret, MASK)
    for mark, pattern in _LOOKS:
        if mark in text:
            text = pattern.sub(MASK, text)
    return text
