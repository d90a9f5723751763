"""What clients meet over HTTP."""

from __future__ import annotations

import base64
import http.client
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from igc_core.errors import BackendError
from igc_redfish.server import HostOptions, Server, host_of

ROOT = "/redfish/v1"
SYSTEM = f"{ROOT}/Systems/1"
SESSIONS = f"{ROOT}/SessionService/Sessions"


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@pytest.mark.parametrize("path", ["/redfish", "/redfish/", ROOT, f"{ROOT}/", f"{ROOT}/odata", f"{ROOT}/$metadata"])
def test_entry_points_need_no_login(server: Server, connect: Callable[..., Any], path: str) -> None:
    answer = connect(server, log_in=False).get(path)
    assert answer.status == 200
    assert answer.headers["odata-version"] == "4.0"


def test_version_document_is_exact(client: Any) -> None:
    assert client.get("/redfish").json == {"v1": "/redfish/v1/"}


def test_reads_bear_the_headers_of_the_protocol(client: Any) -> None:
    answer = client.get(f"{SYSTEM}/")
    assert answer.status == 200
    assert answer.json["@odata.id"] == SYSTEM
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["link"].startswith("<http://redfish.dmtf.org/schemas/v1/ComputerSystem.v1_20_0.json>")
    assert {"GET", "HEAD", "PATCH"} <= set(answer.headers["allow"].split(", "))
    assert answer.headers["etag"].startswith('W/"')


def test_head_tells_the_length_and_sends_nothing(client: Any) -> None:
    read, head = client.get(SYSTEM), client.send("HEAD", SYSTEM)
    assert head.status == 200
    assert head.content == b""
    assert head.headers["content-length"] == str(len(read.content))
    assert head.headers["etag"] == read.headers["etag"]
    assert client.get(SYSTEM).status == 200


def test_etags_follow_the_resource(client: Any) -> None:
    before = client.get(SYSTEM).headers["etag"]
    assert client.get(SYSTEM).headers["etag"] == before
    unchanged = client.get(SYSTEM, If_None_Match=before)
    assert (unchanged.status, unchanged.content) == (304, b"")
    assert client.send("PATCH", SYSTEM, {"AssetTag": "A1"}, If_Match=before).status == 200
    after = client.get(SYSTEM, If_None_Match=before)
    assert after.status == 200
    assert after.json["AssetTag"] == "A1"
    assert client.send("PATCH", SYSTEM, {"AssetTag": "A2"}, If_Match=before).message == "PreconditionFailed"
    assert client.get(SYSTEM).json["AssetTag"] == "A1"


def test_remembered_answers_are_those_of_the_present(client: Any) -> None:
    for number in range(20):
        assert client.send("PATCH", SYSTEM, {"AssetTag": str(number)}).json["AssetTag"] == str(number)
        assert client.get(SYSTEM).json["AssetTag"] == client.get(f"{SYSTEM}/").json["AssetTag"] == str(number)


def test_everything_else_asks_who_is_there(server: Server, connect: Callable[..., Any]) -> None:
    stranger = connect(server, log_in=False)
    for method, path in (("GET", SYSTEM), ("PATCH", SYSTEM), ("GET", "/"), ("GET", f"{ROOT}/none"), ("HEAD", SYSTEM)):
        answer = stranger.send(method, path)
        assert answer.status == 401
        assert answer.headers["www-authenticate"].startswith("Basic")
    assert stranger.get(SYSTEM, Authorization=basic("admin", "correct horse")).status == 200
    assert stranger.get(SYSTEM, Authorization=basic("admin", "wrong")).status == 401
    assert stranger.get(SYSTEM, Authorization="Basic \xff").status == 401


def test_sessions_open_and_close(server: Server, connect: Callable[..., Any]) -> None:
    client = connect(server, log_in=False)
    opened = client.log_in()
    assert opened.status == 201
    assert opened.json["Password"] is None
    assert client.get(SYSTEM).status == 200
    assert client.send("DELETE", opened.headers["location"]).status in {200, 204}
    assert client.get(SYSTEM).status == 401


def test_tokens_are_random(server: Server, connect: Callable[..., Any]) -> None:
    client = connect(server, log_in=False)
    tokens = {client.log_in().headers["x-auth-token"] for _ in range(20)}
    assert len(tokens) == 20
    assert min(map(len, tokens)) >= 32
    again = connect(server, log_in=False).log_in().headers["x-auth-token"]
    assert again not in tokens


def test_sessions_time_out(control: Any) -> None:
    control.order("advance", {"seconds": 61})
    assert control.get(SYSTEM).status == 401
    assert control.log_in().status == 201
    members = control.get(SESSIONS).json["Members"]
    assert len(members) == 1


def test_readers_do_not_write(server: Server, connect: Callable[..., Any]) -> None:
    guest = connect(server, log_in=False)
    assert guest.log_in("guest").status == 201
    assert guest.get(SYSTEM).status == 200
    refused = guest.send("PATCH", SYSTEM, {"AssetTag": "mine"})
    assert (refused.status, refused.message) == (403, "InsufficientPrivilege")


def test_a_changed_role_takes_effect_at_once(client: Any, server: Server, connect: Callable[..., Any]) -> None:
    guest = connect(server, log_in=False)
    guest.log_in("guest")
    account = f"{ROOT}/AccountService/Accounts/2"
    assert client.send("PATCH", account, {"RoleId": "Administrator"}).status == 200
    if guest.get(SYSTEM).status == 200:
        assert guest.send("PATCH", SYSTEM, {"AssetTag": "mine"}).status == 200
    assert client.send("PATCH", account, {"Enabled": False}).status == 200
    assert guest.get(SYSTEM).status == 401


