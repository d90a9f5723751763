"""Subscribers are told of what happens, and nobody else."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from igc_core.errors import DataError
from igc_redfish.server import HostOptions, Limits, Server
from igc_redfish.server.destinations import Destinations

ROOT = "/redfish/v1"
SYSTEM = f"{ROOT}/Systems/1"
EVENTS = f"{ROOT}/EventService"
SUBSCRIPTIONS = f"{EVENTS}/Subscriptions"
TEST_EVENT = f"{EVENTS}/Actions/EventService.SubmitTestEvent"


def subscribe(client: Any, destination: str, **more: Any) -> str:
    answer = client.send("POST", SUBSCRIPTIONS, {"Destination": destination, "Protocol": "Redfish", **more})
    assert answer.status == 201
    return str(answer.headers["location"])


def state_of(subscription: Any) -> str | None:
    """The state of a subscription that was read; None where it is no more."""
    return None if subscription.status == 404 else str(subscription.json["Status"]["State"])


class Stream:
    """An open event stream, read in a thread of its own."""

    def __init__(self, server: Server, headers: dict[str, str]) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", int(server.url.rpartition(":")[2]), timeout=10)
        self.connection.request("GET", f"{EVENTS}/SSE", headers={**headers, "Accept": "text/event-stream"})
        self.answer = self.connection.getresponse()
        self.events: list[Any] = []
        self.lines: list[str] = []
        self.thread = threading.Thread(target=self._read)
        self.thread.start()

    def _read(self) -> None:
        for line in self.answer:
            text = line.decode().rstrip("\n")
            self.lines.append(text)
            if text.startswith("data: "):
                self.events.append(json.loads(text.removeprefix("data: ")))

    def wait(self, count: int) -> list[Any]:
        until = time.monotonic() + 5
        while len(self.events) < count and time.monotonic() < until:
            time.sleep(0.005)
        return self.events


def test_changes_are_delivered(client: Any, receiver: Any) -> None:
    subscribe(client, receiver.url, Context="mine", HttpHeaders=[{"X-Key": "for the subscriber only"}])
    client.send("PATCH", SYSTEM, {"AssetTag": "A1"})
    [event, *_] = [one for one in receiver.wait(2) if one["Events"][0]["OriginOfCondition"]["@odata.id"] == SYSTEM]
    assert event["@odata.type"].startswith("#Event.")
    assert event["Context"] == "mine"
    [record] = event["Events"]
    assert record["MessageId"].endswith("ResourceChanged")
    assert record["EventType"] == "ResourceUpdated"
    assert receiver.headers[-1]["X-Key"] == "for the subscriber only"


def test_headers_of_subscribers_are_not_shown(client: Any, receiver: Any) -> None:
    location = subscribe(client, receiver.url, HttpHeaders=[{"X-Key": "for the subscriber only"}])
    assert b"for the subscriber" not in client.get(location).content
    assert client.get(location).json["HttpHeaders"] == []


def test_test_events_arrive_as_described(client: Any, receiver: Any) -> None:
    subscribe(client, receiver.url, RegistryPrefixes=["Contoso"])
    told = {"MessageId": "Contoso.1.0.Hello", "Message": "Hello.", "MessageArgs": ["a"], "Severity": "Warning"}
    client.send("PATCH", SYSTEM, {"AssetTag": "not asked for"})
    assert client.send("POST", TEST_EVENT, {**told, "EventType": "Alert", "OriginOfCondition": SYSTEM}).status == 204
    [event] = receiver.wait(1)
    [record] = event["Events"]
    assert record.items() >= told.items()
    assert record["OriginOfCondition"] == {"@odata.id": SYSTEM}


def test_deleted_subscriptions_are_over(client: Any, receiver: Any) -> None:
    location = subscribe(client, receiver.url)
    receiver.wait(1)
    assert client.send("DELETE", location).status in {200, 204}
    client.send("PATCH", SYSTEM, {"AssetTag": "A1"})
    time.sleep(0.1)
    told = [record for event in receiver.events for record in event["Events"]]
    assert SYSTEM not in {record["OriginOfCondition"]["@odata.id"] for record in told}


@pytest.mark.parametrize(
    ("policy", "left"),
    [("TerminateAfterRetries", None), ("SuspendRetries", "Disabled"), ("RetryForever", "Enabled")],
)
def test_failed_deliveries_follow_their_policy(
    options: HostOptions, start: Callable[..., Server], connect: Any, receiver: Any, policy: str, left: str | None
) -> None:
    client = connect(start(replace(options, clock_factor=3000.0)))
    client.headers["Authorization"] = "Basic YWRtaW46Y29ycmVjdCBob3JzZQ=="
    del client.headers["X-Auth-Token"]
    receiver.statuses = [500] * (3 if policy != "RetryForever" else 5)
    location = subscribe(client, receiver.url, DeliveryRetryPolicy=policy, MessageIds=["Contoso.1.0.Hello"])
    client.send("POST", TEST_EVENT, {"MessageId": "Contoso.1.0.Hello"})
    receiver.wait(3 if policy != "RetryForever" else 6)
    until = time.monotonic() + 10
    while state_of(client.get(location)) != left and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(0.05)
    assert state_of(client.get(location)) == left
    assert len(receiver.events) == (6 if policy == "RetryForever" else 3)


def test_streams_tell_what_happens(client: Any, server: Server) -> None:
    stream = Stream(server, client.headers)
    assert stream.answer.status == 200
    assert stream.answer.headers["Content-Type"].startswith("text/event-stream")
    [member] = client.get(SUBSCRIPTIONS).json["Members"]
    assert client.get(member["@odata.id"]).json["SubscriptionType"] == "SSE"
    client.send("PATCH", SYSTEM, {"AssetTag": "A1"})
    [event] = stream.wait(1)
    assert event["Events"][0]["OriginOfCondition"] == {"@odata.id": SYSTEM}
    assert client.get(SYSTEM).status == 200
    time.sleep(0.02)
    data = [place for place, line in enumerate(stream.lines) if line.startswith("data: ")]
    assert all(stream.lines[place - 1].startswith("id: ") and stream.lines[place + 1] == "" for place in data)
    assert client.send("DELETE", member["@odata.id"]).status in {200, 204}
    stream.thread.join(timeout=5)
    assert not stream.thread.is_alive()
    assert client.get(SUBSCRIPTIONS).json["Members"] == []
    stream.connection.close()


def test_a_stream_ends_with_its_client(client: Any, server: Server) -> None:
    stream = Stream(server, client.headers)
    assert len(client.get(SUBSCRIPTIONS).json["Members"]) == 1
    stream.answer.fp.raw._sock.shutdown(socket.SHUT_RDWR)
    stream.thread.join(timeout=5)
    until = time.monotonic() + 5
    while client.get(SUBSCRIPTIONS).json["Members"] and time.monotonic() < until:
        time.sleep(0.01)
    assert client.get(SUBSCRIPTIONS).json["Members"] == []


def test_streams_are_for_who_may_read(server: Server, connect: Callable[..., Any]) -> None:
    assert connect(server, log_in=False).get(f"{EVENTS}/SSE").status == 401


def test_there_are_only_so_many_streams(start: Callable[..., Server], connect: Callable[..., Any]) -> None:
    server = start(limits=Limits(streams=1))
    client = connect(server)
    stream = Stream(server, client.headers)
    assert client.get(f"{EVENTS}/SSE").status == 503
    server.stop()
    stream.thread.join(timeout=5)
    assert not stream.thread.is_alive()


@pytest.mark.parametrize(
    "url",
    [
        "http://192.0.2.7/events",
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.1:6379/",
        "http://[2001:db8::1]/",
        "http://example.com/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://127.0.0.1.example.com/",
        "http://user@example.com/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "http://127.0.0.1:99999/",
        "http://[::ffff:192.0.2.7]/",
        None,
        7,
    ],
)
def test_no_other_host_is_reached(url: object) -> None:
    assert Destinations().find(url) is None


def test_this_host_and_what_is_allowed_are_reached() -> None:
    known = Destinations(["10.0.0.0/8", "collector.example.com", "192.0.2.7"])
    for url in ("http://127.0.0.1:9/x?y=1", "https://localhost/", "http://[::1]:80/", "http://10.1.2.3/"):
        assert known.find(url) is not None
    assert known.find("https://collector.example.com:8443/events") is not None
    assert known.find("http://192.0.2.7/") is not None
    assert known.find("http://192.0.2.8/") is None
    found = known.find("http://127.0.0.1:9/x?y=1")
    assert found is not None
    assert (found.port, found.path) == (9, "/x?y=1")


@pytest.mark.parametrize(
    "text", ["", "http://example.com/", "10.0.0.0/99", "x y z", "-x", "a..b", "10.0.0.999", "x" * 64]
)
def test_what_is_no_destination_is_told(text: str) -> None:
    with pytest.raises(DataError, match="no destination"):
        Destinations([text])


def test_a_destination_elsewhere_is_stored_and_never_called(client: Any, server: Server) -> None:
    location = subscribe(client, "http://192.0.2.7/events")
    client.send("PATCH", SYSTEM, {"AssetTag": "A1"})
    assert client.get(location).status == 200
    assert server.hosts[0]._courier._routes == {}


def test_headers_that_would_inject_are_not_sent(client: Any, receiver: Any) -> None:
    subscribe(client, receiver.url, HttpHeaders=[{"X-Bad": "a\r\nX-Injected: b"}])
    client.send("PATCH", SYSTEM, {"AssetTag": "A1"})
    time.sleep(0.1)
    assert receiver.events == []
