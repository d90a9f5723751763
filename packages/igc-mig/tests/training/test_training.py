from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from igc_core.errors import AgentError, DataError, RunError
from igc_core.interruption import Interruption
from igc_core.runs import RunFolder
from igc_mig.agent.saving import load, read_manifest, read_weights, write
from igc_mig.errors import MigError
from igc_mig.geometry import Gpu
from igc_mig.schedulers.catalogue import learned
from igc_mig.training.learner import Learner
from igc_mig.training.recipe import Recipe, going_on, recipe
from igc_mig.training.trainer import Standing, Trainer, begin, recipe_of

SMALL: dict[str, Any] = {"envs": 8, "rollout": 8, "batch_size": 32, "epochs": 1, "imitation": 4, "imitation_epochs": 1}
SMALL |= {"most": 6, "width": 8, "context": 16, "checkpoint_every": 128}


def trained(folder: Path, wanted: Recipe, *, stop_after: int | None = None, resume: bool = False) -> Trainer:
    """Train quickly; ask to stop once so many steps are done."""
    interruption = Interruption()

    def watch(standing: Standing) -> None:
        if stop_after is not None and standing.phase == "ppo" and standing.done >= stop_after:
            interruption.request()

    run = RunFolder.open(folder) if resume else begin(wanted, folder)
    trainer = Trainer(wanted, run, interruption, watch)
    if resume:
        trainer.restore()
    trainer.train()
    return trainer


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix == ".safetensors"}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "whole"
    trained(folder, Recipe(num_steps=256, **SMALL))
    return folder


def test_a_run_keeps_agent_checkpoints_and_records(whole: Path) -> None:
    names = [path.name for path in RunFolder.open(whole).checkpoints()]
    assert names == ["step-000000000000", "step-000000000128", "step-000000000256"]
    records = list(RunFolder.open(whole).metrics())
    assert [one["steps"] for one in records] == [64, 128, 192, 256]
    assert all(one["steps_per_second"] > 0 and one["reward"] <= 0 for one in records)
    assert list((whole / "tensorboard").iterdir())
    assert not [path for path in whole.rglob("*") if path.suffix in (".pkl", ".pt", ".zip", ".pth")]


def test_a_run_that_was_stopped_goes_on_to_the_same_weights(whole: Path, tmp_path: Path) -> None:
    wanted = Recipe(num_steps=256, **SMALL)
    stopped = trained(tmp_path / "parts", wanted, stop_after=128)
    assert (stopped.state.steps, stopped.finished) == (128, False)
    resumed = trained(tmp_path / "parts", recipe_of(RunFolder.open(tmp_path / "parts")), resume=True)
    assert (resumed.state.steps, resumed.finished) == (256, True)
    last = RunFolder.open(tmp_path / "parts").latest()
    assert files(last) == files(RunFolder.open(whole).latest())


def test_a_warm_start_that_was_stopped_begins_anew_and_ends_with_the_same_weights(tmp_path: Path) -> None:
    wanted, interruption = Recipe(num_steps=256, **SMALL | {"imitation_epochs": 2}), Interruption()
    trained(tmp_path / "whole", wanted)

    def watch(standing: Standing) -> None:
        if standing.phase == "imitation" and standing.done:
            interruption.request()

    run = begin(wanted, tmp_path / "parts")
    stopped = Trainer(wanted, run, interruption, watch)
    stopped.train()
    assert not stopped.state.imitated
    resumed = trained(tmp_path / "parts", recipe_of(run), resume=True)
    assert resumed.finished
    assert run.checkpoints()[0].name == "step-000000000000"
    assert files(run.latest()) == files(RunFolder.open(tmp_path / "whole").latest())


def test_a_new_limit_holds_when_training_goes_on_again(whole: Path, tmp_path: Path) -> None:
    shutil.copytree(whole, tmp_path / "run")
    run = RunFolder.open(tmp_path / "run")
    trained(run.path, going_on(recipe_of(run), num_steps=512, minutes=None), stop_after=320, resume=True)
    resumed = trained(run.path, recipe_of(run), resume=True)
    assert resumed.state.steps == 512
    (run.latest() / "agent.json").write_text("{")
    with pytest.raises(RunError, match=r"the checkpoint .* is damaged"):
        recipe_of(run)


def test_a_limit_in_time_leaves_most_of_it_to_reinforcement(tmp_path: Path) -> None:
    options: dict[str, Any] = {**SMALL, "imitation": 100_000, "imitation_epochs": 1000, "minutes": 0.1}
    done = trained(tmp_path / "run", Recipe(num_steps=10_000_000, **options))
    assert done.finished
    assert done.state.imitated
    assert done.state.steps > 0
    assert done.state.seconds < 20


def test_stopping_saves_the_true_step(tmp_path: Path) -> None:
    stopped = trained(tmp_path / "run", Recipe(num_steps=10_000, **SMALL), stop_after=192)
    state = json.loads((RunFolder.open(tmp_path / "run").latest() / "training.json").read_text())
    assert state["steps"] == stopped.state.steps == 192
    assert load(tmp_path / "run" / "agent").manifest.training["steps"] == 192


