"""From captures to vectors, by the commands that a person types."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
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
    assert told["fingerprint"].startswith("language-model-1-")


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
    ],
)  # fmt: skip
def test_wrong_use_is_told_in_one_line(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: str, capsys: Capsys
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["encoder", *(word.format(home=home) for word in arguments)]) == 2
    told = capsys.readouterr().err
    assert told.startswith(f"error[{code}]")
    assert told.count("\n") == 1


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
