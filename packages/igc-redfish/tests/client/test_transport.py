from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from igc_core.rest import Request
from igc_redfish.client import Bounds, ClientError, Patience, Transport, Trust
from igc_redfish.client.pace import Pace

Connect = Callable[..., Transport]
GET = Request("GET", "/redfish/v1")


def failure(transport: Transport, request: Request = GET) -> ClientError:
    with pytest.raises(ClientError) as caught:
        transport.send(request)
    return caught.value


def raw(*parts: bytes, pause: float = 0.0) -> Callable[[Any], None]:
    """Write bytes as they are, and close the connection."""

    def write(handler: Any) -> None:
        for part in parts:
            handler.wfile.write(part)
            time.sleep(pause)
        handler.close_connection = True

    return write


def test_answer_is_read(web: Any, client: Connect) -> None:
    web.pages["/redfish/v1"] = 200, {"Name": "R\u00fcbe"}, {"ETag": 'W/"7"'}
    answer = client().send(GET)
    assert (answer.status, answer.body) == (200, {"Name": "R\u00fcbe"})
    assert answer.headers["etag"] == answer.headers["ETag"] == 'W/"7"'


def test_request_says_what_redfish_asks_for(web: Any, client: Connect) -> None:
    client().send(Request("PATCH", "/redfish/v1/Systems/1", {"AssetTag": "x"}, {"If-Match": 'W/"7"'}))
    seen = web.seen[-1]
    assert (seen["accept"], seen["odata-version"], seen["if-match"]) == ("application/json", "4.0", 'W/"7"')
    assert (seen["content-type"], web.bodies[-1]) == ("application/json", b'{"AssetTag":"x"}')


def test_connection_is_kept(web: Any, client: Connect) -> None:
    ports: set[int] = set()

    def note(handler: Any) -> Any:
        ports.add(handler.client_address[1])
        return {}

    web.pages["/redfish/v1"] = note
    transport = client()
    for _ in range(5):
        transport.send(GET)
    assert len(ports) == 1


def test_no_more_requests_are_under_way_than_connections(web: Any, client: Connect) -> None:
    busy, most, lock = 0, 0, threading.Lock()

    def slow(handler: Any) -> Any:
        nonlocal busy, most
        with lock:
            busy += 1
            most = max(most, busy)
        time.sleep(0.02)
        with lock:
            busy -= 1
        return {}

    web.pages["/redfish/v1"] = slow
    transport = client(connections=3)
    threads = [threading.Thread(target=transport.send, args=(GET,)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 3


@pytest.mark.parametrize("status", [400, 404, 500])
def test_error_is_an_answer_even_as_html(web: Any, client: Connect, status: int) -> None:
    web.pages["/redfish/v1"] = status, b"<html><h1>no</h1>", {"Content-Type": "text/html"}
    answer = client().send(GET)
    assert (answer.status, answer.body) == (status, None)


def test_compressed_answer_is_read(web: Any, client: Connect) -> None:
    web.pages["/redfish/v1"] = 200, gzip.compress(b'{"a": 1}'), {"Content-Encoding": "gzip"}
    assert client().send(GET).body == {"a": 1}


def test_compressed_bomb_is_refused(web: Any, client: Connect) -> None:
    web.pages["/redfish/v1"] = 200, gzip.compress(b" " * (8 << 20)), {"Content-Encoding": "gzip"}
    assert failure(client()).code == "client-too-large"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"<!DOCTYPE html><p>login", "HTML"),
        (b'{"a": NaN}', "no JSON"),
        (b'{"a": 1', "no JSON"),
        (b"\xff\xfe{}", "no JSON"),
        (b"[" * 300 + b"]" * 300, "254"),
        (b'{"a":' * 100_000, "no JSON"),
    ],
    ids=["html", "nan", "cut", "binary", "deep", "bomb"],
)
def test_what_is_no_sound_json_is_refused(web: Any, client: Connect, content: bytes, says: str) -> None:
    web.pages["/redfish/v1"] = 200, content, {}
    error = failure(client())
    assert error.code == "client-answer"
    assert says in str(error)
    assert web.count("GET", "/redfish/v1") == 1


