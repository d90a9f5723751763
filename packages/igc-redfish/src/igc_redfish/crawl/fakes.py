"""Consistent fakes of what tells one machine from all others: serial numbers, addresses, UUIDs, host names.

The same text always becomes the same fake, in bodies and in URIs, so everything that agreed still agrees. Fakes are
numbered in the order of the file: they say nothing about what they stand for.
"""

from __future__ import annotations

import re
from collections import defaultdict
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING, Any

import orjson

from igc_redfish.bodies import as_array, as_object
from igc_redfish.capture import Resource

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SERIAL_KEY = re.compile(
    r"serial_?(number|num|no)?$|servicetag$|assettag$|nodeid$|durablename$|ww[np]n?$|wwid$|guid$|eui$|imei$",
    re.IGNORECASE,
)
_HOST_KEY = re.compile(r"hostname$|fqdn$|dnsname$|domainname$|systemname$", re.IGNORECASE)
#: ``2.10.10.10`` is a version here and an address elsewhere.
_VERSION_KEY = re.compile(r"version|revision|release|build|mask", re.IGNORECASE)
_MAC = re.compile(r"(?<![0-9A-Fa-f:-])[0-9A-Fa-f]{2}([:-])(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}(?![0-9A-Fa-f:-])")
_UUID = re.compile(r"(?<![0-9A-Fa-f])[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}(?![0-9A-Fa-f])")
_IPV4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\w)")
_IPV6 = re.compile(r"(?<![\w:.])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?![\w:])")
#: Shorter texts stand in too many places for other reasons, and these name no machine.
_SHORTEST = 4
_PLACEHOLDER = re.compile(
    r"(.)\1*|n/?a|none|null|unknown|not ?(specified|available|set)|to be filled.*|<.*>|localhost", re.IGNORECASE
)
#: Forms of fakes, of ranges that belong to nobody: MACs that are locally administered (IEEE 802, section 8.4), IPv6
#: addresses for documentation (RFC 3849), IPv4 addresses for benchmarks (RFC 2544).
_FORMS = {
    "mac": "02{:010x}",
    "uuid": "00000000-0000-4000-8000-{:012x}",
    "ipv6": "2001:db8::{:x}",
    "local": "fe80::{:x}",
    "serial": "SERIAL{:05}",
    "host": "host-{}",
}
_FIRST_IPV4 = IPv4Address("198.18.0.0")


class Disguise:
    """Replaces identities by fakes.

    Args:
        host: Name or address under which the service was reached.
    """

    def __init__(self, host: str = "") -> None:
        self._fakes: defaultdict[str, dict[str, str]] = defaultdict(dict)
        self._known: dict[str, str] = {}
        self._pattern: re.Pattern[str] | None = None
        self._learn_text(host, "host")

    def applied(self, resources: Iterable[Resource]) -> list[Resource]:
        """Copy resources with fakes in place of identities."""
        originals = list(resources)
        for resource in originals:
            for key, text in _texts(resource.body):
                self._learn(key, text)
        ordered = sorted(self._known, key=len, reverse=True)
        if ordered:
            words = "|".join(map(re.escape, ordered))
            self._pattern = re.compile(rf"(?<![A-Za-z0-9])(?:{words})(?![A-Za-z0-9])", re.IGNORECASE)
        return [self._copied(resource) for resource in originals]

    def value(self, value: Any) -> Any:
        """Copy a JSON value with fakes, of what :meth:`applied` has seen and of what is known by its looks."""
        return self._value("", value)

    def _copied(self, resource: Resource) -> Resource:
        return Resource(
            self._text("", resource.uri),
            orjson.dumps(self.value(resource.body)),
            methods=resource.methods,
            status=resource.status,
            headers=self.value(dict(resource.headers)),
        )

    def _learn(self, key: str, text: str) -> None:
        if _SERIAL_KEY.search(key):
            self._learn_text(text, "serial")
        elif _HOST_KEY.search(key):
            self._learn_text(text, "host")

    def _learn_text(self, text: str, kind: str) -> None:
        text = text.strip()
        if text.startswith("/"):
            return  # a path, and no identity: faking it would take the links of a capture apart
        shaped = _MAC.search(text) or _UUID.search(text) or _address(text)
        if len(text) >= _SHORTEST and not _PLACEHOLDER.fullmatch(text) and not shaped:
            self._known[text.casefold()] = self._fake(kind, text.casefold())

    def _value(self, key: str, value: Any) -> Any:
        if isinstance(value, str):
            return self._text(key, value)
        if isinstance(value, dict):
            return {self._text("", name): self._value(name, item) for name, item in as_object(value).items()}
        if isinstance(value, list):
            return [self._value(key, item) for item in as_array(value)]
        return value

    def _text(self, key: str, text: str) -> str:
        if self._pattern is not None:
            text = self._pattern.sub(lambda found: self._known[found[0].casefold()], text)
        if "-" in text or ":" in text:
            text = _UUID.sub(self._uuid, text)
            text = _MAC.sub(self._mac, text)
            text = _IPV6.sub(self._address, text)
        return text if _VERSION_KEY.search(key) or "." not in text else _IPV4.sub(self._address, text)

    def _mac(self, found: re.Match[str]) -> str:
        digits = re.sub("[:-]", "", found[0]).casefold()
        if len(set(digits)) == 1:
            return found[0]
        fake = self._fake("mac", digits)
        return _cased(found[1].join(fake[i : i + 2] for i in range(0, 12, 2)), found[0])

    def _uuid(self, found: re.Match[str]) -> str:
        text = found[0].casefold()
        if len(set(text)) == 2:  # noqa: PLR2004 - a dash and one digit: nil and the like
            return found[0]
        return _cased(self._fake("uuid", text), found[0])

    def _address(self, found: re.Match[str]) -> str:
        address = _address(found[0])
        if address is None or address.is_loopback or address.is_unspecified or address.is_multicast:
            return found[0]
        if isinstance(address, IPv6Address):
            return self._fake("local" if address.is_link_local else "ipv6", str(address))
        if address.packed[0] == 255:  # noqa: PLR2004 - a mask, or broadcast
            return found[0]
        return self._fake("ipv4", str(address))

    def _fake(self, kind: str, text: str) -> str:
        found = self._fakes[kind].get(text)
        if found is None:
            found = self._fakes[kind][text] = _made(kind, len(self._fakes[kind]) + 1)
        return found


def _made(kind: str, number: int) -> str:
    """Write the fake of a number."""
    if kind == "ipv4":
        return str(_FIRST_IPV4 + number)
    return _FORMS[kind].format(number)


def _texts(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for name, item in as_object(value).items():
            yield from _texts(item, name)
    elif isinstance(value, list):
        for item in as_array(value):
            yield from _texts(item, key)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _cased(fake: str, original: str) -> str:
    return fake.upper() if original.upper() == original else fake
