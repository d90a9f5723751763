"""Headers of subscribers outlive their server where a key seals them, and are never readable on disk."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from igc_redfish.machine import Machine
from igc_redfish.server import HostOptions, Server, host_of
from igc_redfish.server.sealing import Seal

ROOT = "/redfish/v1"
SUBSCRIPTIONS = f"{ROOT}/EventService/Subscriptions"
SECRET = "Bearer for-the-subscriber-only"
OPEN = HostOptions(clock_factor=0.0)
SEALED = replace(OPEN, state_key="the operator's own")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.jsonl"


def subscribe(client: Any, url: str) -> str:
    wanted = {"Destination": url, "Protocol": "Redfish", "HttpHeaders": [{"Authorization": SECRET}]}
    answer = client.send("POST", SUBSCRIPTIONS, wanted)
    assert answer.status == 201
    location: str = answer.headers["location"]
    return location


@pytest.fixture
def serving(machine: Machine, path: Path, connect: Callable[..., Any]) -> Callable[[HostOptions], Any]:
    """Serve the machine from its state, for as long as a block lasts; gives a client."""

    @contextmanager
    def run(options: HostOptions) -> Generator[Any]:
        with Server([host_of(machine, options, state=path)]) as server:
            yield connect(server)

    return run


def delivered(client: Any, receiver: Any) -> str | None:
    """Change something; return the Authorization of the event that arrives."""
    seen, until = len(receiver.events), time.monotonic() + 5
    assert client.send("PATCH", f"{ROOT}/Systems/1", {"AssetTag": str(time.monotonic_ns())}).status == 200
    while time.monotonic() < until:
        for event, headers in zip(receiver.events[seen:], receiver.headers[seen:], strict=False):
            if f"{ROOT}/Systems/1" in json.dumps(event):  # and not one that was still on its way from before
                found: str | None = headers.get("Authorization")
                return found
        time.sleep(0.005)
    pytest.fail("no event arrived")


def test_sealed_headers_survive_a_restart_and_are_nowhere_to_be_read(
    serving: Any, path: Path, receiver: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(SEALED) as client:
        subscription = subscribe(client, receiver.url)
    assert "subscriber-headers" in path.read_text()
    assert SECRET not in path.read_text()
    with serving(SEALED) as client:
        assert client.get(subscription).json["HttpHeaders"] == []
        assert delivered(client, receiver) == SECRET
    assert SECRET not in path.read_text() + caplog.text
    assert "HttpHeaders" not in caplog.text


def test_without_a_key_the_next_start_says_whose_headers_are_gone(
    serving: Any, path: Path, receiver: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(OPEN) as client:
        subscription = subscribe(client, receiver.url)
        assert delivered(client, receiver) == SECRET
    assert "for-the-subscriber-only" not in path.read_text()
    with serving(OPEN) as client:
        assert f"{subscription} gets its events without its HttpHeaders: no key" in caplog.text
        assert delivered(client, receiver) is None


def test_a_wrong_key_opens_nothing_and_loses_nothing(
    serving: Any, receiver: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(SEALED) as client:
        subscribe(client, receiver.url)
    with serving(replace(SEALED, state_key="somebody else's")) as client:
        assert "another key sealed them" in caplog.text
        assert delivered(client, receiver) is None
    with serving(SEALED) as client:
        assert delivered(client, receiver) == SECRET


def test_headers_of_a_deleted_subscription_are_forgotten_on_disk(serving: Any, path: Path, receiver: Any) -> None:
    with serving(SEALED) as client:
        assert client.send("DELETE", subscribe(client, receiver.url)).status == 204
    with serving(SEALED):
        assert "subscriber-headers" not in path.read_text()  # the journal was written anew


def test_who_subscribes_after_a_reset_gets_no_headers_of_others(control: Any, receiver: Any) -> None:
    first = subscribe(control, receiver.url)
    assert receiver.wait(1)  # told of itself
    assert control.order("reset").status == 200
    control.log_in()
    wanted = {"Destination": receiver.url, "Protocol": "Redfish"}
    assert control.send("POST", SUBSCRIPTIONS, wanted).headers["location"] == first
    assert delivered(control, receiver) is None


@pytest.mark.parametrize("text", ["", ".", "zz.x", "00.x", "no seal at all"])
def test_what_is_no_seal_opens_nothing(text: str) -> None:
    assert Seal("x").open(text) is None


def test_no_two_seals_look_the_same_and_none_shows_its_secret() -> None:
    one, other = Seal("Hidden-1-word"), Seal("Hidden-1-word")
    assert one.close({"a": "b"}) != other.close({"a": "b"})
    assert other.open(one.close({"a": "b"})) == {"a": "b"}
    assert "Hidden" not in repr(one) + repr(HostOptions(state_key="Hidden-1-word"))