def test_byte_order_mark_is_passed_over(web: Any, client: Connect) -> None:
    web.pages["/redfish/v1"] = 200, b'\xef\xbb\xbf{"a": 1}', {}
    assert client().send(GET).body == {"a": 1}


def test_two_gigabytes_that_are_announced_are_not_read(web: Any, client: Connect) -> None:
    web.pages["/redfish/v1"] = raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2147483648\r\n\r\n" + b"x" * 1000)
    error = failure(client())
    assert error.code == "client-too-large"
    assert "2048 MiB" in str(error)


def test_head_of_a_large_answer_is_read(web: Any, client: Connect) -> None:
    def head(handler: Any) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2147483648\r\nAllow: GET\r\n\r\n")

    web.pages["/redfish/v1"] = head
    transport = client()
    for _ in range(3):
        assert transport.send(Request("HEAD", "/redfish/v1")).headers["Allow"] == "GET"


def test_two_gigabytes_that_are_not_announced_are_cut_off(web: Any, client: Connect) -> None:
    sent = 0

    def pour(handler: Any) -> None:
        nonlocal sent
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        with suppress(OSError):
            for _ in range(2048):
                handler.wfile.write(b"100000\r\n" + b"x" * (1 << 20) + b"\r\n")
                sent += 1
        handler.close_connection = True

    web.pages["/redfish/v1"] = pour
    assert failure(client()).code == "client-too-large"
    assert sent < 64


def test_content_length_that_is_too_long_is_a_dropped_answer(web: Any, client: Connect) -> None:
    web.pages["/redfish/v1"] = raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}")
    error = failure(client())
    assert (error.code, error.transient, error.unsure) == ("client-unreachable", True, True)
    assert web.count("GET", "/redfish/v1") == 3


def test_content_length_that_is_too_short_spoils_no_other_answer(web: Any, client: Connect) -> None:
    def lie(handler: Any) -> None:
        handler.wfile.write(
            b'HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n{"a": 1}garbage\r\n\r\nHTTP/1.1 500 Evil\r\n\r\n'
        )

    web.pages["/redfish/v1"] = lie
    web.pages["/other"] = {"b": 2}
    transport = client()
    assert transport.send(GET).body == {"a": 1}
    time.sleep(0.02)
    assert transport.send(Request("GET", "/other")).body == {"b": 2}


@pytest.mark.parametrize(
    "page",
    [
        lambda handler: time.sleep(0.6),
        raw(*[b"H"] * 30, pause=0.05),
        raw(b"HTTP/1.1 200 OK\r\n", *[b"X-A: 1\r\n"] * 30, pause=0.05),
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", *[b" "] * 30, pause=0.05),
    ],
    ids=["silent", "status line drips", "headers drip", "body drips"],
)
def test_host_that_hangs_is_left(web: Any, client: Connect, impatient: Bounds, page: Any) -> None:
    web.pages["/redfish/v1"] = page
    begun = time.monotonic()
    error = failure(client(bounds=impatient, patience=Patience(attempts=1)))
    assert (error.code, error.transient, error.unsure) == ("client-timeout", True, True)
    assert time.monotonic() - begun < 1.5


def test_what_is_no_http_is_said(web: Any, client: Connect) -> None:
    web.pages["/redfish/v1"] = raw(b"SSH-2.0-OpenSSH_9.6\r\n")
    error = failure(client(patience=Patience(attempts=1)))
    assert error.code == "client-answer"


