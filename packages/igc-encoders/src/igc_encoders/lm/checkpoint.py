"""Everything that training needs to go on bit for bit.

``weights.safetensors`` holds the parameters that are trained, ``optimizer.safetensors`` AdamW's moments, ``state.json``
counters. There is no state of a random generator: each step seeds all of them anew, with the recipe's seed and its own
number.

DeepSpeed parts moments among processes, and keeps weights in float32 beside those that it computes with (ZeRO,
Rajbhandari et al., 2020). Further parts are ``optimizer-1.safetensors`` and so on; what they call ``master`` is such a
weight.
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
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from torch import Tensor, nn

WEIGHTS, MOMENTS, STATE = "weights.safetensors", "optimizer.safetensors", "state.json"
_MASTER = "master"


class TrainingState(Model):
    """How far training is.

    Attributes:
        step: Steps taken; the position in the data follows from it.
        seconds: Wall-clock time spent, in seconds.
        tokens: Targets that were learnt from.
        best: Fewest bits per byte on held-out machines so far, or None before the first measurement.
        best_step: Step after which that was.
        worse: Measurements since.
        ended: Whether patience has run out, or all steps are taken.
        processes: How many took them: it decides what a step is. 0 where nobody noted it.
    """

    step: int = 0
    seconds: float = 0.0
    tokens: int = 0
    best: float | None = None
    best_step: int = 0
    worse: int = 0
    ended: bool = False
    processes: int = 0


def trained(model: nn.Module) -> dict[str, Tensor]:
    """Return the parameters of a model that are trained, by name; tied ones once."""
    return {name: value for name, value in model.named_parameters() if value.requires_grad}


def weights_of(model: nn.Module) -> dict[str, Tensor]:
    """Return the parameters that are trained, by name, in the precision they are kept in; every process takes part."""
    return {name: _whole(value) for name, value in trained(model).items()}


def moments_of(optimizer: Any, model: nn.Module) -> dict[str, Tensor]:
    """Return what an optimizer keeps in this process, by the number of the parameter and a name."""
    inner = _innermost(optimizer)
    kept = cast("dict[int, dict[str, Tensor]]", inner.state_dict()["state"])
    moments = {f"{index}.{name}": value for index, found in kept.items() for name, value in found.items()}
    masters = {f"{index}.{_MASTER}": value for index, value in _masters(inner, model).items()}
    return {name: value.detach().cpu().contiguous() for name, value in (moments | masters).items()}


def write(
    folder: Path, weights: Mapping[str, Tensor], moments: Sequence[Mapping[str, Tensor]], state: TrainingState
) -> None:
    """Write a checkpoint into an empty folder.

    Args:
        folder: Where.
        weights: See :func:`weights_of`.
        moments: See :func:`moments_of`; of each process, where they are parted.
        state: How far training is.
    """
    write_weights(folder / WEIGHTS, weights)
    for part, found in enumerate(moments):
        write_atomically(folder / _part(part), safetensors.torch.save(dict(found)))
    write_atomically(folder / STATE, state.model_dump_json(indent=2) + "\n")


def write_weights(path: Path, weights: Mapping[str, Tensor]) -> None:
    """Write the parameters that are trained."""
    write_atomically(path, safetensors.torch.save(dict(weights)))


def restore(folder: Path, model: nn.Module, optimizer: Any, part: int = 0, *, processes: int = 0) -> TrainingState:
    """Put a model and its optimizer into the state of a checkpoint.

    Args:
        folder: The checkpoint.
        model: The model.
        optimizer: Its optimizer, whatever it is wrapped in.
        part: Which moments are this process's.
        processes: How many go on; 0 asks nothing of the checkpoint.

    Raises:
        EncoderError: The checkpoint is damaged, or of a model of another shape or another number of processes; nothing
            has been changed then.
    """
    weights, moments = _tensors(folder / WEIGHTS), _tensors(folder / _part(part))
    try:
        state = TrainingState.model_validate_json((folder / STATE).read_bytes())
    except (OSError, ValidationError) as error:
        raise _damaged(folder / STATE) from error
    if processes and state.processes not in {0, processes}:
        raise _parted_otherwise(folder)
    if _shapes_of_masters(_masters(_innermost(optimizer), model)) != {
        name: value.shape for name, value in moments.items() if name.endswith(_MASTER)
    }:
        raise _parted_otherwise(folder)
    put(model, weights, folder / WEIGHTS)
    put_moments(optimizer, model, moments, folder / _part(part))
    return state


def put_moments(optimizer: Any, model: nn.Module, moments: Mapping[str, Tensor], path: Path) -> None:
    """Give an optimizer what it kept.

    Args:
        optimizer: The optimizer, whatever it is wrapped in.
        model: What it trains.
        moments: See :func:`moments_of`.
        path: Where they come from, for the error.

    Raises:
        EncoderError: They are of another optimizer.
    """
    inner = _innermost(optimizer)
    masters = _masters(inner, model)
    found: dict[int, dict[str, Tensor]] = {}
    for key, value in moments.items():
        index, _, name = key.partition(".")
        if name == _MASTER:
            masters[int(index)].data.copy_(value)
        else:
            found.setdefault(int(index), {})[name] = value
    try:
        inner.load_state_dict({"state": found, "param_groups": inner.state_dict()["param_groups"]})
    except (ValueError, KeyError) as error:
        raise _damaged(path) from error


def restore_weights(path: Path, model: nn.Module) -> None:
    """Put the parameters of a model into a kept state.

    Raises:
        EncoderError: The file is damaged, or of a model of another shape; nothing has been changed then.
    """
    put(model, _tensors(path), path)


def put(model: nn.Module, weights: Mapping[str, Tensor], path: Path) -> None:
    """Give a model's parameters the values that were kept.

    Args:
        model: The model.
        weights: See :func:`weights_of`.
        path: Where they come from, for the error.

    Raises:
        EncoderError: They are of a model of another shape; nothing has been changed then.
    """
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


def _parted_otherwise(folder: Path) -> EncoderError:
    return EncoderError(
        f"{folder} was written by another number of processes, or with another configuration of DeepSpeed",
        code="encoder-incompatible",
        hint="resume with as many processes as before, and with the same configuration",
    )


def _part(number: int) -> str:
    return MOMENTS if not number else MOMENTS.replace(".", f"-{number}.")


def _whole(parameter: Tensor) -> Tensor:
    gather: Any = getattr(parameter, "get_full_hp_param", None)  # DeepSpeed's, on parameters whose master it parts
    return cast("Tensor", gather() if gather else parameter).detach().cpu().contiguous()


def _masters(inner: torch.optim.Optimizer, model: nn.Module) -> dict[int, Tensor]:
    """Return what an optimizer changes in the place of a model's parameters."""
    own = {id(parameter) for parameter in model.parameters()}
    changed = [parameter for group in inner.param_groups for parameter in group["params"]]
    return {index: parameter for index, parameter in enumerate(changed) if id(parameter) not in own}


def _shapes_of_masters(masters: Mapping[int, Tensor]) -> dict[str, torch.Size]:
    return {f"{index}.{_MASTER}": value.shape for index, value in masters.items()}


def _innermost(optimizer: Any) -> torch.optim.Optimizer:
    """Return the optimizer that accelerate wraps, and DeepSpeed within."""
    while hasattr(optimizer, "optimizer"):
        optimizer = optimizer.optimizer
    return cast("torch.optim.Optimizer", optimizer)
