"""What is learned about a machine is kept in a file, and believed of that machine alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from igc_core.cli.app import main
from igc_core.episode import run_episode
from igc_core.errors import DataError
from igc_redfish.episodes import begin, remember
from igc_redfish.process.script import ScriptAgent

ON = "generated:3?size=80"


def taught(path: Path, goal: str = "power off", on: str = ON) -> int:
    """Run an episode with a memory, and count its requests."""
    trial = begin(goal, on, memory=path)
    outcome = run_episode(ScriptAgent(), trial)
    assert outcome.success
    remember(trial, path)
    return len(outcome.steps)


def test_the_next_run_takes_fewer_requests(tmp_path: Path) -> None:
    path = tmp_path / "memory.json"
    assert taught(path) > taught(path, "boot once from PXE")
    held = json.loads(path.read_text())
    assert held["format"] == "igc-memory"
    assert held["identity"].startswith("uuid:")
    assert held["resources"][0]["uri"] == "/redfish/v1"


def test_nothing_is_written_unless_asked_for(tmp_path: Path) -> None:
    trial = begin("power off", ON)
    run_episode(ScriptAgent(), trial)
    remember(trial, tmp_path / "memory.json")
    assert not list(tmp_path.iterdir())


def test_the_memory_of_another_machine_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "memory.json"
    taught(path)
    before = path.read_bytes()
    with pytest.raises(DataError, match="remembers another machine"):
        begin("power off", "generated:4?size=80", memory=path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{",
        b'{"format": "igc-memory"}',
        b'{"format": "igc-memory", "version": 1, "identity": "", "resources": []}',
        b'{"format": "igc-memory", "version": 2, "identity": "a", "resources": []}',
        b'{"format": "igc-memory", "version": 1, "identity": "a", "resources": [{"uri": "/etc", "body": {}}]}',
        b'{"format": "igc-memory", "version": 1, "identity": "a", "resources": [{"uri": "/redfish/v1", "body": 1}]}',
        b"[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_what_is_no_memory_is_refused_in_one_line(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "memory.json"
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        begin("power off", ON, memory=path)
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == content


def test_run_keeps_a_memory_on_request(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "memory.json"
    counts = []
    for goal in ("power off", "boot once from PXE"):
        assert main(["run", goal, "--on", ON, "--agent", "script", "--json", "--memory", str(path)]) == 0
        counts.append(json.loads(capsys.readouterr().out)["requests"])
    assert counts[1] < counts[0]
    (tmp_path / "folder").mkdir()
    assert main(["run", "power off", "--on", ON, "--agent", "script", "--memory", str(tmp_path / "folder")]) == 2
    assert "Traceback" not in capsys.readouterr().err
