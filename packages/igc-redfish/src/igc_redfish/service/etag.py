"""Entity tags and preconditions (DSP0266, "ETags" and "Preconditions")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_redfish.service.refusal import Refusal
from igc_redfish.service.world import digest_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from igc_core.rest import JsonObject
    from igc_redfish.service.world import World


def etag_of(world: World, uri: str, body: JsonObject) -> str:
    """Return a resource's ETag: the one that its body states, else one made of its content."""
    stated = body.get("@odata.etag")
    if isinstance(stated, str) and stated:
        return stated
    version = world.changes.get(uri)
    return f'W/"{version.digest if version is not None else digest_of(body)}"'


def matches(header: str, etag: str) -> bool:
    """Tell whether an ``If-Match`` or ``If-None-Match`` header names an ETag, compared weakly."""
    return any(item.strip() == "*" or _opaque(item) == _opaque(etag) for item in header.split(","))


def demand_match(headers: Mapping[str, str], etag: str, *, required: bool) -> None:
    """Check ``If-Match`` before a resource is changed.

    Raises:
        Refusal: 412 where it names another state; 428 where it is missing though the service demands it.
    """
    wanted = headers.get("if-match")
    if wanted is None:
        if required:
            raise Refusal("PreconditionRequired", status=428)
    elif not matches(wanted, etag):
        raise Refusal("PreconditionFailed", status=412)


def _opaque(etag: str) -> str:
    return etag.strip().removeprefix("W/").strip('"')
