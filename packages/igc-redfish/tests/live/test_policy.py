"""Policy files approve what they state, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from igc_core.errors import DataError
from igc_core.rest import Request
from igc_redfish.live.approval import ByPolicy
from igc_redfish.live.errors import LiveError
from igc_redfish.live.intent import Intent
from igc_redfish.live.policy import Policy
from igc_redfish.live.risk import Risk, risk_of

if TYPE_CHECKING:
    from pathlib import Path

SYSTEM = "/redfish/v1/Systems/1"
OFF = Request("POST", f"{SYSTEM}/Actions/ComputerSystem.Reset", {"ResetType": "ForceOff"})
INTENT = Intent("https://r7-u12-bmc", "uuid:a", OFF, "action ComputerSystem.Reset", SYSTEM, Risk.R2)
#: What a rule says that approves bodies whatever they hold.
OPEN = "only = false"
#: A file with one rule, to which more may be added.
RULE = "version = 1\n[[approve]]\napprover='a'\noperations=['*']"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def written(folder: Path, *lines: str) -> Policy:
    path = folder / "policy.toml"
    path.write_text("\n".join(("version = 1", "[[approve]]", 'approver = "change 4711"', *lines)))
    return Policy.read(path)


@pytest.mark.parametrize(
    ("lines", "approved"),
    [
        (['operations = ["action ComputerSystem.Reset"]'], False),
        (['operations = ["action ComputerSystem.Reset"]', OPEN], True),
        (['operations = ["action *"]', OPEN, 'hosts = ["r7-*"]', 'paths = ["/redfish/v1/Systems/*"]'], True),
        (['operations = ["patch *"]', OPEN], False),
        (['operations = ["*"]', OPEN, 'hosts = ["r8-*"]'], False),
        (['operations = ["*"]', OPEN, 'paths = ["/redfish/v1/Managers/*"]'], False),
        (['operations = ["*"]', OPEN, 'risk = "R1"'], False),
        (['operations = ["*"]', 'values = { ResetType = ["ForceOff", "On"] }'], True),
        (['operations = ["*"]', 'values = { ResetType = ["On"] }'], False),
        (['operations = ["*"]', 'values = { BootSource = ["Pxe"] }'], False),
        (['operations = ["*"]', OPEN, "expires = 2026-03-01T12:00:01Z"], True),
        (['operations = ["*"]', OPEN, "expires = 2026-03-01T12:00:00Z"], False),
        (['operations = ["*"]', OPEN, "expires = 2026-03-01T11:00:00"], False),
    ],
)
def test_a_rule_approves_what_meets_all_that_it_states(tmp_path: Path, lines: list[str], approved: bool) -> None:
    assert written(tmp_path, *lines).approver_of(INTENT, NOON) == ("change 4711" if approved else None)


@pytest.mark.parametrize("body", [None, {}, {"resettype": "ForceOff"}, [{"ResetType": "ForceOff"}]])
def test_an_action_must_state_what_its_approval_states(tmp_path: Path, body: Any) -> None:
    """Without a ResetType the service chooses for itself (DSP0266, "Actions")."""
    policy = written(tmp_path, 'operations = ["*"]', 'values = { ResetType = ["On"] }')
    assert policy.approver_of(replace(INTENT, request=replace(OFF, body=body)), NOON) is None


def test_a_patch_may_leave_out_what_its_approval_states(tmp_path: Path) -> None:
    policy = written(tmp_path, 'operations = ["*"]', "values = { AssetTag = ['a'], LocationIndicatorActive = [true] }")
    tag = replace(INTENT, request=Request("PATCH", SYSTEM, {"AssetTag": "a"}), operation="patch ComputerSystem")
    assert policy.approver_of(tag, NOON) == "change 4711"


def test_one_is_not_true(tmp_path: Path) -> None:
    lit = replace(INTENT, request=Request("PATCH", SYSTEM, {"LocationIndicatorActive": True}), operation="patch X")
    for values, approved in (("[1]", False), ("[true]", True), ("['true']", False)):
        policy = written(tmp_path, 'operations = ["*"]', f"values = {{ LocationIndicatorActive = {values} }}")
        assert (policy.approver_of(lit, NOON) is not None) is approved
    ports = replace(INTENT, request=Request("PATCH", SYSTEM, {"Ports": [1, 2]}), operation="patch X")
    for values, approved in (("[[1, 2]]", True), ("[[true, 2]]", False), ("[[1]]", False), ("[1, 2]", False)):
        policy = written(tmp_path, 'operations = ["*"]', f"values = {{ Ports = {values} }}")
        assert (policy.approver_of(ports, NOON) is not None) is approved


def test_a_body_holds_nothing_but_what_its_approval_states(tmp_path: Path) -> None:
    lines = ('operations = ["*"]', "values = { AssetTag = ['a'] }")
    both = Request("PATCH", SYSTEM, {"AssetTag": "a", "Boot": {"BootSourceOverrideTarget": "Pxe"}})
    intent = replace(INTENT, request=both, operation="patch ComputerSystem")
    assert written(tmp_path, *lines).approver_of(intent, NOON) is None
    assert written(tmp_path, *lines, OPEN).approver_of(intent, NOON) == "change 4711"


def test_what_destroys_is_left_to_the_word(tmp_path: Path) -> None:
    policy = written(tmp_path, 'operations = ["*"]', OPEN)
    assert policy.approver_of(replace(INTENT, risk=Risk.R3), NOON) is None
    assert ByPolicy(policy).check(replace(INTENT, risk=Risk.R3)) == ""
    assert ByPolicy(policy).check(INTENT) == "change 4711, by policy"
    with pytest.raises(LiveError, match="no rule of the policy"):
        ByPolicy(written(tmp_path, 'operations = ["patch *"]')).check(INTENT)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "version: field required"),
        ("version = 2\n[[approve]]\napprover='a'\noperations=['*']", "version"),
        ("version = 1", "approve"),
        ("version = 1\napprove = []", "approve"),
        ("version = 1\n[[approve]]\noperations=['*']", "approve.0.approver: field required"),
        ("version = 1\n[[approve]]\napprover='a'\noperations=[]", "approve.0.operations"),
        ("version = 1\n[[approve]]\napprover='a'\noperations=['*']\nrisk='R3'", "approve.0.risk"),
        ("version = 1\n[[approve]]\napprover='a'\noperations=['*']\nhost=['*']", "approve.0.host: extra inputs"),
        (f"{RULE}\nhost=['*']", "approve.0.host: extra inputs are not permitted: did you mean 'hosts'?"),
        (f"{RULE}\ncolor=1", "approve.0.color: extra inputs are not permitted: known are approver, expires, hosts,"),
        (f"{RULE}\nonly='false'", "approve.0.only: input should be a valid boolean"),
        (f"{RULE}\nonly=0", "approve.0.only: input should be a valid boolean"),
        (
            f"{RULE}\nexpires='2026-03-01'",
            "approve.0.expires: input should be a date with a time and without quotes, e.",
        ),
        (f"{RULE}\nexpires=2026-03-01", "approve.0.expires: input should be a date with a time"),
        (f"{RULE}\nexpires=1772000000", "approve.0.expires: input should be a date with a time"),
        (f"{RULE}\nrisk=2", "approve.0.risk: input should be 'R1' or 'R2'"),
        (f"{RULE}\nhosts='r7'", "approve.0.hosts: input should be a valid array"),
        (f"{RULE}\npaths=['']", "approve.0.paths.0: input should not be empty"),
        (f"{RULE}\npaths=[7]", "approve.0.paths.0: input should be a valid string"),
        (f"{RULE}\nvalues={{A='x'}}", "approve.0.values.A: input should be a valid array"),
        (f"{RULE}\nvalues={{A=[]}}", "approve.0.values.A"),
        (f"{RULE}\nvalues=['x']", "approve.0.values: input should be a valid table"),
        (RULE.replace("'a'", "7"), "approve.0.approver: input should be a valid string"),
        (RULE.replace("'a'", "' '"), "approve.0.approver: input should not be empty"),
        (RULE.replace("version = 1", "version = true"), "version: input should be 1"),
        (RULE.replace("version = 1", "version = 1.0"), "version: input should be 1"),
        (RULE.replace("version = 1", "version = '1'"), "version: input should be 1"),
        (RULE.replace("[[approve]]", "[approve]"), "approve: input should be a valid array"),
        (RULE.replace("approve]]", "rules]]"), "rules: extra inputs are not permitted: known are approve, version"),
        ("version = ", "not TOML"),
        ("\xff", "not TOML"),
    ],
)
def test_what_is_no_policy_is_refused_in_one_line(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "policy.toml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(DataError) as caught:
        Policy.read(path)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_policy_that_is_missing_or_huge_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot read the policy"):
        Policy.read(tmp_path / "none.toml")
    (tmp_path / "huge.toml").write_bytes(b"#" * (1 << 21))
    with pytest.raises(DataError, match="bytes"):
        Policy.read(tmp_path / "huge.toml")


@pytest.mark.parametrize(
    ("request_", "operation", "before", "risk"),
    [
        (Request("GET", SYSTEM), "", {}, Risk.R0),
        (Request("PATCH", SYSTEM, {"AssetTag": "a"}), "patch ComputerSystem", {}, Risk.R1),
        (Request("PATCH", SYSTEM, {"Boot": {}, "AssetTag": "a"}), "patch ComputerSystem", {}, Risk.R2),
        (OFF, "action ComputerSystem.Reset", {}, Risk.R2),
        (OFF, "action Oem/Contoso.Explode", {}, Risk.R3),
        (OFF, "action Drive.SecureErase", {}, Risk.R3),
        (OFF, "action Manager.ResetToDefaults", {}, Risk.R3),
        (OFF, "action UpdateService.SimpleUpdate", {}, Risk.R3),
        (OFF, "action Bios.ResetBios", {}, Risk.R3),
        (OFF, "create Volume", {}, Risk.R3),
        (OFF, "create ManagerAccount", {}, Risk.R2),
        (OFF, "create Session", {}, Risk.R1),
        (Request("DELETE", SYSTEM), "delete Volume", {}, Risk.R3),
        (Request("DELETE", SYSTEM), "delete Session", {}, Risk.R1),
        (Request("DELETE", SYSTEM), "delete ManagerAccount", {"UserName": "eve", "RoleId": "ReadOnly"}, Risk.R2),
        (Request("DELETE", SYSTEM), "delete ManagerAccount", {"UserName": "eve", "RoleId": "Administrator"}, Risk.R3),
        (Request("DELETE", SYSTEM), "delete ManagerAccount", {"UserName": "me", "RoleId": "ReadOnly"}, Risk.R3),
        (Request("DELETE", SYSTEM), "delete ManagerAccount", {}, Risk.R3),
        (Request("PATCH", SYSTEM, {"Password": "x"}), "patch ManagerAccount", {"UserName": "me"}, Risk.R3),
        (Request("PATCH", SYSTEM, {"Password": "x"}), "patch ManagerAccount", {"UserName": "eve"}, Risk.R2),
        (Request("PATCH", SYSTEM, {"HostName": "a"}), "patch EthernetInterface", {}, Risk.R2),
        (Request("PATCH", SYSTEM, {"IPv4Addresses": []}), "patch EthernetInterface", {}, Risk.R3),
        (Request("PATCH", SYSTEM, {"HTTPS": {}}), "patch ManagerNetworkProtocol", {}, Risk.R3),
        (Request("PATCH", SYSTEM, {"NTP": {}}), "patch ManagerNetworkProtocol", {}, Risk.R1),
        (Request("PATCH", SYSTEM, {"ServiceEnabled": False}), "patch AccountService", {}, Risk.R3),
        (Request("PATCH", SYSTEM, {"ServiceEnabled": False}), "patch SessionService", {}, Risk.R3),
        (Request("PATCH", SYSTEM, {"Attributes": {"IPv4.1.Address": ""}}), "patch DellAttributes", {}, Risk.R3),
        (Request("PATCH", SYSTEM, {"EncryptionMode": "Disabled"}), "patch Storage", {}, Risk.R3),
        (Request("PATCH", SYSTEM, {"Name": "x"}), "patch ", {}, Risk.R3),
        (Request("PATCH", SYSTEM, {"Attributes": {}}), "patch Bios", {}, Risk.R2),
        (Request("PATCH", SYSTEM, {"SecureBootEnable": True}), "patch SecureBoot", {}, Risk.R2),
        (Request("PATCH", SYSTEM, {"LocationIndicatorActive": True}), "patch Drive", {}, Risk.R1),
        (Request("PUT", SYSTEM, {}), "put ComputerSystem", {}, Risk.R3),
        (Request("PATCH", SYSTEM, {}), "patch ComputerSystem", {}, Risk.R3),
    ],
)
def test_risk_is_the_highest_unless_it_is_known_to_be_less(
    request_: Request, operation: str, before: dict[str, Any], risk: Risk
) -> None:
    assert risk_of(request_, operation, user="me", before=before) is risk
