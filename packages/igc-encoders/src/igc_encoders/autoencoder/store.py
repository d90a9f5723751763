"""Hidden states on disk: the language model reads each resource once, however long the autoencoder trains."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.numpy import load, save
from torch.nn.utils.rnn import pad_sequence

from igc_core.files import write_atomically
from igc_encoders.autoencoder.windows import windows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from torch import Tensor

    from igc_encoders.autoencoder.reading import Reading
    from igc_encoders.autoencoder.states import LanguageStates

_STATES, _INDEX, _DONE = "states.npy", "index.safetensors", "done.json"
#: Chunks that are read by the language model before their states are written.
_GROUP = 256


class Told(NamedTuple):
    """What ``n`` resources say.

    Attributes:
        labels: Facts of each, see :meth:`~igc_encoders.autoencoder.facts.FactBook.labels`, shape ``(n, properties)``.
        pairs: Pairs of ``m`` choices, see :class:`~igc_encoders.autoencoder.choices.Choices`.
        answers: What was chosen, shape ``(m,)``.
        acted: Whether that is a state that agents act on, shape ``(m,)``.
        owners: Resource that each choice belongs to, ascending, int64, shape ``(m,)``.
    """

    labels: NDArray[np.int16]
    pairs: NDArray[np.int16]
    answers: NDArray[np.int16]
    acted: NDArray[np.bool_]
    owners: NDArray[np.int64]


class Batch(NamedTuple):
    """Some resources: ``n`` chunks of theirs, and what they say.

    Attributes:
        hidden: Hidden states, shape ``(n, tokens, width)``, float32.
        ids: Tokens, int64, shape ``(n, tokens)``.
        depths: Of each token, int64, shape ``(n, tokens)``.
        lengths: Tokens of each chunk, shape ``(n,)``.
        contexts: Tokens at its beginning that are only context, likewise.
        resources: Place of its resource in the batch, likewise.
        labels: As in :class:`Told`, int64, as all that follows.
        pairs: Likewise.
        answers: Likewise.
        acted: Likewise.
        owners: Place in the batch of the resource of each choice.
    """

    hidden: Tensor
    ids: Tensor
    depths: Tensor
    lengths: Tensor
    contexts: Tensor
    resources: Tensor
    labels: Tensor
    pairs: Tensor
    answers: Tensor
    acted: Tensor
    owners: Tensor


@dataclass(frozen=True, slots=True)
class StateStore:
    """Hidden states of the chunks of resources, and what the resources say.

    Attributes:
        states: Shape ``(tokens of all chunks, width)``, float16, memory-mapped.
        ids: The tokens, int32, shape ``(tokens of all chunks,)``.
        depths: Of each token, uint8, likewise.
        starts: First row of each chunk, and the row behind the last chunk, int64.
        contexts: Tokens of each chunk that are only context, int64.
        resources: Resource that each chunk belongs to, ascending, int64.
        told: What each resource says.
    """

    states: NDArray[np.float16]
    ids: NDArray[np.int32]
    depths: NDArray[np.uint8]
    starts: NDArray[np.int64]
    contexts: NDArray[np.int64]
    resources: NDArray[np.int64]
    told: Told

    def __len__(self) -> int:
        """Count the resources."""
        return len(self.told.labels)

    def sizes(self) -> NDArray[np.int64]:
        """Count the tokens of each resource, contexts included."""
        return np.bincount(self.resources, np.diff(self.starts), len(self)).astype(np.int64)

    def batch(self, chosen: NDArray[np.int64]) -> Batch:
        """Gather some resources."""
        chunks, resources = _rows(self.resources, chosen)
        lengths = self.starts[chunks + 1] - self.starts[chunks]
        rows = [slice(self.starts[chunk], self.starts[chunk + 1]) for chunk in chunks]
        states = pad_sequence([torch.from_numpy(self.states[row].astype(np.float32)) for row in rows], batch_first=True)
        ids = pad_sequence([torch.from_numpy(self.ids[row]) for row in rows], batch_first=True).long()
        depths = pad_sequence([torch.from_numpy(self.depths[row]) for row in rows], batch_first=True).long()
        asked, owners = _rows(self.told.owners, chosen)
        told = (
            self.told.labels[chosen],
            self.told.pairs[asked],
            self.told.answers[asked],
            self.told.acted[asked],
            owners,
        )
        whole = (lengths, self.contexts[chunks], resources, *told)
        return Batch(states, ids, depths, *(torch.from_numpy(np.ascontiguousarray(one, np.int64)) for one in whole))


def _rows(owners: NDArray[np.int64], chosen: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows that belong to the chosen ones, and the place in ``chosen`` that each belongs to."""
    firsts, ends = np.searchsorted(owners, chosen), np.searchsorted(owners, chosen, "right")
    ranges = [np.arange(first, end, dtype=np.int64) for first, end in zip(firsts, ends, strict=True)]
    return np.concatenate(ranges), np.repeat(np.arange(len(chosen)), ends - firsts)


