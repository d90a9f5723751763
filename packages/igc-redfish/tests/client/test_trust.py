from __future__ import annotations

import hashlib
import socket
import ssl
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from igc_core.rest import Request
from igc_redfish.client import Bounds, ClientError, Patience, Transport, Trust, fingerprint_of
from igc_redfish.server.certificate import tls_context

GET = Request("GET", "/redfish/v1")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    paths = folder / "cert.pem", folder / "key.pem"
    tls_context("127.0.0.1", *paths)
    return paths


@pytest.fixture
def secured(web: Any, certificate: tuple[Path, Path]) -> Any:
    secure(web, tls_context("127.0.0.1", *certificate))
    return web


def secure(web: Any, context: ssl.SSLContext) -> None:
    web.server.socket = context.wrap_socket(web.server.socket, server_side=True, do_handshake_on_connect=False)
    web.url = web.url.replace("http://", "https://")
    web.pages["/redfish/v1"] = {"ok": True}


def write_certificate(certificate: Path, key: Path, name: str) -> None:
    """Make a certificate that names nobody else."""
    secret = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(secret.public_key())
        .serial_number(7)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(secret, hashes.SHA256())
    )
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    no_encryption = serialization.NoEncryption()
    private = secret.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, no_encryption)
    key.write_bytes(private)


def pinned(certificate: tuple[Path, Path]) -> str:
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(certificate[0].read_text())).hexdigest()


def status(url: str, trust: Trust | None = None) -> int:
    with Transport(url, trust=trust) as client:
        return client.send(GET).status


def test_certificate_of_nobody_is_not_trusted(secured: Any) -> None:
    with pytest.raises(ClientError) as caught:
        status(secured.url)
    assert caught.value.code == "client-untrusted"
    assert not secured.asked


def test_its_authority_makes_it_trusted(secured: Any, certificate: tuple[Path, Path]) -> None:
    assert status(secured.url, Trust(verify=certificate[0])) == 200


def test_certificate_of_another_name_is_not_trusted(web: Any, tmp_path: Path) -> None:
    other = tmp_path / "cert.pem", tmp_path / "key.pem"
    write_certificate(*other, name="bmc8.example")
    secure(web, tls_context("", *other))
    with pytest.raises(ClientError) as caught:
        status(web.url, Trust(verify=other[0]))
    assert caught.value.code == "client-untrusted"
    assert not web.asked


def test_pinned_fingerprint_needs_no_authority(secured: Any, certificate: tuple[Path, Path]) -> None:
    digits = pinned(certificate).upper()
    assert status(secured.url, Trust(fingerprint=":".join(digits[i : i + 2] for i in range(0, 64, 2)))) == 200


def test_another_fingerprint_is_refused_even_without_verification(secured: Any) -> None:
    with pytest.raises(ClientError) as caught:
        status(secured.url, Trust(verify=False, fingerprint="0" * 64))
    assert caught.value.code == "client-untrusted"
    assert not secured.asked


def test_without_verification_anybody_is_believed(secured: Any) -> None:
    assert Trust(verify=False).blind
    assert status(secured.url, Trust(verify=False)) == 200


def test_fingerprint_can_be_asked_for(secured: Any, certificate: tuple[Path, Path]) -> None:
    with Transport(secured.url) as client:
        assert fingerprint_of(client.origin) == pinned(certificate)


def test_environment_cannot_turn_verification_off_or_elsewhere(
    secured: Any, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, str(certificate[0]))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with pytest.raises(ClientError) as caught:
        status(secured.url)
    assert caught.value.code == "client-untrusted"


def test_plain_http_over_a_network_is_refused() -> None:
    with pytest.raises(ClientError) as caught:
        Transport("http://192.0.2.1")
    assert caught.value.code == "client-insecure"
    Transport("http://192.0.2.1", trust=Trust(plain=True)).close()


@pytest.mark.parametrize("text", ["abc", "g" * 64, "00" * 20])
def test_what_is_no_sha256_is_refused(text: str) -> None:
    with pytest.raises(ClientError) as caught:
        Trust(fingerprint=text)
    assert caught.value.code == "client-untrusted"


def test_unreadable_authorities_are_named(tmp_path: Path) -> None:
    with pytest.raises(ClientError) as caught:
        Transport("https://bmc7", trust=Trust(verify=tmp_path / "no.pem"))
    assert "no.pem" in str(caught.value)


def test_tls_where_there_is_none_is_said(web: Any) -> None:
    with pytest.raises(ClientError) as caught:
        status(web.url.replace("http://", "https://"))
    assert caught.value.code == "client-unreachable"
    assert "https" in str(caught.value)


def test_a_handshake_that_trickles_is_given_up(client: Any, impatient: Bounds) -> None:
    """Python gives a handshake one deadline (``_ssl.c``), however little of it arrives at a time."""

    def trickle(listener: socket.socket) -> None:
        with listener.accept()[0] as connection, suppress(OSError):
            connection.sendall(b"\x16\x03\x03\x40\x00\x02")  # a record of 16 KiB that holds a ServerHello
            for _ in range(100):
                time.sleep(0.05)
                connection.sendall(b"\0")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        host = threading.Thread(target=trickle, args=(listener,))
        host.start()
        begun = time.monotonic()
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(ClientError) as caught:
            client(url, bounds=impatient, patience=Patience(attempts=1)).send(Request("GET", "/redfish/v1"))
        assert time.monotonic() - begun < 4
        host.join()
    assert caught.value.code == "client-timeout"
