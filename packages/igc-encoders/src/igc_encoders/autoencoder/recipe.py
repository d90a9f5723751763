"""How an autoencoder is trained."""

from __future__ import annotations

from pydantic import Field

from igc_core.models import Model


class Recipe(Model):
    """Every number that decides how training goes. The defaults take minutes on two cores.

    Attributes:
        latent: Length of a latent.
        channels: Channels of the convolutions.
        heads: Heads of the attention that pools.
        features: Features that the maximum pools.
        layer: Layer of the language model whose states are read, from 1; the last but one if 0.
        per_type: Resources of one type of one machine that are learned from at most.
        variations: Copies of each resource with other values.
        most_tokens: Longer resources are not learned from (they are encoded all the same).
        epochs: Passes over the resources.
        minutes: Wall-clock limit in minutes for the passes, or None.
        batch_tokens: Tokens of a batch, padding included.
        learning_rate: Largest step size of AdamW (Loshchilov and Hutter, 2019); it warms up, and decays by a cosine.
        spread: Weight of the variance and covariance terms.
        reconstruction: Weight of the error of the hidden states.
        seed: Of weights, variations and batches.
    """

    latent: int = Field(default=256, ge=2, le=4096)
    channels: int = Field(default=256, ge=1)
    heads: int = Field(default=16, ge=1)
    features: int = Field(default=512, ge=1)
    layer: int = Field(default=0, ge=0)
    per_type: int = Field(default=3, ge=1)
    variations: int = Field(default=2, ge=0)
    most_tokens: int = Field(default=1024, ge=1)
    epochs: int = Field(default=8, ge=1)
    minutes: float | None = Field(default=None, gt=0)
    batch_tokens: int = Field(default=2048, ge=1)
    learning_rate: float = Field(default=1.5e-3, gt=0)
    spread: float = Field(default=0.1, ge=0)
    reconstruction: float = Field(default=0.1, ge=0)
    seed: int = Field(default=0, ge=0, lt=2**32)
