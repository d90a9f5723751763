"""How people ask for goals: templates in TOML files, one for each family, and the examples that they give.

A file's tables are asks, named by verb and, where a template says so by itself, by values: ``[on]``,
``["set value=Enabled"]``. ``texts`` are to learn from, ``held_out`` to judge by. A template names arguments in braces,
and ``[words.<argument>.<value>]`` holds what people call the values that are the same on many machines.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import product
from typing import TYPE_CHECKING, Any

from igc_core.protocols import Example

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_FOLDER, _SUFFIX, _NOTHING = "phrases", ".toml", "nothing"
_WORDS = "words"
_PLACE = re.compile(r"\{(\w+)\}")
_SIDES = (("texts", False), ("held_out", True))


def meaning(family: str, verb: str, arguments: Mapping[str, str]) -> str:
    """Word what is asked for, without its target: ``boot once source=Pxe``.

    Args:
        family: Name of the goal family.
        verb: What is wanted.
        arguments: Values by name; ``{name}`` for one that stands in the text. Spaces are left out, so that a meaning's
            words are its verb and its values.
    """
    return " ".join([family, verb, *(f"{name}={''.join(value.split())}" for name, value in sorted(arguments.items()))])


def mark(name: str) -> str:
    """Return what stands in a text for the value of an argument."""
    return f"{{{name}}}"


@dataclass(frozen=True, slots=True)
class Ask:
    """Ways to ask for one verb.

    Attributes:
        verb: The verb.
        values: What the templates say by themselves.
        templates: The templates, each with whether it is held out.
    """

    verb: str
    values: Mapping[str, str]
    templates: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Phrases:
    """What one family's file says.

    Attributes:
        family: Name of the family.
        asks: Ways to ask, by verb and values.
        words: What people call values, by argument and value; each with whether it is held out.
    """

    family: str
    asks: tuple[Ask, ...]
    words: Mapping[str, Mapping[str, tuple[tuple[str, bool], ...]]]

    def examples(self) -> Iterator[Example]:
        """Fill the templates in."""
        for ask in self.asks:
            for template, held_out in ask.templates:
                yield from self._filled(ask, template, held_out=held_out)

    def _filled(self, ask: Ask, template: str, *, held_out: bool) -> Iterator[Example]:
        places = dict.fromkeys(_PLACE.findall(template))
        for chosen in product(*(list(self._choices(place, held_out=held_out)) for place in places)):
            text, values = template, dict(ask.values)
            for place, (value, word) in zip(places, chosen, strict=True):
                text, values = text.replace(mark(place), word), values | {place: value}
            yield Example(text, meaning(self.family, ask.verb, values), held_out, template)

    def _choices(self, argument: str, *, held_out: bool) -> Iterator[tuple[str, str]]:
        """Yield values of an argument with the words for them; the mark for a value that stands there as it is."""
        yield mark(argument), mark(argument)
        for value, words in self.words.get(argument, {}).items():
            yield from ((value, word) for word, kept in words if kept == held_out)


class RedfishPhrasebook:
    """How people ask for the goals of igc-redfish. Implements :class:`igc_core.protocols.Phrasebook`."""

    def examples(self) -> Sequence[Example]:
        """Return all examples, those that ask for nothing last."""
        found = [example for one in phrases().values() for example in one.examples()]
        return [*found, *(Example(text, "", held_out, text) for text, held_out in _sides(_read(_NOTHING)["foreign"]))]


@cache
def phrases() -> Mapping[str, Phrases]:
    """Read all families' phrases, by family."""
    names = sorted(item.name.removesuffix(_SUFFIX) for item in _folder().iterdir() if item.name.endswith(_SUFFIX))
    return {name: _phrases(name, _read(name)) for name in names if name != _NOTHING}


def _phrases(family: str, stated: Mapping[str, Any]) -> Phrases:
    asks = tuple(_ask(key, table) for key, table in stated.items() if key != _WORDS)
    words = {
        argument: {value: tuple(_sides(table)) for value, table in values.items()}
        for argument, values in stated.get(_WORDS, {}).items()
    }
    return Phrases(family, asks, words)


def _ask(key: str, table: Mapping[str, Sequence[str]]) -> Ask:
    verb, *values = key.split()
    return Ask(verb, dict(value.split("=", 1) for value in values), tuple(_sides(table)))


def _sides(table: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, bool]]:
    for side, held_out in _SIDES:
        yield from ((text, held_out) for text in table[side])


def _folder() -> Any:
    return resources.files("igc_redfish.reading") / _FOLDER


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((_folder() / f"{name}{_SUFFIX}").read_text("utf-8"))
