"""Fixtures that every test of the package may use."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from igc_mig.geometry import GPUS, Gpu

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def bench() -> dict[str, Any]:
    """Batches and what the reference makes of them: in ``$IGC_BENCH``, or ``../shared/bench`` beside the repository.

    A user without them skips; CI without them fails.
    """
    folder = Path(os.environ.get("IGC_BENCH") or REPOSITORY.parent / "shared" / "bench")
    file = folder / "mig-batches.json.gz"
    if file.is_file():
        with gzip.open(file) as content:
            return json.load(content)
    message = f"no {file}; set IGC_BENCH to its folder"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def a100() -> Gpu:
    return GPUS["a100"]


@pytest.fixture(scope="session")
def a30() -> Gpu:
    return GPUS["a30"]


@pytest.fixture
def durations() -> NDArray[np.float64]:
    """Ten tasks, shape ``(10, 5)``, shorter on larger instances."""
    steps = np.random.default_rng(3).uniform(0.4, 1.0, size=(10, 5))
    return 60 * np.cumprod(steps, axis=1)
