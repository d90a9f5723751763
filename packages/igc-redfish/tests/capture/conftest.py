"""A small service that the tests of captures share."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from igc_redfish.capture import Capture, Resource

ROOT = "/redfish/v1"


@pytest.fixture
def bodies() -> dict[str, dict[str, Any]]:
    """Five resources without an oddity, by canonical URI."""
    system = f"{ROOT}/Systems/1"
    return {
        ROOT: {
            "@odata.id": f"{ROOT}/",
            "@odata.type": "#ServiceRoot.v1_15_0.ServiceRoot",
            "Vendor": "Contoso",
            "RedfishVersion": "1.15.0",
            "Systems": {"@odata.id": f"{ROOT}/Systems"},
            "Managers": {"@odata.id": f"{ROOT}/Managers"},
        },
        f"{ROOT}/Systems": {
            "@odata.id": f"{ROOT}/Systems",
            "@odata.type": "#ComputerSystemCollection.ComputerSystemCollection",
            "Members": [{"@odata.id": system}],
            "Members@odata.count": 1,
        },
        system: {
            "@odata.id": system,
            "@odata.type": "#ComputerSystem.v1_20_0.ComputerSystem",
            "Id": "1",
            "Name": "Rechner \N{LATIN SMALL LETTER U WITH DIAERESIS}ber 1",
            "Weight": 1.5,
            "Actions": {
                "#ComputerSystem.Reset": {
                    "target": f"{system}/Actions/ComputerSystem.Reset",
                    "@Redfish.ActionInfo": f"{system}/ResetActionInfo",
                }
            },
        },
        f"{system}/ResetActionInfo": {
            "@odata.id": f"{system}/ResetActionInfo",
            "@odata.type": "#ActionInfo.v1_1_0.ActionInfo",
            "Parameters": [{"Name": "ResetType", "AllowableValues": ["On", "ForceOff"]}],
        },
        f"{ROOT}/Managers": {
            "@odata.id": f"{ROOT}/Managers",
            "@odata.type": "#ManagerCollection.ManagerCollection",
            "Members": [],
            "Members@odata.count": 0,
        },
    }


@pytest.fixture
def small(bodies: dict[str, dict[str, Any]]) -> Capture:
    """The service as a capture; methods of the system and a header of the root are known."""
    return Capture.from_resources(
        "small",
        [
            Resource(
                uri,
                body,
                methods=["GET", "PATCH"] if uri.endswith("/1") else None,
                headers={"ETag": 'W/"7"'} if uri == ROOT else None,
            )
            for uri, body in bodies.items()
        ],
        provenance={"license": "MIT"},
    )


@pytest.fixture
def lines(bodies: dict[str, dict[str, Any]]) -> list[bytes]:
    """The service as the lines of a capture file without manifest."""
    return [
        orjson.dumps({"path": uri, "methods": None, "status": 200, "headers": {}, "body": body})
        for uri, body in bodies.items()
    ]
