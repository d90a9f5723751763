"""TOML of plain values, which Python reads but does not write."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic import JsonValue


def to_toml(table: Mapping[str, JsonValue]) -> str:
    """Word a table as a TOML document.

    Args:
        table: Text, numbers, lists and tables by name. Nothing stands for None in TOML, so entries of None are left
            out, and so are empty tables.

    Returns:
        Lines of ``name = value``, and below them a section for each table.
    """
    lines: list[str] = []
    _add(lines, table, "")
    return "\n".join([*lines, ""])


def _add(lines: list[str], table: Mapping[str, JsonValue], path: str) -> None:
    for name, value in table.items():
        if value is not None and not isinstance(value, dict):
            lines.append(f"{_text(name)} = {_value(value)}")
    for name, value in table.items():
        if isinstance(value, dict) and value:
            inner = f"{path}{_text(name)}"
            lines.extend(["", f"[{inner}]"])
            _add(lines, value, f"{inner}.")


def _value(value: JsonValue) -> str:
    if isinstance(value, dict):
        members = [f"{_text(name)} = {_value(member)}" for name, member in value.items() if member is not None]
        return f"{{{', '.join(members)}}}"
    if isinstance(value, list):
        members = [_value(member) for member in cast("Sequence[JsonValue]", value) if member is not None]
        return f"[{', '.join(members)}]"
    if isinstance(value, str):
        return _quoted(value)
    return str(value).lower()


def _text(name: str) -> str:
    """Word a key: bare where it may be."""
    return name if name.isascii() and name.replace("_", "a").replace("-", "a").isalnum() else _quoted(name)


def _quoted(text: str) -> str:
    """Quote as JSON does, which TOML reads the same but for one character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
