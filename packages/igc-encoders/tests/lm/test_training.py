from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch

from igc_core.errors import IgcError
from igc_core.interruption import Interruption
from igc_core.runs import RunFolder, RunManifest
from igc_encoders import lm
from igc_encoders.corpus import Corpus, Split
from igc_encoders.errors import EncoderError
from igc_encoders.lm.processes import accelerator_for, precision
from igc_encoders.lm.recipe import LmRecipe
from igc_encoders.lm.session import Outcome, train
from igc_encoders.lm.training import Standing

RECIPE = LmRecipe(
    vocabulary=300, width=16, layers=1, heads=2, context=48, overlap=8, repeats=0, epochs=3, batch_tokens=400,
    accumulate=2, checkpoint_steps=4, precision="fp32", evaluations=3, warmup=0.1,
)  # fmt: skip


def run_in(
    path: Path, machines: Path, recipe: LmRecipe = RECIPE, *, stop_at: int = 0
) -> tuple[Outcome, list[Standing]]:
    run = RunFolder.open(path) if path.exists() else RunFolder.create(path, RunManifest.of_this_process())
    interruption, seen = Interruption(), list[Standing]()

    def watch(standing: Standing) -> None:
        seen.append(standing)
        if standing.step == stop_at:
            interruption.request()

    outcome = train(
        recipe,
        Corpus.of([machines]),
        Split.load(machines / "split.json"),
        run,
        accelerator_for(recipe, cpu=True),
        interruption=interruption,
        watch=watch,
        progress=lambda *_: None,
    )
    return outcome, seen


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, machines: Path) -> tuple[Path, Outcome, list[Standing]]:
    path = tmp_path_factory.mktemp("runs") / "whole"
    return path, *run_in(path, machines)


def test_training_learns_and_leaves_a_model_that_loads(trained: tuple[Path, Outcome, list[Standing]]) -> None:
    path, outcome, seen = trained
    assert outcome.finished
    assert outcome.state.step == outcome.steps == seen[-1].step
    assert seen[-1].loss < seen[0].loss - 0.3
    model, tokenizer = lm.load(path)
    assert model.config.vocab_size == len(tokenizer)
    assert outcome.state.best < 8


def test_no_file_can_carry_code(trained: tuple[Path, Outcome, list[Standing]]) -> None:
    suffixes = {file.suffix for file in trained[0].rglob("*") if file.is_file()}
    assert suffixes <= {".json", ".jsonl", ".safetensors", ".npy"}


def test_interrupted_and_resumed_training_is_the_same_bit_for_bit(
    trained: tuple[Path, Outcome, list[Standing]], tmp_path: Path, machines: Path
) -> None:
    path, outcome, seen = trained
    stopped, first = run_in(tmp_path / "run", machines, stop_at=3)
    assert not stopped.finished
    assert not (tmp_path / "run" / "model.safetensors").exists()
    resumed, second = run_in(tmp_path / "run", machines)
    assert resumed.finished
    assert [standing.loss for standing in [*first, *second]] == [standing.loss for standing in seen]
    assert (resumed.state.best, resumed.state.tokens) == (outcome.state.best, outcome.state.tokens)
    whole, parts = (lm.load(folder)[0].state_dict() for folder in (path, tmp_path / "run"))
    assert all(torch.equal(whole[name], parts[name]) for name in whole)


def test_checkpoint_of_another_shape_is_refused(trained: tuple[Path, Outcome, list[Standing]], machines: Path) -> None:
    with pytest.raises(EncoderError, match=r"is of another model: .* has the shape") as found:
        run_in(trained[0], machines, RECIPE.model_copy(update={"width": 32}))
    assert found.value.code == "encoder-incompatible"


@pytest.mark.parametrize("name", ["weights.safetensors", "optimizer.safetensors", "state.json"])
def test_damaged_checkpoint_is_refused(tmp_path: Path, machines: Path, name: str) -> None:
    run_in(tmp_path / "run", machines, stop_at=1)
    file = next((tmp_path / "run" / "checkpoints").glob(f"*/{name}"))
    file.write_bytes(file.read_bytes()[:20])
    with pytest.raises(EncoderError, match="is damaged or missing"):
        run_in(tmp_path / "run", machines)


