"""On which processes and devices a model is trained, and how it computes there."""

from __future__ import annotations

import json
import os
import socket
from typing import TYPE_CHECKING, Any, cast

import torch
from accelerate import Accelerator, InitProcessGroupKwargs  # type: ignore[import-untyped]
from accelerate.state import AcceleratorState  # type: ignore[import-untyped]
from accelerate.utils import parse_flag_from_env  # type: ignore[import-untyped]

from igc_encoders.errors import EncoderError, reason_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from igc_encoders.lm.recipe import LmRecipe


#: What a configuration of DeepSpeed may not ask for, why, and what to do about it.
_REFUSED = (
    (
        "zero_optimization",
        "parts the weights among processes, which are measured and kept whole, or has no stage",
        "give a zero_optimization of stage 0, 1 or 2",
    ),
    ("fp16", "computes in float16, whose scale no checkpoint keeps", "compute in bfloat16: --set precision=bf16"),
    ("optimizer", "names an optimizer, and the recipe decides on that", "set weight_decay and learning_rate instead"),
    ("scheduler", "names a scheduler, and the recipe decides on that", "set learning_rate and warmup instead"),
)


def precision(wanted: str, device: str) -> str:
    """Decide how a model computes, in the words of accelerate.

    Args:
        wanted: ``bf16``, ``fp32``, or ``auto`` for bfloat16 where the device has instructions for it.
        device: Where it computes, as PyTorch names devices.
    """
    if wanted != "auto":
        return {"fp32": "no"}.get(wanted, wanted)
    kind = torch.device(device).type
    if kind != "cpu":
        return "bf16" if kind == "cuda" and torch.cuda.is_bf16_supported() else "no"
    capabilities = getattr(torch.cpu, "get_capabilities", dict[str, Any])()
    return "bf16" if capabilities.get("amx_bf16") or capabilities.get("avx512_bf16") else "no"


def accelerator_for(recipe: LmRecipe, *, cpu: bool = False, deepspeed: Path | None = None) -> Accelerator:
    """Set accelerate up.

    Args:
        recipe: Precision and accumulation.
        cpu: Leave GPUs alone.
        deepspeed: A configuration of DeepSpeed. Accumulation is the recipe's, as is clipping where it says nothing.

    Raises:
        EncoderError: DeepSpeed is wanted and not installed, accelerate or DeepSpeed refuses the set-up, or its
            configuration asks for what is the recipe's, or for weights in parts.
    """
    state: Any = AcceleratorState  # a process may train twice, with another precision
    state._reset_state()  # noqa: SLF001
    plugin, group = None, list[Any]()
    config = None if deepspeed is None else _configuration(deepspeed, recipe)
    on_cpu = cpu or parse_flag_from_env("ACCELERATE_USE_CPU") or not torch.cuda.is_available()
    try:
        if config is not None:
            from accelerate import DeepSpeedPlugin  # noqa: PLC0415 - imports DeepSpeed

            group = _found_group(cpu=cpu)
            plugin = DeepSpeedPlugin(hf_ds_config=config, gradient_clipping=recipe.clip)
        return Accelerator(
            # DeepSpeed finds out by itself that there is no GPU; accelerate does without DeepSpeed if told so.
            cpu=plugin is None and on_cpu,
            mixed_precision=precision(recipe.precision, "cpu" if on_cpu else "cuda"),
            gradient_accumulation_steps=recipe.accumulate,
            deepspeed_plugin=plugin,
            kwargs_handlers=group,
        )
    except (ImportError, ValueError, OSError, RuntimeError) as error:
        raise _not_set_up(error) from error


def prepared(accelerator: Accelerator, model: Any, optimizer: torch.optim.Optimizer) -> tuple[Any, Any]:
    """Wrap a model and its optimizer for the processes and devices that train them.

    Raises:
        EncoderError: DeepSpeed refuses its configuration.
    """
    try:
        return cast("tuple[Any, Any]", accelerator.prepare(model, optimizer))
    except (AssertionError, ImportError, ValueError) as error:
        raise _not_set_up(error) from error


def _configuration(path: Path, recipe: LmRecipe) -> dict[str, Any]:
    """Read a configuration of DeepSpeed, and fill in what only a recipe knows."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EncoderError(
            f"{path} is no configuration of DeepSpeed: {reason_of(error)}", code="encoder-options"
        ) from error
    if not isinstance(found, dict):
        raise EncoderError(f"{path} is no configuration of DeepSpeed: no object of JSON", code="encoder-options")
    config = {name: value for name, value in cast("dict[str, Any]", found).items() if value != "auto"}
    for name, reason, hint in _REFUSED:
        if _stated(config, name):
            raise EncoderError(f"{path} {reason}", code="encoder-options", hint=hint)
    sizes = {"train_micro_batch_size_per_gpu": 1, "gradient_clipping": recipe.clip}  # sizes of batches vary
    return sizes | config | {"gradient_accumulation_steps": recipe.accumulate}


def _stated(config: Mapping[str, Any], name: str) -> bool:
    """Tell whether a configuration asks for something that is refused."""
    found: object = config.get(name)
    if name == "zero_optimization":
        return bool(found) and _field(found, "stage", 0) not in (0, 1, 2)
    return _field(found, "enabled", False) is True if name == "fp16" else bool(found)


def _field(section: object, name: str, usual: object) -> object:
    """Return a field of a section, or None where that is none."""
    return cast("dict[str, object]", section).get(name, usual) if isinstance(section, dict) else None


def _found_group(*, cpu: bool) -> list[Any]:
    """Let a process that no launcher started be a group of one, as DeepSpeed insists on it; say what a group speaks."""
    if cpu and torch.cuda.is_available():
        raise ValueError("DeepSpeed takes the GPUs that it finds: leave out --cpu or --deepspeed")
    # Of itself, accelerate finds no way to speak where there is neither a GPU nor the word that there is none.
    speaks = [] if torch.cuda.is_available() else [InitProcessGroupKwargs(backend="gloo")]
    if "LOCAL_RANK" in os.environ:
        return speaks
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    alone = {"RANK": 0, "LOCAL_RANK": 0, "WORLD_SIZE": 1, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    os.environ |= {name: str(value) for name, value in alone.items()}
    return speaks


def _not_set_up(error: Exception) -> EncoderError:
    reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
    return EncoderError(f"accelerate cannot be set up: {reason}", code="encoder-training")
