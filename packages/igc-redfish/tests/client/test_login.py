from __future__ import annotations

import logging
import threading
import time
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import orjson
import pytest
from pydantic import SecretStr

from igc_core.rest import Request
from igc_redfish.client import Bounds, ClientError, Credentials, Patience, Trust
from igc_redfish.client.login import Login
from igc_redfish.client.origin import Origin
from igc_redfish.client.wire import Answer

SESSIONS = "/redfish/v1/SessionService/Sessions"
SYSTEM = "/redfish/v1/Systems/1"
GET = Request("GET", SYSTEM)

Connect = Callable[..., Any]


class Bmc:
    """The sessions of a scripted host."""

    def __init__(self, web: Any, *, location: str = SESSIONS + "/{}", sessions: str = SESSIONS) -> None:
        self.web = web
        self.live: dict[str, str] = {}
        self.made = 0
        self.location = location
        web.pages[f"POST {sessions}"] = self.log_in
        web.pages[SYSTEM] = self.guarded

    def log_in(self, handler: Any) -> Any:
        sent = orjson.loads(self.web.bodies[-1])
        if sent != {"UserName": "root", "Password": "correct horse"}:
            return 401
        self.made += 1
        token, path = f"token-{self.made}", self.location.format(self.made)
        self.live[token] = path
        local = path.partition("bmc.internal")[2] or path
        self.web.pages[f"DELETE {local}"] = self.log_out
        self.web.pages[local] = self.guarded
        return 201, {"@odata.id": local}, {"X-Auth-Token": token} | ({"Location": path} if path != local else {})

    def log_out(self, handler: Any) -> Any:
        return 204 if self.live.pop(handler.headers["X-Auth-Token"], None) else 401

    def guarded(self, handler: Any) -> Any:
        return {"ok": True} if handler.headers["X-Auth-Token"] in self.live else 401


def test_session_is_opened_once_used_and_deleted(web: Any, client: Connect, credentials: Credentials) -> None:
    bmc = Bmc(web)
    with client(credentials=credentials) as transport:
        assert [transport.send(GET).status for _ in range(3)] == [200] * 3
        assert transport.login.method == "session"
    assert bmc.made == 1
    assert web.asked[-1] == ("DELETE", f"{SESSIONS}/1")
    assert not bmc.live


def test_session_is_deleted_when_the_work_fails(web: Any, client: Connect, credentials: Credentials) -> None:
    bmc = Bmc(web)

    def work() -> None:
        with client(credentials=credentials) as transport:
            transport.send(GET)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work()
    assert not bmc.live


def test_session_is_deleted_while_a_request_hangs(
    web: Any, client: Connect, credentials: Credentials, impatient: Bounds
) -> None:
    bmc = Bmc(web)
    release = threading.Event()
    web.pages["/hang"] = lambda handler: release.wait(5) and None
    transport = client(credentials=credentials, bounds=impatient)
    transport.send(GET)

    def hang() -> None:
        with pytest.raises(ClientError):
            transport.send(Request("GET", "/hang"))

    hanging = threading.Thread(target=hang)
    hanging.start()
    transport.close()
    assert not bmc.live
    release.set()
    hanging.join()


def test_session_that_ran_out_is_renewed(web: Any, client: Connect, credentials: Credentials) -> None:
    bmc = Bmc(web)
    transport = client(credentials=credentials)
    transport.send(GET)
    bmc.live.clear()
    assert transport.send(GET).ok
    assert bmc.made == 2
    bmc.live.clear()
    assert transport.send(Request("POST", SYSTEM, {})).ok  # nothing was carried out under the dead session
    assert bmc.made == 3


