"""Batches as JSON and CSV files.

A task is a record of ``name`` (may be left out) and ``t1``, ``t2``, ...: its seconds on an instance of that many
compute slices; where tasks come one by one, also ``arrival``, the second at which it does. A CSV file has one line a
task below a line of field names; a JSON file is ``{"tasks": [...]}``.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from igc_core.errors import DataError
from igc_core.files import write_atomically
from igc_mig.batch import LONGEST_S, Batch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

_ARRIVAL = "arrival"
_FIELD = re.compile(r"t([1-9]\d?)")


def load(path: Path) -> Batch:
    """Read a batch from a ``.json`` or ``.csv`` file.

    Raises:
        DataError: The file is missing or not a batch; the message names the line or task, and the field.
    """
    kind = _kind(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}", code="data-missing") from error
    except UnicodeDecodeError as error:
        raise _invalid(f"{path} is not UTF-8 text") from error
    rows = _rows_of_json(path, text) if kind == ".json" else _rows_of_csv(path, text)
    if not rows:
        raise _invalid(f"{path}: the field tasks is empty")
    return _batch(path, rows)


def save(batch: Batch, path: Path) -> None:
    """Write a batch to a ``.json`` or ``.csv`` file.

    Raises:
        DataError: The file cannot be written, or its name ends in something else.
    """
    kind = _kind(path)
    rows = records(batch)
    if kind == ".json":
        write_atomically(path, json.dumps({"tasks": rows}, indent=1) + "\n")
        return
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]) if rows else ["name"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_atomically(path, out.getvalue())


def demand_kind(path: Path) -> None:
    """Make sure, before long work, that a batch can be written to a file of this name.

    Raises:
        DataError: It ends in something else than .json or .csv.
    """
    _kind(path)


def records(batch: Batch) -> list[dict[str, str | float]]:
    """The tasks of a batch as they stand in files."""
    rows: list[dict[str, str | float]] = [
        {"name": name, **{f"t{size}": float(time) for size, time in zip(batch.sizes, row, strict=True)}}
        for name, row in zip(batch.names, batch.times_s, strict=True)
    ]
    if batch.arrivals_s is not None:
        rows = [{**row, _ARRIVAL: float(moment)} for row, moment in zip(rows, batch.arrivals_s, strict=True)]
    return rows


def _kind(path: Path) -> str:
    if path.suffix.lower() not in (".json", ".csv"):
        raise _invalid(f"{path} ends neither in .json nor in .csv")
    return path.suffix.lower()


def _rows_of_json(path: Path, text: str) -> list[tuple[str, Mapping[str, Any]]]:
    try:
        content: Any = json.loads(text, object_pairs_hook=_record)
    except _RepeatedError as error:
        raise _invalid(f"{path}: the field {error.args[0]} stands twice in one record") from error
    except (ValueError, RecursionError) as error:
        raise _invalid(f"{path} is not JSON: {error}") from error
    listed: Any = cast("dict[str, Any]", content).get("tasks") if isinstance(content, dict) else None
    if not isinstance(listed, list):
        raise _invalid(f"{path}: the field tasks is no list")
    tasks = cast("list[object]", listed)
    rows: list[tuple[str, Mapping[str, Any]]] = []
    for number, task in enumerate(tasks):
        if not isinstance(task, dict):
            raise _invalid(f"{path}, task {number}: no record of name, t1, t2, ...")
        rows.append((f"task {number}", cast("dict[str, Any]", task)))
    return rows


class _RepeatedError(Exception):
    """A record has a field twice."""


def _record(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build a record of JSON, which lets the last of equal fields win."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise _RepeatedError(next(name for name in names if names.count(name) > 1))
    return found


def _rows_of_csv(path: Path, text: str) -> list[tuple[str, Mapping[str, Any]]]:
    try:
        reader = csv.DictReader(io.StringIO(text), strict=True)
        rows: list[tuple[str, Mapping[Any, Any]]] = [(f"line {reader.line_num}", row) for row in reader]
    except csv.Error as error:
        raise _invalid(f"{path} is not CSV: {error}") from error
    fields = list(reader.fieldnames or ())
    for field in fields:
        if fields.count(field) > 1:
            raise _invalid(f"{path}, line 1: the field {field!r} stands twice")
    for where, row in rows:
        if None in row:
            raise _invalid(f"{path}, {where}: more values than fields")
    return rows


def _batch(path: Path, rows: Sequence[tuple[str, Mapping[str, Any]]]) -> Batch:
    fields = dict.fromkeys(field for _, row in rows for field in row)
    for field in fields:
        if field not in ("name", _ARRIVAL) and not _FIELD.fullmatch(field):
            raise _invalid(f"{path}: the field {field!r} is neither name, arrival nor a time such as t1")
    sizes = sorted(int(field[1:]) for field in fields if field not in ("name", _ARRIVAL))
    if not sizes:
        raise _invalid(f"{path}: the field t1 is missing")
    names = tuple(str(row.get("name") or f"task{number}") for number, (_, row) in enumerate(rows))
    times = [[_seconds(path, where, f"t{size}", row.get(f"t{size}")) for size in sizes] for where, row in rows]
    arrivals = _arrivals(path, rows) if _ARRIVAL in fields else None
    return Batch(names, tuple(sizes), np.array(times, np.float64), arrivals)


def _arrivals(path: Path, rows: Sequence[tuple[str, Mapping[str, Any]]]) -> NDArray[np.float64]:
    """Read when tasks arrive: none before the one above."""
    found: list[float] = []
    for where, row in rows:
        moment = _seconds(path, where, _ARRIVAL, row.get(_ARRIVAL), least=0.0)
        if found and moment < found[-1]:
            raise _invalid(f"{path}, {where}: the field {_ARRIVAL} is before that of the task above")
        found.append(moment)
    return np.array(found)


def _seconds(path: Path, where: str, field: str, value: object, *, least: float | None = None) -> float:
    """Read a duration, or a moment where there is a least one."""
    if value is None or value == "":
        raise _invalid(f"{path}, {where}: the field {field} is missing")
    try:
        seconds = math.nan if isinstance(value, bool) else float(cast("str | float", value))
    except (TypeError, ValueError, OverflowError):
        seconds = math.nan
    if not (math.isfinite(seconds) and (seconds > 0 if least is None else seconds >= least)):
        wanted = "above 0" if least is None else f"from {least:g} on"
        raise _invalid(f"{path}, {where}: the field {field} is {value!r}, not a number of seconds {wanted}")
    if seconds > LONGEST_S:
        raise _invalid(f"{path}, {where}: the field {field} is {value!r}, more than {LONGEST_S:g} seconds")
    return seconds


def _invalid(message: str) -> DataError:
    return DataError(message, code="data-invalid")
