from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from igc_agents.saving import read_manifest
from igc_core.cli.app import main

if TYPE_CHECKING:
    from igc_agents.training import Training

RECIPE = "n_steps = 16\nbatch_size = 256\nwarm_start_steps = 1024\ncheckpoint_every = 1024\n"
PASSWORD = "Zq9vault"


@pytest.fixture(autouse=True)
def only_this_plugin(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("IGC_PLUGINS_EXACT", "agents")
    monkeypatch.setenv("IGC_RUNS", str(tmp_path / "runs"))
    monkeypatch.delenv("IGC_SETTINGS", raising=False)


@pytest.fixture
def recipe_file(tmp_path: Path) -> str:
    path = tmp_path / "recipe.toml"
    path.write_text(RECIPE)
    return str(path)


def train(recipe_file: str, *options: str) -> int:
    return main(["train", "--environment", "corridor", "--recipe", recipe_file, *options])


def test_train_then_evaluate(recipe_file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, figures = tmp_path / "first", tmp_path / "figures.json"
    assert train(recipe_file, "--steps", "1024", "--seed", "3", "--out", str(out)) == 0
    assert f"{out}/agent: 2,048 steps in" in capsys.readouterr().out
    options = ["--environment", "corridor", "--episodes", "50", "--json", str(figures)]
    assert main(["evaluate", str(out / "agent"), *options]) == 0
    shown = capsys.readouterr().out
    for words in ("success", "SPL", "family left", "machine corridor"):
        assert words in shown
    assert json.loads(figures.read_text())["overall"]["episodes"] == 50
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["seeds"] == {"training": 3}
    assert manifest["options"]["recipe"]["steps"] == 1024


def test_run_gets_a_folder_of_its_own(recipe_file: str, tmp_path: Path) -> None:
    assert train(recipe_file, "--steps", "0") == 0
    (folder,) = (tmp_path / "runs").iterdir()
    assert (folder / "agent" / "agent.json").is_file()


def test_resume_goes_on_with_more_steps(recipe_file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "first"
    assert train(recipe_file, "--steps", "1024", "--out", str(out)) == 0
    assert main(["train", "--resume", str(out), "--steps", "2048"]) == 0
    assert "3,072 steps in" in capsys.readouterr().out


def test_resumed_run_keeps_the_limits_that_it_was_given_last(recipe_file: str, tmp_path: Path) -> None:
    out = tmp_path / "first"
    assert train(recipe_file, "--steps", "1024", "--out", str(out)) == 0
    assert main(["train", "--resume", str(out), "--steps", "2048"]) == 0
    assert main(["train", "--resume", str(out)]) == 0
    assert tomllib.loads((out / "recipe.toml").read_text())["steps"] == 2048
    assert json.loads((out / "agent" / "agent.json").read_text())["training"]["recipe"]["steps"] == 2048


def test_run_that_was_killed_before_its_first_checkpoint_begins_again(recipe_file: str, tmp_path: Path) -> None:
    whole, out = tmp_path / "whole", tmp_path / "killed"
    for folder in (whole, out):
        assert train(recipe_file, "--steps", "1024", "--out", str(folder)) == 0
    shutil.rmtree(out / "checkpoints")
    shutil.rmtree(out / "agent")
    assert main(["train", "--resume", str(out)]) == 0
    digests = [read_manifest(folder / "agent").weights_sha256 for folder in (whole, out)]
    assert digests[0] == digests[1]


@pytest.mark.parametrize("name", ["random", "expert"])
def test_agents_are_evaluated_by_name(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", name, "--environment", "corridor", "--episodes", "20", "--family", "here"]) == 0
    shown = capsys.readouterr().out
    assert "family here" in shown
    assert "family left" not in shown


def test_sampled_choices_are_evaluated(trained: Training, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(trained.agent), "--environment", "corridor", "--episodes", "20", "--sample"]) == 0
    assert "all" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["train", "--environment", "corider"], "error[plugin-unknown-component]: no environment named 'corider'"),
        (["train", "--resume", "nowhere"], "error[run-missing]: there is no run in nowhere"),
        (["train", "--environment", "corridor", "--recipe", "no.toml"], "error[data-missing]: cannot read the recipe"),
        (["train", "--recipe", "shiped"], "error[data-missing]: there is no recipe 'shiped'; name a TOML file, or one"),
        (["train", "--environment", "corridor", "--seed", "99999999999"], "error[data-invalid]"),
        (["train", "--environment", "corridor", "--set", "seed=3"], "the option 'seed' of the environment is said by"),
        (["train", "--on", "a", "--set", "sources=b"], "the option 'sources' of the environment is said by --on"),
        (["train", "--resume", "nowhere", "--environment", "corridor"], "error[settings-invalid]: the run nowhere has"),
        (["train", "--environment", "corridor", "--threads", "99999999999"], "error[data-invalid]"),
        (["demo", "--seed", "99999999999"], "error[data-invalid]"),
        (["evaluate", "./nothing", "--environment", "corridor"], "error[agent-missing]: there is no agent in"),
        (["evaluate", "nobody", "--environment", "corridor"], "error[plugin-unknown-component]: no agent named"),
        (["evaluate", "ppo", "--environment", "corridor"], "error[agent-missing]: a trained policy lies in a folder"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(
    arguments: list[str],
    words: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1


def test_nothing_is_overwritten(
    recipe_file: str, tmp_path: Path, trained: Training, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken.json").write_text("precious")
    assert train(recipe_file, "--out", str(tmp_path / "taken")) == 2
    assert "error[run-exists]" in capsys.readouterr().err
    options = ["--environment", "corridor", "--json", str(tmp_path / "taken.json")]
    assert main(["evaluate", str(trained.agent), *options]) == 2
    assert "error[data-exists]" in capsys.readouterr().err
    assert (tmp_path / "taken.json").read_text() == "precious"


def test_ctrl_c_saves_and_resume_goes_on(recipe_file: str, tmp_path: Path) -> None:
    out = tmp_path / "broken"
    program = [sys.executable, "-c", "import sys; from igc_core.cli.app import main; sys.exit(main())", "train"]
    options = ["--environment", "corridor", "--recipe", recipe_file, "--steps", "1000000000", "--out", str(out)]
    with subprocess.Popen([*program, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        while not (out / "metrics.jsonl").exists():
            assert process.poll() is None
            time.sleep(0.05)
        os.kill(process.pid, signal.SIGINT)
        output, error = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in error
    assert f"go on with: igc train --resume {out}" in output
    done = list((out / "checkpoints").iterdir())
    assert done
    steps = max(int(folder.name.removeprefix("step-")) for folder in done)
    assert main(["train", "--resume", str(out), "--steps", str(steps)]) == 0


def test_options_of_the_environment_can_be_set(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "random", "--environment", "corridor", "--episodes", "8", "--set", "lenght=3"]) == 2
    assert "lenght" in capsys.readouterr().err


def test_an_option_without_a_value_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "random", "--environment", "corridor", "--set", "length"]) == 2
    assert "error[settings-invalid]: cannot read the option 'length'" in capsys.readouterr().err


def test_options_of_the_environment_come_from_the_recipe_unless_given(recipe_file: str, tmp_path: Path) -> None:
    with Path(recipe_file).open("a") as file:
        file.write('[environment]\nfamilies = ["left"]\nhorizon = 9\n')
    out = tmp_path / "first"
    assert train(recipe_file, "--steps", "0", "--set", "horizon=7", "--out", str(out)) == 0
    assert json.loads((out / "manifest.json").read_text())["options"]["options"] == {"families": ["left"], "horizon": 7}
    resolved = tomllib.loads((out / "recipe.toml").read_text())
    assert resolved["environment"] == {"families": ["left"], "horizon": 7}
    assert resolved["batch_size"] == 256
    assert main(["train", "--resume", str(out), "--steps", "1024"]) == 0


def test_no_file_keeps_a_password_and_nothing_is_trained_on_its_mask(
    recipe_file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "first"
    text = f"account create user=a password={PASSWORD} role=X"
    with Path(recipe_file).open("a") as file:
        file.write(f'[environment]\nsources = ["{text}"]\n')  # the corridor minds no sources
    assert train(recipe_file, "--steps", "0", "--out", str(out)) == 0
    files = [path for path in out.rglob("*") if path.is_file()]
    assert {"agent.json", "recipe.toml", "manifest.json"} <= {path.name for path in files}
    assert not [path for path in files if PASSWORD.encode() in path.read_bytes()]
    assert "password=<redacted> role=X" in (out / "recipe.toml").read_text()
    capsys.readouterr()
    for again in (["--resume", str(out)], ["--environment", "corridor", "--recipe", str(out / "recipe.toml")]):
        assert main(["train", *again]) == 2
        error = capsys.readouterr().err
        assert "error[training-masked]" in error
        assert error.count("\n") == 1


def test_two_processes_train_and_stop_together(recipe_file: str, tmp_path: Path) -> None:
    out = tmp_path / "pair"
    program = [sys.executable, "-c", "import sys; from igc_core.cli.app import main; sys.exit(main())", "train"]
    options = ["--environment", "corridor", "--recipe", recipe_file, "--steps", "1000000000", "--out", str(out)]
    command = [*program, *options, "--processes", "2"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        while not (out / "metrics.jsonl").exists():
            assert process.poll() is None
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does, to all of them
        output, error = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in error
    assert f"go on with: igc train --resume {out}" in output
    assert list((out / "checkpoints").iterdir())


def test_a_refused_start_leaves_no_folder(recipe_file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recipe, out = Path(recipe_file), tmp_path / "run"
    recipe.write_text(f'{RECIPE}[network]\nwithout = ["nonsense"]\n')
    assert train(recipe_file, "--out", str(out)) == 2
    assert "cannot do without 'nonsense'" in capsys.readouterr().err
    assert not out.exists()


def test_a_training_that_diverges_is_told(recipe_file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "run"
    Path(recipe_file).write_text(f"{RECIPE}entropy = inf\n")
    assert train(recipe_file, "--steps", "4096", "--out", str(out)) == 2
    assert "error[training-diverged]" in capsys.readouterr().err
    assert not (out / "agent").exists()


def test_a_damaged_checkpoint_is_told_with_the_way_out(
    recipe_file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    assert train(recipe_file, "--steps", "1024", "--out", str(out)) == 0
    first, last = sorted((out / "checkpoints").iterdir())[-2:]
    (last / "weights.safetensors").write_bytes(b"torn")
    assert main(["train", "--resume", str(out)]) == 2
    error = capsys.readouterr().err
    assert "error[run-corrupt]" in error
    assert "remove it to go on from the one before" in error
    assert first.is_dir()
    shutil.rmtree(last)
    assert main(["train", "--resume", str(out)]) == 0


@pytest.mark.parametrize("damage", [{"recipe": 3}, {"options": [1]}, {"environment": None}])
def test_a_run_of_something_else_is_not_gone_on_with(
    damage: dict[str, object], recipe_file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    assert train(recipe_file, "--steps", "0", "--out", str(out)) == 0
    (out / "recipe.toml").unlink()
    manifest = json.loads((out / "manifest.json").read_text())
    manifest["options"] |= damage
    (out / "manifest.json").write_text(json.dumps(manifest))
    assert main(["train", "--resume", str(out)]) == 2
    assert "is no training run of igc train" in capsys.readouterr().err
