"""From captures to vectors, by the commands that a person types."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
from safetensors import safe_open

from igc_core.cli.app import main
from igc_encoders import lm, tokens

Capsys = pytest.CaptureFixture[str]
SETTINGS = ["per_type=12", "latent=16", "channels=16", "heads=4", "epochs=2", "batch_tokens=2048"]


def system(machine: str, number: int, power: str) -> dict[str, Any]:
    return {
        "@odata.id": f"/redfish/v1/Systems/{number}",
        "@odata.type": "#ComputerSystem.v1_16_0.ComputerSystem",
        "HostName": machine,
        "PowerState": power,
        "Status": {"Health": ("OK", "Warning", "Critical")[number % 3]},
    }


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with captures, their split, and a language model with random weights."""
    folder = tmp_path_factory.mktemp("encoders")
    (folder / "captures").mkdir()
    texts: list[str] = []
    for name in ("acme-1", "acme-2", "bolt-1", "bolt-2"):
        bodies = [system(name, number, ("On", "Off")[number % 2]) for number in range(12)]
        bodies += [{"@odata.id": "/redfish/v1", "@odata.type": "#ServiceRoot.v1_0_0.ServiceRoot", "Name": name}]
        lines = [{"path": body["@odata.id"], "methods": None, "status": 200, "body": body} for body in bodies]
        texts += map(json.dumps, lines)
        (folder / "captures" / f"{name}.jsonl").write_text("\n".join(map(json.dumps, lines)))
    split = {"train": ["acme-1", "acme-2", "bolt-1"], "validation": ["bolt-2"]}
    (folder / "captures" / "split.json").write_text(json.dumps(split))
    tokenizer = tokens.train(texts, 300)
    lm.save(folder / "lm", lm.create(tokenizer, lm.Architecture(width=16, layers=2, heads=2, context=64)), tokenizer)
    return folder