def test_closed_port_is_said_at_once(client: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    error = failure(client(f"http://127.0.0.1:{port}", patience=Patience(attempts=1)))
    assert (error.code, error.unsure) == ("client-unreachable", False)
    assert "refused" in str(error).lower()


def test_unknown_name_is_said(client: Connect) -> None:
    error = failure(client("https://no-such-host.invalid", patience=Patience(attempts=1)))
    assert error.code == "client-unreachable"


def test_dropped_read_is_sent_again(web: Any, client: Connect) -> None:
    answers = iter([raw(b""), raw(b"HTTP/1.1 200 OK\r\nContent-Le"), {"a": 1}])
    web.pages["/redfish/v1"] = lambda handler: page(handler) if callable(page := next(answers)) else page
    assert client().send(GET).body == {"a": 1}


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
def test_dropped_change_is_never_sent_again(web: Any, client: Connect, method: str) -> None:
    web.pages["/redfish/v1"] = raw(b"")
    error = failure(client(), Request(method, "/redfish/v1", {}))
    assert error.unsure
    assert web.count(method, "/redfish/v1") == 1


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
def test_change_is_not_repeated_at_a_busy_host(web: Any, client: Connect, method: str) -> None:
    web.pages["/redfish/v1"] = 503, {}, {"Retry-After": "0"}
    assert client().send(Request(method, "/redfish/v1", {})).status == 503
    assert web.count(method, "/redfish/v1") == 1


@pytest.mark.parametrize(("status", "seconds"), [(503, 1), (429, 0)])
def test_retry_after_is_honoured(web: Any, client: Connect, status: int, seconds: int) -> None:
    answers = iter([(status, {}, {"Retry-After": str(seconds)}), {"a": 1}])
    web.pages["/redfish/v1"] = lambda handler: next(answers)
    begun = time.monotonic()
    assert client(patience=Patience(first_s=60)).send(GET).body == {"a": 1}
    assert seconds - 0.1 < time.monotonic() - begun < seconds + 2


def test_busy_host_makes_all_threads_wait(web: Any, client: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    held, hold = threading.Event(), Pace.hold
    monkeypatch.setattr(Pace, "hold", lambda pace, seconds: (hold(pace, seconds), held.set()))
    times: list[float] = []
    answers = iter([(503, {}, {"Retry-After": "1"}), {}])
    web.pages["/redfish/v1"] = lambda handler: next(answers)
    web.pages["/other"] = lambda handler: times.append(time.monotonic()) or {}
    transport = client(connections=2)
    begun = time.monotonic()
    first = threading.Thread(target=transport.send, args=(GET,))
    first.start()
    assert held.wait(10)
    transport.send(Request("GET", "/other"))
    first.join()
    assert times[0] - begun > 0.9


def test_busy_host_is_believed_in_the_end(web: Any, client: Connect) -> None:
    web.pages["/redfish/v1"] = 503
    assert client().send(GET).status == 503
    assert web.count("GET", "/redfish/v1") == 3


def test_too_long_a_wait_is_not_waited_for(web: Any, client: Connect) -> None:
    web.pages["/redfish/v1"] = 503, {}, {"Retry-After": "3600"}
    begun = time.monotonic()
    assert client().send(GET).status == 503
    assert time.monotonic() - begun < 1


def test_redirect_on_the_service_is_followed(web: Any, client: Connect) -> None:
    web.pages["/redfish/v1"] = 308, b"", {"Location": "/redfish/v1/"}
    web.pages["/redfish/v1/"] = {"a": 1}
    assert client().send(GET).body == {"a": 1}


def test_redirect_of_a_change_is_an_answer(web: Any, client: Connect) -> None:
    web.pages["/redfish/v1"] = 308, b"", {"Location": "/redfish/v1/"}
    assert client().send(Request("PATCH", "/redfish/v1", {})).status == 308
    assert web.count("PATCH", "/redfish/v1/") == 0


@pytest.mark.parametrize("target", ["http://192.0.2.1/redfish/v1", "https://127.0.0.1/redfish/v1", "//192.0.2.1/x"])
def test_redirect_elsewhere_is_refused(web: Any, client: Connect, target: str) -> None:
    web.pages["/redfish/v1"] = 302, b"", {"Location": target}
    assert failure(client()).code in {"client-foreign-link", "client-request"}


def test_circle_of_redirects_is_left(web: Any, client: Connect) -> None:
    web.pages["/redfish/v1"] = 302, b"", {"Location": "/redfish/v1"}
    assert failure(client()).code == "client-answer"
    assert web.count("GET", "/redfish/v1") == Bounds().redirects + 1


@pytest.mark.parametrize(
    "request_",
    [
        Request("GET", "http://192.0.2.1/redfish/v1"),
        Request("GET", "//192.0.2.1/redfish/v1"),
        Request("GET", "redfish/v1"),
        Request("GET", "/a\r\nX: y"),
        Request("get ", "/redfish/v1"),
        Request("GET", "/redfish/v1", headers={"X-A": "1\r\nX-B: 2"}),
        Request("GET", "/redfish/v1", headers={"Host": "other"}),
        Request("GET", "/redfish/v1", headers={"Authorization": "Basic eA=="}),
    ],
    ids=["url", "authority", "relative", "injection", "method", "header injection", "host", "authorization"],
)
def test_request_that_must_not_be_sent_is_refused(web: Any, client: Connect, request_: Request) -> None:
    assert failure(client(), request_).code in {"client-request", "client-foreign-link"}
    assert not web.asked


def test_odd_characters_are_encoded(web: Any, client: Connect) -> None:
    web.pages["/redfish/v1/%23NIC.1/%C3%BC"] = {"a": 1}
    assert client().send(Request("GET", "/redfish/v1/%23NIC.1/\u00fc")).body == {"a": 1}


def test_close_gives_up_what_waits(web: Any, client: Connect) -> None:
    web.pages["/redfish/v1"] = 503, {}, {"Retry-After": "2"}
    transport = client()
    found: list[object] = []
    waiting = threading.Thread(target=lambda: found.append(failure(transport)))
    waiting.start()
    while not web.asked:
        time.sleep(0.001)
    time.sleep(0.05)
    begun = time.monotonic()
    transport.close()
    waiting.join()
    assert time.monotonic() - begun < 1
    assert found


_LINES = st.sampled_from(
    [
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.0 204\r\n",
        b"HTTP/9.9 999 \xff\r\n",
        b"Content-Length: -1\r\n",
        b"Content-Length: 4\r\n",
        b"Content-Length: 4, 7\r\n",
        b"Content-Length: 1e3\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n",
        b"Content-Encoding: gzip\r\n",
        b"Content-Encoding: br\r\n",
        b"Location: //\r\n",
        b"Retry-After: 1e9\r\n",
        b"X: " + b"y" * 70_000 + b"\r\n",
        b" folded\r\n",
        b": empty\r\n",
        b"\r\n",
        b"4\r\n{}{}\r\n",
        b"-4\r\n",
        b"zz\r\n",
        b"0\r\n\r\n",
        b'{"a": 1}',
        b"\x1f\x8b\x08\x00",
        b"\x00\xff",
    ]
)


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_LINES, max_size=8).map(b"".join))
@example(b"HTTP/1.1 100 Continue\r\n\r\n" * 200)
def test_whatever_comes_is_an_answer_or_an_error_of_ours(web: Any, impatient: Bounds, content: bytes) -> None:
    web.pages["/redfish/v1"] = raw(content)
    with Transport(web.url, bounds=impatient, patience=Patience(attempts=1)) as transport, suppress(ClientError):
        answer = transport.send(GET)
        assert isinstance(answer.status, int)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_addresses_with_a_zone_are_sent_to(scheme: str) -> None:
    origin = f"{scheme}://[fe80::1%nowhere0]:9"
    with Transport(origin, trust=Trust(plain=True), patience=Patience(attempts=1)) as transport:
        assert failure(transport).code == "client-unreachable"
