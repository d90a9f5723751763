"""How a host proves that it is the one that was meant."""

from __future__ import annotations

import hashlib
import re
import socket
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING

from igc_redfish.client.errors import ClientError

if TYPE_CHECKING:
    from pathlib import Path

    from igc_redfish.client.origin import Origin

#: What a person reads who turns verification off.
GIVEN_UP = (
    "certificates are not verified: whoever sits between here and the host can read the password and every answer, "
    "and change both; --ca FILE or --fingerprint SHA256 keeps the proof"
)
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Trust:
    """What is demanded of a host before anything is sent.

    Attributes:
        verify: True for the system's certificate authorities, a file of certificates, or False for no verification.
        fingerprint: SHA-256 of the host's certificate, in hexadecimal with or without colons: the only certificate
            that is accepted. It needs no authority, so it suits the self-signed certificates of BMCs.
        plain: Allow ``http`` to hosts other than this machine.
    """

    verify: bool | Path = True
    fingerprint: str = ""
    plain: bool = False

    def __post_init__(self) -> None:
        """Normalise the fingerprint.

        Raises:
            ClientError: It is no SHA-256.
        """
        text = self.fingerprint.replace(":", "").casefold()
        if text and not _SHA256.fullmatch(text):
            raise ClientError(
                f"{self.fingerprint[:100]!r} is no fingerprint of a certificate",
                code="client-untrusted",
                hint="give 64 hexadecimal digits, the SHA-256 of the certificate",
            )
        object.__setattr__(self, "fingerprint", text)

    @property
    def blind(self) -> bool:
        """Whether any host would be believed."""
        return self.verify is False and not self.fingerprint

    def demand(self, origin: Origin) -> None:
        """Refuse to talk unencrypted over a network.

        Raises:
            ClientError: The origin is plain http, neither on this machine nor allowed.
        """
        if not (origin.encrypted or origin.loopback or self.plain):
            raise ClientError(
                f"{origin} is not encrypted: anybody on the way reads the password",
                code="client-insecure",
                hint="use https://, or --allow-http",
            )

    def context(self) -> ssl.SSLContext:
        """Make the TLS settings.

        Raises:
            ClientError: The file of certificates cannot be read.
        """
        own = None if isinstance(self.verify, bool) else self.verify
        try:
            context = ssl.create_default_context(cafile=own)
        except (OSError, ssl.SSLError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise ClientError(
                f"cannot read certificates from {own}: {reason}",
                code="client-untrusted",
                hint="give a PEM file of certificate authorities",
            ) from error
        if self.verify is False or (self.fingerprint and own is None):
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


def fingerprint_of(origin: Origin, timeout_s: float = 10.0) -> str:
    """Ask a host for its certificate, without believing it.

    Returns:
        SHA-256 of the certificate, in hexadecimal; to be compared with what the host's console shows.

    Raises:
        ClientError: The host cannot be reached.
    """
    context = Trust(verify=False).context()
    try:
        with (
            socket.create_connection((origin.host, origin.port), timeout_s) as plain,
            context.wrap_socket(plain, server_hostname=origin.host) as secured,
        ):
            certificate = secured.getpeercert(binary_form=True) or b""
    except OSError as error:
        raise ClientError(
            f"cannot read the certificate of {origin}: {error}", code="client-unreachable", hint="check the address"
        ) from error
    return hashlib.sha256(certificate).hexdigest()
