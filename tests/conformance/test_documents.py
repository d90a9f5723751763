"""The documents of the protocol, and the spellings of addresses (DSP0266)."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET


def test_version_document(bmc: Any) -> None:
    assert bmc.get("/redfish", auth=None) == bmc.get("/redfish/", auth=None) == {"v1": "/redfish/v1/"}


def test_service_document(bmc: Any) -> None:
    document = bmc.get("/redfish/v1/odata", auth=None)
    assert document["@odata.context"] == "/redfish/v1/$metadata"
    assert {"Service", "Systems", "Chassis"} <= {item["name"] for item in document["value"]}


def test_metadata_document(bmc: Any) -> None:
    answer = bmc.send("GET", "/redfish/v1/$metadata", auth=None)
    assert answer.headers["Content-Type"].startswith("application/xml")
    spaces = {item.get("Namespace") for item in ET.fromstring(answer.text).iter() if item.tag.endswith("Include")}
    assert any(space.startswith("ServiceRoot") for space in spaces if space)


def test_other_spellings_lead_to_the_same_resource(bmc: Any) -> None:
    system = bmc.system().rstrip("/")
    told = bmc.get(system)["@odata.id"]
    for spelling in (f"{system}/", system.upper().replace("/REDFISH/V1", "/redfish/v1"), system.replace("/S", "/%53")):
        assert bmc.get(spelling)["@odata.id"] == told