def test_n_is_the_window_of_the_online_version_whose_queues_have_a_length_of_their_own() -> None:
    found, usual = recipe("online", tasks=7), recipe("online")
    assert (found.fewest, found.most, found.environment()["slots"]) == (50, 50, 7)
    assert (usual.fewest, usual.most, usual.environment()["slots"]) == (50, 50, 5)
    assert recipe("float", tasks=7).environment()["slots"] == 7


@pytest.mark.parametrize("version", ["one_hot", "direct_reconfig", "online"])
def test_versions_of_the_reference_train_and_plan(version: str, tmp_path: Path, a100: Gpu) -> None:
    wanted = recipe(version, tasks=4, num_steps=64, envs=8, rollout=8, batch_size=32, epochs=1)
    trained(tmp_path / "run", wanted)
    plan = learned(2, tmp_path / "run" / "agent").plan(a100, np.full((4, 5), 3.0), "serial")
    assert sorted(step.task for step in plan) == [0, 1, 2, 3]


def test_the_network_in_numpy_is_that_of_pytorch(whole: Path) -> None:
    learner = Learner(Recipe(num_steps=1, **SMALL))
    state = learner.vector.batch
    learner.restart(3)
    agent = load(whole / "agent")
    weights = {name: torch.from_numpy(value) for name, value in agent.network._weights.items()}  # type: ignore[attr-defined]
    learner.set_weights({**learner.weights(), **weights})
    assert learner.features is not None
    seen = {name: torch.from_numpy(values) for name, values in learner.features(state.look()).items()}
    ours, _ = learner.policy.network(seen)
    legal = state.action_masks()
    np.testing.assert_allclose(agent.network.logits(state.look())[legal], ours.detach().numpy()[legal], atol=1e-4)


def test_a_damaged_checkpoint_is_told(whole: Path, tmp_path: Path) -> None:
    for name, content in (
        ("training.safetensors", b"x" * 100),
        ("training.json", b"{}x"),
        ("training.safetensors", None),
    ):
        copy = tmp_path / f"{name}-{content is None}"
        shutil.copytree(whole, copy)
        file = RunFolder.open(copy).latest() / name
        file.write_bytes(content) if content is not None else file.unlink()
        with pytest.raises(RunError, match=r"damaged|not complete"):
            trained(copy, Recipe(num_steps=512, **SMALL), resume=True)


@pytest.mark.parametrize(
    ("name", "change", "problem"),
    [
        ("weights.safetensors", lambda text: text[:-8] + b"\x00" * 8, "not the file that its manifest speaks of"),
        ("agent.json", lambda text: text.replace(b'"format": 2', b'"format": 9'), "is of format 9"),
        ("agent.json", lambda text: b"{" + text, "is not JSON"),
        ("agent.json", lambda text: b'{"format": 2}', "the field gpu"),
        ("agent.json", lambda text: text.replace(b"a100", b"a30"), "the field embed is not of shape"),
    ],
)
def test_a_damaged_agent_is_told(whole: Path, tmp_path: Path, name: str, change: Any, problem: str) -> None:
    shutil.copytree(whole / "agent", tmp_path / "agent")
    file = tmp_path / "agent" / name
    file.write_bytes(change(file.read_bytes()))
    with pytest.raises(AgentError, match=problem):
        load(tmp_path / "agent")


def test_numbers_that_are_none_are_told(whole: Path, tmp_path: Path) -> None:
    weights = read_weights(whole / "agent")
    weights["think.bias"] = weights["think.bias"] * np.float32("nan")
    write(tmp_path, weights, read_manifest(whole / "agent"))
    with pytest.raises(AgentError, match=r"the field think\.bias holds what is no number"):
        load(tmp_path)


def test_wrong_recipes_are_told(tmp_path: Path) -> None:
    with pytest.raises(MigError, match="did you mean 'float'"):
        recipe("flaot")
    with pytest.raises(MigError, match="no workload named 'wide'"):
        recipe("float", type_tasks="wide")
    with pytest.raises(MigError, match="'float' learns from rewards alone"):
        recipe("float", imitation=10)
    with pytest.raises(DataError, match="the field num_steps is 0"):
        going_on(recipe("float"), num_steps=0)
    assert Learner(Recipe(seed=2**40, **SMALL))
    for options, field in (({"tasks": 0}, "N"), ({"levels": 0}, "M"), ({"num_steps": 0}, "num_steps")):
        with pytest.raises(DataError, match=f"the field {field} is 0"):
            recipe("float", **options)
    with pytest.raises(DataError, match="the field device is 'tpu'"):
        Learner(Recipe(device="tpu", **SMALL))
    with pytest.raises(RunError, match="there is no run"):
        RunFolder.open(tmp_path / "none")


def test_the_entropy_bonus_falls_in_steps() -> None:
    wanted = recipe("entropy")
    assert [wanted.entropy_at(share) for share in (0.0, 0.3, 0.6, 0.8, 1.0)] == [0.01, 0.00075, 0.0005, 0.0, 0.0]
    assert recipe("float").entropy_at(0.9) == 0.01
