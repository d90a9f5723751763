"""Where the documentation lies."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture
def reference() -> Path:
    """The reference pages."""
    return ROOT / "docs" / "reference"
