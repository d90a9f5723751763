"""The journal is on disk before anything leaves."""

from __future__ import annotations

import resource
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from igc_core.rest import Request
from igc_redfish.live.errors import LiveError
from igc_redfish.live.guarded import GuardedBackend
from igc_redfish.live.journal import Journal

if TYPE_CHECKING:
    from pathlib import Path

    from igc_redfish.live.twin import Twin

SYSTEM = "/redfish/v1/Systems/1"
OFF = Request("POST", f"{SYSTEM}/Actions/ComputerSystem.Reset", {"ResetType": "ForceOff"})
URL = "https://r7-u12-bmc:8443"  # as in conftest.py


def refused(code: str) -> Any:
    return pytest.raises(LiveError, check=lambda error: error.code == code)


def test_the_journal_is_on_disk_before_the_request_leaves(tmp_path: Path, host: Any, guarded: Any) -> None:
    path = tmp_path / "journal.jsonl"
    seen: list[list[str]] = []

    def look(request: Request) -> None:
        if request.mutates:
            seen.append([orjson.loads(line)["event"] for line in path.read_bytes().splitlines()])

    host.instead = look
    guarded(journal=Journal(path)).perform(OFF)
    assert seen == [["intent"]]
    lines = [orjson.loads(line) for line in path.read_bytes().splitlines()]
    assert [line["event"] for line in lines] == ["intent", "outcome"]
    assert lines[0]["before"]["PowerState"] == "On"
    assert {"path": "PowerState", "old": "On", "new": "Off"} in lines[1]["after"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_nothing_leaves_when_the_journal_cannot_be_written(tmp_path: Path, host: Any, guarded: Any) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    backend = guarded(journal=journal)
    journal.close()
    with refused("live-journal"):
        backend.perform(OFF)
    assert not host.changes
    with refused("live-journal"):
        Journal(tmp_path)


def test_a_line_that_does_not_fit_on_the_disk_lets_nothing_leave(tmp_path: Path, host: Any, guarded: Any) -> None:
    path = tmp_path / "journal.jsonl"
    backend = guarded(journal=Journal(path))
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, usual[1]))  # a disk that is nearly full
    try:
        with refused("live-journal"):
            backend.perform(OFF)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    assert not host.changes


def test_a_line_that_was_cut_off_spoils_no_other(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b'{"event":"inte')
    Journal(path).write("start", {})
    assert [orjson.loads(line)["event"] for line in path.read_bytes().splitlines()[1:]] == ["start"]


def test_what_no_file_can_hold_is_told_of(tmp_path: Path) -> None:
    with refused("live-journal"):
        Journal(tmp_path / "journal.jsonl").write("start", {"goal": "led \udcff"})


def test_no_secret_gets_into_the_journal(tmp_path: Path, host: Any, twin: Twin) -> None:
    [account, *_] = host.simulator.of_type("ManagerAccount")
    path = tmp_path / "journal.jsonl"
    backend = GuardedBackend(host, twin, [], Journal(path), host=URL, secrets=frozenset({"hunter2"}))
    backend.perform(Request("PATCH", account, {"Password": "correct horse 1X"}))
    backend.perform(Request("PATCH", SYSTEM, {"AssetTag": "hunter2"}))
    text = path.read_text()
    assert "correct horse" not in text
    assert "hunter2" not in text
    assert len(text.splitlines()) == 4


@pytest.mark.parametrize("content", [b"version = 1\n", b"\x1f\x8b\x08capture", b'{\n  "format": "igc-fleet"\n}\n'])
def test_no_line_is_added_to_a_file_of_something_else(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "hosts.toml"
    path.write_bytes(content)
    with refused("live-journal"):
        Journal(path)
    assert path.read_bytes() == content


def test_lines_are_added_to_a_journal(tmp_path: Path) -> None:
    for _ in range(2):
        Journal(tmp_path / "journal.jsonl").write("start", {})
    assert len((tmp_path / "journal.jsonl").read_bytes().splitlines()) == 2
