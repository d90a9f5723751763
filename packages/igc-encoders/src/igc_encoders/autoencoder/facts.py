"""What a body says, property by property: what the autoencoder's decoder has to tell from a latent.

A fact is a property, by its path, with one of the values that machines give it. Facts are found by counting; none is
named here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from igc_core.rest import JsonObject
    from igc_encoders.corpus import Record

TYPE = "@odata.type"
#: Objects within objects that are looked into, and characters of a value.
_DEPTH, _TEXT = 4, 48
#: What a property needs to count: resources and machines that have it, and resources that have a value of it.
_RESOURCES, _MACHINES, _SHARED = 24, 2, 5
#: Values of a property that are told apart; types have more.
_VALUES, _TYPES = 12, 400
#: Share of distinct values from which on a property is an identifier rather than a state.
_IDENTIFIER = 0.3
_WORDS = {True: "true", False: "false", None: "null"}
_MEANT: Mapping[str, str | bool | None] = {word: value for value, word in _WORDS.items()}


def leaves(body: JsonObject) -> Iterator[tuple[str, str]]:
    """Yield path and value, as texts, of the texts, truths and nulls of a body that are in no list.

    A path joins keys by slashes; keys with slashes of their own are left out.
    """
    todo: list[tuple[str, int, Mapping[str, Any]]] = [("", 0, body)]
    while todo:
        above, depth, found = todo.pop()
        for key, value in found.items():
            if "/" in key:
                continue
            if isinstance(value, Mapping):
                if depth < _DEPTH:
                    todo.append((f"{above}{key}/", depth + 1, cast("Mapping[str, Any]", value)))
            elif key == TYPE and not above and isinstance(value, str):
                yield TYPE, type_name(value)
            elif isinstance(value, str):
                if len(value) <= _TEXT and not value.startswith("/"):
                    yield above + key, value
            elif isinstance(value, bool | None):
                yield above + key, _WORDS[value]


def type_name(text: str) -> str:
    """Name a type without its version: ``"#Chassis.v1_0_0.Chassis"`` is a ``"Chassis"``."""
    return text.rpartition(".")[2].lstrip("#")


@dataclass(frozen=True, slots=True)
class FactBook:
    """Properties that have a few values each.

    Attributes:
        values: The values of each property, by path; the first stands for its absence, and is ``""``.
    """

    values: Mapping[str, tuple[str, ...]]

    @classmethod
    def learn(cls, records: Iterable[Record], *, limit: int = 400) -> FactBook:
        """Count what the properties of machines say.

        Args:
            records: Resources of the machines to learn from.
            limit: Properties that are kept at most, the most frequent ones.
        """
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        machines: dict[str, set[str]] = defaultdict(set)
        for record in records:
            for path, value in leaves(record.body):
                counts[path][value] += 1
                machines[path].add(record.machine)
        kept = {path: _kept(path, counts[path]) for path in counts if len(machines[path]) >= _MACHINES}
        several = [path for path, values in kept.items() if len(values) > 1]
        frequent = sorted(several, key=lambda path: (path != TYPE, -counts[path].total(), path))
        return cls({path: ("", *kept[path]) for path in frequent[:limit]})

    def labels(self, body: JsonObject) -> NDArray[np.int16]:
        """Number the value of each property in a body, shape ``(len(values),)``: 0 if absent, -1 if not a known one."""
        found = dict(leaves(body))
        numbers = [_number(known, found.get(path)) for path, known in self.values.items()]
        return np.asarray(numbers, np.int16)


def changed(body: JsonObject, path: Sequence[str], value: object) -> JsonObject:
    """Copy a body with another value at a path; everything else is shared."""
    key, *rest = path
    inner = changed(cast("JsonObject", body[key]), rest, value) if rest else value
    return {**body, key: cast("Any", inner)}


def read_value(text: str) -> str | bool | None:
    """Turn the text that stands for a value into the value."""
    return _MEANT.get(text, text)


def _kept(path: str, counts: Counter[str]) -> tuple[str, ...]:
    if counts.total() < _RESOURCES or (path != TYPE and len(counts) > max(2, _IDENTIFIER * counts.total())):
        return ()
    frequent = counts.most_common(_TYPES if path == TYPE else _VALUES)
    return tuple(value for value, count in frequent if count >= _SHARED)


def _number(known: tuple[str, ...], value: str | None) -> int:
    if value is None:
        return 0
    return known.index(value) if value in known else -1
