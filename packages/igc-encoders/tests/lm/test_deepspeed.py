"""Training under DeepSpeed, which ``nox -s deepspeed`` installs: it comes as source alone, and is built first."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch

from igc_encoders import lm

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not find_spec("deepspeed"), reason="nox -s deepspeed installs DeepSpeed"),
]
RECIPE = {
    "vocabulary": 300, "width": 16, "layers": 1, "heads": 2, "context": 48, "overlap": 8, "repeats": 0, "epochs": 3,
    "batch_tokens": 400, "accumulate": 2, "checkpoint_steps": 4, "evaluations": 3, "warmup": 0.1,
}  # fmt: skip
TWO = (
    *("-m", "accelerate.commands.launch", "--multi_gpu", "--num_processes", "2", "--num_machines", "1"),
    *("--mixed_precision", "no", "--dynamo_backend", "no", "--main_process_port", "0"),
)


def run(*arguments: str, processes: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *processes, "-m", "igc_encoders", "train", "lm", "--cpu", "--threads", "1", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def train(machines: Path, out: Path, *arguments: str, processes: tuple[str, ...] = (), precision: str = "bf16") -> None:
    recipe = RECIPE | {"precision": precision}
    settings = [word for name, value in recipe.items() for word in ("--set", f"{name}={value}")]
    done = run("--captures", str(machines), "--out", str(out), *settings, *arguments, processes=processes)
    assert done.returncode == 0, done.stdout + done.stderr


def undo(out: Path) -> Path:
    """Take a finished training back to the checkpoint before the last one; return a copy of it as it was."""
    whole = out.rename(out.with_name("whole"))
    shutil.copytree(whole, out)
    (out / "model.safetensors").unlink()
    shutil.rmtree(max((out / "checkpoints").iterdir()))
    return whole


def weights(path: Path) -> dict[str, torch.Tensor]:
    return dict(lm.load(path)[0].state_dict())


def configuration(folder: Path, stage: int) -> str:
    path = folder / f"stage-{stage}.json"
    path.write_text(json.dumps({"zero_optimization": {"stage": stage}}))
    return str(path)


@pytest.mark.parametrize(
    ("stage", "precision", "processes"),
    [(0, "bf16", ()), (0, "fp32", ()), (1, "bf16", ()), (2, "fp32", ()), (1, "bf16", TWO), (2, "fp32", TWO)],
)
def test_training_is_as_without_it_and_goes_on_bit_for_bit(
    tmp_path: Path, machines: Path, stage: int, precision: str, processes: tuple[str, ...]
) -> None:
    out, plain, given = tmp_path / "out", tmp_path / "plain", ("--deepspeed", configuration(tmp_path, stage))
    train(machines, plain, processes=processes, precision=precision)
    train(machines, out, *given, processes=processes, precision=precision)
    whole = undo(out)
    done = run("--resume", str(out), *given, processes=processes)
    assert done.returncode == 0, done.stdout + done.stderr
    resumed, without = weights(out), weights(plain)
    for name, value in weights(whole).items():
        assert value.dtype == torch.float32
        assert torch.equal(resumed[name], value)
        torch.testing.assert_close(value, without[name], atol=2e-2 if precision == "bf16" else 1e-4, rtol=1e-3)


def test_checkpoint_of_another_configuration_is_refused(tmp_path: Path, machines: Path) -> None:
    out = tmp_path / "out"
    train(machines, out, "--deepspeed", configuration(tmp_path, 1))
    undo(out)
    done = run("--resume", str(out))
    assert done.returncode == 2
    assert "another configuration of DeepSpeed" in " ".join(done.stderr.split())
