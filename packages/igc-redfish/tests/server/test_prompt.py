"""Whether a request is answered at once or goes the way of ASGI, its client sees the same."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from igc_redfish.server import HostOptions, Server
from igc_redfish.server.request_log import RequestLog

ROOT = "/redfish/v1"
SYSTEM = f"{ROOT}/Systems/1"
REQUESTS = [
    ("GET", ROOT, None, {}),
    ("GET", f"{SYSTEM}/", None, {"If-None-Match": "*"}),
    ("HEAD", SYSTEM, None, {}),
    ("GET", f"{ROOT}/Systems?$expand=.", None, {}),
    ("GET", f"{ROOT}/Syst%65ms", None, {}),
    ("GET", f"{ROOT}/none", None, {}),
    ("GET", SYSTEM, b"a body that nobody wants", {}),
    ("PATCH", SYSTEM, {"AssetTag": "A1"}, {}),
    ("PATCH", SYSTEM, {"AssetTag": 7, "Nothing": 1}, {}),
    ("PATCH", SYSTEM, b"{", {}),
    ("PATCH", SYSTEM, {"AssetTag": "A2"}, {"If-Match": 'W/"another"'}),
    ("PATCH", SYSTEM, {"AssetTag": "A2"}, {"Content-Encoding": "gzip"}),
    ("POST", f"{SYSTEM}/Actions/ComputerSystem.Reset", {"ResetType": "ForceOff"}, {}),
    ("POST", f"{SYSTEM}/Actions/ComputerSystem.Reset", {"ResetType": "Sideways"}, {}),
    ("DELETE", SYSTEM, None, {}),
    ("OPTIONS", SYSTEM, None, {}),
    ("TRACE", SYSTEM, None, {}),
    ("GET", ROOT, None, {"Connection": "close"}),
    ("GET", ROOT, None, {"OData-Version": "3.0"}),
]


def test_both_ways_answer_alike(
    options: HostOptions, start: Callable[..., Server], connect: Callable[..., Any], tmp_path: Path
) -> None:
    still = replace(options, clock_factor=0.0)
    at_once, by_asgi = start(still), start(still, log=RequestLog(str(tmp_path / "log")))
    answers = []
    for server in (at_once, by_asgi):
        client = connect(server)
        found = []
        for method, path, body, headers in REQUESTS:
            named = {name.replace("-", "_"): value for name, value in headers.items()}
            answer = client.send(method, path, body, **named)
            shown = {name: value for name, value in answer.headers.items() if name != "date"}
            found.append((method, path, answer.status, shown, answer.content))
        answers.append(found)
    assert answers[0] == answers[1]


@pytest.mark.parametrize("size", [1, 7, 50])
def test_requests_may_come_in_pieces(server: Server, size: int) -> None:
    text = b"GET /redfish HTTP/1.1\r\nHost: x\r\n\r\nHEAD /redfish HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])), timeout=5) as connection:
        for place in range(0, len(text), size):
            connection.sendall(text[place : place + size])
        came = b""
        while block := connection.recv(65536):
            came += block
    assert came.count(b"HTTP/1.1 200 OK") == 2
    assert came.count(b'{"v1":"/redfish/v1/"}') == 1
    assert came.endswith(b"connection: close\r\n\r\n")


def test_nothing_follows_a_last_request(client: Any, server: Server) -> None:
    login = b"X-Auth-Token: " + client.headers["X-Auth-Token"].encode()
    body = b'{"AssetTag":"after the end"}'
    patch = b"PATCH /redfish/v1/Systems/1 HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n%s\r\n\r\n%s"
    text = b"GET /redfish HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" + patch % (len(body), login, body)
    with socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])), timeout=5) as connection:
        connection.sendall(text)
        came = b""
        while block := connection.recv(65536):
            came += block
    assert came.count(b"HTTP/1.1") == 1
    assert client.get(SYSTEM).json["AssetTag"] == ""


def test_old_clients_get_one_answer(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])), timeout=5) as connection:
        connection.sendall(b"GET /redfish HTTP/1.0\r\n\r\n")
        came = b""
        while block := connection.recv(65536):
            came += block
    assert came.endswith(b'{"v1":"/redfish/v1/"}')
