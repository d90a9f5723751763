from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from igc_encoders import tokens
from igc_encoders.errors import EncoderError
from igc_encoders.hub import why_absent

PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def _hub(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)


def _point_to(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    endpoint = f"http://127.0.0.1:{port}"
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", endpoint)
    template = f"{endpoint}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
    monkeypatch.setattr("huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE", template)


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hub that nobody serves."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    _point_to(monkeypatch, port)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What a hub is asked for that knows of nothing."""
    paths: list[str] = []

    class Empty(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_response(404)
            self.send_header("X-Error-Code", "RepoNotFound")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_HEAD = do_GET  # noqa: N815 - as http.server calls it

        def log_request(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Empty) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        _point_to(monkeypatch, server.server_port)
        try:
            yield paths
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.usefixtures("closed")
@pytest.mark.parametrize("name", ["gpt22", "runs/lm-2"])
def test_without_a_network_a_name_is_told_at_once(name: str) -> None:
    began = time.monotonic()
    with pytest.raises(EncoderError) as caught:
        tokens.load(name)
    assert time.monotonic() - began < 10
    assert caught.value.code == "encoder-missing"
    told = str(caught.value)
    assert "there is no such folder, nothing of that name was fetched before, and http://127.0.0.1:" in told
    assert "cannot be reached: Connection refused; give a folder" in told


@pytest.mark.parametrize("path", ["./lm", "/no/such/folder", "a/b/c", "~/lm", "no such folder"])
def test_what_can_only_be_a_folder_is_asked_of_nobody(path: str, asked: list[str]) -> None:
    with pytest.raises(EncoderError, match="there is no such folder; give a folder"):
        tokens.load(path)
    assert asked == []


def test_a_hub_that_answers_is_asked(asked: list[str]) -> None:
    assert why_absent("some/model") == ""
    with pytest.raises(EncoderError, match="no tokenizer called 'some/model'"):
        tokens.load("some/model")
    assert any(path.startswith("/some/model/resolve/main/") for path in asked)


def test_a_folder_is_no_name(tmp_path: Path) -> None:
    assert why_absent(tmp_path) == ""


@pytest.mark.usefixtures("asked")
def test_a_proxy_that_cannot_be_reached_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{port}")
    assert "cannot be reached by way of 127.0.0.1: Connection refused" in why_absent("some/model")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert why_absent("some/model") == ""


def test_who_wants_no_hub_gets_none(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert "and HF_HUB_OFFLINE is set" in why_absent("some/model")
    assert asked == []
