"""Answers of the protocol itself, which are no resources (DSP0266, "Resource URIs")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from igc_core.rest import Response
from igc_redfish.bodies import link_at
from igc_redfish.service.messages import JSON_HEADERS

if TYPE_CHECKING:
    from igc_core.rest import JsonObject
    from igc_redfish.service.world import World

ROOT: Final = "/redfish/v1"
#: The version document.
VERSIONS: Final[JsonObject] = {"v1": "/redfish/v1/"}


def read_document(world: World, path: str) -> Response | None:
    """Answer a read of the version, service or metadata document; None at any other path."""
    trimmed = path.rstrip("/")
    if trimmed == "/redfish":
        return Response(200, VERSIONS, JSON_HEADERS)
    if trimmed == f"{ROOT}/odata":
        return Response(200, service_document(world), JSON_HEADERS)
    if trimmed == f"{ROOT}/$metadata":
        headers = {**JSON_HEADERS, "Content-Type": "application/xml;charset=utf-8"}
        return Response(200, metadata_document(), headers)
    return None


def service_document(world: World) -> JsonObject:
    """Write the OData service document: the root's own links (DSP0266, "OData service document")."""
    root = world.get(ROOT) or {}
    links = {key: link_at(root, key) for key in root}
    value = [{"name": key, "kind": "Singleton", "url": url} for key, url in links.items() if url]
    value.insert(0, {"name": "Service", "kind": "Singleton", "url": f"{ROOT}/"})
    return {"@odata.context": f"{ROOT}/$metadata", "value": value}


def metadata_document() -> str:
    """Write the OData metadata document, which refers to DMTF's schemas."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<edmx:Edmx xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx" Version="4.0">'
        '<edmx:Reference Uri="http://redfish.dmtf.org/schemas/v1/ServiceRoot_v1.xml">'
        '<edmx:Include Namespace="ServiceRoot"/><edmx:Include Namespace="ServiceRoot.v1_0_0"/></edmx:Reference>'
        '<edmx:Reference Uri="http://redfish.dmtf.org/schemas/v1/RedfishExtensions_v1.xml">'
        '<edmx:Include Namespace="RedfishExtensions.v1_0_0" Alias="Redfish"/></edmx:Reference>'
        '<edmx:DataServices><Schema xmlns="http://docs.oasis-open.org/odata/ns/edm" Namespace="Service">'
        '<EntityContainer Name="Service" Extends="ServiceRoot.v1_0_0.ServiceContainer"/>'
        "</Schema></edmx:DataServices></edmx:Edmx>"
    )
