"""What clients may not do to a server."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import Any

import pytest

from igc_redfish.server import Limits, Server

ROOT = "/redfish/v1"
SYSTEM = f"{ROOT}/Systems/1"
BASIC = b"Authorization: Basic YWRtaW46Y29ycmVjdCBob3JzZQ==\r\n"


def speak(server: Server, *parts: bytes, pause_s: float = 0.0, timeout_s: float = 5.0) -> bytes:
    """Send bytes as they are; return all that comes back until the server closes or falls silent."""
    port = int(server.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=timeout_s) as connection:
        for part in parts:
            try:
                connection.sendall(part)
            except OSError:
                break
            time.sleep(pause_s)
        came = b""
        try:
            while block := connection.recv(65536):
                came += block
        except (TimeoutError, ConnectionResetError):
            pass
        return came


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


@pytest.mark.parametrize(
    "text",
    [
        b"\x00\x01\x02\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /redfish/v1 HTTP/9.9\r\n\r\n",
        b"GET /redfish/v1 HTTP/1.1\r\nBad Header: 1\r\n\r\n",
        b"GET /redfish/v1 HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /redfish/v1 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /redfish/v1 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /redfish/v1 HTTP/1.1\r\n" + b"X: y\r\n" * 150 + b"\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
def test_what_is_no_http_gets_an_extended_error(server: Server, text: bytes) -> None:
    answer = speak(server, text)
    assert status_of(answer) in {400, 501}
    assert b"@Message.ExtendedInfo" in answer
    assert b"Traceback" not in answer


def test_long_heads_are_refused(server: Server) -> None:
    answer = speak(server, b"GET /redfish/v1 HTTP/1.1\r\n", *[b"X-Long: " + b"a" * 8000 + b"\r\n"] * 40, pause_s=0.001)
    assert status_of(answer) == 431
    answer = speak(server, b"GET /", *[b"a" * 8000] * 40, pause_s=0.001)
    assert status_of(answer) == 431


def test_long_bodies_are_refused_before_they_come(server: Server) -> None:
    head = b"PATCH " + SYSTEM.encode() + b" HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" + BASIC
    answer = speak(server, head + b"Content-Length: 99999999\r\nExpect: 100-continue\r\n\r\n")
    assert status_of(answer) == 413
    assert b"connection: close" in answer.lower()


def test_long_bodies_without_a_length_are_refused_on_the_way(server: Server) -> None:
    head = b"PATCH " + SYSTEM.encode() + b" HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" + BASIC
    block = b"10000\r\n" + b" " * 65536 + b"\r\n"
    answer = speak(server, head + b"Transfer-Encoding: chunked\r\n\r\n", *[block] * 64)
    assert status_of(answer) == 413


def test_compressed_bodies_are_refused(client: Any) -> None:
    answer = client.send("PATCH", SYSTEM, b"\x1f\x8b", Content_Encoding="gzip")
    assert answer.status == 415


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, 400),
        (b"[" * 100_000, 400),
        (b'{"AssetTag": NaN}', 400),
        (b'{"AssetTag": "\\ud800"}', 400),
        (b"\xff\xfe{}", 400),
        (b"null", 400),
        (b"[]", 400),
        (b"", 400),
        (b'{"AssetTag": ' + b"9" * 4000 + b"}", 400),
    ],
)
def test_bad_json_is_refused(client: Any, body: bytes, status: int) -> None:
    answer = client.send("PATCH", SYSTEM, body)
    assert answer.status == status
    assert answer.json["error"]["code"].startswith("Base.")


def test_two_identities_are_none(server: Server) -> None:
    answer = speak(
        server, b"GET " + SYSTEM.encode() + b" HTTP/1.1\r\nHost: x\r\n" + BASIC + BASIC + b"\r\n", timeout_s=0.3
    )
    assert status_of(answer) == 400


@pytest.mark.parametrize(
    "path",
    [
        "/redfish/v1/../../../../etc/passwd",
        "/redfish/v1/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/redfish/v1/..%2f..%2fetc%2fpasswd",
        "/redfish/v1/Systems/1/%00",
        "/redfish/v1/file:///etc/passwd",
        "//etc/passwd",
        "/etc/passwd",
        "/redfish/v1/Systems/1%0d%0aSet-Cookie:%20a=b",
    ],
)
def test_no_path_leads_out(client: Any, path: str) -> None:
    answer = client.get(path)
    assert answer.status in {400, 404}
    assert b"root:" not in answer.content
    assert "set-cookie" not in answer.headers


def test_absolute_targets_reach_no_other_host(server: Server) -> None:
    answer = speak(server, b"GET http://192.0.2.1/redfish HTTP/1.1\r\nHost: 192.0.2.1\r\n\r\n", timeout_s=0.3)
    assert status_of(answer) == 200
    assert answer.endswith(b'{"v1":"/redfish/v1/"}')
    assert (
        status_of(speak(server, b"CONNECT 192.0.2.1:80 HTTP/1.1\r\nHost: x\r\n" + BASIC + b"\r\n", timeout_s=0.3))
        >= 400
    )


@pytest.mark.parametrize("method", ["TRACE", "MKCOL", "PROPFIND"])
def test_methods_of_others_are_not_known(client: Any, method: str) -> None:
    answer = client.send(method, SYSTEM)
    assert answer.status == 501


def test_pipelined_requests_are_answered_in_order(server: Server) -> None:
    one = b"GET /redfish HTTP/1.1\r\nHost: x\r\n\r\n"
    two = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = speak(server, (one + two) * 20, timeout_s=0.3)
    assert answer.count(b"HTTP/1.1 200 OK") == 40
    assert answer.index(b'"v1"') < answer.index(b'"status"')


def test_slow_requests_are_ended(start: Callable[..., Server]) -> None:
    server = start(limits=Limits(request_s=0.3))
    began = time.perf_counter()
    for parts in (
        [b"GET /redfish HTTP/1.1\r\n", b"X: "],
        [b"PATCH /redfish/v1/Systems/1 HTTP/1.1\r\nContent-Length: 9\r\n" + BASIC + b"\r\n", b"{"],
        [b""],
    ):
        assert status_of(speak(server, *parts)) == 408
    assert time.perf_counter() - began < 6
    kept = speak(server, b"GET /redfish HTTP/1.1\r\nHost: x\r\n\r\n", timeout_s=0.2)
    assert status_of(kept) == 200


def test_clients_that_take_nothing_are_dropped(start: Callable[..., Server]) -> None:
    server = start(limits=Limits(stalled_s=0.2))
    port = int(server.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
        requests = (b"GET " + SYSTEM.encode() + b" HTTP/1.1\r\nHost: x\r\n" + BASIC + b"\r\n") * 500
        sent, until = 0, time.monotonic() + 20
        while server.connections or not sent:
            assert time.monotonic() < until
            try:
                sent += connection.send(requests[sent % len(requests) :])
            except OSError:  # nothing is taken any more, or the connection is gone
                time.sleep(0.02)


def test_there_are_only_so_many_connections(start: Callable[..., Server]) -> None:
    server = start(limits=Limits(connections=5))
    port = int(server.url.rpartition(":")[2])
    kept = [socket.create_connection(("127.0.0.1", port), timeout=5) for _ in range(5)]
    crowded = speak(server, b"")
    assert status_of(crowded) == 503
    assert b"retry-after" in crowded.lower() or b"ServiceTemporarilyUnavailable" in crowded
    for connection in kept:
        connection.close()
    until = time.monotonic() + 10
    while server.connections and time.monotonic() < until:
        time.sleep(0.005)
    assert status_of(speak(server, b"GET /redfish HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")) == 200