def test_many_threads_renew_it_once(web: Any, client: Connect, credentials: Credentials) -> None:
    bmc = Bmc(web)
    transport = client(credentials=credentials, connections=8)
    transport.send(GET)
    bmc.live.clear()
    threads = [threading.Thread(target=transport.send, args=(GET,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert bmc.made == 2


def test_want_of_privilege_opens_no_more_sessions(web: Any, client: Connect, credentials: Credentials) -> None:
    bmc = Bmc(web)
    web.pages["/secret"] = 401
    transport = client(credentials=credentials)
    assert [transport.send(Request("GET", "/secret")).status for _ in range(3)] == [401] * 3
    assert bmc.made == 1


def test_sessions_elsewhere_are_found_in_the_service_root(web: Any, client: Connect, credentials: Credentials) -> None:
    bmc = Bmc(web, sessions="/redfish/v1/Sessions/")
    web.pages["/redfish/v1/"] = {"Links": {"Sessions": {"@odata.id": "/redfish/v1/Sessions/"}}}
    assert client(credentials=credentials).send(GET).ok
    assert bmc.made == 1


def test_session_is_deleted_where_the_host_calls_itself_otherwise(
    web: Any, client: Connect, credentials: Credentials
) -> None:
    bmc = Bmc(web, location="https://bmc.internal" + SESSIONS + "/{}")
    with client(credentials=credentials) as transport:
        transport.send(GET)
    assert not bmc.live


def test_basic_authentication_is_the_fallback(web: Any, client: Connect, credentials: Credentials) -> None:
    web.pages[SYSTEM] = {"ok": True}
    with client(credentials=credentials) as transport:
        assert transport.send(GET).ok
        assert transport.login.method == "basic"
    assert web.seen[-1]["authorization"] == "Basic " + b64encode(b"root:correct horse").decode()
    assert web.count("DELETE", SESSIONS) == 0


def test_basic_authentication_can_be_demanded(web: Any, client: Connect, credentials: Credentials) -> None:
    bmc = Bmc(web)
    web.pages[SYSTEM] = {"ok": True}
    assert client(credentials=credentials, login="basic").send(GET).ok
    assert not bmc.made


def test_session_can_be_demanded(web: Any, client: Connect, credentials: Credentials) -> None:
    with pytest.raises(ClientError) as caught:
        client(credentials=credentials, login="session").send(GET)
    assert caught.value.code == "client-login"


def test_refused_password_is_tried_once_and_never_shown(
    web: Any, client: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    Bmc(web)
    transport = client(credentials=Credentials("root", SecretStr("hunter22")))
    with pytest.raises(ClientError) as caught:
        transport.send(GET)
    assert caught.value.code == "client-login"
    assert web.count("POST", SESSIONS) == 1
    assert "hunter22" not in f"{caught.value!r} {caplog.text} {transport!r} {vars(transport)!r}"


def test_basic_authentication_never_travels_in_the_clear(credentials: Credentials) -> None:
    sent: list[str] = []

    def exchange(method: str, path: str, headers: Any, content: bytes | None) -> Answer:
        sent.append(method)
        return Answer(404, {}, b"")

    login = Login(credentials, Origin.parse("http://192.0.2.1"), exchange, exchange)
    with pytest.raises(ClientError) as caught:
        login.headers()
    assert caught.value.code == "client-insecure"


def test_session_that_cannot_be_deleted_is_told_of(
    web: Any, client: Connect, credentials: Credentials, caplog: pytest.LogCaptureFixture
) -> None:
    Bmc(web)
    transport = client(credentials=credentials)
    transport.send(GET)
    web.pages[f"DELETE {SESSIONS}/1"] = 500
    transport.close()
    assert "stays open" in caplog.text
    assert "token-1" not in caplog.text


def test_plain_sessions_over_a_network_need_a_word(credentials: Credentials) -> None:
    with pytest.raises(ClientError):
        Trust().demand(Origin.parse("http://192.0.2.1"))


def test_nothing_is_sent_and_no_session_opened_after_the_end(
    web: Any, client: Connect, credentials: Credentials
) -> None:
    bmc = Bmc(web)
    transport = client(credentials=credentials)
    transport.send(GET)
    transport.close()
    before = list(web.asked)
    with pytest.raises(ClientError) as caught:
        transport.send(GET)
    assert caught.value.code == "client-unreachable"
    assert web.asked == before
    assert not bmc.live


def test_a_request_that_is_overtaken_by_the_end_opens_no_session(
    web: Any, client: Connect, credentials: Credentials
) -> None:
    bmc = Bmc(web)
    arrived, leaving, overtaken = threading.Event(), threading.Event(), threading.Event()

    def late(handler: Any) -> Any:
        arrived.set()
        leaving.wait(5)
        return 401  # its session is on its way out

    def log_out(handler: Any) -> Any:
        leaving.set()
        overtaken.wait(5)
        return bmc.log_out(handler)

    web.pages["/late"] = late
    transport = client(credentials=credentials, bounds=Bounds(read_s=5))
    transport.send(GET)
    web.pages[f"DELETE {SESSIONS}/1"] = log_out

    def ask() -> None:
        with suppress(ClientError):
            transport.send(Request("GET", "/late"))
        overtaken.set()

    asking = threading.Thread(target=ask)
    asking.start()
    assert arrived.wait(5)
    transport.close()
    asking.join()
    assert bmc.made == 1
    assert not bmc.live


def test_a_session_whose_answer_is_no_json_is_used_and_deleted(
    web: Any, client: Connect, credentials: Credentials
) -> None:
    bmc = Bmc(web)

    def log_in(handler: Any) -> Any:
        status, body, headers = bmc.log_in(handler)
        return status, b"created", headers | {"Location": body["@odata.id"]}

    web.pages[f"POST {SESSIONS}"] = log_in
    with client(credentials=credentials) as transport:
        assert transport.send(GET).ok
    assert bmc.made == 1
    assert not bmc.live


@pytest.mark.parametrize("stated", [SESSIONS, f"{SESSIONS}/"])
def test_a_refused_password_is_tried_once_however_the_host_spells_its_sessions(
    web: Any, client: Connect, stated: str
) -> None:
    Bmc(web)
    web.pages[f"POST {stated}"] = web.pages[f"POST {SESSIONS}"]
    web.pages["/redfish/v1/"] = {"Links": {"Sessions": {"@odata.id": stated}}}
    with pytest.raises(ClientError) as caught:
        client(credentials=Credentials("root", SecretStr("hunter22"))).send(GET)
    assert caught.value.code == "client-login"
    assert [method for method, _ in web.asked].count("POST") == 1


@pytest.mark.parametrize("method", ["GET", "PATCH"])
@pytest.mark.parametrize("status", [429, 503])
def test_a_login_waits_as_long_as_a_busy_host_asks(
    web: Any, client: Connect, credentials: Credentials, status: int, method: str
) -> None:
    """A change, too: it has not left yet."""
    bmc = Bmc(web)
    busy = [(status, {}, {"Retry-After": "1"})]
    web.pages[f"POST {SESSIONS}"] = lambda handler: busy.pop() if busy else bmc.log_in(handler)
    web.pages[f"PATCH {SYSTEM}"] = {}
    begun = time.monotonic()
    assert client(credentials=credentials, patience=Patience(first_s=60)).send(Request(method, SYSTEM)).ok
    assert 0.9 < time.monotonic() - begun < 10
    assert web.count(method, SYSTEM) == 1


def test_a_login_does_not_wait_for_ever(web: Any, client: Connect, credentials: Credentials) -> None:
    Bmc(web)
    web.pages[f"POST {SESSIONS}"] = 503, {}, {"Retry-After": "3600"}
    with pytest.raises(ClientError) as caught:
        client(credentials=credentials).send(GET)
    assert caught.value.code == "client-unreachable"
    assert caught.value.retry_after_s == 3600
    assert web.count("POST", SESSIONS) == 1


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_host_that_is_too_busy_for_a_login_refuses_nobody(
    web: Any, client: Connect, credentials: Credentials, status: int
) -> None:
    bmc = Bmc(web)
    answers = [status, status]
    web.pages[f"POST {SESSIONS}"] = lambda handler: answers.pop() if answers else bmc.log_in(handler)
    assert client(credentials=credentials).send(GET).ok
    answers += [status] * 9
    with pytest.raises(ClientError) as caught:
        client(credentials=credentials).send(GET)
    assert caught.value.code == "client-unreachable"
    assert caught.value.transient
