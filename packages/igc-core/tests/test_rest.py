from __future__ import annotations

from igc_core.rest import Request, Response


def test_only_unsafe_methods_mutate() -> None:
    assert [Request(method, "/").mutates for method in ("GET", "HEAD", "OPTIONS", "WAIT")] == [False] * 4
    assert [Request(method, "/").mutates for method in ("POST", "PATCH", "PUT", "DELETE")] == [True] * 4


def test_secrets_and_headers_are_not_shown() -> None:
    request = Request("POST", "/a", {"Password": "hunter2"}, {"X-Auth-Token": "abc123"})
    response = Response(201, {"Token": "hunter2"}, {"X-Auth-Token": "abc123"})
    assert "hunter2" not in f"{request} {response}"
    assert "abc123" not in f"{request} {response}"
    assert repr(Request("GET", "/a")) == "Request('GET', '/a')"


def test_success_ends_at_300() -> None:
    assert [Response(status).ok for status in (200, 204, 299, 300, 404)] == [True, True, True, False, False]
