"""One request under way: its parts, and what is refused of it before any rule is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from igc_redfish.bodies import type_name
from igc_redfish.facts import facts
from igc_redfish.service.payloads import demand_json, payload_of
from igc_redfish.service.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from igc_core.rest import Request
    from igc_redfish.service.access import User
    from igc_redfish.service.world import World


class Call(NamedTuple):
    """One request under way.

    Attributes:
        request: As it came.
        path: Its URI without the query.
        query: The query.
        headers: By lower-case name.
        user: Who asks, or None where nobody is asked who they are.
    """

    request: Request
    path: str
    query: str
    headers: Mapping[str, str]
    user: User | None


def payload_in(call: Call) -> dict[str, Any]:
    """Read the body of a change.

    Raises:
        Refusal: It is none, or comes with query parameters.
    """
    demand_json(call.headers)
    if call.query.startswith("$") or "&$" in call.query:
        raise Refusal("QueryNotSupportedOnOperation")
    return payload_of(call.request.body)


def collection_of(world: World, path: str) -> str:
    """Find the collection behind ``<collection>/Members`` (DSP0266, "POST (create)").

    Raises:
        Refusal: 404.
    """
    trimmed = path.rstrip("/")
    found = world.resolve(trimmed.removesuffix("/Members")) if trimmed.endswith("/Members") else None
    if found is None or not facts().member_type(type_name(world.get(found) or {})):
        raise missing(path)
    return found


def missing(uri: str) -> Refusal:
    """Refuse a URI at which nothing is."""
    return Refusal("ResourceMissingAtURI", uri, status=404)
