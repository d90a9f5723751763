"""A language model and an autoencoder as a state encoder."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from igc_core.errors import EncodingError
from igc_encoders.extras import extra
from igc_encoders.rendering import render

with extra("lm", "language models"):
    import torch
    from torch.nn.utils.rnn import pad_sequence

    from igc_encoders.autoencoder import folder as saved
    from igc_encoders.autoencoder.model import Summary
    from igc_encoders.autoencoder.reading import read_text
    from igc_encoders.autoencoder.states import LanguageStates
    from igc_encoders.autoencoder.windows import windows
    from igc_encoders.device import demand_device

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from torch import Tensor

    from igc_core.rest import JsonObject
    from igc_encoders.autoencoder.reading import Reading

#: Characters of text that a resource may have: some minutes of work.
_LONGEST = 16 << 20
#: Chunks whose summaries are remembered, so that a body that changed is read only around the change.
_REMEMBERED = 4096
#: Chunks in memory at once.
_GROUP = 128


class LanguageModelEncoder:
    """Reads resources with a language model, and pools its hidden states into one latent each.

    Attributes:
        read: Chunks that the language model has read so far.
    """

    def __init__(self, folder: str | Path, *, device: str = "cpu", longest: int = _LONGEST) -> None:
        """Load an encoder.

        Args:
            folder: What ``igc encoder train autoencoder`` wrote.
            device: Where it runs, as PyTorch names devices.
            longest: Characters that the text of a resource may have.

        Raises:
            EncoderError: There is no encoder or no such device, its files are damaged, or a library is missing.
        """
        demand_device(device)
        found = saved.load(Path(folder))
        self._tokenizer, self._fingerprint = found.tokenizer, found.fingerprint
        self._encoder = found.encoder.to(device)
        self._states = LanguageStates(found.model.to(device), found.settings.layer)  # type: ignore[arg-type]
        self._width, self._longest = found.settings.sizes.latent, longest
        self._known: OrderedDict[bytes, list[Tensor]] = OrderedDict()
        self.read = 0

    @property
    def width(self) -> int:
        """Length of one vector."""
        return self._width

    @property
    def fingerprint(self) -> str:
        """Changes whenever the same resource would give another vector."""
        return self._fingerprint

    def encode(self, resources: Sequence[JsonObject]) -> NDArray[np.float32]:
        """Embed a batch of resources.

        Args:
            resources: ``batch`` JSON objects.

        Returns:
            Array of shape ``(batch, width)``, float32, each row of unit L2 norm.

        Raises:
            EncodingError: Something in the batch is no JSON object, or longer than allowed.
        """
        vectors = np.zeros((len(resources), self._width), np.float32)
        keys: list[list[bytes]] = []
        wanted: dict[bytes, tuple[Reading, int]] = {}
        begin = 0
        for row, resource in enumerate(resources):
            chunks = self._chunks(row, resource)
            keys.append([key for key, _, _ in chunks])
            wanted |= {key: (chunk, context) for key, chunk, context in chunks}
            if len(wanted) >= _GROUP or row == len(resources) - 1:
                vectors[begin : row + 1] = self._merged(keys, self._summaries(wanted))
                keys, wanted, begin = [], {}, row + 1
        return vectors

    def _chunks(self, row: int, resource: JsonObject) -> list[tuple[bytes, Reading, int]]:
        try:
            rendered = render(resource)
        except EncodingError as error:
            raise EncodingError(f"resource {row} of the batch: {error.message}") from error
        if len(rendered.text) > self._longest:
            problem = f"resource {row} of the batch has {len(rendered.text):,} characters, more than {self._longest:,}"
            raise EncodingError(problem, hint="leave it out, or allow LanguageModelEncoder a larger 'longest'")
        reading = read_text(self._tokenizer, rendered)
        cut = [(reading.cut(one.start, one.end), one.context) for one in windows(reading.ids, self._states.length)]
        return [(_key(chunk, context), chunk, context) for chunk, context in cut]

    def _summaries(self, wanted: dict[bytes, tuple[Reading, int]]) -> dict[bytes, list[Tensor]]:
        """Summarise chunks, those that are not remembered by reading them."""
        found = {key: self._known[key] for key in wanted if key in self._known}
        fresh = [key for key in wanted if key not in found]
        for begin in range(0, len(fresh), _GROUP):
            group = fresh[begin : begin + _GROUP]
            for places, hidden, lengths in self._states([wanted[key][0].ids for key in group]):
                told = [torch.from_numpy(wanted[group[place]][0].depths) for place in places]
                depths = pad_sequence(told, batch_first=True).long()
                contexts = torch.tensor([wanted[group[place]][1] for place in places], device=hidden.device)
                with torch.inference_mode():
                    summary = self._encoder.summarise(hidden, depths.to(hidden.device), lengths, contexts)
                for row, place in enumerate(places):
                    found[group[place]] = [part[row].cpu() for part in summary]
        self.read += len(fresh)
        self._remember(found)
        return found

    def _remember(self, found: dict[bytes, list[Tensor]]) -> None:
        for key, parts in found.items():
            self._known[key] = parts
            self._known.move_to_end(key)
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)

    def _merged(self, keys: list[list[bytes]], found: dict[bytes, list[Tensor]]) -> NDArray[np.float32]:
        rows = [found[key] for one in keys for key in one]
        device = self._states.device
        summary = Summary(*(torch.stack(parts).to(device) for parts in zip(*rows, strict=True)))
        resource = torch.tensor([number for number, one in enumerate(keys) for _ in one], device=device)
        with torch.inference_mode():
            latents: NDArray[np.float32] = self._encoder.merge(summary, resource, len(keys)).cpu().numpy()
        return latents


def _key(chunk: Reading, context: int) -> bytes:
    return chunk.ids.tobytes() + chunk.depths.tobytes() + context.to_bytes(2, "little")
