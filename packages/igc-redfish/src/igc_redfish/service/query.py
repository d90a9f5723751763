"""Query parameters of reads (DSP0266, "Query parameters")."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote_plus

from igc_redfish.bodies import as_array, as_object, type_name
from igc_redfish.facts import facts
from igc_redfish.service.filtering import Test, parse_filter
from igc_redfish.service.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from igc_core.rest import JsonObject

MAX_LEVELS: Final = 6
#: Most resources that one answer expands; further links stay links.
MAX_EXPANDED: Final = 2000

#: What the service root says of queries: exactly what works here.
FEATURES: Final[JsonObject] = {
    "ExpandQuery": {"ExpandAll": True, "Levels": True, "Links": True, "NoLinks": True, "MaxLevels": MAX_LEVELS},
    "SelectQuery": True,
    "FilterQuery": True,
    "OnlyMemberQuery": True,
    "ExcerptQuery": True,
    "TopSkipQuery": True,
}

_PAGING = frozenset({"$skip", "$top"})
_EXPAND = re.compile(r"([.~*])(?:\(\$levels=(-?\d+)\))?")


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query.

    Attributes:
        expand: ``"."`` (no Links), ``"~"`` (Links only), ``"*"`` (all) or ``""``.
        levels: How deep to expand.
        select: Property paths to keep, or empty for all.
        filter: Which members to keep, or None for all.
        skip: Members to leave out at the front.
        top: Most members to show, or None for all.
        only: Whether the only member stands for its collection.
        excerpt: Whether to show the excerpt of a resource.
        text: The query as it was asked.
    """

    expand: str = ""
    levels: int = 1
    select: tuple[str, ...] = ()
    filter: Test | None = None
    skip: int = 0
    top: int | None = None
    only: bool = False
    excerpt: bool = False
    text: str = ""

    @property
    def pages(self) -> bool:
        """Whether it chooses among members."""
        return self.filter is not None or self.top is not None or self.skip > 0


_NOTHING = Query()


def parse_query(text: str) -> Query:
    """Read the part of a URI behind the question mark.

    Raises:
        Refusal: 400 for a value that cannot be, 501 for an unknown parameter that begins with ``$``.
    """
    if not text:
        return _NOTHING
    values: dict[str, Any] = {"text": text}
    for part in text.split("&"):
        name, _, raw = part.partition("=")
        name, value = unquote_plus(name), unquote_plus(raw)
        if name in {"only", "excerpt"}:
            if value:
                raise Refusal("QueryParameterValueFormatError", value, name)
            values[name] = True
        elif name in {"$top", "$skip"}:
            values[name[1:]] = _count(name, value)
        elif name == "$expand":
            values["expand"], values["levels"] = _expansion(value)
        elif name == "$select":
            values["select"] = _selection(value)
        elif name == "$filter":
            values["filter"] = _filter(value)
        elif name.startswith("$"):
            raise Refusal("QueryParameterUnsupported", name, status=501)
    return Query(**values)


def apply_query(
    query: Query, uri: str, body: JsonObject, view: Callable[[str], JsonObject | None], *, page_size: int = 0
) -> JsonObject:
    """Shape an answer.

    Args:
        query: What the client asked for.
        uri: The resource.
        body: What it shows.
        view: What another resource shows, or None where there is none.
        page_size: The most members of a collection that are shown at a time; 0 for all.

    Raises:
        Refusal: The query does not apply to this resource.
    """
    collection = isinstance(body.get("Members"), list)
    if (query.only or query.pages) and not collection:
        raise Refusal("QueryNotSupportedOnResource")
    if query.only and len(as_array(body["Members"])) == 1:
        body = view(str(as_object(as_array(body["Members"])[0]).get("@odata.id"))) or body
    elif collection:
        body = _paged(query, body, view) if query.pages else body
        body = _cut(query, uri, body, page_size) if page_size else body
    if query.excerpt:
        body = _excerpt(body)
    if query.expand:
        body = _Expansion(query.expand, view, uri).apply(body, query.levels, inside_links=False)
    return _selected(query.select, body) if query.select else body


def _count(name: str, value: str) -> int:
    if not re.fullmatch(r"\d{1,9}", value, re.ASCII):
        raise Refusal("QueryParameterValueTypeError", value, name)
    return int(value)


def _expansion(value: str) -> tuple[str, int]:
    found = _EXPAND.fullmatch(value)
    if found is None:
        raise Refusal("QueryParameterValueFormatError", value, "$expand")
    levels = int(found[2] or 1)
    if not 1 <= levels <= MAX_LEVELS:
        raise Refusal("QueryParameterOutOfRange", str(levels), "$expand", f"1 to {MAX_LEVELS}")
    return found[1], levels


