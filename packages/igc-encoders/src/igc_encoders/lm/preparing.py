"""The model that training begins with, and the one that it ends with."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, cast

from igc_encoders.errors import EncoderError
from igc_encoders.extras import extra
from igc_encoders.lm.architecture import Architecture, create
from igc_encoders.lm.embedding import grow
from igc_encoders.lm.folder import load

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

    from igc_encoders.lm.recipe import LmRecipe


def prepare(recipe: LmRecipe, tokenizer: PreTrainedTokenizerFast) -> PreTrainedModel:
    """Make or load the model that a recipe begins with.

    Args:
        recipe: Its base, or its size.
        tokenizer: What it is to read; a base learns what entries it lacks.

    Raises:
        EncoderError: The base cannot be loaded, or sees fewer tokens at once than the recipe wants.
    """
    if not recipe.base:
        return create(
            tokenizer, Architecture(recipe.width, recipe.layers, recipe.heads, recipe.context), seed=recipe.seed
        )
    model, before = load(recipe.base)
    longest = getattr(model.config, "max_position_embeddings", None)
    if isinstance(longest, int) and recipe.context > longest:
        raise EncoderError(
            f"the model {recipe.base} sees {longest} tokens at once, the recipe wants {recipe.context}",
            code="encoder-options",
            hint=f"set the context to {longest} at most",
        )
    grow(model, before, tokenizer)
    return adapted(model, recipe.lora, recipe.seed) if recipe.lora else model


def adapted(model: PreTrainedModel, rank: int, seed: int) -> PreTrainedModel:
    """Freeze a model's weights, and add low-rank adapters that are trained instead (Hu et al., 2022).

    Args:
        model: The model.
        rank: Rank of the adapters.
        seed: Seed of their weights.

    Raises:
        EncoderError: peft is not installed, or does not know where this kind of model takes adapters.
    """
    with extra("lora", "adapters"):
        import peft  # noqa: PLC0415
        import torch  # noqa: PLC0415
    transposed = any(type(module).__name__ == "Conv1D" for module in model.modules())  # as GPT-2 keeps its matrices
    config = peft.LoraConfig(task_type=peft.TaskType.CAUSAL_LM, r=rank, lora_alpha=2 * rank, fan_in_fan_out=transposed)
    with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # peft asks transformers for names that it is about to drop
        torch.manual_seed(seed)
        try:
            return cast("PreTrainedModel", peft.get_peft_model(model, config))
        except ValueError as error:
            raise EncoderError(
                f"peft cannot adapt this model: {error}", code="encoder-options", hint="train all weights: lora = 0"
            ) from error


def finished(model: PreTrainedModel) -> PreTrainedModel:
    """Return a model as it is kept: adapters are merged into the weights."""
    merge: Any = getattr(model, "merge_and_unload", None)
    return cast("PreTrainedModel", merge()) if merge else model
