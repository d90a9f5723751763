from __future__ import annotations

import multiprocessing
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import safetensors.torch
import torch

from igc_agents.corridor import Corridor
from igc_agents.errors import TrainingError
from igc_agents.source import EnvironmentSource
from igc_agents.training import train
from igc_core.interruption import Interruption
from igc_core.runs import RunFolder, RunManifest

if TYPE_CHECKING:
    from igc_agents.recipe import Recipe
    from igc_agents.standing import Standing

CORRIDOR = EnvironmentSource("igc_agents.corridor:Corridor", {"num_envs": 32})


def weights(folder: Path) -> torch.Tensor:
    tensors = safetensors.torch.load_file(folder / "weights.safetensors")
    return torch.cat([tensors[name].flatten() for name in sorted(tensors)])


def fresh(path: Path) -> RunFolder:
    return RunFolder.create(path, RunManifest.of_this_process(command=["test"]))


@pytest.fixture
def pair(recipe: Recipe) -> Recipe:
    """A recipe for two processes, with a checkpoint in each phase and one between updates of PPO."""
    changes = {
        "processes": 2,
        "n_envs": 32,
        "n_steps": 8,
        "steps": 1024,
        "warm_start_steps": 512,
        "checkpoint_every": 512,
    }
    return recipe.model_copy(update=changes)


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module that other processes can import, with environments that misbehave."""
    (tmp_path / "odd_corridors.py").write_text(
        """
import os, signal
from igc_agents.corridor import Corridor
from igc_core.errors import DataError

def refusing(num_envs=1, shard=(0, 1)):
    if shard[0]:
        raise DataError("no corridor left", code="data-missing", hint="build one")
    return Corridor(num_envs=num_envs)

def dying(num_envs=1, shard=(0, 1)):
    corridor = Corridor(num_envs=num_envs)
    if shard[0]:
        step, count = corridor.step, iter(range(100))
        corridor.step = lambda actions: step(actions) if next(count) < 20 else os.kill(os.getpid(), signal.SIGKILL)
    return corridor
"""
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    return "odd_corridors"


def test_two_processes_resumed_are_as_if_never_stopped(pair: Recipe, tmp_path: Path) -> None:
    standings: list[Standing] = []
    whole = train(pair, CORRIDOR, fresh(tmp_path / "whole"), watch=standings.append)
    assert whole.finished
    assert whole.steps == standings[-1].done == 512 + 1024
    run, interruption = fresh(tmp_path / "broken"), Interruption()

    def stop(standing: Standing) -> None:
        if standing.done >= 1024:
            interruption.request()

    first = train(pair, CORRIDOR, run, watch=stop, interruption=interruption)
    assert (first.finished, first.steps) == (False, 1024)
    second = train(pair, CORRIDOR, RunFolder.open(run.path), resume=True)
    assert second.steps == whole.steps
    assert torch.equal(weights(second.agent), weights(whole.agent))


def test_equal_seeds_give_equal_weights_and_another_number_of_processes_others(pair: Recipe, tmp_path: Path) -> None:
    short = pair.model_copy(update={"steps": 512, "warm_start_steps": 0, "n_steps": 8})
    first, second = (train(short, CORRIDOR, fresh(tmp_path / name)) for name in ("first", "second"))
    assert torch.equal(weights(first.agent), weights(second.agent))
    alone = train(short.model_copy(update={"processes": 1}), CORRIDOR, fresh(tmp_path / "alone"))
    assert not torch.equal(weights(first.agent), weights(alone.agent))


def test_process_that_cannot_build_its_part_is_told(pair: Recipe, run: RunFolder, module: str) -> None:
    source = EnvironmentSource(f"{module}:refusing", {"num_envs": 32})
    with pytest.raises(TrainingError, match="process 1 of the training failed: no corridor left; build one") as caught:
        train(pair, source, run)
    assert caught.value.code == "training-process-lost"


def test_process_that_dies_ends_training_and_what_was_saved_stays(pair: Recipe, run: RunFolder, module: str) -> None:
    source = EnvironmentSource(f"{module}:dying", {"num_envs": 32})
    recipe = pair.model_copy(update={"checkpoint_every": 256, "n_envs": 32})
    with pytest.raises(TrainingError, match=r"process 1 of the training failed: it was ended by signal 9"):
        train(recipe, source, run)
    assert run.checkpoints()
    assert not multiprocessing.active_children()


def test_built_environment_cannot_be_divided(pair: Recipe, run: RunFolder) -> None:
    with pytest.raises(TrainingError, match="2 processes cannot train on one built environment") as caught:
        train(pair, Corridor(num_envs=32), run)
    assert caught.value.code == "training-not-divisible"
    assert not list(run.path.glob("recipe.toml"))


def test_processes_end_with_the_one_that_started_them(tmp_path: Path) -> None:
    program = (
        "from pathlib import Path; from igc_agents.corridor import Corridor; from igc_agents.crew import Crew\n"
        "from igc_agents.recipe import Recipe; from igc_agents.source import EnvironmentSource\n"
        "import multiprocessing, os, signal\n"
        "if __name__ == '__main__':\n"
        "    crew = Crew(Recipe(processes=2), EnvironmentSource('igc_agents.corridor:Corridor'))\n"
        "    print(multiprocessing.active_children()[0].pid, flush=True)\n"
        "    crew.assemble()\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    (tmp_path / "main.py").write_text(program)
    found = subprocess.run([sys.executable, str(tmp_path / "main.py")], stdout=subprocess.PIPE, text=True, check=False)
    assert found.returncode == -signal.SIGKILL
    deadline = time.monotonic() + 30
    while Path(f"/proc/{found.stdout.strip()}").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
