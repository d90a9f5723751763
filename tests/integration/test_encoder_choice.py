"""An agent that learned with an encoder's vectors is used with the same encoder, by commands alone."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from igc_core.cli.app import main

Capsys = pytest.CaptureFixture[str]
ENCODER = '{"name": "hashed-tokens", "width": 8}'


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A training that is long enough to be saved, and no longer."""
    home = tmp_path_factory.mktemp("encoded")
    recipe = home / "short.toml"
    recipe.write_text("warm_start_steps = 512\nn_envs = 8\nn_steps = 16\nbatch_size = 64\n")
    options = ["--on", "generated:0?size=60", "--family", "power", "--steps", "128", "--set", f"encoder={ENCODER}"]
    assert main(["train", *options, "--recipe", str(recipe), "--out", str(home / "run")]) == 0
    return home / "run" / "agent"


def test_name_options_and_fingerprint_are_kept_with_the_agent(agent: Path) -> None:
    kept = json.loads((agent / "agent.json").read_text())["encoder"]
    assert kept == {"name": "hashed-tokens", "options": {"width": 8}, "fingerprint": "hashed-tokens-1-8-0"}


def test_igc_run_builds_the_encoder_again(agent: Path, capsys: Capsys) -> None:
    # So short a training need not reach the goal; the episode takes place.
    assert main(["run", "power off", "--on", "generated:0?size=60", "--agent", str(agent), "--json"]) in {0, 1}
    assert json.loads(capsys.readouterr().out)["steps"]


def test_igc_evaluate_builds_the_encoder_again(agent: Path, capsys: Capsys) -> None:
    machines = ["--on", "generated:0?size=60", "--family", "power", "--episodes", "4", "--num-envs", "4"]
    assert main(["evaluate", str(agent), *machines]) == 0
    assert "success" in capsys.readouterr().out


@pytest.mark.parametrize("command", [["run", "power off", "--agent"], ["evaluate"]])
def test_an_encoder_that_changed_is_refused(agent: Path, tmp_path: Path, command: list[str], capsys: Capsys) -> None:
    copy = shutil.copytree(agent, tmp_path / "agent")
    stated = json.loads((copy / "agent.json").read_text())
    stated["encoder"]["options"] = {"width": 9}
    (copy / "agent.json").write_text(json.dumps(stated))
    assert main([*command, str(copy), "--on", "generated:0?size=60"]) == 2
    assert "error[agent-incompatible]: the agent learned with the encoder 'hashed-tokens'" in capsys.readouterr().err


def test_agents_of_different_encoders_are_not_compared(agent: Path, tmp_path: Path, capsys: Capsys) -> None:
    copy = shutil.copytree(agent, tmp_path / "other")
    stated = json.loads((copy / "agent.json").read_text())
    stated["encoder"] = None
    (copy / "agent.json").write_text(json.dumps(stated))
    assert main(["evaluate", str(agent), str(copy), "--on", "generated:0?size=60"]) == 2
    assert "learned without an encoder" in capsys.readouterr().err
