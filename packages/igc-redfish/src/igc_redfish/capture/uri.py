"""One spelling for each resource's URI.

Canonical means: an absolute path, with neither fragment nor trailing slash, without empty or dot segments. A query is
kept, as it tells the pages of a collection apart, and so are case and percent signs, in which services differ.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

#: Where every Redfish service begins (DSP0266, "Service root request").
ROOT = "/redfish/v1"

_ABSOLUTE_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\\]")


def canonical(reference: str, base: str = ROOT) -> str:
    """Resolve a reference against the URI of the resource that holds it.

    Args:
        reference: What stands in a body: a path, absolute or relative, or a URL.
        base: Canonical URI of the resource.

    Returns:
        The canonical URI. A URL with a host leads to another service and is returned as it is.
    """
    if reference.startswith(ROOT) and not (
        reference.endswith("/") or "#" in reference or "//" in reference or "/." in reference
    ):
        return reference
    reference = reference.partition("#")[0]
    if not reference:
        return base
    if _ABSOLUTE_URL.match(reference):
        return reference
    if not reference.startswith("/"):
        reference = f"{base.partition('?')[0].rpartition('/')[0]}/{reference}"
    path, mark, query = reference.partition("?")
    return _without_dots(path) + mark + query


def is_resource(uri: str) -> bool:
    """Tell whether a canonical URI may name a resource of a Redfish service."""
    return (uri == ROOT or uri.startswith((f"{ROOT}/", f"{ROOT}?"))) and not _CONTROL.search(uri)


def folded(uri: str) -> str:
    """Return the key under which spellings that differ by case or percent signs are one."""
    return unquote(uri).casefold()


def _without_dots(path: str) -> str:
    """Remove empty and dot segments (RFC 3986, section 5.2.4)."""
    segments: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del segments[-1:]
        elif segment not in {"", "."}:
            segments.append(segment)
    return "/" + "/".join(segments)
