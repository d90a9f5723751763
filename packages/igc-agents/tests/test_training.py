from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import safetensors.torch
import torch

from igc_agents import saving
from igc_agents.corridor import Corridor
from igc_agents.recipe import Recipe
from igc_agents.training import train
from igc_core.errors import AgentError, RunError
from igc_core.interruption import Interruption
from igc_core.runs import RunFolder, RunManifest

if TYPE_CHECKING:
    from pathlib import Path

    from igc_agents.standing import Standing
    from igc_agents.training import Training


def weights(folder: Path) -> torch.Tensor:
    tensors = safetensors.torch.load_file(folder / "weights.safetensors")
    return torch.cat([tensors[name].flatten() for name in sorted(tensors)])


def fresh(path: Path) -> RunFolder:
    return RunFolder.create(path, RunManifest.of_this_process(command=["test"]))


def test_imitation_alone_learns_the_shortest_ways(trained: Training) -> None:
    assert trained.finished
    assert trained.success > 0.95
    assert trained.efficiency > 0.85  # the expert takes a tenth of the last actions, the policy draws the others


def test_run_folder_tells_what_happened(recipe: Recipe, run: RunFolder) -> None:
    standings: list[Standing] = []
    training = train(recipe, Corridor(num_envs=64), run, watch=standings.append)
    assert training.steps == standings[-1].done == 3072
    assert {standing.total for standing in standings} == {3072}
    assert [folder.name for folder in run.checkpoints()] == [f"step-{step:012d}" for step in (1024, 2048, 3072)]
    records = list(run.metrics())
    assert {record["phase"] for record in records} == {"imitation", "reinforcement"}
    assert [record["step"] for record in records] == [one.done for one in standings]
    assert {"imitation/agreement", "episode/success", "success/left"} <= records[3].keys()
    assert {"reinforcement/approx_kl", "reinforcement/learning_rate"} <= records[-1].keys()
    assert list((run.path / "tensorboard").glob("events*"))
    manifest = json.loads((training.agent / "agent.json").read_text())
    assert manifest["training"]["steps"] == 2048
    assert manifest["training"]["recipe"]["batch_size"] == 256


def test_checkpoints_hold_safetensors_and_json_only(recipe: Recipe, run: RunFolder) -> None:
    train(recipe, Corridor(num_envs=64), run)
    files = [file for folder in run.checkpoints() for file in folder.iterdir()]
    assert {file.suffix for file in files} == {".json", ".safetensors"}
    assert len(files) == 4 * len(run.checkpoints())


def test_rehearsal_goes_on_beside_reinforcement(recipe: Recipe, run: RunFolder) -> None:
    standings: list[Standing] = []
    rehearsing = recipe.model_copy(update={"rehearsal": 0.25})
    training = train(rehearsing, Corridor(num_envs=64), run, watch=standings.append)
    assert training.steps == 1024 + 2048 + 2048 // 4
    assert {standing.total for standing in standings} == {training.steps}
    told = [record["reinforcement/rehearsal_agreement"] for record in run.metrics() if record["step"] > 1024]
    assert len(told) == 2
    assert json.loads((training.agent / "agent.json").read_text())["training"]["steps"] == 2048


@pytest.mark.parametrize("codec", ["candidates", "flat"])
@pytest.mark.parametrize(
    ("stop_at", "rehearsal"), [(512, 0.0), (2048, 0.0), (2304, 0.25)], ids=["imitation", "reinforcement", "rehearsal"]
)
def test_interrupted_and_resumed_is_as_if_never_interrupted(
    recipe: Recipe, tmp_path: Path, codec: str, stop_at: int, rehearsal: float
) -> None:
    recipe = recipe.model_copy(update={"checkpoint_every": 512, "rehearsal": rehearsal})
    whole = train(recipe, Corridor(num_envs=64, codec=codec), fresh(tmp_path / "whole"))
    run, interruption = fresh(tmp_path / "broken"), Interruption()

    def stop(standing: Standing) -> None:
        if standing.done >= stop_at:
            interruption.request()

    first = train(recipe, Corridor(num_envs=64, codec=codec), run, watch=stop, interruption=interruption)
    assert not first.finished
    assert first.steps == stop_at
    torch.manual_seed(999)  # another process would have another random state
    again = RunFolder.open(run.path)
    second = train(recipe, Corridor(num_envs=64, codec=codec, seed=5), again, resume=True)
    assert second.finished
    assert second.steps == whole.steps
    assert second.seconds > first.seconds
    assert torch.equal(weights(second.agent), weights(whole.agent))