def test_read_only_machines_refuse_changes_but_take_logins(
    options: HostOptions, start: Callable[..., Server], connect: Callable[..., Any]
) -> None:
    client = connect(start(replace(options, writable=False)))
    assert client.send("PATCH", SYSTEM, {"AssetTag": "A1"}).status == 405
    assert client.get(SYSTEM).json["AssetTag"] == ""


def test_a_connection_is_kept_unless_it_shall_not(client: Any) -> None:
    client.get(ROOT)
    socket = client.connection.sock
    client.send("PATCH", SYSTEM, b"{", Content_Type="application/json")
    assert client.connection.sock is socket
    answer = client.get(ROOT, Connection="close")
    assert answer.headers["connection"] == "close"
    assert client.connection.sock is None


def test_health_needs_no_login(server: Server, connect: Callable[..., Any]) -> None:
    assert connect(server, log_in=False).get("/healthz").json == {"status": "ok"}


def quickest_s(client: Any) -> float:
    """The shortest of three reads: whatever else the machine does makes them longer."""
    took: list[float] = []
    for _ in range(3):
        began = time.perf_counter()
        assert client.get(SYSTEM).status == 200
        took.append(time.perf_counter() - began)
    return min(took)


def test_answers_take_as_long_as_they_shall(options: HostOptions, start: Callable[..., Server], connect: Any) -> None:
    client = connect(start(replace(options, latency="60ms")))
    assert 0.06 <= quickest_s(client) < 0.5


def test_faults_delay_in_real_time(options: HostOptions, start: Callable[..., Server], connect: Any) -> None:
    server = start(replace(options, faults="delay_rate=1,delay_s=20", clock_factor=200.0))
    client = connect(server)
    assert 0.08 <= quickest_s(client) < 0.6


def test_virtual_time_follows_real_time(options: HostOptions, start: Callable[..., Server], connect: Any) -> None:
    server = start(replace(options, clock_factor=100.0))
    client = connect(server)
    began = time.monotonic()
    assert client.get(SYSTEM).status == 200
    before = server.hosts[0].simulator.world.clock_s
    time.sleep(0.1)
    client.get(SYSTEM)
    passed_s = server.hosts[0].simulator.world.clock_s - before
    assert 8 <= passed_s <= 100 * (time.monotonic() - began)


def test_a_taken_port_is_told(server: Server, start: Callable[..., Server]) -> None:
    port = int(server.url.rpartition(":")[2])
    with pytest.raises(BackendError, match=f"port {port}"):
        start(ports=[port])


def test_many_machines_have_states_of_their_own(
    machine: Any, options: HostOptions, connect: Callable[..., Any]
) -> None:
    with Server([host_of(machine, options), host_of(machine, options)]) as server:
        first = connect(server)
        second = connect(type("Other", (), {"url": server.urls[1]}))
        assert first.send("PATCH", SYSTEM, {"AssetTag": "first"}).status == 200
        assert second.get(SYSTEM).json["AssetTag"] == ""
        second.headers = first.headers
        assert second.get(SYSTEM).status == 401


@pytest.fixture
def still(options: HostOptions, start: Callable[..., Server]) -> Server:
    """A server on whose clock no session runs out, however long its clients are kept waiting."""
    return start(replace(options, clock_factor=0.0))


def test_two_hundred_sessions_lose_and_corrupt_nothing(still: Server, connect: Callable[..., Any]) -> None:
    """Each session counts in a property that everybody writes; the last write in each one's order must be its own."""

    def work(number: int) -> tuple[int, list[str], str]:
        client = connect(still)
        seen: list[str] = []
        for step in range(3):
            tag = f"{number}-{step}"
            answer = client.send("PATCH", SYSTEM, {"AssetTag": tag})
            assert (answer.status, answer.json["AssetTag"]) == (200, tag)
            read = client.get(SYSTEM)
            assert read.status == 200
            assert client.get(SYSTEM, If_None_Match=read.headers["etag"]).status in {200, 304}
            seen.append(read.json["AssetTag"])
        location = client.headers["X-Auth-Token"]
        return number, seen, location

    with ThreadPoolExecutor(max_workers=16) as pool:
        results = list(pool.map(work, range(200)))
    written = {f"{number}-{step}" for number in range(200) for step in range(3)}
    assert {tag for _, seen, _ in results for tag in seen} <= written
    assert len({token for _, _, token in results}) == 200
    reader = connect(still)
    assert reader.get(SYSTEM).json["AssetTag"] in {f"{number}-2" for number in range(200)}
    assert reader.get(SESSIONS).json["Members@odata.count"] == 201


def test_optimistic_writers_lose_no_update(still: Server, connect: Callable[..., Any]) -> None:
    """Whoever adds one under If-Match, and again where somebody was faster, is counted."""

    def add(_: int) -> None:
        client = connect(still)
        for _step in range(10):
            while True:
                read = client.get(SYSTEM)
                count = int(read.json["AssetTag"] or 0) + 1
                answer = client.send("PATCH", SYSTEM, {"AssetTag": str(count)}, If_Match=read.headers["etag"])
                if answer.status == 200:
                    break
                assert answer.status == 412

    with ThreadPoolExecutor(max_workers=8) as pool:
        list(pool.map(add, range(8)))
    assert connect(still).get(SYSTEM).json["AssetTag"] == "80"


def test_a_request_that_is_not_there_is_not_waited_for(start: Callable[..., Server]) -> None:
    server = start()
    connection = http.client.HTTPConnection("127.0.0.1", int(server.url.rpartition(":")[2]), timeout=5)
    connection.connect()
    server.stop()
    assert connection.sock.recv(1) == b""
    connection.close()
