"""Whatever clients send, a server answers in the protocol's words: never 500, never a traceback."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from igc_redfish.bodies import as_array, as_object
from igc_redfish.machine import Machine
from igc_redfish.server import HostOptions, Server, host_of
from igc_redfish.sources import only_machine

METHODS = ("GET", "HEAD", "PATCH", "POST", "DELETE", "PUT", "OPTIONS", "TRACE")
PARAMETERS = ("ResetType", "Image", "ImageURI", "Targets", "UserName", "Password", "RoleId", "Destination", "Protocol")
QUERIES = ("$expand", "$select", "$filter", "$top", "$skip", "only", "excerpt", "$levels", "x")
#: Statuses of 500 and above that the protocol means: unknown method or query, not now, no room.
MEANT = {501, 503, 507}
PASSWORD = "correct horse"
#: Lists of ten to thirty requests that each of the slow runs sends; four of them make 100,000 requests.
EXAMPLES = int(os.environ.get("IGC_FUZZ_EXAMPLES", "1300"))


def keys_of(value: Any) -> Iterator[str]:
    for item in as_array(value):
        yield from keys_of(item)
    for key, item in as_object(value).items():
        yield key
        yield from keys_of(item)


def texts_of(value: Any) -> Iterator[str]:
    for item in (*as_array(value), *as_object(value).values()):
        if isinstance(item, str):
            yield item
        yield from texts_of(item)


def offers_of(bodies: list[Any]) -> Iterator[tuple[str, str]]:
    """Yield the targets of actions with parameters that they allow, as JSON."""
    for body in bodies:
        for offer in map(as_object, as_object(as_object(body).get("Actions")).values()):
            choices = {key.partition("@")[0]: as_array(value) for key, value in offer.items() if "Allowable" in key}
            for place in range(max([1, *map(len, choices.values())])):
                chosen = {key: values[place % len(values)] for key, values in choices.items() if values}
                yield str(offer.get("target", "/")), json.dumps(chosen)


class Surface:
    """What can be said to a machine: its URIs, action targets, properties and values."""

    def __init__(self, machine: Machine) -> None:
        bodies = [machine.get(uri) for uri in machine.uris()]
        self.texts = sorted({text for body in bodies for text in texts_of(body)})
        self.uris = sorted({*machine.uris(), *(text for text in self.texts if "/Actions/" in text)})
        self.names = sorted({*PARAMETERS, *(key for body in bodies for key in keys_of(body))})
        self.shown = [(uri, key, value) for uri in machine.uris() for key, value in (machine.get(uri) or {}).items()]
        self.actions = sorted(offers_of(bodies))
        self.collections = [uri for uri in self.uris if "Members" in (machine.get(uri) or {})]

    def values(self) -> st.SearchStrategy[Any]:
        plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
        leaf = plain | st.sampled_from(self.texts)
        names = st.sampled_from(self.names) | st.text(max_size=8)
        return st.recursive(
            leaf, lambda below: st.lists(below, max_size=3) | st.dictionaries(names, below, max_size=3), max_leaves=8
        )

    def bodies(self) -> st.SearchStrategy[bytes | None]:
        objects = st.dictionaries(st.sampled_from(self.names), self.values(), max_size=4)
        return (
            st.none() | st.binary(max_size=40) | (objects | self.values()).map(lambda value: json.dumps(value).encode())
        )

    def targets(self) -> st.SearchStrategy[str]:
        uri = st.sampled_from(self.uris)
        spelt = uri | uri.map(lambda text: f"{text}/") | uri.map(str.upper) | uri.map(lambda text: quote(text, safe=""))
        below = st.builds(lambda text, more: f"{text}/{quote(more)}", uri, st.text(max_size=8))
        queries = st.dictionaries(
            st.sampled_from(QUERIES), st.text(max_size=12) | st.sampled_from(self.names), max_size=2
        )
        written = queries.map(lambda found: "&".join(f"{key}={quote(value)}" for key, value in found.items()))
        members = uri.map(lambda text: f"{text}/Members")
        return st.builds(lambda path, query: f"{path}?{query}" if query else path, spelt | below | members, written)

    def fitting(self) -> st.SearchStrategy[tuple[str, str, bytes | None, dict[str, str]]]:
        """Changes of what is there by what may be: many of these are carried out."""

        def same_kind(value: Any) -> st.SearchStrategy[Any]:
            if isinstance(value, bool):
                return st.booleans()
            if isinstance(value, str):
                return st.sampled_from(self.texts) | st.text(max_size=20)
            if isinstance(value, dict) and value:
                return st.sampled_from(sorted(value)).flatmap(
                    lambda key: same_kind(value[key]).map(lambda item: {key: item})
                )
            return st.integers(-5, 100) if isinstance(value, int) else self.values()

        def request(method: str, uri: str, body: Any) -> tuple[str, str, bytes | None, dict[str, str]]:
            return method, uri, json.dumps(body).encode(), {"Content-Type": "application/json"}

        patches = st.sampled_from(self.shown).flatmap(
            lambda one: same_kind(one[2]).map(lambda value: request("PATCH", one[0], {one[1]: value}))
        )
        user = st.sampled_from(("admin", "guest", "a", "b"))
        made = st.fixed_dictionaries(
            {"UserName": user, "Password": st.just(PASSWORD), "RoleId": st.sampled_from(("Operator", "ReadOnly", "x"))}
        ) | st.fixed_dictionaries({"Destination": st.just("http://192.0.2.1/"), "Protocol": st.just("Redfish")})
        posts = st.builds(lambda uri, body: request("POST", uri, body), st.sampled_from(self.collections), made)
        removals = st.builds(
            lambda uri, number: ("DELETE", f"{uri}/{number}", None, {}),
            st.sampled_from(self.collections),
            st.integers(1, 4),
        )
        acts = st.sampled_from(self.actions or [("/", "{}")]).map(
            lambda one: request("POST", one[0], json.loads(one[1]))
        )
        return patches | posts | removals | acts

    def requests(self) -> st.SearchStrategy[tuple[str, str, bytes | None, dict[str, str]]]:
        header = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12).map(str.strip)
        names = st.sampled_from(("If-Match", "If-None-Match", "OData-Version", "Accept", "Prefer", "X-Auth-Token"))
        headers = st.dictionaries(names, header, max_size=1)
        media = st.sampled_from(("application/json", "application/json;charset=utf-8", "text/plain", ""))
        typed = st.builds(lambda named, kind: {**named, "Content-Type": kind}, headers, media)
        anything = st.tuples(st.sampled_from(METHODS), self.targets(), self.bodies(), typed)
        return st.booleans().flatmap(lambda fits: self.fitting() if fits else anything)


def check(client: Any, request: tuple[str, str, bytes | None, dict[str, str]]) -> bool:
    """Send a request; tell whether it changed something."""
    method, target, body, headers = request
    if target.endswith("/SSE"):
        return False
    answer = client.send(method, target, body, **headers)
    told = f"{request} gave {answer.status} {answer.content[:500]!r}"
    assert answer.status < 500 or answer.status in MEANT, told
    assert b"Traceback" not in answer.content, told
    if answer.status >= 400 and method != "HEAD":
        assert answer.json["error"]["@Message.ExtendedInfo"], told
    return answer.status < 300 and method in {"PATCH", "POST", "DELETE"}


def fuzz(server: Server, client: Any, machine: Machine, *, examples: int, caplog: Any) -> None:
    surface = Surface(machine)

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.lists(surface.requests(), min_size=10, max_size=30))
    def run(requests: list[Any]) -> None:
        changes.extend([check(client, request) for request in requests])

    changes: list[bool] = []
    with caplog.at_level(logging.ERROR):
        run()
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []
    assert client.get("/healthz").status == 200
    assert sum(changes) > examples / 5


@pytest.fixture
def fuzzed(connect: Callable[..., Any]) -> Iterator[Callable[[Machine], tuple[Server, Any]]]:
    """Serve a machine; its client has the credentials in every request, as its session may be deleted."""
    running: list[Server] = []

    def begin(machine: Machine) -> tuple[Server, Any]:
        options = HostOptions(credentials={"root of all": PASSWORD}, clock_factor=50.0, page_size=2)
        server = Server([host_of(machine, options)])
        server.start()
        running.append(server)
        client = connect(server, log_in=False)
        client.headers["Authorization"] = "Basic cm9vdCBvZiBhbGw6Y29ycmVjdCBob3JzZQ=="
        assert client.get("/redfish/v1/SessionService").status == 200
        return server, client

    yield begin
    for server in running:
        server.stop()


def test_no_request_breaks_a_server(machine: Machine, fuzzed: Callable[..., Any], caplog: Any) -> None:
    server, client = fuzzed(machine)
    fuzz(server, client, machine, examples=25, caplog=caplog)


@pytest.mark.slow
@pytest.mark.parametrize("source", ["served", "generated:3", "generated:4", "generated:8"])
def test_no_request_of_many_breaks_a_server(
    machine: Machine, fuzzed: Callable[..., Any], caplog: Any, source: str
) -> None:
    chosen = machine if source == "served" else only_machine(source)
    server, client = fuzzed(chosen)
    fuzz(server, client, chosen, examples=EXAMPLES, caplog=caplog)
