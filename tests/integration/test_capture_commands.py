"""A machine survives its way through the formats of other tools: the same goals, reached by the same requests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from igc_core.cli.app import main

Capsys = pytest.CaptureFixture[str]


def shown(arguments: list[str], capsys: Capsys) -> Any:
    assert main(arguments) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("kind", ["dmtf", "jsonl", "flat"])
def test_exported_and_imported_machine_expresses_and_reaches_the_same_goals(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capsys
) -> None:
    monkeypatch.setenv("IGC_CAPTURES", str(tmp_path / "captures"))
    (tmp_path / "captures").mkdir()
    assert main(["capture", "export", "generated:3", "exported.jsonl", "--format", kind]) == 0
    assert main(["capture", "import", "exported.jsonl", "captures/rack7.igc.jsonl.gz"]) == 0
    assert main(["capture", "validate", "rack7"]) == 0
    capsys.readouterr()
    listed = ["goals", "list", "--json", "--on"]
    assert shown([*listed, "rack7"], capsys) == shown([*listed, "generated:3"], capsys)
    run = ["run", "boot once source=Pxe", "--json", "--on"]
    imported, generated = (shown([*run, name], capsys)["steps"] for name in ("rack7", "generated:3"))
    requests = [[(step["method"], step["uri"], step["status"]) for step in steps] for steps in (imported, generated)]
    assert requests[0] == requests[1]


def test_import_says_what_was_odd_and_masks_secrets(tmp_path: Path, capsys: Capsys) -> None:
    root = {"@odata.id": "/redfish/v1", "@odata.type": "#ServiceRoot.v1_15_0.ServiceRoot", "Systems": {}}
    account = {"@odata.id": "/redfish/v1/AccountService/Accounts/1", "Password": "Xy7-secret-Zz"}
    lines = [{"path": body["@odata.id"], "body": body} for body in (root, account, account)]
    (tmp_path / "odd.jsonl").write_text("\n".join(map(json.dumps, lines)))
    assert main(["capture", "import", "odd.jsonl", "clean.jsonl"]) == 0
    assert "warning[resource-repeated]: /redfish/v1/AccountService/Accounts/1" in capsys.readouterr().err
    assert "Xy7-secret-Zz" not in (tmp_path / "clean.jsonl").read_text()
