"""Where events may be sent: nowhere but to this machine, unless somebody allows it (against server-side forgery)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from igc_core.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable

_PORTS: Final = {"http": 80, "https": 443}
#: Names of hosts (RFC 1123, section 2.1), and the underscores that some networks have.
_NAME: Final = re.compile(r"(?=.{1,253}$)\w([\w-]{0,61}\w)?(\.\w([\w-]{0,61}\w)?)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a POST goes.

    Attributes:
        scheme: ``http`` or ``https``.
        host: Name or address.
        port: TCP port.
        path: Path and query.
    """

    scheme: str
    host: str
    port: int
    path: str


class Destinations:
    """Tells which destinations may be reached: loopback addresses, ``localhost``, and what is listed.

    A name that is not listed is not even looked up.
    """

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        """Learn what is allowed.

        Args:
            allowed: Host names, addresses or networks (``10.0.0.0/8``).

        Raises:
            DataError: One is none of these.
        """
        self._names: set[str] = set()
        self._networks: list[IPv4Network | IPv6Network] = [ip_network("127.0.0.0/8"), ip_network("::1/128")]
        for text in allowed:
            self._allow(text.strip())

    def find(self, url: object) -> Destination | None:
        """Take a URL apart; None where it must not be reached, or is none."""
        try:
            parts = urlsplit(url if isinstance(url, str) else "")
            port = parts.port
        except ValueError:
            return None
        host, scheme = parts.hostname or "", parts.scheme.lower()
        if scheme not in _PORTS or not self._allows(host):
            return None
        path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        return Destination(scheme, host, port or _PORTS[scheme], path)

    def _allow(self, text: str) -> None:
        try:
            self._networks.append(ip_network(text, strict=False))
        except ValueError:
            if not _NAME.fullmatch(text) or text.rpartition(".")[2].isdigit():
                hint = "name a host, an address or a network such as 10.0.0.0/8"
                raise DataError(f"{text[:60]!r} is no destination", code="data-invalid", hint=hint) from None
            self._names.add(text.lower())

    def _allows(self, host: str) -> bool:
        if host == "localhost" or host in self._names:
            return True
        try:
            address = ip_address(host)
        except ValueError:
            return False
        return any(address in network for network in self._networks if network.version == address.version)