def test_resumed_run_may_be_given_more_steps(recipe: Recipe, run: RunFolder) -> None:
    train(recipe, Corridor(num_envs=64), run)
    longer = recipe.model_copy(update={"steps": 3072})
    training = train(longer, Corridor(num_envs=64), run, resume=True)
    assert training.steps == 4096
    assert json.loads((training.agent / "agent.json").read_text())["training"]["steps"] == 3072


def test_nothing_to_resume_is_told(recipe: Recipe, run: RunFolder) -> None:
    with pytest.raises(RunError, match="has no checkpoint"):
        train(recipe, Corridor(num_envs=64), run, resume=True)


@pytest.mark.parametrize("name", ["training.safetensors", "training.json"])
@pytest.mark.parametrize("damage", ["truncated", "missing"])
def test_damaged_checkpoint_is_told(recipe: Recipe, run: RunFolder, name: str, damage: str) -> None:
    train(recipe, Corridor(num_envs=64), run)
    file = run.latest() / name
    content = file.read_bytes()
    file.unlink()
    if damage == "truncated":
        file.write_bytes(content[: len(content) // 2])
    with pytest.raises(RunError, match="is damaged" if damage == "truncated" else "is not complete") as caught:
        train(recipe, Corridor(num_envs=64), run, resume=True)
    assert caught.value.code == "run-corrupt"


def test_checkpoint_of_another_codec_is_refused(recipe: Recipe, run: RunFolder) -> None:
    train(recipe, Corridor(num_envs=64), run)
    with pytest.raises(AgentError, match="reads observations of the codec"):
        train(recipe, Corridor(num_envs=64, codec="flat"), run, resume=True)


def test_time_limit_ends_training_and_the_decay_of_the_learning_rate(recipe: Recipe, run: RunFolder) -> None:
    limited = recipe.model_copy(update={"steps": 10**9, "minutes": 0.02, "warm_start_steps": 0})
    training = train(limited, Corridor(num_envs=64), run)
    assert training.finished
    assert 1.2 <= training.seconds < 10
    rates = [record["reinforcement/learning_rate"] for record in run.metrics()]
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] < 0.5 * rates[0]


def test_environment_without_labels_goes_straight_to_ppo(recipe: Recipe, run: RunFolder) -> None:
    class Bare:
        def __init__(self, corridor: Corridor) -> None:
            self._corridor = corridor

        def __getattr__(self, name: str) -> Any:
            if name == "optimal_actions":
                raise AttributeError(name)
            return getattr(self._corridor, name)

    environment: Any = Bare(Corridor(num_envs=64))
    training = train(recipe, environment, run)
    assert training.steps == 2048
    assert {record["phase"] for record in run.metrics()} == {"reinforcement"}


def test_threads_are_given_back(recipe: Recipe, run: RunFolder) -> None:
    before = torch.get_num_threads()
    train(recipe.model_copy(update={"threads": 2, "steps": 0, "warm_start_steps": 0}), Corridor(num_envs=64), run)
    assert torch.get_num_threads() == before


def test_agent_gets_the_averaged_weights_and_checkpoints_both(recipe: Recipe, tmp_path: Path) -> None:
    averaged = recipe.model_copy(update={"average": 0.9, "checkpoint_every": 512})
    whole = train(averaged, Corridor(num_envs=64), fresh(tmp_path / "whole"))
    plain = train(recipe.model_copy(update={"checkpoint_every": 512}), Corridor(num_envs=64), fresh(tmp_path / "plain"))
    last = RunFolder.open(tmp_path / "whole").latest()
    assert torch.equal(weights(last), weights(plain.agent))
    before, after = (weights(folder) for folder in RunFolder.open(tmp_path / "whole").checkpoints()[-2:])
    torch.testing.assert_close(weights(whole.agent), (before + after) / 2)
    broken = fresh(tmp_path / "broken")
    train(averaged.model_copy(update={"steps": 1024}), Corridor(num_envs=64), broken)
    resumed = train(averaged, Corridor(num_envs=64), broken, resume=True)
    assert json.loads((broken.latest() / "training.json").read_text())["averaged"] == 2
    assert resumed.steps == whole.steps


def test_run_folder_holds_the_recipe(recipe: Recipe, run: RunFolder) -> None:
    train(recipe.model_copy(update={"steps": 0, "warm_start_steps": 0}), Corridor(num_envs=64), run)
    assert Recipe.read(run.path / "recipe.toml").batch_size == recipe.batch_size


def test_blanked_inputs_come_back_with_the_agent(recipe: Recipe, run: RunFolder) -> None:
    network = recipe.network.model_copy(update={"without": ("history",)})
    short = recipe.model_copy(update={"steps": 0, "warm_start_steps": 0, "network": network})
    training = train(short, Corridor(num_envs=64), run)
    assert saving.load(training.agent).policy.network.size.without == ("history",)  # type: ignore[union-attr]
