"""Fixtures that every test of the package may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def captures() -> Path:
    """The folder of the captures of real machines: ``$IGC_CAPTURES``, or ``../shared/captures`` beside the repository.

    A user without it skips; CI without it fails.
    """
    folder = Path(os.environ.get("IGC_CAPTURES") or REPOSITORY.parent / "shared" / "captures")
    if (folder / "split.json").is_file():
        return folder
    message = f"no captures in {folder}; set IGC_CAPTURES to their folder"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)
