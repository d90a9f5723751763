from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import safetensors.torch
import torch

from igc_agents.corridor import Corridor
from igc_agents.renewal import Renewable, Renewals
from igc_agents.training import train
from igc_core.interruption import Interruption
from igc_core.runs import RunFolder, RunManifest

if TYPE_CHECKING:
    from pathlib import Path

    from igc_agents.recipe import Recipe
    from igc_agents.standing import Standing


class Renewed(Corridor):
    """A corridor whose episodes get longer, and whose tables are others, with each renewal."""

    def __init__(self) -> None:
        super().__init__(num_envs=64)
        self.calls: list[tuple[float, int]] = []

    def renew(self, progress: float, seed: int) -> None:
        self.calls.append((progress, seed))
        self.horizon = 4 + seed % 8
        self.layout = Corridor(num_envs=1).layout


def weights(folder: Path) -> torch.Tensor:
    tensors = safetensors.torch.load_file(folder / "weights.safetensors")
    return torch.cat([tensors[name].flatten() for name in sorted(tensors)])


def fresh(path: Path) -> RunFolder:
    return RunFolder.create(path, RunManifest.of_this_process(command=["test"]))


def test_environments_without_the_method_are_left_alone(recipe: Recipe, run: RunFolder) -> None:
    assert not isinstance(Corridor(), Renewable)
    assert not Renewals(Corridor(), 10, seed=0, rank=0).advance(100, 0.5)
    assert train(recipe, Corridor(num_envs=64), run).finished


def test_machines_are_renewed_at_the_start_and_by_steps(recipe: Recipe, run: RunFolder) -> None:
    environment = Renewed()
    train(recipe.model_copy(update={"renew_every": 1500}), environment, run)
    # Updates of PPO end after 2048 and 3072 steps.
    assert [call[0] for call in environment.calls] == [0.0, pytest.approx(2048 / 3072), 1.0]
    assert len({seed for _, seed in environment.calls}) == 3


def test_zero_renews_at_the_start_only(recipe: Recipe, run: RunFolder) -> None:
    environment = Renewed()
    train(recipe.model_copy(update={"renew_every": 0}), environment, run)
    assert [call[0] for call in environment.calls] == [0.0]


def test_processes_get_seeds_of_their_own() -> None:
    first, second = Renewed(), Renewed()
    for rank, environment in enumerate((first, second)):
        Renewals(environment, 10, seed=3, rank=rank).advance(0, 0.0)
    assert first.calls != second.calls


@pytest.mark.parametrize("stop_at", [512, 2048])
def test_resumed_run_makes_the_renewal_in_force_again(recipe: Recipe, tmp_path: Path, stop_at: int) -> None:
    recipe = recipe.model_copy(update={"checkpoint_every": 512, "renew_every": 400})
    whole = train(recipe, Renewed(), fresh(tmp_path / "whole"))
    run, interruption = fresh(tmp_path / "broken"), Interruption()

    def stop(standing: Standing) -> None:
        if standing.done >= stop_at:
            interruption.request()

    train(recipe, Renewed(), run, watch=stop, interruption=interruption)
    environment = Renewed()
    second = train(recipe, environment, RunFolder.open(run.path), resume=True)
    assert environment.calls[0][0] > 0
    assert torch.equal(weights(second.agent), weights(whole.agent))
