"""Fixtures that every test of the package may use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch
from hypothesis import settings

from igc_agents.corridor import Corridor
from igc_agents.recipe import Recipe
from igc_agents.training import train
from igc_core.runs import RunFolder, RunManifest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from igc_agents.training import Training


# On shared cores a slow example says nothing about the code.
settings.register_profile("shared-cores", deadline=None)
settings.load_profile("shared-cores")


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Keep PyTorch from fighting over the cores that tests share."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def recipe() -> Recipe:
    """A recipe that takes a second or two."""
    return Recipe(n_steps=16, batch_size=256, steps=2048, warm_start_steps=1024, checkpoint_every=1024)


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    """A fresh run folder."""
    return RunFolder.create(tmp_path / "run", RunManifest.of_this_process(command=["test"]))


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Training:
    """A training that came to its end on the corridor, good enough to reach nearly all goals."""
    torch.set_num_threads(1)
    folder = RunFolder.create(tmp_path_factory.mktemp("runs") / "run", RunManifest.of_this_process(command=["test"]))
    recipe = Recipe(n_steps=32, batch_size=512, steps=0, warm_start_steps=12_288, learning_rate=3e-3)
    return train(recipe, Corridor(num_envs=64), folder)