def fill(
    folder: Path,
    readings: Sequence[Reading],
    told: Told,
    states: LanguageStates,
    progress: Callable[[float], object] = lambda _: None,
) -> StateStore:
    """Let a language model read resources, and keep its hidden states; what is there already is used again.

    A call that was stopped is gone on with by the next one.

    Args:
        folder: Where to keep them; made where it is missing. Its name should tell all that they depend on.
        readings: Tokens of each resource.
        told: What they say.
        states: The language model.
        progress: Called with the share that is done.
    """
    known = _opened(folder)
    if known is not None:
        return known
    folder.mkdir(parents=True, exist_ok=True)
    found = [(number, window) for number, one in enumerate(readings) for window in windows(one.ids, states.length)]
    lengths = np.asarray([window.end - window.start for _, window in found], np.int64)
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
    shape = (int(starts[-1]), states.width)
    array, done = _begun(folder, shape)
    for begin in range(done, len(found), _GROUP):
        group = [readings[number].ids[window.start : window.end] for number, window in found[begin : begin + _GROUP]]
        for places, hidden, sizes in states(group):
            counts: list[int] = sizes.tolist()  # pyright: ignore[reportUnknownVariableType]
            for place, row, size in zip(places, hidden.cpu().numpy(), counts, strict=True):
                first = starts[begin + place]
                array[first : first + size] = row[:size]
        array.flush()
        write_atomically(folder / _DONE, json.dumps(begin + _GROUP))
        progress(min(1.0, (begin + _GROUP) / len(found)))
    index: dict[str, NDArray[Any]] = {
        "ids": np.concatenate([readings[number].ids[window.start : window.end] for number, window in found]),
        "depths": np.concatenate([readings[number].depths[window.start : window.end] for number, window in found]),
        "starts": starts,
        "contexts": np.asarray([window.context for _, window in found], np.int64),
        "resources": np.asarray([number for number, _ in found], np.int64),
    }
    write_atomically(folder / _INDEX, save(index | told._asdict()))
    (folder / _DONE).unlink(missing_ok=True)
    return StateStore(array, **index, told=told)


def _begun(folder: Path, shape: tuple[int, int]) -> tuple[np.memmap[Any, np.dtype[np.float16]], int]:
    """Open the states that a call which was stopped left, or make room; return how many chunks are there."""
    path = folder / _STATES
    try:
        done = int(json.loads((folder / _DONE).read_bytes()))
        found: Any = np.lib.format.open_memmap(path, mode="r+")
        if found.shape == shape:
            return found, done
    except (OSError, ValueError, TypeError):
        pass
    (folder / _DONE).unlink(missing_ok=True)
    return np.lib.format.open_memmap(path, mode="w+", dtype=np.float16, shape=shape), 0


def _opened(folder: Path) -> StateStore | None:
    """Open a store, or return None where there is none; its index is written last."""
    try:
        index = load((folder / _INDEX).read_bytes())
        states = np.load(folder / _STATES, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, SafetensorError):
        return None
    if "ids" not in index:  # written before they were kept
        return None
    told = Told(**{name: index.pop(name) for name in Told._fields})
    return StateStore(states, **index, told=told)
