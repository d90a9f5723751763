"""Whether one value fits what the schema and the service say of its place."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

import orjson

from igc_core.redaction import MASK, is_secret_key
from igc_redfish.bodies import as_array, as_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from igc_redfish.facts import ParameterFact, PropertyFact

#: The values that a service lists as allowable, or None where it lists none.
Allowed: TypeAlias = "tuple[Any, ...] | None"

#: JSON types by those of Python.
_KINDS: Mapping[type, str] = {
    bool: "boolean",
    int: "number",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}
#: Longest value that a message repeats.
_SHOWN = 200


def fault_of(value: Any, fact: PropertyFact | ParameterFact, allowed: Allowed = None) -> str | None:
    """Judge a value.

    Args:
        value: Parsed JSON.
        fact: What the schema says.
        allowed: What the service itself lists, which then replaces the schema's enumeration.

    Returns:
        None where it fits, else ``"TypeError"``, ``"NotInList"``, ``"OutOfRange"`` or ``"FormatError"``, as the
        messages of the Base registry end.
    """
    if value is None:
        return None if fact.nullable else "TypeError"
    if fact.type == "array":
        if not isinstance(value, list):
            return "TypeError"
        items = (item for item in as_array(value) if item is not None and item != {})
        found = (_scalar_fault(item, fact.item, fact, allowed) for item in items)
        return next((fault for fault in found if fault is not None), None)
    return _scalar_fault(value, fact.type, fact, allowed)


def kind_of(value: Any) -> str:
    """Name a value's JSON type; an object that is but a link counts as an object."""
    return _KINDS.get(value.__class__, "null")


def shown(name: str, value: Any) -> str:
    """Write a value for a message; secrets are masked."""
    if is_secret_key(name):
        return MASK
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."


def _scalar_fault(value: Any, kind: str, fact: PropertyFact | ParameterFact, allowed: Allowed) -> str | None:
    if kind not in (_KINDS.get(value.__class__), "any") and not _has_type(value, kind):
        return "TypeError"
    if allowed is not None:
        return None if value in allowed else "NotInList"
    if isinstance(value, str):
        if fact.enum:
            return None if value in fact.enum else "NotInList"
        return None if fact.pattern is None or _matches(fact.pattern, value) else "FormatError"
    if isinstance(value, int | float) and not isinstance(value, bool):
        low = fact.minimum is not None and value < fact.minimum
        high = fact.maximum is not None and value > fact.maximum
        return "OutOfRange" if low or high else None
    return None


def _has_type(value: Any, kind: str) -> bool:
    """Judge a type of the schema that JSON does not know."""
    if kind == "integer":
        return kind_of(value) == "number" and (isinstance(value, int) or float(value).is_integer())
    return kind == "link" and isinstance(as_object(value).get("@odata.id"), str)


def _matches(pattern: str, text: str) -> bool:
    compiled = _compiled(pattern)
    return compiled is None or compiled.search(text) is not None


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    try:
        return re.compile(pattern)
    except re.error:
        return None
