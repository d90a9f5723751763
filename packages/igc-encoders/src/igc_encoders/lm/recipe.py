"""How a language model is trained."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

from igc_core.models import Model
from igc_encoders.dataset import DEFAULT_MIX, Mix
from igc_encoders.errors import EncoderError
from igc_encoders.lm.architecture import Architecture
from igc_encoders.tokens.training import SMALLEST

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Share of the highest learning rate that is left at the end.
_FLOOR = 0.1


class LmRecipe(Model):
    """How a language model is trained. Every field has a default.

    Attributes:
        base: Folder or name of a model to go on from; a GPT-2 with random weights if empty.
        extend: Whether the base's tokenizer learns the structure of resources.
        vocabulary: Entries of a new tokenizer, or that an extended one may gain.
        width: Length of a hidden state of a new model.
        layers: Transformer blocks of a new model.
        heads: Attention heads of a block of a new model.
        context: Tokens that a chunk has at most.
        overlap: Tokens that a chunk repeats of the one before it.
        repeats: Resources of one shape that are learnt of a machine; 0 takes all.
        chunks: Chunks of one resource that are learnt in an epoch; 0 takes all.
        objectives: How often each objective is drawn, by name.
        epochs: Passes over the corpus.
        batch_tokens: Tokens of a batch on each process, filling included.
        accumulate: Batches of each process that make up a step.
        learning_rate: The highest, after warming up.
        warmup: Share of all steps in which the learning rate rises.
        weight_decay: Of AdamW, on matrices.
        clip: Greatest norm of a gradient.
        lora: Rank of adapters that are trained instead of all weights; 0 trains these.
        precision: ``bf16`` computes in bfloat16 and keeps weights in float32; ``auto`` does so where it is fast.
        evaluations: How often held-out machines are measured in an epoch.
        measured_tokens: Tokens of held-out machines that a measurement takes, spread evenly; 0 takes all.
        patience: Measurements without a better one before training stops; 0 never stops it.
        checkpoint_steps: Steps between checkpoints.
        seed: Seed of everything.
    """

    base: str = ""
    extend: bool = False
    vocabulary: int = Field(default=4096, ge=1, le=1_000_000)
    width: int = Field(default=192, ge=1)
    layers: int = Field(default=3, ge=1)
    heads: int = Field(default=3, ge=1)
    context: int = Field(default=512, ge=2)
    overlap: int = Field(default=64, ge=0)
    repeats: int = Field(default=2, ge=0)
    chunks: int = Field(default=4, ge=0)
    objectives: dict[str, float] = Field(default_factory=lambda: dict(DEFAULT_MIX))
    epochs: int = Field(default=2, ge=1)
    batch_tokens: int = Field(default=4096, ge=1)
    accumulate: int = Field(default=2, ge=1)
    learning_rate: float = Field(default=3e-3, gt=0, allow_inf_nan=False)
    warmup: float = Field(default=0.05, ge=0, le=1)
    weight_decay: float = Field(default=0.1, ge=0, allow_inf_nan=False)
    clip: float = Field(default=1.0, gt=0, allow_inf_nan=False)
    lora: int = Field(default=0, ge=0)
    precision: Literal["auto", "bf16", "fp32"] = "auto"
    evaluations: int = Field(default=3, ge=1)
    measured_tokens: int = Field(default=200_000, ge=0)
    patience: int = Field(default=0, ge=0)
    checkpoint_steps: int = Field(default=200, ge=1)
    seed: int = Field(default=0, ge=0, lt=2**32)

    @model_validator(mode="after")
    def _demand_sense(self) -> Self:
        """Refuse, before anything is written, what fits no training."""
        Mix(self.objectives)
        if self.overlap >= self.context:
            raise EncoderError(
                f"chunks of {self.context} tokens cannot overlap by {self.overlap}",
                code="encoder-options",
                hint="let the overlap be less than the context",
            )
        if self.base:
            return self
        if self.lora or self.extend:
            raise EncoderError(
                f"there is nothing to {'adapt' if self.lora else 'extend'}: the recipe has no base",
                code="encoder-options",
                hint="name a model to go on from: --set base=FOLDER",
            )
        Architecture(self.width, self.layers, self.heads, self.context)
        if self.vocabulary < SMALLEST:
            raise EncoderError(
                f"a vocabulary of {self.vocabulary} entries cannot hold all bytes",
                code="encoder-options",
                hint=f"give at least {SMALLEST}",
            )
        return self

    @classmethod
    def parse(cls, fields: Mapping[str, Any]) -> LmRecipe:
        """Check the fields of a recipe.

        Raises:
            EncoderError: A field is unknown or out of range, or the fields do not fit together.
        """
        try:
            return cls.model_validate(dict(fields))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise EncoderError(
                f"the recipe's {where!r} cannot be {first['input']!r:.80}: {first['msg']}",
                code="encoder-options",
                hint=f"a recipe may set {', '.join(cls.model_fields)}",
            ) from error

    def rate(self, step: int, steps: int) -> float:
        """Return the learning rate of a step: a linear rise, then half a cosine (Loshchilov and Hutter, 2017).

        Args:
            step: The step, from 0.
            steps: How many there are.
        """
        rising = max(1, round(self.warmup * steps))
        if step < rising:
            return self.learning_rate * (step + 1) / rising
        share = min(1.0, (step - rising) / max(1, steps - rising))
        return self.learning_rate * (_FLOOR + (1 - _FLOOR) * (1 + math.cos(math.pi * share)) / 2)
