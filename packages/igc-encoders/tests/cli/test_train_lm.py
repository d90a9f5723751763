"""Training and measuring language models, by the commands that a person types."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM

from igc_core.cli.app import main
from igc_encoders import lm

Capsys = pytest.CaptureFixture[str]
SMALL = {
    "vocabulary": 300, "width": 16, "layers": 1, "heads": 2, "context": 48, "overlap": 8, "repeats": 0,
    "batch_tokens": 400, "precision": "fp32", "epochs": 2, "accumulate": 1,
}  # fmt: skip


def settings(**changed: object) -> list[str]:
    return [word for name, value in (SMALL | changed).items() for word in ("--set", f"{name}={value}")]


def train(machines: Path, out: Path, **changed: object) -> int:
    arguments = ["--captures", str(machines), "--out", str(out), "--cpu", "--threads", "1"]
    return main(["encoder", "train", "lm", *arguments, *settings(**changed)])


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, machines: Path) -> Path:
    out = tmp_path_factory.mktemp("runs") / "lm"
    assert train(machines, out) == 0
    return out


def test_model_loads_with_plain_transformers(trained: Path) -> None:
    assert AutoModelForCausalLM.from_pretrained(trained).config.n_embd == 16
    options = json.loads((trained / "manifest.json").read_text())["options"]
    assert (options["train"], options["validation"]) == (["acme-1", "acme-2"], ["other-1"])
    assert list((trained / "tensorboard").iterdir())


def test_machines_held_out_are_measured(trained: Path, machines: Path, capsys: Capsys) -> None:
    assert main(["encoder", "eval", str(trained), "--captures", str(machines), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["machine"] for row in rows] == ["other-1", "all"]
    assert 0 < rows[0]["bits_per_byte"] < 8
    assert rows[0]["perplexity_per_byte"] == pytest.approx(2 ** rows[0]["bits_per_byte"], abs=0.01)
    assert {"path", "action", "enum", "method", "all"} <= rows[0].keys()


def test_folder_that_is_taken_is_left_alone(trained: Path, machines: Path, capsys: Capsys) -> None:
    before = (trained / "model.safetensors").read_bytes()
    assert train(machines, trained, epochs=3) == 2
    assert "error[run-exists]" in capsys.readouterr().err
    assert (trained / "model.safetensors").read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--out", "x"], "error[encoder-options]: a training needs captures"),
        (["--resume", "nowhere"], "error[run-missing]"),
        (["--resume", "x", "--out", "y"], "has its machines and its recipe already"),
        (["--captures", "nowhere", "--out", "x"], "error[encoder-corpus]"),
        (["--captures", "{machines}", "--out", "x", "--set", "epochs"], "is not of the form NAME=VALUE"),
        (["--captures", "{machines}", "--out", "x", "--set", "epochs=none"], "the recipe's 'epochs' cannot be 'none'"),
        (["--captures", "{machines}", "--out", "x", "--recipe", "no.toml"], "cannot read the recipe"),
        (["--captures", "{machines}", "--out", "x", "--without", "sun-"], "no machine of the training side"),
    ],
)
def test_wrong_use_is_told_in_one_line(
    arguments: list[str], message: str, machines: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capsys
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["encoder", "train", "lm", *(word.replace("{machines}", str(machines)) for word in arguments)]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_interrupted_training_keeps_a_checkpoint_and_goes_on(machines: Path, tmp_path: Path, capsys: Capsys) -> None:
    out = tmp_path / "lm"

    def interrupt() -> None:
        while not (out / "metrics.jsonl").exists():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    code = train(machines, out, epochs=30)
    thread.join()
    assert code == 130
    assert f"go on with: igc encoder train lm --resume {out}" in " ".join(capsys.readouterr().out.split())
    assert len(list((out / "checkpoints").iterdir())) == 1
    assert not (out / "model.safetensors").exists()
    # The rest is cut short by a recipe that ends sooner: the run's own is kept in its manifest.
    manifest = out / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"epochs": 30', '"epochs": 2'))
    assert main(["encoder", "train", "lm", "--resume", str(out), "--cpu"]) == 0
    assert (out / "model.safetensors").exists()


@pytest.mark.slow
def test_two_processes_train_as_one_that_accumulates_twice(machines: Path, tmp_path: Path) -> None:
    launcher = [
        *(sys.executable, "-m", "accelerate.commands.launch", "--multi_gpu", "--num_processes", "2"),
        *("--num_machines", "1", "--mixed_precision", "no", "--dynamo_backend", "no", "--main_process_port", "0"),
        *("-m", "igc_encoders", "train", "lm", "--cpu", "--threads", "1"),
        *("--captures", str(machines), "--out", str(tmp_path / "two"), *settings()),
    ]
    done = subprocess.run(launcher, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert train(machines, tmp_path / "one", accumulate=2) == 0
    two, one = (lm.load(tmp_path / name)[0].state_dict() for name in ("two", "one"))
    for name, value in one.items():
        torch.testing.assert_close(two[name], value, atol=1e-4, rtol=1e-3)
