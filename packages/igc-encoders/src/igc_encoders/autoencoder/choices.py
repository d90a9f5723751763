"""Choices: what properties with a few values each say, whatever they are called and wherever they stand.

A truth is a choice between two values, and a word is one among those that the same key has elsewhere, or that services
allow there. They are found by counting; only those that weigh more, as agents act on them, are named here. What a
resource chose has to be told from its latent by hashed pairs of property and value (Weinberger et al., 2009):
properties share what their keys have in common, and new ones have a place.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeGuard, cast

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from igc_core.rest import JsonObject
    from igc_encoders.corpus import Record

#: Outputs that pairs of property and value are hashed to.
BUCKETS = 4096
#: Pairs that speak for a value: of the path, of its last two keys, of its last key, and of the last word of that.
PAIRS = 4
#: Values of a property that are told apart at most.
MOST = 12
TRUTHS = ("false", "true")
_ALLOWED = "@Redfish.AllowableValues"
#: What reads as the name of a value.
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_.+-]{0,31}")
_LAST_WORD = re.compile(r"[A-Z]?[a-z0-9]+$|[A-Z0-9]+$")
#: What a key needs for its values to be a choice: so many values at most, each so often in the mean.
_DISTINCT, _EACH = 40, 3
#: Keys of the states that agents act on, or look at before they act.
_ACTED = re.compile(r"PowerState|Health|BootSourceOverride\w+|IndicatorLED|\w*Enabled")
#: Objects within objects that are asked about.
_DEPTH = 5


class Choices(NamedTuple):
    """What ``m`` properties of resources say, and what they could say.

    Attributes:
        pairs: Buckets of the pairs of each value that a property could have, shape ``(m, MOST, PAIRS)``; -1 where there
            are fewer values.
        answers: Number of the value that it has, shape ``(m,)``.
        acted: Whether it is a state that agents act on, bool, shape ``(m,)``.
    """

    pairs: NDArray[np.int16]
    answers: NDArray[np.int16]
    acted: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ChoiceBook:
    """Keys whose values are chosen among a few.

    Attributes:
        values: Words that each key takes; truths are a choice under any key, and are not listed.
    """

    values: Mapping[str, tuple[str, ...]]

    @classmethod
    def learn(cls, records: Iterable[Record]) -> ChoiceBook:
        """Count which words stand under a key, wherever that is, and which ones services allow there.

        A key with a single word has the words of another that knows it: of those with the fewest, the most frequent.

        Args:
            records: Resources of the machines to learn from.
        """
        said: dict[str, Counter[str]] = defaultdict(Counter)
        allowed: dict[str, Counter[str]] = defaultdict(Counter)
        for record in records:
            for key, value in members(record.body):
                if isinstance(value, str) and "@" not in key:
                    said[key][value] += 1
                elif key.endswith(_ALLOWED) and isinstance(value, list):
                    allowed[key.removesuffix(_ALLOWED)].update(filter(_is_word, cast("list[object]", value)))
        own = {key: _words(said[key], allowed[key]) for key in sorted(said)}
        several = (key for key in own if len(own[key]) > 1)
        fewest = sorted(several, key=lambda key: (-len(own[key]), said[key].total()))
        lent = {word: own[key] for key in fewest for word in own[key]}
        known = {key: words if len(words) > 1 else lent.get("".join(words), ()) for key, words in own.items()}
        return cls({key: words for key, words in known.items() if words})

    def among(self, key: str, value: object) -> tuple[str, ...]:
        """Return the values of which the one under a key is chosen; none if it is no choice."""
        if isinstance(value, bool):
            return TRUTHS
        known = self.values.get(key, ())
        return known if isinstance(value, str) and value in known else ()

    def ask(self, body: JsonObject) -> Choices:
        """Note what a body chose, but for what is in its lists."""
        asked = [(path, words, value) for path, value in _scalars(body) if (words := self.among(path[-1], value))]
        pairs = [_buckets(path, words) for path, words, _ in asked]
        answers = [words.index(_text(value)) for _, words, value in asked]
        acted = [_ACTED.fullmatch(path[-1]) is not None for path, _, _ in asked]
        none = np.zeros((0, MOST, PAIRS), np.int16)
        return Choices(np.stack(pairs) if pairs else none, np.asarray(answers, np.int16), np.asarray(acted, np.bool_))


def members(body: JsonObject) -> Iterator[tuple[str, Any]]:
    """Yield every key and its value, at any depth, those of objects in lists included."""
    todo: list[Any] = [body]
    while todo:
        found = todo.pop()
        if isinstance(found, Mapping):
            for key, value in cast("Mapping[str, Any]", found).items():
                yield key, value
                todo.append(value)
        elif isinstance(found, list):
            todo += cast("list[Any]", found)  # type: ignore[redundant-cast]


def _scalars(body: JsonObject) -> Iterator[tuple[tuple[str, ...], Any]]:
    todo: list[tuple[tuple[str, ...], Mapping[str, Any]]] = [((), body)]
    while todo:
        above, found = todo.pop()
        for key, value in found.items():
            if not isinstance(value, Mapping):
                yield (*above, key), value
            elif len(above) < _DEPTH:
                todo.append(((*above, key), cast("Mapping[str, Any]", value)))


def _words(said: Counter[str], allowed: Counter[str]) -> tuple[str, ...]:
    """Return the words of a key, the most frequent first; none where its values are no choice."""
    words = Counter({value: count for value, count in said.items() if count > 1 and _is_word(value)})
    if 2 * words.total() < said.total() or len(words) > _DISTINCT or words.total() < _EACH * len(words):
        return ()
    return tuple(word for word, _ in (words + allowed).most_common(MOST))


def _is_word(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and _WORD.fullmatch(value) is not None


def _text(value: str | bool) -> str:
    return TRUTHS[value] if isinstance(value, bool) else value


def _buckets(path: tuple[str, ...], words: tuple[str, ...]) -> NDArray[np.int16]:
    """Hash the pairs of each value, shape ``(MOST, PAIRS)``."""
    last = _LAST_WORD.search(path[-1])
    properties = ("/".join(path), "/".join(path[-2:]), path[-1], f"*{last[0] if last else path[-1]}")
    found = np.full((MOST, PAIRS), -1, np.int16)
    for row, word in enumerate(words):
        for column, name in enumerate(properties):
            found[row, column] = zlib.crc32(f"{column}{name}={word}".encode()) % BUCKETS
    return found
