"""Batches of chunks: a pure function of seed, epoch and index, whatever the number of processes before them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np

from igc_encoders.dataset.chunks import chunked
from igc_encoders.dataset.objectives import DEFAULT_MIX, OBJECTIVES, Mix
from igc_encoders.errors import EncoderError
from igc_encoders.rendering import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray
    from transformers import PreTrainedTokenizerFast

    from igc_encoders.dataset.store import TokenStore

#: Chunks among which those of a batch are chosen to be of like length.
_POOL = 512
_PLAIN = OBJECTIVES["plain"]
_T = TypeVar("_T")


class Chunk(NamedTuple):
    """Part of a resource between its end tokens.

    Attributes:
        resource: Index of the resource.
        start: First token.
        stop: Behind the last token.
    """

    resource: int
    start: int
    stop: int


class Batch(NamedTuple):
    """Chunks side by side, filled up at their ends. All arrays have the shape ``(chunks, tokens)``.

    Attributes:
        inputs: Tokens that the model sees, int64.
        targets: Tokens that it is to say next, int64.
        weights: How much each of these counts, float32; 0 where a chunk is filled up, or repeats the one before it.
        kinds: Kind of each target, uint8.
        sizes: Bytes of each target, int64; 0 where it does not count.
        resources: Resource of each chunk, int64, of shape ``(chunks,)``.
    """

    inputs: NDArray[np.int64]
    targets: NDArray[np.int64]
    weights: NDArray[np.float32]
    kinds: NDArray[np.uint8]
    sizes: NDArray[np.int64]
    resources: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Window:
    """How resources are cut.

    Attributes:
        context: Tokens that the model sees at once.
        overlap: Tokens that a chunk repeats of the one before it.
        most: Chunks of one resource in an epoch, the first among them; 0 takes all.
    """

    context: int
    overlap: int = 64
    most: int = 0

    def __post_init__(self) -> None:
        """Refuse windows that make no progress."""
        chunked((), self.context + 1, self.overlap + 1)


class Batches:
    """Chunks of a store in batches of like length.

    A resource stands between end tokens, and is cut so that each of its tokens is a target once.
    """

    def __init__(
        self,
        store: TokenStore,
        tokenizer: PreTrainedTokenizerFast,
        window: Window,
        *,
        tokens: int,
        mix: Mix | None = None,
        seed: int = 0,
    ) -> None:
        """Prepare batches.

        Args:
            store: The resources.
            tokenizer: Whose tokens they are; it needs an end token, and a mask token where objectives hide any.
            window: How resources are cut.
            tokens: Size of a batch, in tokens, filling included; one chunk at least.
            mix: What is asked of a chunk; the default objectives if None.
            seed: Seed of order and objectives.

        Raises:
            EncoderError: There is nothing to make batches of.
        """
        if not len(store):
            raise EncoderError("the machines have no resources", code="encoder-corpus", hint="name other captures")
        self.store, self.window = store, window
        self._tokens, self._mix, self._seed = tokens, mix or Mix(DEFAULT_MIX), seed
        self._end, self._mask = (_token(tokenizer, name) for name in ("eos", "mask"))
        self._lengths = store.lengths + 2

    def epoch(self, epoch: int) -> list[list[Chunk]]:
        """Plan an epoch: every resource, in an order of its own."""
        generator = np.random.default_rng((self._seed, epoch))
        order = generator.permutation(len(self._lengths))
        chunks = [chunk for resource in order for chunk in self._chunks(int(resource), generator)]
        mixed = _shuffled(chunks, generator)
        batches = [
            batch
            for start in range(0, len(mixed), _POOL)
            for batch in self._grouped(sorted(mixed[start : start + _POOL], key=_length))
        ]
        return _shuffled(batches, generator)

    def every(self) -> list[list[Chunk]]:
        """Plan a pass over all chunks, for measuring; neither order nor content depends on the seed."""
        everything = [chunk for resource in range(len(self._lengths)) for chunk in self._chunks(resource, None)]
        return list(self._grouped(sorted(everything, key=_length)))

    def batch(self, chunks: Sequence[Chunk], key: tuple[int, ...] | None = None) -> Batch:
        """Make a batch.

        Args:
            chunks: What it is made of.
            key: Decides, with the seed, the objectives and what they hide; plain prediction if None.
        """
        generator = None if key is None else np.random.default_rng((self._seed, *key))
        width = max(map(_length, chunks)) - 1
        shape = (len(chunks), width)
        batch = Batch(
            np.full(shape, self._end, np.int64),
            np.full(shape, self._end, np.int64),
            np.zeros(shape, np.float32),
            np.zeros(shape, np.uint8),
            np.zeros(shape, np.int64),
            np.asarray([chunk.resource for chunk in chunks], np.int64),
        )
        for row, chunk in enumerate(chunks):
            self._fill(batch, row, chunk, generator)
        return batch

    def _fill(self, batch: Batch, row: int, chunk: Chunk, generator: np.random.Generator | None) -> None:
        ids, kinds, sizes = self._sequence(chunk)
        used = slice(0, len(ids) - 1)
        objective = _PLAIN if generator is None else self._mix.draw(generator)
        sample = objective.sample(ids, kinds, self._mask, generator)
        batch.inputs[row, used], batch.targets[row, used], batch.weights[row, used] = sample
        batch.kinds[row, used], batch.sizes[row, used] = kinds[1:], sizes[1:]
        if chunk.start:
            batch.weights[row, : self.window.overlap] = 0
            batch.sizes[row, : self.window.overlap] = 0

    def _sequence(self, chunk: Chunk) -> tuple[NDArray[np.int64], NDArray[np.uint8], NDArray[np.int64]]:
        """Return tokens, kinds and sizes of a chunk, end tokens included."""
        tokens = self.store.resource(chunk.resource)
        before, behind = int(chunk.start == 0), int(chunk.stop == len(tokens) + 2)
        part = tokens[max(chunk.start - 1, 0) : min(chunk.stop - 1, len(tokens))]
        around = (before, behind)
        return (
            np.pad(part["id"].astype(np.int64), around, constant_values=self._end),
            np.pad(part["kind"], around, constant_values=int(Kind.STRUCTURE)),
            np.pad(part["size"].astype(np.int64), around),
        )

    def _chunks(self, resource: int, generator: np.random.Generator | None) -> Iterator[Chunk]:
        """Cut a resource; of a long one, with a generator, only some chunks are taken."""
        window = self.window
        slices = chunked(range(self._lengths[resource]), window.context + 1, window.overlap + 1)
        if generator is not None and 0 < window.most < len(slices):
            others = generator.choice(len(slices) - 1, window.most - 1, replace=False) + 1
            slices = [slices[0], *(slices[int(place)] for place in sorted(others))]
        for part in slices:
            yield Chunk(resource, part.start, part.stop)

    def _grouped(self, chunks: Sequence[Chunk]) -> Iterator[list[Chunk]]:
        """Part chunks of rising length into batches of a bounded size."""
        batch: list[Chunk] = []
        for chunk in chunks:
            if batch and (len(batch) + 1) * (_length(chunk) - 1) > self._tokens:
                yield batch
                batch = []
            batch.append(chunk)
        if batch:
            yield batch


def _shuffled(items: Sequence[_T], generator: np.random.Generator) -> list[_T]:
    return [items[int(place)] for place in generator.permutation(len(items))]


def _length(chunk: Chunk) -> int:
    return chunk.stop - chunk.start


def _token(tokenizer: PreTrainedTokenizerFast, name: str) -> int:
    """Return a special token; the end token stands in for others that a tokenizer lacks."""
    found: Any = getattr(tokenizer, f"{name}_token_id", None)
    found = tokenizer.eos_token_id if found is None else found
    if found is None:
        raise EncoderError(
            "the tokenizer has no end token",
            code="encoder-incompatible",
            hint="extend it: igc encoder train lm --base NAME --extend",
        )
    return int(found)
