"""Variations of bodies: the same properties with other values, in other order and company.

A capture holds one state of each resource, so most machines are on and healthy, and what a property says could be
guessed from the machine. Variations leave nothing to guess from.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from igc_encoders.autoencoder.choices import TRUTHS, members

if TYPE_CHECKING:
    from collections.abc import Iterable

    from igc_core.rest import JsonObject
    from igc_encoders.autoencoder.choices import ChoiceBook
    from igc_encoders.corpus import Record

#: Share of the variations that are torn out of their context.
_TORN = 0.8
#: Properties of other resources that are put in between at most, and characters of each.
_GRAFTS, _GRAFT = 8, 400
#: Objects within objects that are varied.
_DEPTH = 12


class Variations:
    """Varies bodies of machines along the choices that their properties are."""

    def __init__(self, book: ChoiceBook, records: Iterable[Record], random: np.random.Generator) -> None:
        """Prepare to vary.

        Args:
            book: What is a choice.
            records: Resources whose properties are put into others.
            random: Decides everything.
        """
        self._book, self._random = book, random
        found: dict[str, dict[str, Any]] = defaultdict(dict)
        machines: dict[str, set[str]] = defaultdict(set)
        for record in records:
            for key, value in record.body.items():
                text = str(value)
                if len(text) < _GRAFT and self._has_choice(key, value):
                    found[key].setdefault(text, value)
                    machines[key].add(record.machine)
        self._grafts = [(key, list(values.values())) for key, values in found.items()]
        self._weights = np.cumsum([len(machines[key]) for key in found])

    def _has_choice(self, key: str, value: Any) -> bool:
        return any(self._book.among(name, inner) for name, inner in members({key: value}))

    def vary(self, body: JsonObject) -> JsonObject:
        """Copy a body with other choices; many are also torn: they lack properties and have some of others."""
        if self._random.random() < _TORN:
            body = self._torn(body)
        share = float(self._random.uniform(0.3, 1.0))
        return cast("JsonObject", self._chosen("", body, share, 0))

    def _chosen(self, key: str, value: object, share: float, depth: int) -> object:
        """Make some of the choices within a value anew, each of its words as likely."""
        if depth > _DEPTH:
            return value
        if isinstance(value, Mapping):
            found = cast("Mapping[str, object]", value)
            return {name: self._chosen(name, inner, share, depth + 1) for name, inner in found.items()}
        if isinstance(value, list):
            return [self._chosen(key, inner, share, depth + 1) for inner in cast("list[object]", value)]
        words = self._book.among(key, value)
        if not words or self._random.random() >= share:
            return value
        word = words[int(self._random.integers(len(words)))]
        return word == TRUTHS[True] if isinstance(value, bool) else word

    def _torn(self, body: JsonObject) -> JsonObject:
        keep = self._random.random() ** 2
        items: list[tuple[str, Any]] = [*body.items()]
        kept = [item for item in items if self._random.random() < keep] or items[:1]
        for _ in range(int(self._random.integers(_GRAFTS + 1)) if self._grafts else 0):
            key, value = self._graft()
            if key not in body:
                kept.append((key, value))
        ordered = self._random.random() < 0.5  # noqa: PLR2004 - as often as not
        order: list[int] = list(range(len(kept))) if ordered else self._random.permutation(len(kept)).tolist()
        return {kept[place][0]: kept[place][1] for place in order}

    def _graft(self) -> tuple[str, Any]:
        """Draw a property: a key by the number of machines that have it, so that rare values do not drown."""
        drawn = int(self._random.integers(int(self._weights[-1])))
        key, values = self._grafts[int(np.searchsorted(self._weights, drawn, "right"))]
        return key, values[int(self._random.integers(len(values)))]
