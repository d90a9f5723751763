"""On which processes and devices a model is trained, and how it computes there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from accelerate import Accelerator  # type: ignore[import-untyped]
from accelerate.state import AcceleratorState  # type: ignore[import-untyped]

from igc_encoders.errors import EncoderError

if TYPE_CHECKING:
    from pathlib import Path

    from igc_encoders.lm.recipe import LmRecipe


def precision(wanted: str) -> str:
    """Decide how a model computes, in the words of accelerate.

    Args:
        wanted: ``bf16``, ``fp32``, or ``auto`` for bfloat16 where the processor has instructions for it.
    """
    if wanted != "auto":
        return {"fp32": "no"}.get(wanted, wanted)
    if torch.cuda.is_available():
        return "bf16" if torch.cuda.is_bf16_supported() else "no"
    capabilities = getattr(torch.cpu, "get_capabilities", dict[str, Any])()
    return "bf16" if capabilities.get("amx_bf16") or capabilities.get("avx512_bf16") else "no"


def accelerator_for(recipe: LmRecipe, *, cpu: bool = False, deepspeed: Path | None = None) -> Accelerator:
    """Set accelerate up.

    Args:
        recipe: Precision and accumulation.
        cpu: Leave GPUs alone.
        deepspeed: A configuration of DeepSpeed, which is handed to it as it is.

    Raises:
        EncoderError: DeepSpeed is wanted and not installed, or accelerate refuses the set-up.
    """
    state: Any = AcceleratorState  # a process may train twice, with another precision
    state._reset_state()  # noqa: SLF001
    plugin: Any = None
    try:
        if deepspeed is not None:
            from accelerate import DeepSpeedPlugin  # noqa: PLC0415 - imports DeepSpeed

            plugin = DeepSpeedPlugin(hf_ds_config=str(deepspeed), gradient_accumulation_steps=recipe.accumulate)
        return Accelerator(
            cpu=cpu or not torch.cuda.is_available(),
            mixed_precision=precision(recipe.precision),
            gradient_accumulation_steps=recipe.accumulate,
            deepspeed_plugin=plugin,
        )
    except (ImportError, ValueError, OSError) as error:
        reason = str(error).strip().splitlines()[0]
        raise EncoderError(f"accelerate cannot be set up: {reason}", code="encoder-training") from error
