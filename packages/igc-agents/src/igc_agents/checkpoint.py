"""Everything that training needs to go on as if nothing had happened.

Besides the agent's two files a checkpoint holds ``training.safetensors`` (Adam's moments, averaged weights) and
``training.json`` (counters). There is no state of a random generator in it: at every checkpoint all of them begin anew,
in each process, with seeds that follow from the recipe's and from how far training is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import safetensors.torch
from pydantic import ValidationError
from safetensors import SafetensorError

from igc_agents import saving
from igc_agents.shape import CodecIdentity
from igc_core.errors import AgentError, RunError
from igc_core.files import write_atomically
from igc_core.models import Model

if TYPE_CHECKING:
    from pathlib import Path

    import torch
    from torch import Tensor

    from igc_agents.averaging import AveragedWeights
    from igc_agents.learner import Learner
    from igc_agents.saving import AgentManifest

TENSORS, STATE = "training.safetensors", "training.json"
_AVERAGE = "average/"
#: What is wrong with an agent that is not whole.
_DAMAGED = frozenset({"agent-missing", "agent-corrupt"})


class TrainingState(Model):
    """How far training is.

    Attributes:
        imitated: Environment steps of imitation, of all processes.
        steps: Environment steps of PPO, likewise.
        seconds: Wall-clock time spent so far, in seconds.
        updates: Passes of PPO over its steps.
        progress: Share of PPO that is done, as the learning rate sees it.
        averaged: Updates that the averaged weights are of.
        renewals: Which renewal of the environment is in force; -1 where it takes none.
        renewal_progress: What it was told of the training.
    """

    imitated: int = 0
    steps: int = 0
    seconds: float = 0.0
    updates: int = 0
    progress: float = 0.0
    averaged: int = 0
    renewals: int = -1
    renewal_progress: float = 0.0


def write(
    folder: Path, learner: Learner, average: AveragedWeights, manifest: AgentManifest, state: TrainingState
) -> None:
    """Write a checkpoint into an empty folder."""
    saving.write(folder, learner.policy, manifest)
    moments: dict[int, dict[str, Tensor]] = learner.policy.optimizer.state_dict()["state"]
    tensors = {f"{index}.{name}": value for index, found in moments.items() for name, value in found.items()}
    tensors |= {f"{_AVERAGE}{name}": value for name, value in average.tensors.items()}
    (folder / TENSORS).write_bytes(safetensors.torch.save(tensors))
    write_atomically(folder / STATE, state.model_dump_json(indent=2) + "\n")


def restore(folder: Path, learner: Learner, average: AveragedWeights) -> TrainingState:
    """Put a learner into the state of a checkpoint.

    Raises:
        AgentError: The checkpoint's agent is not of this learner's shape.
        RunError: One of its files is damaged or missing.
    """
    try:
        agent = saving.load(folder, codec=CodecIdentity.of(learner.vector.batch))
    except AgentError as error:
        if error.code not in _DAMAGED:
            raise
        raise RunError(
            f"the checkpoint {folder} is damaged: {error.message}",
            code="run-corrupt",
            hint="remove it to go on from the one before",
        ) from error
    try:
        learner.policy.set_weights(agent.policy.weights())
        state = TrainingState.model_validate_json((folder / STATE).read_bytes())
        tensors = safetensors.torch.load((folder / TENSORS).read_bytes())
        averages = {name: tensors.pop(name) for name in list(tensors) if name.startswith(_AVERAGE)}
        average.restore({name.removeprefix(_AVERAGE): value for name, value in averages.items()}, state.averaged)
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


def _restore_moments(optimizer: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> None:
    moments: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        index, _, name = key.partition(".")
        moments.setdefault(int(index), {})[name] = value
    optimizer.load_state_dict({"state": moments, "param_groups": optimizer.state_dict()["param_groups"]})
