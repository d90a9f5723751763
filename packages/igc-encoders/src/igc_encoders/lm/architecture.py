"""The default model: GPT-2 (Radford et al., 2019), so small that two cores train it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from igc_encoders.errors import EncoderError
from igc_encoders.extras import extra

if TYPE_CHECKING:
    from transformers import GPT2LMHeadModel, PreTrainedTokenizerFast


#: The most weights of a new model; beside them training keeps three times as many numbers.
_MOST_WEIGHTS = 10_000_000_000


@dataclass(frozen=True, slots=True)
class Architecture:
    """Size of a GPT-2.

    Attributes:
        width: Length of a hidden state.
        layers: Transformer blocks.
        heads: Attention heads of a block; they divide the width.
        context: Tokens that the model sees at once.
    """

    width: int = 192
    layers: int = 3
    heads: int = 3
    context: int = 512

    @property
    def weights(self) -> int:
        """How many numbers the blocks and places are; those of the vocabulary come to it."""
        return self.width * (self.context + self.layers * (12 * self.width + 13))

    def __post_init__(self) -> None:
        """Refuse what cannot be built."""
        if min(self.width, self.layers, self.heads, self.context) < 1 or self.width % self.heads:
            raise EncoderError(
                f"a model of {self.layers} layers, width {self.width}, {self.heads} heads and context {self.context}"
                " cannot be built",
                code="encoder-options",
                hint="all are at least 1, and the heads divide the width",
            )
        if self.weights > _MOST_WEIGHTS:
            raise EncoderError(
                f"a model of {self.layers} layers, width {self.width} and context {self.context} has {self.weights:,}"
                " weights",
                code="encoder-options",
                hint=f"choose {_MOST_WEIGHTS:,} at most",
            )


def create(tokenizer: PreTrainedTokenizerFast, architecture: Architecture, *, seed: int = 0) -> GPT2LMHeadModel:
    """Make a model with random weights.

    Args:
        tokenizer: Its vocabulary is the model's.
        architecture: The model's size.
        seed: Seed of the weights; the state of torch's generator is left as it was.
    """
    with extra("lm", "language models"):
        import torch  # noqa: PLC0415
        from transformers import GPT2Config, GPT2LMHeadModel  # noqa: PLC0415
    special: Any = tokenizer
    config = GPT2Config(
        vocab_size=len(tokenizer),
        n_positions=architecture.context,
        n_embd=architecture.width,
        n_layer=architecture.layers,
        n_head=architecture.heads,
        activation_function="gelu_pytorch_tanh",  # GPT-2's, in one pass over memory
        resid_pdrop=0.0,
        embd_pdrop=0.0,
        attn_pdrop=0.0,
        bos_token_id=special.bos_token_id,
        eos_token_id=special.eos_token_id,
        pad_token_id=special.pad_token_id,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model: Any = GPT2LMHeadModel(config)
        return cast("GPT2LMHeadModel", model.eval())
