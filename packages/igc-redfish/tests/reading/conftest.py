"""A reader that knows words alone, and a machine to ask."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from igc_redfish.goals import builtin_handlers
from igc_redfish.goals.book import GoalBook
from igc_redfish.process.engine import Engine
from igc_redfish.reading.phrasebook import RedfishPhrasebook
from igc_redfish.reading.reading import MachineReader, Reading
from igc_redfish.sources import only_machine


def words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\{\w+\}|\w+", text.lower()))


class OverlapReader:
    """Takes a text for what the example means that shares most words with it."""

    confidence = 0.5

    def __init__(self) -> None:
        self._known: dict[str, list[frozenset[str]]] = {}
        for example in RedfishPhrasebook().examples():
            if not example.held_out:
                self._known.setdefault(example.meaning, []).append(words(example.text))

    def weigh(self, texts: Sequence[str], meanings: Sequence[str]) -> NDArray[np.float32]:
        likeness = [self._likeness(*pair) for pair in zip([*texts, texts[0]], [*meanings, ""], strict=True)]
        weights = np.exp(30 * np.asarray(likeness))
        return (weights / weights.sum())[:-1].astype(np.float32)

    def _likeness(self, text: str, meaning: str) -> float:
        said = words(text)
        return max((len(said & known) / len(said | known) for known in self._known.get(meaning, ())), default=0.0)


@pytest.fixture(scope="session")
def book() -> GoalBook:
    return GoalBook(builtin_handlers())


@pytest.fixture(scope="session")
def read(book: GoalBook) -> Callable[[str], Reading]:
    """Read a text as a goal of a generated machine."""
    service = Engine(only_machine("generated:3"), list(book)).reader(0)
    return MachineReader(OverlapReader(), book, service).read
