from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from igc_encoders import lm
from igc_encoders.autoencoder.choices import MOST, PAIRS
from igc_encoders.autoencoder.reading import Reading
from igc_encoders.autoencoder.states import LanguageStates
from igc_encoders.autoencoder.store import StateStore, Told, fill

#: More chunks than are read at once.
RESOURCES = 600


class Counting:
    """A language model that counts the chunks that it reads."""

    def __init__(self, states: LanguageStates) -> None:
        self.length, self.width, self._states, self.read = states.length, states.width, states, 0

    def __call__(self, chunks: list[np.ndarray]) -> Iterator[tuple[list[int], torch.Tensor, torch.Tensor]]:
        self.read += len(chunks)
        yield from self._states(chunks)


@pytest.fixture
def states(language_model: Path) -> Counting:
    return Counting(LanguageStates(lm.load(language_model)[0]))


def filled(folder: Path, states: Counting, stop_at: float = 2.0) -> StateStore:
    random = np.random.default_rng(0)
    lengths = random.integers(1, 40, RESOURCES)
    readings = [
        Reading(random.integers(0, 300, length).astype(np.int32), np.zeros(length, np.uint8)) for length in lengths
    ]
    none = np.zeros((0, MOST, PAIRS), np.int16)
    labels = np.zeros((RESOURCES, 1), np.int16)
    told = Told(labels, none, np.zeros(0, np.int16), np.zeros(0, np.bool_), np.zeros(0, np.int64))

    def progress(share: float) -> None:
        if share >= stop_at:
            raise KeyboardInterrupt

    return fill(folder, readings, told, states, progress)  # type: ignore[arg-type]


def test_reading_that_was_stopped_goes_on(states: Counting, tmp_path: Path) -> None:
    whole = filled(tmp_path / "whole", states)
    assert states.read == RESOURCES
    with pytest.raises(KeyboardInterrupt):
        filled(tmp_path / "parted", states, stop_at=0.1)
    parted = filled(tmp_path / "parted", states)
    assert states.read == 2 * RESOURCES
    np.testing.assert_array_equal(parted.states, whole.states)
    assert {path.name for path in (tmp_path / "parted").iterdir()} == {"states.npy", "index.safetensors"}


@pytest.mark.parametrize("name", ["states.npy", "done.json"])
def test_states_that_are_damaged_are_read_anew(states: Counting, tmp_path: Path, name: str) -> None:
    with pytest.raises(KeyboardInterrupt):
        filled(tmp_path, states, stop_at=0.1)
    (tmp_path / name).write_bytes(b"cut")
    before = states.read
    filled(tmp_path, states)
    assert states.read - before == RESOURCES
