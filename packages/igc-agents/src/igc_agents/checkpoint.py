"""Everything that training needs to go on as if nothing had happened.

Besides the agent's two files a checkpoint holds ``training.safetensors`` (Adam's moments, PyTorch's random state) and
``training.json`` (counters, NumPy's random states).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import safetensors.torch
import torch
from pydantic import Field, JsonValue, ValidationError
from safetensors import SafetensorError

from igc_agents import saving
from igc_agents.shape import CodecIdentity
from igc_core.errors import RunError
from igc_core.files import write_atomically
from igc_core.models import Model

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from torch import Tensor

    from igc_agents.learner import Learner
    from igc_agents.saving import AgentManifest

TENSORS, STATE = "training.safetensors", "training.json"
_RANDOM = "random.torch"


class TrainingState(Model):
    """How far training is.

    Attributes:
        imitated: Environment steps of imitation.
        steps: Environment steps of PPO.
        seconds: Wall-clock time spent so far, in seconds.
        updates: Passes of PPO over its steps.
        progress: Share of PPO that is done, as the learning rate sees it.
        batches: State of the generator that draws minibatches.
        choices: State of the generator that mixes in the expert.
    """

    imitated: int = 0
    steps: int = 0
    seconds: float = 0.0
    updates: int = 0
    progress: float = 0.0
    batches: dict[str, JsonValue] = Field(default_factory=dict)
    choices: dict[str, JsonValue] = Field(default_factory=dict)


def write(folder: Path, learner: Learner, manifest: AgentManifest, state: TrainingState) -> None:
    """Write a checkpoint into an empty folder."""
    saving.write(folder, learner.policy, manifest)
    moments: dict[int, dict[str, Tensor]] = learner.policy.optimizer.state_dict()["state"]
    tensors = {f"{index}.{name}": value for index, found in moments.items() for name, value in found.items()}
    tensors[_RANDOM] = torch.get_rng_state()
    (folder / TENSORS).write_bytes(safetensors.torch.save(tensors))
    write_atomically(folder / STATE, state.model_dump_json(indent=2) + "\n")


def restore(folder: Path, learner: Learner) -> TrainingState:
    """Put a learner into the state of a checkpoint.

    Raises:
        AgentError: The checkpoint's agent is damaged, or is not of this learner's shape.
        RunError: Its other files are.
    """
    agent = saving.load(folder, codec=CodecIdentity.of(learner.vector.batch))
    try:
        learner.policy.set_weights(agent.policy.weights())
        state = TrainingState.model_validate_json((folder / STATE).read_bytes())
        tensors = safetensors.torch.load((folder / TENSORS).read_bytes())
        torch.set_rng_state(tensors.pop(_RANDOM))
        _restore_moments(learner.policy.optimizer, tensors)
    except OSError as error:
        raise RunError(f"the checkpoint {folder} is not complete: {error}", code="run-corrupt") from error
    except (ValidationError, SafetensorError, KeyError, ValueError, RuntimeError) as error:
        raise RunError(
            f"the checkpoint {folder} is damaged, or of another size of network: {type(error).__name__}",
            code="run-corrupt",
            hint="remove it to go on from the one before",
        ) from error
    learner.num_timesteps = state.imitated + state.steps
    learner.updates = state.updates
    learner.progress = state.progress
    return state


def random_state(generator: np.random.Generator) -> dict[str, Any]:
    """State of a NumPy generator, as JSON."""
    return dict(generator.bit_generator.state)


def set_random_state(generator: np.random.Generator, state: dict[str, Any]) -> None:
    """Put a NumPy generator into a state that :func:`random_state` gave."""
    generator.bit_generator.state = state


def _restore_moments(optimizer: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> None:
    moments: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        index, _, name = key.partition(".")
        moments.setdefault(int(index), {})[name] = value
    optimizer.load_state_dict({"state": moments, "param_groups": optimizer.state_dict()["param_groups"]})
