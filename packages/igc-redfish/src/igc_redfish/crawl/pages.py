"""Collections that come in pages, logs that have no end (DSP0266, "Resource Collections")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from igc_redfish.bodies import as_array, as_object, type_name
from igc_redfish.capture.uri import canonical, folded

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

#: Where the link to the next page stands; the first is the standard's.
_NEXT = ("Members@odata.nextLink", "@odata.nextLink")


def next_page(body: dict[str, Any]) -> str:
    """Return the reference to the next page of a collection, or ``""``."""
    return next((value for key in _NEXT if isinstance(value := body.get(key), str)), "")


def is_log(body: dict[str, Any], uri: str) -> bool:
    """Tell whether a collection is a log."""
    return type_name(body) == "LogEntryCollection" or (uri.endswith("/Entries") and "/LogServices/" in uri)


def gathered(
    first: dict[str, Any], read: Callable[[str], dict[str, Any] | None], most_pages: int, most_members: int | None
) -> dict[str, Any]:
    """Put the pages of a collection together.

    Args:
        first: The first page.
        read: Reads the page at a URI; None where that fails.
        most_pages: Pages that are read at most.
        most_members: Members that are read at most, or None for all.

    Returns:
        The first page with the members of all. It links to a next page only where that could not be read.
    """
    members = list(as_array(first.get("Members")))
    known = {_key(member) for member in members}
    seen: set[str] = set()
    following = next_page(first)
    while following and (most_members is None or len(members) < most_members):
        if following in seen or len(seen) >= most_pages:
            break
        seen.add(following)
        page = read(following)
        if page is None:
            break
        fresh = [member for member in as_array(page.get("Members")) if _key(member) not in known]
        members += fresh
        known.update(map(_key, fresh))
        # A service that pages in circles gives nothing new.
        following = next_page(page) if fresh else ""
    if following == next_page(first):
        return first
    merged = {key: value for key, value in first.items() if key not in _NEXT} | {"Members": members}
    return merged | {_NEXT[0]: following} if following else merged


def shortened(body: dict[str, Any], most: int) -> tuple[dict[str, Any], int]:
    """Cut a log to its first entries; return it with the number of those left out."""
    members = as_array(body.get("Members"))
    stated = body.get("Members@odata.count")
    total = stated if isinstance(stated, int) and stated > len(members) else len(members)
    if total <= most:
        return body, 0
    kept = {key: value for key, value in body.items() if key not in _NEXT}
    return kept | _with_count(body, members[:most]), total - min(most, len(members))


def without_members(body: dict[str, Any], uris: Collection[str]) -> dict[str, Any]:
    """Leave some members out of a collection."""
    gone = {folded(canonical(uri)) for uri in uris}
    members = as_array(body.get("Members"))
    kept = [member for member in members if _key(member) not in gone]
    return body if len(kept) == len(members) else body | _with_count(body, kept)


def _with_count(body: dict[str, Any], members: list[Any]) -> dict[str, Any]:
    counted = {"Members@odata.count": len(members)} if "Members@odata.count" in body else {}
    return {"Members": members, **counted}


def _key(member: object) -> str:
    """Return what tells members apart: their URI with its fragment, or all of them."""
    identity = as_object(member).get("@odata.id")
    if not isinstance(identity, str):
        return repr(member)
    return folded(canonical(identity)) if "#" not in identity else identity
