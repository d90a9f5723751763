"""How an autoencoder is trained."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from igc_core.models import Model


class Recipe(Model):
    """Every number that decides how training goes. The defaults take some 40 minutes on one core.

    Attributes:
        base: Folder of an encoder of the same language model and sizes to go on from, or empty to begin anew.
        latent: Length of a latent.
        channels: Channels of the convolutions.
        heads: Heads of the attention that pools; they divide the channels.
        features: Features that the maximum pools.
        layer: Layer of the language model whose states are read, from 1; the last but one if 0.
        per_type: Resources of one type of one machine that are learned from at most.
        variations: Copies of each resource with other choices.
        most_tokens: Longer resources are not learned from (they are encoded all the same).
        epochs: Passes over the resources.
        minutes: Wall-clock limit in minutes for the passes, or None.
        batch_tokens: Tokens of a batch, padding included.
        learning_rate: Largest step size of AdamW (Loshchilov and Hutter, 2019); it warms up, and decays by a cosine.
        tune: Likewise of the language model, whose layers are then trained along, end to end; 0 leaves it as it is.
        facts: Weight of telling the value of each frequent property, or that it is absent.
        choices: Weight of telling what properties say among what they could say.
        acted: Weight of states that agents act on among these choices; others count once.
        spread: Weight of the variance and covariance terms.
        reconstruction: Weight of the error of the hidden states.
        precision: ``bf16`` computes in bfloat16 and keeps weights in float32; ``auto`` does so where it is fast.
        seed: Of weights, variations and batches.
    """

    base: str = ""
    latent: int = Field(default=256, ge=2, le=4096)
    channels: int = Field(default=256, ge=1, le=16_384)
    heads: int = Field(default=16, ge=1, validate_default=True)
    features: int = Field(default=512, ge=1, le=65_536)
    layer: int = Field(default=0, ge=0)
    per_type: int = Field(default=3, ge=1)
    variations: int = Field(default=4, ge=0)
    most_tokens: int = Field(default=1024, ge=1)
    epochs: int = Field(default=9, ge=1)
    minutes: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    batch_tokens: int = Field(default=2048, ge=1)
    learning_rate: float = Field(default=1.5e-3, gt=0, allow_inf_nan=False)
    tune: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    facts: float = Field(default=1.0, ge=0, allow_inf_nan=False)
    choices: float = Field(default=4.0, ge=0, allow_inf_nan=False)
    acted: float = Field(default=8.0, gt=0, allow_inf_nan=False)
    spread: float = Field(default=0.1, ge=0, allow_inf_nan=False)
    reconstruction: float = Field(default=0.1, ge=0, allow_inf_nan=False)
    precision: Literal["auto", "bf16", "fp32"] = "auto"
    seed: int = Field(default=0, ge=0, lt=2**32)

    @field_validator("heads")
    @classmethod
    def _divide(cls, heads: int, known: ValidationInfo) -> int:
        channels = known.data.get("channels", heads)
        if channels % heads:
            raise ValueError(f"{heads} heads do not divide {channels} channels")
        return heads
