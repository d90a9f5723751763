from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import settings

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


STATES = ("On", "Off")


def resource(machine: int, number: int) -> dict[str, object]:
    path = f"/redfish/v1/Systems/{number}"
    body = {
        "@odata.id": path,
        "Id": str(number),
        "Name": f"System number {number}",
        "PowerState": STATES[number % 2],
        "Status": {"State": "Enabled", "Health": "OK"},
        "SerialNumber": f"S{machine}{number * 7919 % 1000}",
        "Actions": {"#ComputerSystem.Reset": {"target": f"{path}/Actions/ComputerSystem.Reset"}},
    }
    return {"path": path, "methods": ["GET", "PATCH"], "status": 200, "headers": {}, "body": body}


@pytest.fixture(scope="session")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of three small machines, two of them for training."""
    folder = tmp_path_factory.mktemp("machines")
    for machine, name in enumerate(("acme-1", "acme-2", "other-1")):
        lines = [json.dumps(resource(machine, number)) for number in range(12)]
        (folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n")
    (folder / "split.json").write_text('{"train": ["acme-1", "acme-2"], "validation": ["other-1"]}')
    return folder
