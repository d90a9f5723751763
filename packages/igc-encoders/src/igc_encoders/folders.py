"""Folders that results are written into."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_core.errors import DataError
from igc_core.files import demand_writable

if TYPE_CHECKING:
    from pathlib import Path


def make_folder(folder: Path, file: str) -> None:
    """Make a folder where it is missing, and be sure that a file can be written into it; call it before long work.

    Args:
        folder: The folder.
        file: Name of the file.

    Raises:
        DataError: It cannot.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(
            f"cannot make the folder {folder}: {error.strerror}", code="data-missing", hint="choose another place"
        ) from error
    demand_writable(folder / file)