def test_training_stops_when_held_out_machines_get_no_better(tmp_path: Path, machines: Path) -> None:
    recipe = RECIPE.model_copy(update={"patience": 1, "learning_rate": 1e-12, "epochs": 9})
    outcome, _ = run_in(tmp_path / "run", machines, recipe)
    assert outcome.finished
    assert outcome.state.step < outcome.steps
    assert outcome.state.best_step < outcome.state.step


def test_loss_that_is_no_number_ends_training(tmp_path: Path, machines: Path) -> None:
    recipe = RECIPE.model_copy(update={"learning_rate": 1e30, "clip": 1e30})
    with pytest.raises(EncoderError, match=r"the loss of step .* is (nan|inf)"):
        run_in(tmp_path / "run", machines, recipe)


def test_bfloat16_leaves_weights_in_float32(tmp_path: Path, machines: Path) -> None:
    outcome, seen = run_in(tmp_path / "run", machines, RECIPE.model_copy(update={"precision": "bf16"}))
    assert outcome.finished
    assert seen[-1].loss < seen[0].loss
    assert {value.dtype for value in lm.load(tmp_path / "run")[0].state_dict().values()} == {torch.float32}


def test_adapters_train_few_weights_and_are_merged(
    trained: tuple[Path, Outcome, list[Standing]], tmp_path: Path, machines: Path
) -> None:
    from safetensors.torch import load_file  # noqa: PLC0415

    recipe = RECIPE.model_copy(update={"base": str(trained[0]), "lora": 2})
    stopped, _ = run_in(tmp_path / "run", machines, recipe, stop_at=2)
    assert not stopped.finished
    kept = load_file(next((tmp_path / "run" / "checkpoints").glob("*/weights.safetensors")))
    assert all("lora" in name for name in kept)
    assert run_in(tmp_path / "run", machines, recipe)[0].finished
    before, after = (lm.load(folder)[0].state_dict() for folder in (trained[0], tmp_path / "run"))
    assert before.keys() == after.keys()
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed == {"transformer.h.0.attn.c_attn.weight"}


def test_base_that_sees_too_little_is_refused(
    trained: tuple[Path, Outcome, list[Standing]], tmp_path: Path, machines: Path
) -> None:
    recipe = RECIPE.model_copy(update={"base": str(trained[0]), "context": 64})
    with pytest.raises(EncoderError, match="sees 48 tokens at once"):
        run_in(tmp_path / "run", machines, recipe)


def test_deepspeed_that_is_not_installed_is_named(tmp_path: Path) -> None:
    (tmp_path / "deepspeed.json").write_text("{}")
    with pytest.raises(EncoderError, match=r"accelerate cannot be set up: .*[Dd]eep[Ss]peed"):
        accelerator_for(RECIPE, cpu=True, deepspeed=tmp_path / "deepspeed.json")


@pytest.mark.parametrize(
    ("configuration", "message"),
    [
        ({"zero_optimization": True}, "or has no stage"),
        ({"zero_optimization": {"stage": 3}}, "parts the weights among processes"),
        ({"zero_optimization": {"stage": "auto"}}, "or has no stage"),
        ({"fp16": {"enabled": True}}, "float16, whose scale no checkpoint keeps"),
        ({"optimizer": {"type": "AdamW"}}, "names an optimizer"),
        ({"scheduler": {"type": "WarmupLR"}}, "names a scheduler"),
    ],
)
def test_configuration_of_deepspeed_that_would_be_ignored_is_refused(
    tmp_path: Path, configuration: dict[str, object], message: str
) -> None:
    (tmp_path / "deepspeed.json").write_text(json.dumps(configuration))
    with pytest.raises(EncoderError, match=message) as found:
        accelerator_for(RECIPE, cpu=True, deepspeed=tmp_path / "deepspeed.json")
    assert found.value.code == "encoder-options"


