"""Which resources an autoencoder learns from, and what they say."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from igc_encoders.autoencoder.facts import TYPE, FactBook, type_name
from igc_encoders.autoencoder.store import tokenized
from igc_encoders.content import digest
from igc_encoders.errors import EncoderError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray
    from transformers import PreTrainedTokenizerFast

    from igc_core.rest import JsonObject
    from igc_encoders.autoencoder.recipe import Recipe
    from igc_encoders.corpus import Record


@dataclass(frozen=True, slots=True)
class Material:
    """Tokens and facts of resources.

    Attributes:
        book: The facts.
        ids: Tokens of each resource.
        labels: Facts of each resource, shape ``(resources, properties)``.
        fingerprint: Changes with any of them.
    """

    book: FactBook
    ids: list[NDArray[np.int32]]
    labels: NDArray[np.int16]
    fingerprint: str


def gather(records: Iterable[Record], tokenizer: PreTrainedTokenizerFast, recipe: Recipe) -> Material:
    """Choose resources, vary them, and tokenize them.

    Args:
        records: Resources of the machines to learn from.
        tokenizer: That of the language model.
        recipe: How many.

    Raises:
        EncoderError: There is nothing to learn from.
    """
    every = list(records)
    book = FactBook.learn(every)
    chosen = list(_chosen(every, recipe.per_type))
    if not book.values or len(chosen) < _FEWEST:
        raise EncoderError(
            f"{len(chosen)} resources with {len(book.values)} properties are too few to learn from",
            code="encoder-training",
            hint="name captures of more machines",
        )
    random = np.random.default_rng(recipe.seed)
    bodies = [body for one in chosen for body in (one, *(book.varied(one, random) for _ in range(recipe.variations)))]
    pairs = [(one, body) for body in bodies if len(one := tokenized(tokenizer, body)) <= recipe.most_tokens]
    ids = [one for one, _ in pairs]
    labels = np.stack([book.labels(body) for _, body in pairs])
    total = hashlib.sha256(json.dumps(dict(book.values)).encode())
    for one in ids:
        total.update(one.tobytes())
    return Material(book, ids, labels, total.hexdigest())


#: Resources below which nothing is learned.
_FEWEST = 16


def _chosen(records: Iterable[Record], per_type: int) -> Iterator[JsonObject]:
    """Yield the first few distinct resources of each type of each machine."""
    counts: dict[tuple[str, str], int] = defaultdict(int)
    seen: set[bytes] = set()
    for record in records:
        found = record.body.get(TYPE)
        kind = type_name(found) if isinstance(found, str) else ""
        known = digest(record.body)
        if counts[record.machine, kind] < per_type and known not in seen:
            seen.add(known)
            counts[record.machine, kind] += 1
            yield record.body
