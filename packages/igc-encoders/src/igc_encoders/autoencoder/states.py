"""Hidden states of a language model, batch by batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from igc_encoders.errors import EncoderError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor
    from transformers import PreTrainedModel

#: Tokens of a batch, padding included.
BATCH_TOKENS = 8192


class LanguageStates:
    """Runs the lower layers of a language model.

    The states of a middle layer say more about the token at hand than those of the last, which are made to tell the
    next; of a GPT-2 the layers above it are not even computed.

    Attributes:
        layer: Number of the layer whose output is used, from 1.
        length: Tokens that the model sees at once.
        width: Length of a hidden state.
    """

    def __init__(self, model: PreTrainedModel, layer: int = 0) -> None:
        """Take a model, which is changed.

        Args:
            model: The model.
            layer: Number of the layer, from 1; the last but one if 0.

        Raises:
            EncoderError: The model has no such layer.
        """
        config: Any = model.config
        layers: int = config.num_hidden_layers
        if not 0 <= layer <= layers:
            raise EncoderError(f"the model has {layers} layers, not {layer}", code="encoder-incompatible")
        self.layer = layer or max(layers - 1, 1)
        self.length: int = config.max_position_embeddings
        self.width: int = config.hidden_size
        base: Any = model.base_model.eval()
        self._base, self._cut = base, config.model_type == "gpt2"
        if self._cut:
            base.h = base.h[: self.layer]
            base.ln_f = nn.Identity()

    @property
    def module(self) -> nn.Module:
        """The layers that are run."""
        found: nn.Module = self._base
        return found

    @property
    def device(self) -> torch.device:
        """Where the model runs."""
        found: torch.device = self._base.device
        return found

    def __call__(self, chunks: Sequence[NDArray[np.int32]]) -> Iterator[tuple[list[int], Tensor, Tensor]]:
        """Yield places, hidden states and lengths of chunks, those of like length together.

        Args:
            chunks: Tokens of each, at least one and at most ``length``.

        Yields:
            The places of ``n`` chunks in the sequence, their states of shape ``(n, tokens, width)``, float32, and their
            lengths, shape ``(n,)``. What is beyond a length is padding.
        """
        for places in _batches([len(chunk) for chunk in chunks]):
            lengths = torch.tensor([len(chunks[place]) for place in places])
            ids = torch.zeros((len(places), int(lengths.max())), dtype=torch.long)
            for row, place in enumerate(places):
                ids[row, : lengths[row]] = torch.from_numpy(chunks[place].astype("int64"))
            # Padding comes last and attention is causal, so no token sees it.
            with torch.inference_mode():
                yield places, self.read(ids.to(self.device)), lengths.to(self.device)

    def read(self, ids: Tensor) -> Tensor:
        """Run the layers; gradients flow through them where they are wanted.

        Args:
            ids: Tokens, shape ``(n, tokens)``, int64.

        Returns:
            Hidden states, shape ``(n, tokens, width)``, float32.
        """
        if self._cut:
            states: Tensor = self._base(input_ids=ids, use_cache=False).last_hidden_state
        else:
            states = self._base(input_ids=ids, use_cache=False, output_hidden_states=True).hidden_states[self.layer]
        return states.float()


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Part chunks into batches, sorted by length so that little is padded."""
    batch: list[int] = []
    for place in sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True):
        if batch and (len(batch) + 1) * lengths[batch[0]] > BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch
