"""Everything that training needs to go on as if nothing had happened.

Besides the agent's two files a checkpoint holds ``training.safetensors`` (all weights, Adam's moments) and
``training.json`` (counters). There is no state of a random generator in it: at every checkpoint all of them begin anew
with seeds that follow from the recipe's and from how far training is.
"""

from __future__ import annotations

from importlib import metadata
from typing import TYPE_CHECKING

import safetensors.torch
from pydantic import ValidationError
from safetensors import SafetensorError

from igc_core.errors import RunError
from igc_core.files import write_atomically
from igc_core.models import Model
from igc_mig.agent import saving
from igc_mig.agent.saving import AgentManifest

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

    from igc_mig.training.learner import Learner
    from igc_mig.training.recipe import Recipe

TENSORS, STATE = "training.safetensors", "training.json"
_WEIGHTS = "weights/"
_NOTED = ("igc-core", "igc-mig", "sb3-contrib", "stable-baselines3", "torch", "numpy")


class TrainingState(Model):
    """How far training is.

    Attributes:
        imitated: Whether the warm start is done.
        steps: Environment steps learned from.
        seconds: Wall-clock time spent so far.
        updates: Passes over collected steps.
        progress: Share of the training that is done, which the schedules follow.
        reward: Mean return of recent episodes.
    """

    imitated: bool = False
    steps: int = 0
    seconds: float = 0.0
    updates: int = 0
    progress: float = 0.0
    reward: float = 0.0


def write(folder: Path, learner: Learner, recipe: Recipe, state: TrainingState) -> None:
    """Write a checkpoint into an empty folder."""
    write_agent(folder, learner, recipe, state)
    tensors = {f"{_WEIGHTS}{name}": value for name, value in learner.weights().items()}
    moments: dict[int, dict[str, Tensor]] = learner.policy.optimizer.state_dict()["state"]
    tensors |= {f"{index}.{name}": value.cpu() for index, found in moments.items() for name, value in found.items()}
    (folder / TENSORS).write_bytes(safetensors.torch.save(tensors))
    write_atomically(folder / STATE, state.model_dump_json(indent=1) + "\n")


def write_agent(folder: Path, learner: Learner, recipe: Recipe, state: TrainingState) -> None:
    """Write the agent alone into a folder that exists."""
    manifest = AgentManifest(
        gpu=recipe.gpu,
        environment=recipe.environment(),
        training={"recipe": recipe.model_dump(mode="json"), **state.model_dump(mode="json")},
        versions={name: metadata.version(name) for name in _NOTED},
    )
    saving.write(folder, learner.actor(), manifest)


def restore(folder: Path, learner: Learner) -> TrainingState:
    """Put a learner into the state of a checkpoint; it stays new where a warm start was cut short, which begins anew.

    Raises:
        RunError: A file is missing, damaged, or of another size of network.
    """
    try:
        state = TrainingState.model_validate_json((folder / STATE).read_bytes())
        if not state.imitated:
            return state
        tensors = safetensors.torch.load((folder / TENSORS).read_bytes())
        weights = {name: tensors.pop(name) for name in list(tensors) if name.startswith(_WEIGHTS)}
        learner.set_weights({name.removeprefix(_WEIGHTS): value for name, value in weights.items()})
        _restore_moments(learner, tensors)
    except OSError as error:
        raise RunError(f"the checkpoint {folder} is not complete: {error}", code="run-corrupt") from error
    except (ValidationError, SafetensorError, KeyError, ValueError, RuntimeError) as error:
        raise RunError(
            f"the checkpoint {folder} is damaged, or of another size of network: {type(error).__name__}",
            code="run-corrupt",
            hint="remove it to go on from the one before",
        ) from error
    learner.num_timesteps, learner.updates = state.steps, state.updates
    return state


def _restore_moments(learner: Learner, tensors: dict[str, Tensor]) -> None:
    moments: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        index, _, name = key.partition(".")
        moments.setdefault(int(index), {})[name] = value
    optimizer = learner.policy.optimizer
    optimizer.load_state_dict({"state": moments, "param_groups": optimizer.state_dict()["param_groups"]})