@pytest.fixture(scope="module")
def encoder(home: Path) -> Path:
    """The folder of a trained encoder."""
    settings = [word for setting in SETTINGS for word in ("--set", setting)]
    captures, out = str(home / "captures"), home / "encoder"
    arguments = ["--captures", captures, "--out", str(out), *settings, "--threads", "1"]
    assert main(["encoder", "train", "autoencoder", str(home / "lm"), *arguments]) == 0
    return out


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_info_tells_how_an_encoder_was_made(encoder: Path, capsys: Capsys) -> None:
    assert main(["encoder", "info", str(encoder)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["name"], told["width"]) == ("language-model", 16)
    assert told["training"]["machines"] == ["acme-1", "acme-2", "bolt-1"]
    assert told["training"]["recipe"]["epochs"] == 2


def test_encode_writes_a_vector_for_each_resource(home: Path, encoder: Path, tmp_path: Path) -> None:
    out = tmp_path / "vectors.safetensors"
    machine = ["--captures", str(home / "captures"), "--machine", "bolt-2"]
    for _ in range(2):  # the second time all of it is in the cache
        assert main(["encoder", "encode", str(encoder), *machine, "--out", str(out)]) == 0
    with safe_open(out, "numpy") as file:
        vectors, told = file.get_tensor("vectors"), file.metadata()
    assert vectors.shape == (13, 16)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert json.loads(told["resources"])[-1] == ["bolt-2", "/redfish/v1"]
    assert told["fingerprint"].startswith("language-model-2-")


def test_nothing_is_drawn_where_an_encoder_is_loaded(encoder: Path) -> None:
    told = subprocess.run([sys.executable, "-m", "igc_encoders", "info", str(encoder)], capture_output=True, check=True)
    assert told.stderr == b""


def test_encode_takes_encoders_by_name(home: Path, tmp_path: Path, capsys: Capsys) -> None:
    out = tmp_path / "vectors.safetensors"
    captures = ["--captures", str(home / "captures")]
    assert main(["encoder", "encode", "hashed-tokens", *captures, "--option", "width=8", "--out", str(out)]) == 0
    assert "52 vectors of width 8" in capsys.readouterr().out


def test_probe_compares_encoders_on_held_out_machines(home: Path, encoder: Path, capsys: Capsys) -> None:
    tfidf = home / "tfidf"
    captures = ["--captures", str(home / "captures")]
    assert main(["encoder", "train", "tfidf", *captures, "--width", "4", "--out", str(tfidf)]) == 0
    capsys.readouterr()
    assert main(["encoder", "probe", str(encoder), str(tfidf), "hashed-tokens", *captures]) == 0
    told = capsys.readouterr().out
    assert "power state" in told
    assert "collisions" in told
    assert main(["encoder", "probe", str(tfidf), *captures, "--without", "bolt-", "--json"]) == 0
    (judged,) = json.loads(capsys.readouterr().out)
    assert judged["probes"]["power state"]["judged"] == 24


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["info", "nowhere/encoder"], "encoder-missing"),
        (["info", "hashed-tokens", "--option", "width"], "encoder-options"),
        (["info", "hashed-token"], "plugin-unknown-component"),
        (["info", "{home}"], "encoder-missing"),
        (["train", "autoencoder", "{home}/lm", "--captures", "{home}/captures", "--out", "x", "--set", "latent=0"],
         "encoder-options"),
        (["train", "autoencoder", "{home}/lm", "--captures", "{home}/captures", "--out", "x", "--set", "latent"],
         "encoder-options"),
        (["train", "autoencoder", "{home}/none", "--captures", "{home}/captures", "--out", "x"], "encoder-missing"),
        (["train", "tfidf", "--captures", "{home}/none", "--out", "x"], "encoder-corpus"),
        (["encode", "hashed-tokens", "--captures", "{home}/captures", "--out", "none/x.safetensors"], "data-missing"),
        (["probe", "hashed-tokens", "--captures", "{home}/captures/bolt-1.jsonl"], "encoder-corpus"),
        (["info", "{home}/encoder", "--option", "device=nowhere"], "encoder-options"),
        (["info", "{home}/encoder", "--option", "device=cuda:99"], "encoder-options"),
        (["info", "{home}/encoder", "--option", "cache=5"], "encoder-options"),
        (["info", "tfidf", "--option", "folder=5"], "encoder-options"),
        (["info", "hashed-tokens", "--option", "width=abc"], "encoding-failed"),
        (["train", "autoencoder", "{home}/lm", "--captures", "{home}/captures", "--out", "x", "--device", "nowhere"],
         "encoder-options"),
        (["train", "autoencoder", "{home}/lm", "--captures", "{home}/captures", "--out", "x", "--set", "heads=7"],
         "encoder-options"),
        (["train", "autoencoder", "{home}/lm", "--captures", "{home}/captures", "--out", "x", "--set", "channels=100"],
         "encoder-options"),
        (["train", "autoencoder", "{home}/lm", "--captures", "{home}/captures", "--out", "x", "--set", "facts=NaN"],
         "encoder-options"),
        (["train", "autoencoder", "{home}/lm", "--captures", "{home}/captures", "--out", "x", "--set", "most_tokens=2",
          "--set", "per_type=12"], "encoder-training"),
        (["train", "autoencoder", "{home}/lm", "--captures", "{home}/captures", "--out", "x", "--set", "per_type=12",
          "--set", "learning_rate=1e30", "--set", "latent=8"], "encoder-training"),
        (["train", "autoencoder", "{home}/lm", "--captures", "{home}/captures", "--out", "x", "--set", "per_type=12",
          "--set", "minutes=1e-9", "--set", "latent=8"], "encoder-training"),
        (["train", "autoencoder", "{home}/lm", "--captures", "{home}/captures", "--out", "{home}/captures/split.json"],
         "data-missing"),
        (["train", "tfidf", "--captures", "{home}/captures", "--out", "{home}/captures/split.json/x"], "data-missing"),
        (["train", "reader", "hashed-tokens", "--out", "{home}/captures/split.json"], "data-missing"),
        (["train", "reader", "hashed-tokens", "--out", "x", "--set", "folds=0"], "encoder-options"),
        (["train", "reader", "hashed-tokens", "--out", "x", "--set", "dropout=NaN"], "encoder-options"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("encoder")
def test_wrong_use_is_told_in_one_line(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: str, capsys: Capsys
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["encoder", *(word.format(home=home) for word in arguments)]) == 2
    told = capsys.readouterr().err
    assert told.startswith(f"error[{code}]")
    assert told.count("\n") == 1
    assert not list(tmp_path.glob("x/*.json"))


def test_run_of_a_language_model_is_not_overwritten_by_an_encoder(home: Path, tmp_path: Path, capsys: Capsys) -> None:
    (tmp_path / "manifest.json").write_text('{"started": "2026-01-01"}')
    arguments = ["--captures", str(home / "captures"), "--out", str(tmp_path), "--set", "per_type=12"]
    assert main(["encoder", "train", "autoencoder", str(home / "lm"), *arguments]) == 2
    assert "holds something else than an encoder" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["manifest.json"]
    assert main(["encoder", "info", str(tmp_path)]) == 2
    told = capsys.readouterr().err
    assert told.startswith("error[encoder-missing]")
    assert f"igc encoder train autoencoder {tmp_path}" in told


def test_probe_of_machines_without_types_says_so(tmp_path: Path, capsys: Capsys) -> None:
    line = '{"path": "/a", "methods": null, "status": 200, "body": {"PowerState": "On"}}'
    for name in ("a-1", "b-1"):
        (tmp_path / f"{name}.jsonl").write_text(line)
    (tmp_path / "split.json").write_text('{"train": ["a-1"], "validation": ["b-1"]}')
    assert main(["encoder", "probe", "hashed-tokens", "--captures", str(tmp_path)]) == 2
    assert "states its @odata.type" in capsys.readouterr().err


def test_a_training_that_is_stopped_says_what_is_left(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capsys
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("igc_encoders.cli.watching.Watch.__call__", interrupted)
    arguments = ["--captures", str(home / "captures"), "--out", str(tmp_path / "out")]
    assert main(["encoder", "train", "autoencoder", str(home / "lm"), *arguments]) == 130
    assert "no encoder was written" in capsys.readouterr().out
    assert not (tmp_path / "out" / "manifest.json").exists()


def test_encoder_that_is_being_written_is_written_whole(
    home: Path, encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = shutil.copytree(encoder, tmp_path / "encoder")
    pack = safetensors.torch.save

    def interrupted(*arguments: Any) -> bytes:
        os.kill(os.getpid(), signal.SIGINT)
        return pack(*arguments)

    monkeypatch.setattr("safetensors.torch.save", interrupted)
    settings = [word for setting in [*SETTINGS, "epochs=1"] for word in ("--set", setting)]
    arguments = ["--captures", str(home / "captures"), "--out", str(out), *settings]
    assert main(["encoder", "train", "autoencoder", str(home / "lm"), *arguments]) == 0
    assert main(["encoder", "info", str(out)]) == 0