def test_precision_is_what_was_asked_for() -> None:
    assert (precision("fp32", "cpu"), precision("bf16", "cpu")) == ("no", "bf16")
    assert precision("auto", "cpu") in {"no", "bf16"}


@pytest.mark.parametrize(("on_gpu", "on_cpu"), [(True, False), (False, True)])
def test_precision_is_chosen_for_the_device_that_computes(
    on_gpu: bool, on_cpu: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("torch.cuda.is_bf16_supported", lambda: on_gpu)
    monkeypatch.setattr("torch.cpu.get_capabilities", lambda: {"amx_bf16": on_cpu})
    words = {True: "bf16", False: "no"}
    assert (precision("auto", "cuda:0"), precision("auto", "cpu")) == (words[on_gpu], words[on_cpu])
    recipe = RECIPE.model_copy(update={"precision": "auto"})
    assert accelerator_for(recipe, cpu=True).mixed_precision == words[on_cpu]
    monkeypatch.setenv("ACCELERATE_USE_CPU", "true")
    assert accelerator_for(recipe).mixed_precision == words[on_cpu]


def test_rate_rises_and_falls_by_half_a_cosine() -> None:
    recipe = LmRecipe(learning_rate=1.0, warmup=0.1)
    rates = [recipe.rate(step, 100) for step in range(100)]
    assert rates[:2] == pytest.approx([0.1, 0.2])
    assert max(rates) == rates[10] == 1.0
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert recipe.rate(100, 100) == pytest.approx(0.1)


@pytest.mark.parametrize("fields", [{"widht": 3}, {"epochs": 0}, {"learning_rate": "fast"}, {"precision": "fp8"}])
def test_recipe_that_cannot_be_is_refused_on_one_line(fields: dict[str, object]) -> None:
    with pytest.raises(IgcError, match="the recipe's") as found:
        LmRecipe.parse(fields)
    assert "\n" not in str(found.value)
    assert "a recipe may set base, extend" in str(found.value)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"lora": 8}, "there is nothing to adapt: the recipe has no base"),
        ({"extend": True}, "there is nothing to extend: the recipe has no base"),
        ({"heads": 5}, "cannot be built"),
        ({"context": 48, "overlap": 48}, "chunks of 48 tokens cannot overlap by 48"),
        ({"vocabulary": 100}, "cannot hold all bytes"),
        ({"objectives": {"plain": 0}}, "give no objective to draw"),
    ],
)
def test_recipe_whose_fields_do_not_fit_together_is_refused(fields: dict[str, object], message: str) -> None:
    with pytest.raises(EncoderError, match=message) as found:
        LmRecipe.parse(fields)
    assert found.value.code == "encoder-options"


def test_held_out_machine_that_a_measurement_leaves_out_does_not_end_training(tmp_path: Path, machines: Path) -> None:
    folder = tmp_path / "machines"
    shutil.copytree(machines, folder)
    (folder / "silent-1.jsonl").write_text("")
    (folder / "split.json").write_text('{"train": ["acme-1", "acme-2"], "validation": ["other-1", "silent-1"]}')
    outcome, _ = run_in(tmp_path / "run", folder, RECIPE.model_copy(update={"epochs": 1, "measured_tokens": 1}))
    assert outcome.finished
    measured = [record for record in RunFolder.open(tmp_path / "run").metrics() if "validation" in record]
    assert measured
    assert all("bits_per_byte/other-1" in record and "bits_per_byte/silent-1" not in record for record in measured)


def test_checkpoint_of_another_number_of_processes_is_refused(tmp_path: Path, machines: Path) -> None:
    run_in(tmp_path / "run", machines, stop_at=1)
    file = next((tmp_path / "run" / "checkpoints").glob("*/state.json"))
    text = file.read_text()
    assert '"processes": 1' in text
    file.write_text(text.replace('"processes": 1', '"processes": 2'))
    with pytest.raises(EncoderError, match="written by another number of processes"):
        run_in(tmp_path / "run", machines)
