"""GET and HEAD: bodies as clients see them, with their headers."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from igc_core.rest import Response
from igc_redfish.bodies import as_array, as_object, link_at, type_name
from igc_redfish.service.documents import ROOT
from igc_redfish.service.etag import demand_match, etag_of
from igc_redfish.service.messages import JSON_HEADERS
from igc_redfish.service.settings import settings_of
from igc_redfish.service.sight import Subject, subject_at
from igc_redfish.service.tasks import progressed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from igc_core.rest import JsonObject
    from igc_redfish.machine import Machine
    from igc_redfish.service.allowance import Allowance
    from igc_redfish.service.world import World

#: Most changed resources whose headers are remembered.
_REMEMBERED = 4096


class Reading:
    """Answers reads; what did not change since the capture is answered from memory."""

    def __init__(self, machine: Machine, allowance: Allowance, features: JsonObject) -> None:
        self._machine = machine
        self._allowance = allowance
        self._features = features
        #: Answers of unchanged resources, each with the other resources that it tells of.
        self._still: dict[str, tuple[Response, frozenset[str]]] = {}
        self._etags: dict[str, str] = {}
        #: What was last written of changed resources.
        self._headers: dict[str, Mapping[str, str]] = {}

    def still(self, world: World, uri: str) -> Response | None:
        """Answer at once for a canonical URI whose answer depends on nothing that changed; None where unsure."""
        found = self._still.get(uri)
        if found is None or uri in world.changes:
            return None
        answer, others = found
        return answer if not others or world.changes.keys().isdisjoint(others) else None

    def answer(self, world: World, uri: str) -> Response:
        """Answer a GET of a present resource."""
        known = self.still(world, uri)
        if known is not None:
            return known
        subject = subject_at(world, uri)
        body = subject.body
        shown = self.view(world, uri, body)
        answer = Response(self._status(world, uri), shown, self.headers(world, subject))
        others = self._others(body)
        if uri not in world.changes and world.changes.keys().isdisjoint(others):
            self._still[uri] = answer, others
            self._headers.pop(uri, None)  # remembered with the answer from now on
        return answer

    def etag(self, world: World, uri: str, body: JsonObject) -> str:
        """Return a resource's ETag; that of an unchanged one is made once."""
        if uri in world.changes:
            return etag_of(world, uri, body)
        found = self._etags.get(uri)
        if found is None:
            found = self._etags[uri] = etag_of(world, uri, body)
        return found

    def demand_match(
        self, world: World, subject: Subject, headers: Mapping[str, str], *, required: bool = False
    ) -> None:
        """Check ``If-Match`` before a resource is changed; see :func:`~igc_redfish.service.etag.demand_match`.

        Raises:
            Refusal: 412 where it names another state; 428 where it is missing though the service demands it.
        """
        if required or "if-match" in headers:
            demand_match(headers, self.etag(world, subject.uri, subject.body), required=required)

    def view(self, world: World, uri: str, body: JsonObject) -> JsonObject:
        """Show a stored body as a client sees it."""
        if uri == ROOT:
            return {**body, "ProtocolFeaturesSupported": self._features} if self._features else body
        if "@Redfish.Settings" in body:
            return self._with_settings_etag(world, uri, body)
        if "Members" in body and type_name(body) == "LogEntryCollection":
            return _with_entries(world, body)
        return progressed(world, uri, body)

    def headers(self, world: World, subject: Subject) -> Mapping[str, str]:
        """Write the headers of a read (DSP0266, "Response headers")."""
        uri, body, _ = subject
        etag = self.etag(world, uri, body)
        found = self._headers.get(uri)
        # What may be done to a resource with a settings object depends on that as well.
        if found is None or found["ETag"] != etag or "@Redfish.Settings" in body:
            if len(self._headers) >= _REMEMBERED:
                self._headers.clear()
            found = {**_steady_headers(self._allowance.of(world, subject), _declared_type(body)), "ETag": etag}
            self._headers[uri] = found
        return found

    def sources(self, uri: str, body: JsonObject | None) -> frozenset[str] | None:
        """Name the resources that a read of one tells of, itself included.

        Args:
            uri: Canonical URI of what is read.
            body: Its body as stored, None where there is no such resource.

        Returns:
            Canonical URIs; None where the answer tells of time as well: of a running task, or what its monitor says.
        """
        if body is None or body.get("TaskState") == "Running":
            return None
        return self._others(body) | {uri}

    def _status(self, world: World, uri: str) -> int:
        """Return the status that the captured host gave: its error is its answer."""
        if uri in world.changes:
            return 200
        resource = self._machine.capture.get(uri)
        return 200 if resource is None else resource.status

    def _others(self, body: JsonObject) -> frozenset[str]:
        """Name the other resources that a resource's answer tells of."""
        links: list[Any] = []
        if "@Redfish.Settings" in body:
            links.append(link_at(body, "@Redfish.Settings/SettingsObject"))
        if type_name(body) == "LogEntryCollection":
            links += as_array(body.get("Members"))
        return frozenset(self._machine.canonical(link) for link in links)

    def _with_settings_etag(self, world: World, uri: str, body: JsonObject) -> JsonObject:
        """Keep the ETag that a resource states for its settings object true: clients send it back in If-Match."""
        settings = settings_of(world, uri, body)
        pending = world.get(settings) if settings is not None else None
        if settings is None or pending is None:
            return body
        stated = {**as_object(body["@Redfish.Settings"]), "ETag": self.etag(world, settings, pending)}
        return {**body, "@Redfish.Settings": stated}


def _with_entries(world: World, body: JsonObject) -> JsonObject:
    """Show a log with its entries inline (``OData.AutoExpand``)."""
    members: list[Any] = []
    for item in as_array(body["Members"]):
        link = as_object(item)
        entry = world.get(str(link["@odata.id"])) if link.keys() == {"@odata.id"} else None
        members.append(item if entry is None else entry)
    return {**body, "Members": members}


@lru_cache(maxsize=_REMEMBERED)
def _steady_headers(methods: tuple[str, ...], declared: str) -> Mapping[str, str]:
    """Write the headers of a read that do not follow from its content; the schema is that of the type and version."""
    headers = {**JSON_HEADERS, "Allow": ", ".join(methods)}
    namespace = declared.lstrip("#").rpartition(".")[0]
    schema = f"http://redfish.dmtf.org/schemas/v1/{namespace}.json"
    return {**headers, "Link": f"<{schema}>; rel=describedby"} if namespace else headers


def _declared_type(body: JsonObject) -> str:
    declared = body.get("@odata.type")
    return declared if isinstance(declared, str) else ""
