"""Files that people write for runs on real hosts (TOML): read whole, checked, and refused in one line."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from igc_core.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Made = TypeVar("Made")


def read_toml(path: Path, what: str, make: Callable[[dict[str, Any]], Made], *, most_bytes: int) -> Made:
    """Read a file and make something of its table.

    Args:
        path: The file.
        what: What it is, for messages, e.g. ``"policy"``.
        make: Makes something of the table; a ``ValidationError`` tells what is wrong with it.
        most_bytes: Size of a file that is read.

    Raises:
        DataError: The file is missing, too large, no TOML, or states what it must not.
    """
    try:
        with path.open("rb") as file:
            content = file.read(most_bytes + 1)
    except OSError as error:
        raise DataError(f"cannot read the {what} {path}: {error.strerror}", code="data-missing") from error
    if len(content) > most_bytes:
        raise unusable(path, what, f"it has more than {most_bytes} bytes")
    try:
        return make(tomllib.loads(content.decode()))
    except RecursionError as error:
        raise unusable(path, what, "it is not TOML: it is nested too deeply") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise unusable(path, what, f"it is not TOML: {error}") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise unusable(path, what, f"{where}: {first['msg'].lower()}") from error


def unusable(path: Path, what: str, problem: str) -> DataError:
    """Make the error of a file that states what it must not."""
    hint = f"see what the how-to on live hosts says of the {what}"
    return DataError(f"the {what} {path} cannot be used: {problem}", code="data-invalid", hint=hint)
