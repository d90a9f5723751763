from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

REPOSITORY = Path(__file__).parents[3]
# A busy machine is no failure: the time of an example says nothing about the code.
settings.register_profile("igc", deadline=None)
settings.load_profile("igc")


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
