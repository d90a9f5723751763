"""Commands of tasks as CSV files: ``name,command``, one line a task."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from igc_core.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def load_commands(path: Path) -> Mapping[str, str]:
    """Read the command of each task.

    Raises:
        DataError: The file is missing or not such a table; the message names the line and the field.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            fields = list(reader.fieldnames or ())
            rows = [(reader.line_num, row) for row in reader]
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}", code="data-missing") from error
    except (csv.Error, UnicodeDecodeError) as error:
        raise DataError(f"{path} is not CSV: {error}", code="data-invalid") from error
    if len(set(fields)) < len(fields):
        raise DataError(f"{path}, line 1: a field stands twice", code="data-invalid")
    commands: dict[str, str] = {}
    for line, row in rows:
        for field in ("name", "command"):
            if not (row.get(field) or "").strip():
                raise DataError(f"{path}, line {line}: the field {field} is missing", code="data-invalid")
        if row["name"] in commands:
            raise DataError(f"{path}, line {line}: the field name repeats {row['name']!r}", code="data-invalid")
        commands[row["name"]] = row["command"]
    if not commands:
        raise DataError(f"{path}: there is no task in it", code="data-invalid")
    return commands
