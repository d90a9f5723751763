"""Look into bodies that may lack anything, or hold anything anywhere: captures are as odd as the hosts they are of."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

#: No type of DMTF or a maker has a longer name.
_NAME_LENGTH = 256
_VERSION = re.compile(r"v\d+_\d+_\d+")


def as_object(value: Any) -> dict[str, Any]:
    """Return a JSON object as it is, and an empty one for everything else."""
    return value if isinstance(value, dict) else {}  # pyright: ignore[reportUnknownVariableType] - parsed JSON


def as_array(value: Any) -> list[Any]:
    """Return a JSON array as it is, and an empty one for everything else."""
    return value if isinstance(value, list) else []  # pyright: ignore[reportUnknownVariableType] - parsed JSON


def as_objects(value: Any) -> list[dict[str, Any]]:
    """Return the JSON objects of an array; none where it is no array."""
    return [as_object(item) for item in as_array(value) if isinstance(item, dict)]


def as_texts(value: Any) -> list[str]:
    """Return the texts of an array; none where it is no array."""
    return [item for item in as_array(value) if isinstance(item, str)]


def value_at(body: Any, path: str, default: Any = None) -> Any:
    """Return the value at a property path such as ``"NTP/ProtocolEnabled"``, or the default where there is none."""
    found: Any = body
    for key in path.split("/"):
        holder = as_object(found)
        if key not in holder:
            return default
        found = holder[key]
    return found


def has(body: Any, path: str) -> bool:
    """Tell whether a body shows a property path, be it null."""
    return value_at(body, path, _ABSENT) is not _ABSENT


def link_at(body: Any, path: str) -> str:
    """Return the URI that the link at a property path leads to, without a trailing slash, or ``""``."""
    target = as_object(value_at(body, path)).get("@odata.id")
    return target.rstrip("/") if isinstance(target, str) else ""


def members_of(collection: Any) -> list[str]:
    """Return the URIs of a collection's members in order, each once."""
    uris = (item.get("@odata.id") for item in as_objects(value_at(collection, "Members")))
    return list(dict.fromkeys(uri.rstrip("/") for uri in uris if isinstance(uri, str)))


def action_target(body: Any, action: str) -> str:
    """Return the URI of an action that a body offers, e.g. ``"LogService.ClearLog"``, or ``""``."""
    offer = as_object(as_object(value_at(body, "Actions")).get(f"#{action}"))
    target = offer.get("target", offer.get("Target"))
    return target if isinstance(target, str) else ""


def scheme_of(uri: Any) -> str:
    """Return the scheme of an absolute URI in lower case, or ``""`` for everything else."""
    try:
        parts = urlsplit(uri if isinstance(uri, str) else "")
    except ValueError:
        return ""
    return parts.scheme if parts.netloc or parts.path else ""


_ABSENT = object()


def type_name(body: Mapping[str, Any]) -> str:
    """Return a resource's type without namespace and version, ``""`` where it states none.

    ``"#Chassis.v1_2_0.Chassis"`` gives ``"Chassis"``, and ``"#Power.v1_0_2.PowerSupply"`` ``"PowerSupply"``: the type
    is the last part of its qualified name (DSP0266, "Type (@odata.type) property"). Where that part is a version, the
    type was left out, and is taken to be called as its namespace.
    """
    declared = body.get("@odata.type")
    if not isinstance(declared, str):
        return ""
    return _known_name(declared) if len(declared) <= _NAME_LENGTH else _unqualified(declared)


def _unqualified(declared: str) -> str:
    namespace, _, last = declared.lstrip("#").rpartition(".")
    return namespace.partition(".")[0] if _VERSION.fullmatch(last) else last


#: The same for names of usual length: who sends longer ones fills no memory.
_known_name = lru_cache(maxsize=4096)(_unqualified)
