"""How large an autoencoder is."""

from __future__ import annotations

from pydantic import Field

from igc_core.models import Model

#: Tokens that become one position of what attention pools.
STRIDE = 2
#: Tokens whose hidden states the decoder reconstructs as one.
BLOCK = 4
#: Positions of a resource whose hidden states the decoder reconstructs.
POSITIONS = 64


class Sizes(Model):
    """How large an autoencoder is.

    Attributes:
        hidden: Length of a hidden state of the language model.
        latent: Length of a latent.
        channels: Channels of the convolutions; the heads divide them.
        heads: Heads of the attention that pools.
        features: What the maximum pools: each tells whether something is said anywhere.
    """

    hidden: int = Field(ge=1)
    latent: int = Field(default=256, ge=2, le=4096)
    channels: int = Field(default=256, ge=1)
    heads: int = Field(default=16, ge=1)
    features: int = Field(default=512, ge=1)
