"""Where a service lives: scheme, host and port (RFC 6454)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from igc_redfish.client.errors import ClientError

_PORTS = {"http": 80, "https": 443}
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_HOST = re.compile(r"[A-Za-z0-9._~-]+|[0-9A-Fa-f:.]+(%[A-Za-z0-9._~-]+)?")
#: What may stand in the target of a request; everything else is percent-encoded on the way.
_BROKEN = re.compile(r"[\x00-\x20\x7f\\]")
_HINT = "give it as https://HOST or https://HOST:PORT"


@dataclass(frozen=True, slots=True)
class Origin:
    """One service's address.

    Attributes:
        scheme: ``"https"``, or ``"http"``.
        host: Name or address, without brackets.
        port: TCP port.
    """

    scheme: str
    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Origin:
        """Read what a person types: ``https://host``, ``https://host:8443/redfish/v1``, or only a host.

        Raises:
            ClientError: It is no address of a service, or holds a password, which would be seen by others.
        """
        shown = text.rpartition("@")[2][:200]
        parts, port = _split(text if _SCHEME.match(text) else f"https://{text}", shown)
        if parts.scheme not in _PORTS:
            raise _unusable(f"{shown!r} is no address of a Redfish service: {parts.scheme} is not http or https")
        if "@" in parts.netloc:
            raise _unusable(f"the address of {shown!r} holds a user or password", "give them by IGC_REDFISH_USER")
        if parts.path.rstrip("/") not in {"", "/redfish", "/redfish/v1"} or parts.query or parts.fragment:
            raise _unusable(f"{shown!r} names more than a service")
        host = parts.hostname or ""
        if not _HOST.fullmatch(host):
            raise _unusable(f"{shown!r} names no host")
        return cls(parts.scheme, host, _PORTS[parts.scheme] if port is None else port)

    def __str__(self) -> str:
        """Write the origin as a URL, the port left out where it is the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"

    @property
    def encrypted(self) -> bool:
        """Whether others on the network cannot read along."""
        return self.scheme == "https"

    @property
    def loopback(self) -> bool:
        """Whether requests never leave this machine."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False

    def local(self, link: str) -> str:
        """Turn a link of this service into the path to ask for.

        Args:
            link: A path, or a URL.

        Returns:
            Path and query, without a fragment.

        Raises:
            ClientError: The link leads to another service, or is no path.
        """
        if _SCHEME.match(link):
            link = self._path_of(link)
        path = link.partition("#")[0]
        if not path.startswith("/") or path.startswith("//") or _BROKEN.search(path):
            raise ClientError(
                f"{link[:200]!r} is no path on {self}", code="client-request", hint="paths begin with one slash"
            )
        return path

    def _path_of(self, url: str) -> str:
        parts, port = _split(url, url[:200])
        wanted = _PORTS.get(parts.scheme) if port is None else port
        if (parts.scheme, parts.hostname, wanted) != (self.scheme, self.host, self.port) or "@" in parts.netloc:
            raise ClientError(
                f"a link of {self} leads to another service, {parts.scheme}://{parts.netloc.rpartition('@')[2]}",
                code="client-foreign-link",
                hint="it is not followed",
            )
        return parts._replace(scheme="", netloc="").geturl() or "/"


def _split(url: str, shown: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _unusable(f"{shown!r} is no address") from error
    return parts, port


def _unusable(message: str, hint: str = _HINT) -> ClientError:
    return ClientError(message, code="client-address", hint=hint)
