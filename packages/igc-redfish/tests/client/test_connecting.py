from __future__ import annotations

import io
import subprocess
import sys

import pytest

from igc_core.errors import LoadingError
from igc_redfish.client import ClientError, connect


def test_insecure_says_what_it_gives_up() -> None:
    told: list[str] = []
    connect("https://bmc7", insecure=True, warn=told.append).close()
    assert "not verified" in told[0]


def test_plain_http_says_what_it_gives_up() -> None:
    told: list[str] = []
    connect("http://192.0.2.1", plain=True, warn=told.append).close()
    assert "not encrypted" in told[0]


@pytest.mark.parametrize(
    ("url", "insecure", "fingerprint"),
    [("https://bmc7", False, ""), ("https://bmc7", True, "0" * 64), ("http://127.0.0.1", True, "")],
)
def test_what_gives_up_nothing_says_nothing(url: str, insecure: bool, fingerprint: str) -> None:
    told: list[str] = []
    connect(url, insecure=insecure, fingerprint=fingerprint, warn=told.append).close()
    assert told == []


def test_missing_password_is_said_before_anything_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("IGC_REDFISH_PASSWORD", raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with pytest.raises(ClientError) as caught:
        connect("https://bmc7", user="root")
    assert caught.value.code == "client-credentials"


def test_missing_library_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("igc_redfish.client.transport", "igc_redfish.client.wire"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, "urllib3", None)
    with pytest.raises(LoadingError) as caught:
        connect("https://bmc7")
    assert "igc-redfish[live]" in str(caught.value)


def test_importing_the_client_needs_no_http_library() -> None:
    modules = "igc_redfish.client, igc_redfish.crawl, igc_redfish.cli.capture"
    check = f"import sys, {modules}; assert 'urllib3' not in sys.modules"
    subprocess.run([sys.executable, "-c", check], check=True)
