"""Hidden states on disk: the language model reads each resource once, however long the autoencoder trains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.numpy import load, save

from igc_core.files import write_atomically
from igc_encoders import tokens
from igc_encoders.autoencoder.windows import windows
from igc_encoders.rendering import render

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from torch import Tensor
    from transformers import PreTrainedTokenizerFast

    from igc_core.rest import JsonObject
    from igc_encoders.autoencoder.states import LanguageStates

_STATES, _INDEX = "states.npy", "index.safetensors"
#: Chunks that are read by the language model before their states are written.
_GROUP = 256


@dataclass(frozen=True, slots=True)
class StateStore:
    """Hidden states of the chunks of resources, and the facts of the resources.

    Attributes:
        states: Shape ``(tokens of all chunks, width)``, float16, memory-mapped.
        starts: First row of each chunk, and the row behind the last chunk, int64.
        contexts: Tokens of each chunk that are only context, int64.
        resources: Resource that each chunk belongs to, ascending, int64.
        labels: Facts of each resource, see :meth:`~igc_encoders.autoencoder.facts.FactBook.labels`, int16.
    """

    states: NDArray[np.float16]
    starts: NDArray[np.int64]
    contexts: NDArray[np.int64]
    resources: NDArray[np.int64]
    labels: NDArray[np.int16]

    def __len__(self) -> int:
        """Count the resources."""
        return len(self.labels)

    def sizes(self) -> NDArray[np.int64]:
        """Count the tokens of each resource, contexts included."""
        return np.bincount(self.resources, np.diff(self.starts), len(self)).astype(np.int64)

    def batch(self, chosen: NDArray[np.int64]) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """Gather some resources.

        Returns:
            Hidden states of ``n`` chunks, shape ``(n, tokens, width)``, float32, their lengths, contexts, and places of
            their resources in ``chosen``, each of shape ``(n,)``; and the labels, shape ``(len(chosen), properties)``.
        """
        firsts = np.searchsorted(self.resources, chosen)
        ends = np.searchsorted(self.resources, chosen, "right")
        ranges = [np.arange(first, end, dtype=np.int64) for first, end in zip(firsts, ends, strict=True)]
        chunks: NDArray[np.int64] = np.concatenate(ranges)
        lengths = self.starts[chunks + 1] - self.starts[chunks]
        states = torch.zeros((len(chunks), int(lengths.max()), self.states.shape[1]))
        for row, chunk in enumerate(chunks.tolist()):
            found = self.states[self.starts[chunk] : self.starts[chunk + 1]]
            states[row, : len(found)] = torch.from_numpy(found.astype(np.float32))
        places = np.repeat(np.arange(len(chosen)), ends - firsts)
        whole = (lengths, self.contexts[chunks], places, self.labels[chosen].astype(np.int64))
        tensors = [torch.from_numpy(np.ascontiguousarray(array)) for array in whole]
        return states, tensors[0], tensors[1], tensors[2], tensors[3]


def tokenized(tokenizer: PreTrainedTokenizerFast, body: JsonObject) -> NDArray[np.int32]:
    """Tokenize a body as encoders see it."""
    return tokens.encode(tokenizer, render(body)).ids


def fill(
    folder: Path,
    ids: Sequence[NDArray[np.int32]],
    labels: NDArray[np.int16],
    states: LanguageStates,
    progress: Callable[[float], object] = lambda _: None,
) -> StateStore:
    """Let a language model read resources, and keep its hidden states; what is there already is used again.

    Args:
        folder: Where to keep them; made where it is missing. Its name should tell all that they depend on.
        ids: Tokens of each resource.
        labels: Facts of each, shape ``(resources, properties)``.
        states: The language model.
        progress: Called with the share that is done.
    """
    known = _opened(folder)
    if known is not None:
        return known
    folder.mkdir(parents=True, exist_ok=True)
    found = [(number, window) for number, one in enumerate(ids) for window in windows(one, states.length)]
    lengths = np.asarray([window.end - window.start for _, window in found], np.int64)
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
    shape = (int(starts[-1]), states.width)
    array = np.lib.format.open_memmap(folder / _STATES, mode="w+", dtype=np.float16, shape=shape)
    for begin in range(0, len(found), _GROUP):
        group = [ids[number][window.start : window.end] for number, window in found[begin : begin + _GROUP]]
        for places, hidden, sizes in states(group):
            counts: list[int] = sizes.tolist()  # pyright: ignore[reportUnknownVariableType]
            for place, row, size in zip(places, hidden.cpu().numpy(), counts, strict=True):
                first = starts[begin + place]
                array[first : first + size] = row[:size]
        progress(min(1.0, (begin + _GROUP) / len(found)))
    array.flush()
    index: dict[str, NDArray[Any]] = {
        "starts": starts,
        "contexts": np.asarray([window.context for _, window in found], np.int64),
        "resources": np.asarray([number for number, _ in found], np.int64),
        "labels": labels,
    }
    write_atomically(folder / _INDEX, save(index))
    return StateStore(array, **index)


def _opened(folder: Path) -> StateStore | None:
    """Open a store, or return None where there is none; its index is written last."""
    try:
        index = load((folder / _INDEX).read_bytes())
        states = np.load(folder / _STATES, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, SafetensorError):
        return None
    return StateStore(states, **index)