def _selection(value: str) -> tuple[str, ...]:
    paths = tuple(path.strip().strip("/") for path in value.split(","))
    if not all(paths):
        raise Refusal("QueryParameterValueFormatError", value, "$select")
    return paths


def _filter(value: str) -> Test:
    try:
        return parse_filter(value)
    except ValueError:
        raise Refusal("QueryParameterValueFormatError", value[:200], "$filter") from None


def _paged(query: Query, body: JsonObject, view: Callable[[str], JsonObject | None]) -> JsonObject:
    members = as_array(body["Members"])
    if query.filter is not None:
        members = [item for item in members if query.filter(_member(item, view))]
    end = None if query.top is None else query.skip + query.top
    return {**body, "Members": members[query.skip : end], "Members@odata.count": len(members)}


def _cut(query: Query, uri: str, body: JsonObject, size: int) -> JsonObject:
    """Show one page of a collection, and where the next one is (DSP0266, "Resource Collections")."""
    members = as_array(body["Members"])
    if len(members) <= size:
        return body
    asked = [part for part in query.text.split("&") if part and unquote_plus(part.partition("=")[0]) not in _PAGING]
    asked.append(f"$skip={query.skip + size}")
    if query.top is not None:
        asked.append(f"$top={query.top - size}")
    return {**body, "Members": members[:size], "Members@odata.nextLink": f"{uri}?{'&'.join(asked)}"}


def _member(item: Any, view: Callable[[str], JsonObject | None]) -> JsonObject:
    inline = as_object(item)
    return inline if len(inline) > 1 else view(str(inline.get("@odata.id"))) or {}


def _excerpt(body: JsonObject) -> JsonObject:
    known = facts().properties(type_name(body))
    if not any(fact.excerpt for path, fact in known.items() if "/" not in path):
        raise Refusal("QueryNotSupportedOnResource")
    return {
        key: value for key, value in body.items() if key.startswith("@odata.") or (key in known and known[key].excerpt)
    }


def _selected(paths: tuple[str, ...], body: JsonObject) -> JsonObject:
    """Keep the named properties, and of every object what OData says of it."""
    kept: dict[str, Any] = {}
    for key, value in body.items():
        below = tuple(path[len(key) + 1 :] for path in paths if path.startswith(f"{key}/"))
        if key.startswith("@odata.") or key in paths or _annotates(key, paths):
            kept[key] = value
        elif below and isinstance(value, dict):
            kept[key] = _selected(below, as_object(value))
        elif below and isinstance(value, list):
            kept[key] = [
                _selected(below, as_object(item)) if isinstance(item, dict) else item for item in as_array(value)
            ]
    return kept


def _annotates(key: str, paths: tuple[str, ...]) -> bool:
    """Tell whether a key is an annotation of a selected property; only members are counted."""
    name, _, annotation = key.partition("@")
    return bool(annotation) and name in paths and (name == "Members" or annotation != "odata.count")


class _Expansion:
    """Puts resources where links to them stood."""

    def __init__(self, kind: str, view: Callable[[str], JsonObject | None], uri: str) -> None:
        self._outside = kind in ".*"
        self._inside = kind in "~*"
        self._view = view
        self._left = MAX_EXPANDED
        self._home = uri

    def apply(self, body: Mapping[str, Any], levels: int, *, inside_links: bool) -> dict[str, Any]:
        """Expand the links of an object, ``levels`` deep."""
        return {
            key: self._value(value, levels, inside_links=inside_links or key == "Links")
            if isinstance(value, dict | list)
            else value
            for key, value in body.items()
        }

    def _value(self, value: Any, levels: int, *, inside_links: bool) -> Any:
        if isinstance(value, list):
            return [self._value(item, levels, inside_links=inside_links) for item in as_array(value)]
        if not isinstance(value, dict):
            return value
        inner = as_object(value)
        if inner.keys() != {"@odata.id"}:
            return self.apply(inner, levels, inside_links=inside_links)
        return self._linked(inner, levels, inside_links=inside_links)

    def _linked(self, link: dict[str, Any], levels: int, *, inside_links: bool) -> Any:
        target = link["@odata.id"]
        if not (self._inside if inside_links else self._outside) or not isinstance(target, str) or "#" in target:
            return link
        found = self._view(target) if self._left > 0 and target.rstrip("/") != self._home else None
        if found is None:
            return link
        self._left -= 1
        return self.apply(found, levels - 1, inside_links=False) if levels > 1 else found
