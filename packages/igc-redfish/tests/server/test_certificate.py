"""HTTPS, with a certificate made on the spot or one's own."""

from __future__ import annotations

import ssl
import stat
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from igc_core.errors import DataError
from igc_redfish.server import Server
from igc_redfish.server.certificate import tls_context


def test_a_certificate_is_made_where_there_is_none_and_used_again(start: Callable[..., Server], tmp_path: Path) -> None:
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    server = start(tls=tls_context("127.0.0.1", certificate, key))
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    trusting = ssl.create_default_context(cafile=str(certificate))
    with urllib.request.urlopen(f"{server.url}/redfish", context=trusting) as answer:
        assert answer.read() == b'{"v1":"/redfish/v1/"}'
    with urllib.request.urlopen(server.url.replace("127.0.0.1", "localhost") + "/healthz", context=trusting) as answer:
        assert answer.status == 200
    made = certificate.read_bytes()
    tls_context("127.0.0.1", certificate, key)
    assert certificate.read_bytes() == made


def test_a_certificate_may_be_made_without_files(start: Callable[..., Server]) -> None:
    server = start(tls=tls_context("127.0.0.1"))
    assert server.url.startswith("https://")
    with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
        urllib.request.urlopen(f"{server.url}/redfish", context=ssl.create_default_context())
    blind = ssl._create_unverified_context()
    with urllib.request.urlopen(f"{server.url}/redfish", context=blind) as answer:
        assert answer.status == 200


def test_bad_files_are_told_in_one_line(tmp_path: Path) -> None:
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    with pytest.raises(DataError, match="needs its key"):
        tls_context("127.0.0.1", certificate)
    certificate.write_text("nothing")
    with pytest.raises(DataError, match="cannot use") as caught:
        tls_context("127.0.0.1", certificate, key)
    assert "\n" not in str(caught.value)
    key.write_text("nothing")
    with pytest.raises(DataError, match="cannot use"):
        tls_context("127.0.0.1", certificate, key)
    with pytest.raises(DataError, match="cannot use"):
        tls_context("127.0.0.1", tmp_path / "none" / "cert.pem", tmp_path / "none" / "key.pem")


@pytest.mark.parametrize("certificate", ["none/cert.pem", "key.pem"])
def test_a_certificate_that_cannot_be_written_leaves_no_key_in_the_way(certificate: str, tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    with pytest.raises(DataError, match="cannot use"):
        tls_context("127.0.0.1", tmp_path / certificate, key)
    assert not key.exists()
    tls_context("127.0.0.1", tmp_path / "cert.pem", key)
