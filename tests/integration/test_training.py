"""From training to a goal on an unseen machine, by the commands that a person types."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from igc_core.cli.app import main

Capsys = pytest.CaptureFixture[str]
TRAIN = ["train", "--on", "generated:0-2", "--family", "power", "--family", "boot", "--steps", "4096", "--seed", "1"]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A short training, made once."""
    recipe = tmp_path_factory.mktemp("recipe") / "short.toml"
    recipe.write_text("warm_start_steps = 12288\ncheckpoint_every = 4096\n")
    folder = tmp_path_factory.mktemp("runs") / "short"
    assert main([*TRAIN, "--recipe", str(recipe), "--out", str(folder)]) == 0
    return folder


def test_a_trained_agent_reaches_a_goal_on_a_machine_that_it_never_saw(run: Path, capsys: Capsys) -> None:
    assert main(["run", "power off", "--on", "generated:3", "--agent", str(run / "agent")]) == 0
    assert "reached and verified" in capsys.readouterr().out


def test_a_trained_agent_beats_drawing_any_legal_request(run: Path, tmp_path: Path) -> None:
    found = {}
    for name in (str(run / "agent"), "random"):
        file = tmp_path / f"{Path(name).name}.json"
        machines = ["--on", "generated:20-22", "--family", "power", "--family", "boot"]
        assert main(["evaluate", name, *machines, "--every-goal", "--json", str(file)]) == 0
        found[Path(name).name] = json.loads(file.read_text())["overall"]["success"]["mean"]
    assert found["agent"] > found["random"] + 0.3


def test_the_manifest_tells_how_the_run_came_about(run: Path) -> None:
    manifest = json.loads((run / "manifest.json").read_text())
    assert manifest["seeds"] == {"training": 1}
    assert {"igc-core", "igc-redfish", "igc-agents", "torch"} <= manifest["versions"].keys()
    assert len(manifest["captures"]) == 3
    assert all(len(digest) == 64 for digest in manifest["captures"].values())


def test_a_run_holds_no_pickle(run: Path) -> None:
    kinds = {path.suffix for path in run.rglob("*") if path.is_file() and "tensorboard" not in path.parts}
    assert kinds <= {".json", ".jsonl", ".safetensors", ".toml"}


def test_a_training_that_was_interrupted_goes_on(tmp_path: Path, capsys: Capsys) -> None:
    folder = tmp_path / "run"
    long = [*TRAIN[:-4], "--steps", "400000", "--seed", "1", "--out", str(folder)]
    with subprocess.Popen([sys.executable, "-m", "igc_core", *long], text=True, stdout=subprocess.PIPE) as process:
        began = time.monotonic()
        while process.poll() is None and not (folder / "metrics.jsonl").exists() and time.monotonic() - began < 60:
            time.sleep(0.2)
        os.kill(process.pid, signal.SIGINT)
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "stopped and saved" in output
    assert main(["train", "--resume", str(folder), "--steps", "4096"]) == 0
    assert "steps in" in capsys.readouterr().out


def test_the_demo_shows_the_main_job_from_training_to_the_comparison(capsys: Capsys) -> None:
    assert main(["demo", "--minutes", "0.05"]) == 0
    shown = capsys.readouterr().out
    assert "request by request" in shown
    assert "GET    /redfish/v1" in shown or "GET /redfish/v1" in shown
    assert "random legal" in shown
