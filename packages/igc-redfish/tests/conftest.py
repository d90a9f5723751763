"""Fixtures that every test of the package may use."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import settings

from igc_redfish.capture import ROOT, Capture, Resource

REPOSITORY = Path(__file__).parents[3]
# A busy machine is no failure: the time of an example says nothing about the code.
settings.register_profile("igc", deadline=None)
settings.load_profile("igc")


@pytest.fixture(scope="session")
def captures() -> Path:
    """The folder of the captures of real machines: ``$IGC_CAPTURES``, or ``../shared/captures`` beside the repository.

    A user without it skips; CI without it fails.
    """
    folder = Path(os.environ.get("IGC_CAPTURES") or REPOSITORY.parent / "shared" / "captures")
    if (folder / "split.json").is_file():
        return folder
    message = f"no captures in {folder}; set IGC_CAPTURES to their folder"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture
def bodies() -> dict[str, dict[str, Any]]:
    """A small service of five resources without an oddity, by canonical URI."""
    system = f"{ROOT}/Systems/1"
    texts: dict[str, tuple[str, dict[str, Any]]] = {
        ROOT: ("ServiceRoot.v1_15_0", {"Vendor": "Contoso", "RedfishVersion": "1.15.0"}),
        f"{ROOT}/Systems": ("ComputerSystemCollection", {"Members": [{"@odata.id": system}], "Members@odata.count": 1}),
        system: (
            "ComputerSystem.v1_20_0",
            {"Id": "1", "Name": "R\N{LATIN SMALL LETTER U WITH DIAERESIS}be", "Weight": 1.5},
        ),
        f"{system}/ResetActionInfo": ("ActionInfo.v1_1_0", {"Parameters": [{"Name": "ResetType", "Required": True}]}),
        f"{ROOT}/Managers": ("ManagerCollection", {"Members": [], "Members@odata.count": 0}),
    }
    made: dict[str, dict[str, Any]] = {
        uri: {"@odata.id": uri, "@odata.type": f"#{kind}.{kind.partition('.')[0]}", **body}
        for uri, (kind, body) in texts.items()
    }
    made[ROOT] |= {name: {"@odata.id": f"{ROOT}/{name}"} for name in ("Systems", "Managers")}
    reset = {"target": f"{system}/Actions/ComputerSystem.Reset", "@Redfish.ActionInfo": f"{system}/ResetActionInfo"}
    made[system]["Actions"] = {"#ComputerSystem.Reset": reset}
    return made


@pytest.fixture
def small(bodies: dict[str, dict[str, Any]]) -> Capture:
    """The small service as a capture; the methods of its system and a header of its root are known."""
    resources = [
        Resource(
            uri,
            body,
            methods=["GET", "PATCH"] if uri.endswith("/1") else None,
            headers={"ETag": 'W/"7"'} if uri == ROOT else None,
        )
        for uri, body in bodies.items()
    ]
    return Capture.from_resources("small", resources, provenance={"license": "MIT"})


@pytest.fixture
def lines(bodies: dict[str, dict[str, Any]]) -> list[bytes]:
    """The small service as the lines of a capture file without manifest."""
    empty: dict[str, Any] = {"methods": None, "status": 200, "headers": {}}
    return [orjson.dumps({"path": uri, **empty, "body": body}) for uri, body in bodies.items()]
