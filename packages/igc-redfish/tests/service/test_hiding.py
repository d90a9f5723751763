from __future__ import annotations

from typing import Any

import pytest

from igc_redfish.facts import facts
from igc_redfish.service.hiding import without_write_only

HIDDEN = [(kind, path) for kind in facts().types for path, fact in facts().properties(kind).items() if fact.write_only]


@pytest.mark.parametrize(("kind", "path"), HIDDEN, ids="/".join)
def test_every_write_only_property_is_left_out(kind: str, path: str) -> None:
    body: dict[str, Any] = {path.rpartition("/")[2]: "Zq9vault", "Kept": 1}
    for key in reversed(path.split("/")[:-1]):
        fact = facts().property(kind, f"{path.partition(key)[0]}{key}")
        assert fact is not None
        body = {key: [body] if fact.type == "array" else body}
    visible = without_write_only(kind, body)
    assert "Zq9vault" not in repr(visible)
    assert "'Kept': 1" in repr(visible)


def test_nulls_and_positions_in_lists_stay() -> None:
    servers = [{"Password": "Zq9vault"}, {}, {"Username": "kms", "Password": None}]
    visible = without_write_only("ComputerSystem", {"KeyManagement": {"KMIPServers": servers}})
    assert visible == {"KeyManagement": {"KMIPServers": [{}, {}, {"Username": "kms", "Password": None}]}}


def test_objects_of_hidden_values_alone_go_and_empty_ones_stay() -> None:
    body = {"SNMP": {"EncryptionKey": "Zq9vault"}, "Links": {}, "Password": None}
    assert without_write_only("ManagerAccount", body) == {"Links": {}, "Password": None}


def test_nothing_is_hidden_in_a_type_that_no_schema_describes() -> None:
    assert without_write_only("OemThing", {"Password": "x"}) == {"Password": "x"}
