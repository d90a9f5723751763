"""The shipped agent on services that none of us wrote, and that it sees for the first time."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from igc_core.cli.app import main

pytestmark = pytest.mark.slow
POLICY = """
version = 1
[[approve]]
approver = "the test"
operations = ["*"]
hosts = ["127.0.0.1"]
only = false
"""
IMAGE = "image=http://127.0.0.1:{port}/tools.iso"
#: Goals that each emulator can express and carries out, in an order in which each of them asks for something.
REACHED = {
    "sushy-fake": [
        "boot continuous from PXE, then power on",
        "boot continuous from Cd",
        f"media insert Cd {IMAGE}",
        "media eject Cd",
        "secureboot enable",
        "power off",
        "power on",
    ],
    "sushy-libvirt": [
        "power off",
        "boot continuous from PXE, then power on",
        "boot continuous from Hdd",
        "bios set ProcTurboMode=Disabled",
        "bios set EmbeddedSata=Raid NicBoot1=Disabled",
        "power off",
    ],
    "badfish": ["boot once from PXE, then power on", "boot disabled", "boot continuous from Cd", "power off"],
}
#: Goals whose requests an emulator accepts without doing what they ask for.
PRETENDED = {
    "sushy-fake": "boot once from PXE",
    "sushy-libvirt": "boot once from PXE",
    "badfish": f"media insert {IMAGE}",
}


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """Port on which an image is served."""
    (tmp_path / "tools.iso").write_bytes(b"\0" * 100_000)
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


@pytest.fixture
def run(
    peer: Any, port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Any:
    """Run a goal on the emulator by the shipped agent; return the exit code and what was told."""
    for name, value in peer.variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "policy.toml").write_text(POLICY)
    rails = ["--allow", "/redfish/v1/*", "--approve", "policy", "--policy", "policy.toml", "--write-interval", "0"]
    patience = ["--settle", "15", "--reset-settle", "30", "--agent", "default", "--json"]

    def call(goal: str) -> tuple[int, Any, str]:
        where = ["--target", peer.url, *peer.options, "--capture", "peer.igc.jsonl.gz"]
        code = main(["run", goal.format(port=port), *where, *rails, *patience])
        shown = capsys.readouterr()
        return code, json.loads(shown.out) if shown.out else None, shown.err

    return call


def test_goals_are_reached_on_a_service_that_the_agent_never_saw(run: Any, request: pytest.FixtureRequest) -> None:
    for goal in REACHED[request.node.callspec.params["peer"]]:
        code, told, err = run(goal)
        assert code == 0, (goal, err)
        assert told["success"], goal
        assert told["sent"], f"{goal} held already"
        assert told["requests"] <= 12, (goal, told["steps"])


def test_what_is_accepted_and_not_done_is_no_success(run: Any, request: pytest.FixtureRequest) -> None:
    code, _, err = run(PRETENDED[request.node.callspec.params["peer"]])
    assert code == 2
    assert "error[live-not-observed]" in err
