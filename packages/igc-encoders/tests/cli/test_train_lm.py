"""Training and measuring language models, by the commands that a person types."""

from __future__ import annotations

import json
import os
import shutil
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
from igc_encoders.lm.display import TrainingDisplay

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


def test_training_without_held_out_machines_claims_no_measurement(
    machines: Path, tmp_path: Path, capsys: Capsys
) -> None:
    (machine,) = machines.glob("acme-1*")
    assert train(machine, tmp_path / "lm", epochs=1) == 0
    said = capsys.readouterr().out
    assert "steps in" in said
    assert "held out" not in said


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
        (["--captures", "{machines}", "--out", "x", "--recipe", "no.toml"], "the recipe no.toml: No such file or dir"),
        (["--captures", "{machines}", "--out", "x", "--split", "no.json"], "the split no.json: No such file or dir"),
        (
            ["--captures", "{machines}", "--out", "x", "--set", "width=99999999"],
            "weights; choose 10,000,000,000 at most",
        ),
        (["--captures", "{machines}", "--out", "x", "--set", "width=" + "[" * 9_000], "the recipe's 'width' cannot be"),
        (["--captures", "{machines}", "--out", "x", "--without", "sun-"], "no machine of the training side"),
        (["--captures", "{machines}", "--out", "x", "--without", ""], "every machine of the training side"),
        (["--captures", "{machines}", "--out", "x", "--set", "lora=8"], "there is nothing to adapt"),
        (["--captures", "{machines}", "--out", "x", "--set", "heads=5"], "cannot be built"),
        (["--captures", "{machines}/acme-1.jsonl", "--out", "x", "--set", "patience=2"], "no machine is held out"),
        (["--captures", "{machines}", "--captures", "{odd}/stray-1.jsonl", "--out", "x"], "knows no machine of"),
        (["--captures", "{odd}/stray-1.jsonl", "--out", "x", "--threads", "1"], "the machines have no resources"),
        (["--captures", "{machines}", "--out", "x", "--split", "{odd}/number.json"], "lists no machines under"),
        (["--captures", "{machines}", "--out", "x", "--split", "{odd}/text.json"], "lists no machines under"),
    ],
)
def test_wrong_use_is_told_in_one_line(
    arguments: list[str], message: str, machines: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capsys
) -> None:
    odd = tmp_path.with_name(f"{tmp_path.name}-odd")
    odd.mkdir()
    (odd / "stray-1.jsonl").write_text("")
    (odd / "number.json").write_text('{"train": 5, "validation": []}')
    (odd / "text.json").write_text('{"train": "acme-1", "validation": ["other-1"]}')
    monkeypatch.chdir(tmp_path)
    words = [word.replace("{machines}", str(machines)).replace("{odd}", str(odd)) for word in arguments]
    assert main(["encoder", "train", "lm", *words]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def stopped(machines: Path, out: Path, **changed: object) -> None:
    """Start a training that is stopped at its first step."""

    def interrupt() -> None:
        while not (out / "metrics.jsonl").exists():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    code = train(machines, out, epochs=30, **changed)
    thread.join()
    assert code == 130


@pytest.mark.parametrize("what", ["reading", "tokenizing"])
def test_ctrl_c_while_machines_are_read_is_heard(
    what: str, machines: Path, tmp_path: Path, capsys: Capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    def show(_: TrainingDisplay, phase: str, *__: object) -> None:
        told.append(phase)
        if phase.startswith(what):
            signal.raise_signal(signal.SIGINT)

    out = tmp_path / "lm"
    with monkeypatch.context() as patch:
        patch.setattr(TrainingDisplay, "show", show)
        assert train(machines, out) == 130
    assert told[-1].startswith(what), "nothing else is begun"
    resume = ("encoder", "train", "lm", "--resume", str(out))
    assert f"stopped before the first step; go on with: igc {' '.join(resume)}" in capsys.readouterr().err
    assert main([*resume, "--cpu", "--threads", "1"]) == 0
    assert (out / "model.safetensors").is_file()


def test_interrupted_training_keeps_a_checkpoint_and_goes_on(machines: Path, tmp_path: Path, capsys: Capsys) -> None:
    out = tmp_path / "lm"
    stopped(machines, out)
    assert f"go on with: igc encoder train lm --resume {out} --cpu --threads 1" in " ".join(
        capsys.readouterr().out.split()
    )
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


def test_captures_that_changed_are_not_gone_on_with(machines: Path, tmp_path: Path, capsys: Capsys) -> None:
    folder = tmp_path / "machines"
    shutil.copytree(machines, folder)
    stopped(folder, tmp_path / "lm")
    with (folder / "acme-2.jsonl").open("a") as file:
        file.write('{"path": "/new", "methods": null, "status": 200, "body": {}}\n')
    assert main(["encoder", "train", "lm", "--resume", str(tmp_path / "lm"), "--cpu"]) == 2
    assert "acme-2.jsonl has changed since the run" in capsys.readouterr().err


def test_base_is_found_again_from_another_folder(
    trained: Path, machines: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(trained.parent)
    stopped(machines, tmp_path / "lm", base=trained.name)
    monkeypatch.chdir(tmp_path)
    manifest = tmp_path / "lm" / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"epochs": 30', '"epochs": 2'))
    assert main(["encoder", "train", "lm", "--resume", str(tmp_path / "lm"), "--cpu"]) == 0


def test_training_that_fails_before_its_first_step_leaves_the_name_free(
    machines: Path, tmp_path: Path, capsys: Capsys
) -> None:
    base = tmp_path / "base"
    base.mkdir()
    assert train(machines, tmp_path / "lm", base=base) == 2
    assert "error[encoder-corrupt]" in capsys.readouterr().err
    assert not (tmp_path / "lm").exists()


def test_model_that_is_no_folder_is_not_looked_for_elsewhere(machines: Path, tmp_path: Path, capsys: Capsys) -> None:
    began = time.monotonic()
    assert main(["encoder", "eval", str(tmp_path / "none"), "--captures", str(machines)]) == 2
    assert "error[encoder-missing]: there is no folder" in capsys.readouterr().err
    assert time.monotonic() - began < 5


def test_machines_without_resources_are_measured_as_nothing(
    trained: Path, machines: Path, tmp_path: Path, capsys: Capsys
) -> None:
    (tmp_path / "silent-1.jsonl").write_text("")
    captures = ["--captures", str(machines), "--captures", str(tmp_path / "silent-1.jsonl")]
    arguments = [*captures, "--machine", "silent-1", "--machine", "other-1", "--json"]
    assert main(["encoder", "eval", str(trained), *arguments]) == 0
    told = capsys.readouterr().out
    assert "NaN" not in told
    assert json.loads(told)[0]["bits_per_byte"] is None


def test_split_that_holds_no_machine_out_says_so(trained: Path, machines: Path, tmp_path: Path, capsys: Capsys) -> None:
    shutil.copytree(machines, tmp_path / "machines")
    (tmp_path / "machines" / "split.json").write_text('{"train": ["acme-1"], "validation": []}')
    assert main(["encoder", "eval", str(trained), "--captures", str(tmp_path / "machines")]) == 2
    assert "holds no machine out; name them: --machine NAME" in capsys.readouterr().err
