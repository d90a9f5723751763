"""Which resources an autoencoder learns from, and what they say."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from igc_encoders.autoencoder.choices import ChoiceBook
from igc_encoders.autoencoder.facts import TYPE, FactBook, type_name
from igc_encoders.autoencoder.reading import Reading, read
from igc_encoders.autoencoder.store import Told
from igc_encoders.autoencoder.variations import Variations
from igc_encoders.content import digest
from igc_encoders.errors import EncoderError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

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
        readings: Each resource.
        told: What each resource says.
        fingerprint: Changes with any of them.
    """

    book: FactBook
    readings: list[Reading]
    told: Told
    fingerprint: str


def gather(
    records: Iterable[Record],
    tokenizer: PreTrainedTokenizerFast,
    recipe: Recipe,
    progress: Callable[[float], object] = lambda _: None,
) -> Material:
    """Choose resources, vary them, and tokenize them.

    Args:
        records: Resources of the machines to learn from.
        tokenizer: That of the language model.
        recipe: How many.
        progress: Called with the share that is done.

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
    choices = ChoiceBook.learn(every)
    variations = Variations(choices, every, random)
    pairs: list[tuple[Reading, JsonObject]] = []
    for place, one in enumerate(chosen):
        alike = (one, *(variations.vary(one) for _ in range(recipe.variations)))
        pairs += ((found, body) for body in alike if len(found := read(tokenizer, body)) <= recipe.most_tokens)
        progress((place + 1) / len(chosen))
    if not pairs:
        raise EncoderError(
            f"none of {len(chosen)} resources is as short as {recipe.most_tokens} tokens",
            code="encoder-training",
            hint="let most_tokens be more",
        )
    readings = [reading for reading, _ in pairs]
    told = _told(book, choices, [body for _, body in pairs])
    total = hashlib.sha256(json.dumps(dict(book.values)).encode())
    arrays: list[NDArray[Any]] = [*(array for one in readings for array in (one.ids, one.depths)), *told]
    for array in arrays:
        total.update(array.tobytes())
    return Material(book, readings, told, total.hexdigest())


def _told(book: FactBook, choices: ChoiceBook, bodies: list[JsonObject]) -> Told:
    asked = [choices.ask(body) for body in bodies]
    owners = np.repeat(np.arange(len(bodies)), [len(one.answers) for one in asked])
    labels = np.stack([book.labels(body) for body in bodies])
    pairs, answers, acted = (np.concatenate(parts) for parts in zip(*asked, strict=True))
    return Told(labels, pairs, answers, acted, owners)


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
