"""The bare host: one request at a time, tasks that are watched, and whether somebody is let in."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from igc_core.rest import Request
from igc_core.testing.backend import BackendContract
from igc_redfish.capture import open_machine_source
from igc_redfish.client.errors import ClientError
from igc_redfish.client.pace import Patience
from igc_redfish.client.transport import Transport
from igc_redfish.live.access import Access
from igc_redfish.live.backend import LiveBackend
from igc_redfish.live.errors import LiveError
from igc_redfish.machine import Machine
from igc_redfish.server import HostOptions, Server, host_of

PASSWORD = "correct horse 1X"


class _Tasks(BaseHTTPRequestHandler):
    """A host that takes half a second for what it is asked to do."""

    protocol_version = "HTTP/1.1"
    looks: list[float]
    under_way: list[int]
    began = 0.0
    most = 0

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        type(self).began = time.monotonic()
        self._answer(202, {"Location": "/redfish/v1/TaskMonitors/1", "Retry-After": "0"})

    def do_GET(self) -> None:
        cls = type(self)
        cls.under_way.append(1)
        cls.most = max(cls.most, len(cls.under_way))
        time.sleep(0.02)
        cls.under_way.pop()
        cls.looks.append(time.monotonic())
        done = time.monotonic() - cls.began > 0.5
        self._answer(204 if done else 202, {} if done else {"Location": self.path, "Retry-After": "0"})

    def _answer(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": "0"}.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def tasks() -> Iterator[Any]:
    handler = type("Handler", (_Tasks,), {"looks": [], "under_way": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield handler, f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def served() -> Iterator[Server]:
    machine = Machine(open_machine_source("generated:3?size=60"))
    server = Server([host_of(machine, HostOptions(credentials={"admin": PASSWORD}))])
    server.start()
    yield server
    server.stop()


class TestLiveBackend(BackendContract):
    """It keeps the promises of every backend."""

    known = "/redfish/v1"
    secret = PASSWORD

    @pytest.fixture
    def backend(self, served: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[LiveBackend]:
        monkeypatch.setenv("BMC", PASSWORD)
        backend = LiveBackend(Access(url=served.url, user="admin", password_variable="BMC").connect())
        yield backend
        backend.close()


def test_a_wait_ends_when_the_task_under_way_has_ended(tasks: Any) -> None:
    handler, url = tasks
    backend = LiveBackend(Transport(url))
    assert backend.perform(Request("POST", "/redfish/v1/do", {})).status == 202
    began = time.monotonic()
    backend.wait(10)
    assert 0.3 < time.monotonic() - began < 3
    assert len(handler.looks) > 1
    began, count = time.monotonic(), len(handler.looks)
    backend.wait(0.2)
    assert time.monotonic() - began >= 0.2
    assert len(handler.looks) == count
    backend.close()


def test_a_host_is_asked_for_one_thing_at_a_time(tasks: Any) -> None:
    handler, url = tasks
    backend = LiveBackend(Transport(url, connections=4))
    threads = [
        threading.Thread(target=backend.perform, args=(Request("GET", f"/redfish/v1/{number}"),)) for number in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (handler.most, len(handler.looks)) == (1, 4)
    backend.close()


def test_nothing_is_sent_and_nobody_waits_once_a_run_is_to_end(tasks: Any) -> None:
    handler, url = tasks
    halt = threading.Event()
    backend = LiveBackend(Transport(url), halt=halt)
    threading.Timer(0.1, halt.set).start()
    began = time.monotonic()
    with pytest.raises(LiveError, match="stopped"):
        backend.wait(20)
    assert time.monotonic() - began < 5
    with pytest.raises(LiveError, match="stopped"):
        backend.perform(Request("GET", "/redfish/v1"))
    assert not handler.looks
    backend.close()


def test_who_is_let_in_is_told_by_the_host(served: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BMC", PASSWORD)
    access = Access(url=served.url, user="admin", password_variable="BMC")
    backend = LiveBackend(access.connect(), access.knock)
    assert backend.authenticate("admin", PASSWORD)
    assert not backend.authenticate("admin", "wrong")
    backend.close()


def test_a_host_that_lets_everybody_in_proves_nothing() -> None:
    server = Server([host_of(Machine(open_machine_source("generated:3?size=60")), HostOptions())])
    server.start()
    access = Access(url=server.url)
    backend = LiveBackend(access.connect(), access.knock)
    assert not backend.authenticate("admin", "anything")
    backend.close()
    server.stop()


def test_a_host_that_is_gone_is_told_of() -> None:
    backend = LiveBackend(Transport("http://127.0.0.1:9", patience=Patience(attempts=1)))
    with pytest.raises(ClientError):
        backend.perform(Request("GET", "/redfish/v1"))
    backend.close()


def test_a_collection_that_comes_in_pages_is_read_whole() -> None:
    machine = Machine(open_machine_source("generated:3?size=80"))
    with Server([host_of(machine, HostOptions(page_size=2))]) as server, Transport(server.url) as transport:
        backend = LiveBackend(transport)
        for uri in machine.reachable:
            members = (machine.get(uri) or {}).get("Members")
            if members and "LogServices" not in uri:
                body: Any = backend.perform(Request("GET", uri)).body
                assert body["Members"] == members
                assert "Members@odata.nextLink" not in body


@pytest.mark.parametrize(
    ("password", "status", "let_in"), [("right", 200, True), ("right", 403, True), ("x", 0, False)]
)
def test_who_logs_in_is_let_in_whatever_the_role_may_see(web: Any, password: str, status: int, let_in: bool) -> None:
    sessions, accounts = "/redfish/v1/SessionService/Sessions", "/redfish/v1/AccountService"

    def log_in(_: Any) -> Any:
        right = b'"right"' in web.bodies[-1]
        return (201, {}, {"X-Auth-Token": "t0ken", "Location": f"{sessions}/1"}) if right else 401

    web.pages["/redfish/v1"] = {"AccountService": {"@odata.id": accounts}}
    web.pages[f"POST {sessions}"] = log_in
    web.pages[f"DELETE {sessions}/1"] = 204
    web.pages[accounts] = lambda handler: status if "X-Auth-Token" in handler.headers else 401
    access = Access(url=web.url)
    backend = LiveBackend(access.knock(None), access.knock)
    assert backend.authenticate("eve", password) is let_in
    backend.close()
