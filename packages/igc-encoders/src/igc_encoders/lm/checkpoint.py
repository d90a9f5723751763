"""Everything that training needs to go on bit for bit.

``weights.safetensors`` holds the parameters that are trained, ``optimizer.safetensors`` AdamW's moments, ``state.json``
counters. There is no state of a random generator: each step seeds all of them anew, with the recipe's seed and its own
number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import safetensors.torch
import torch
from pydantic import ValidationError
from safetensors import SafetensorError

from igc_core.files import write_atomically
from igc_core.models import Model
from igc_encoders.errors import EncoderError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from torch import Tensor, nn

WEIGHTS, MOMENTS, STATE = "weights.safetensors", "optimizer.safetensors", "state.json"


class TrainingState(Model):
    """How far training is.

    Attributes:
        step: Steps taken; the position in the data follows from it.
        seconds: Wall-clock time spent, in seconds.
        tokens: Targets that were learnt from.
        best: Fewest bits per byte on held-out machines so far.
        best_step: Step after which that was.
        worse: Measurements since.
        ended: Whether patience has run out, or all steps are taken.
    """

    step: int = 0
    seconds: float = 0.0
    tokens: int = 0
    best: float = 1e9
    best_step: int = 0
    worse: int = 0
    ended: bool = False


def trained(model: nn.Module) -> dict[str, Tensor]:
    """Return the parameters of a model that are trained, by name; tied ones once."""
    return {name: value for name, value in model.named_parameters() if value.requires_grad}


def write(folder: Path, model: nn.Module, optimizer: torch.optim.Optimizer, state: TrainingState) -> None:
    """Write a checkpoint into an empty folder."""
    write_weights(folder / WEIGHTS, model)
    moments = cast("dict[int, dict[str, Tensor]]", optimizer.state_dict()["state"])
    flat = {f"{index}.{name}": value for index, found in moments.items() for name, value in found.items()}
    write_atomically(folder / MOMENTS, safetensors.torch.save(flat))
    write_atomically(folder / STATE, state.model_dump_json(indent=2) + "\n")


def write_weights(path: Path, model: nn.Module) -> None:
    """Write the parameters that are trained."""
    weights = {name: value.detach().cpu().contiguous() for name, value in trained(model).items()}
    write_atomically(path, safetensors.torch.save(weights))


def restore(folder: Path, model: nn.Module, optimizer: torch.optim.Optimizer) -> TrainingState:
    """Put a model and its optimizer into the state of a checkpoint.

    Raises:
        EncoderError: The checkpoint is damaged, or of a model of another shape; nothing has been changed then.
    """
    weights, moments = _tensors(folder / WEIGHTS), _tensors(folder / MOMENTS)
    try:
        state = TrainingState.model_validate_json((folder / STATE).read_bytes())
    except (OSError, ValidationError) as error:
        raise _damaged(folder / STATE) from error
    _put(model, weights, folder / WEIGHTS)
    found: dict[int, dict[str, Tensor]] = {}
    for key, value in moments.items():
        index, _, name = key.partition(".")
        found.setdefault(int(index), {})[name] = value
    try:
        optimizer.load_state_dict({"state": found, "param_groups": optimizer.state_dict()["param_groups"]})
    except (ValueError, KeyError) as error:
        raise _damaged(folder / MOMENTS) from error
    return state


def restore_weights(path: Path, model: nn.Module) -> None:
    """Put the parameters of a model into a kept state.

    Raises:
        EncoderError: The file is damaged, or of a model of another shape; nothing has been changed then.
    """
    _put(model, _tensors(path), path)


def _put(model: nn.Module, weights: Mapping[str, Tensor], path: Path) -> None:
    parameters = trained(model)
    shapes: dict[str, Any] = {name: tuple(value.shape) for name, value in parameters.items()}
    kept = {name: tuple(value.shape) for name, value in weights.items()}
    if shapes != kept:
        name = min(name for name in shapes.keys() | kept.keys() if shapes.get(name) != kept.get(name))
        raise EncoderError(
            f"{path} is of another model: {name} has the shape {kept.get(name)} there, and {shapes.get(name)} here",
            code="encoder-incompatible",
            hint="resume with the recipe that the run was started with",
        )
    with torch.no_grad():
        for name, value in parameters.items():
            value.copy_(weights[name])


def _tensors(path: Path) -> dict[str, Tensor]:
    try:
        return safetensors.torch.load(path.read_bytes())
    except (OSError, SafetensorError, ValueError) as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> EncoderError:
    return EncoderError(
        f"{path} is damaged or missing", code="encoder-corrupt", hint="remove the checkpoint to use the one before it"
    )
