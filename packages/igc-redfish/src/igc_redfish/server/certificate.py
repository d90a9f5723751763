"""TLS: certificates of one's own, or one made on the spot."""

from __future__ import annotations

import os
import socket
import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Final

from igc_core.errors import DataError

if TYPE_CHECKING:
    from cryptography.x509 import GeneralName

_VALID: Final = timedelta(days=90)
#: Clocks of clients may be behind.
_EARLIER: Final = timedelta(hours=1)


def tls_context(address: str, certificate: Path | None = None, key: Path | None = None) -> ssl.SSLContext:
    """Make the TLS side of a server.

    Args:
        address: Where it listens; the certificate made on the spot names it, ``localhost`` and this host.
        certificate: PEM file with the certificate and its chain. Where neither file is there, both are made, so that
            the next start has the same certificate. Without names, a certificate is made and never written down.
        key: PEM file with its private key.

    Raises:
        DataError: A file is missing, unreadable, or the key is of another certificate.
    """
    if (certificate is None) != (key is None):
        problem = "a certificate needs its key, and a key its certificate"
        raise DataError(problem, code="data-missing", hint="give both --cert and --key")
    try:
        if certificate is None or key is None:
            with tempfile.TemporaryDirectory(prefix="igc-tls-") as folder:
                return _made(Path(folder, "cert.pem"), Path(folder, "key.pem"), address)
        if not certificate.exists() and not key.exists():
            return _made(certificate, key, address)
        return _loaded(certificate, key)
    except (OSError, ssl.SSLError) as error:
        place = f"{certificate} and {key}"
        hint = "give PEM files of one certificate and its key, or names of files that can be made"
        raise DataError(
            f"cannot use {place} for TLS: {error.strerror or error}", code="data-invalid", hint=hint
        ) from error


def _made(certificate: Path, key: Path, address: str) -> ssl.SSLContext:
    made, secret = _self_signed(address)
    _write(key, secret, mode=0o600)
    try:
        _write(certificate, made, mode=0o644)
    except OSError:
        key.unlink(missing_ok=True)  # a key alone would be in the way of the next start
        raise
    return _loaded(certificate, key)


def _loaded(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    context.load_cert_chain(certificate, key)
    return context


def _write(path: Path, content: bytes, *, mode: int) -> None:
    """Write a new file that nobody could read before it had its mode."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def _self_signed(address: str) -> tuple[bytes, bytes]:
    """Make a certificate for P-256 and its key, both PEM."""
    from cryptography import x509  # noqa: PLC0415 - only where a certificate is made
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415
    from cryptography.x509.oid import NameOID  # noqa: PLC0415

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "igc serve")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _EARLIER)
        .not_valid_after(now + _VALID)
        .add_extension(x509.SubjectAlternativeName(_names(address)), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return certificate.public_bytes(serialization.Encoding.PEM), private


def _names(address: str) -> list[GeneralName]:
    from cryptography import x509  # noqa: PLC0415

    addresses = {ip_address("127.0.0.1"), ip_address("::1")}
    names = {"localhost", socket.gethostname()}
    try:
        addresses.add(ip_address(address))
    except ValueError:
        names.add(address)
    return [*map(x509.DNSName, sorted(names)), *map(x509.IPAddress, sorted(addresses, key=str))]
