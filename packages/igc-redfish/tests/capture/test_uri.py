from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from igc_redfish.capture.uri import ROOT, canonical, folded, is_resource

BASE = "/redfish/v1/Systems/1/Storage"


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("/redfish/v1", ROOT),
        ("/redfish/v1/", ROOT),
        ("/redfish/v1/Chassis/1/", "/redfish/v1/Chassis/1"),
        ("/redfish/v1/Chassis/1/Power#/Voltages/7", "/redfish/v1/Chassis/1/Power"),
        ("/redfish/v1/Chassis//Ports/0", "/redfish/v1/Chassis/Ports/0"),
        ("//redfish/v1/Chassis", "/redfish/v1/Chassis"),
        ("/redfish/v1/Logs/Lclog?$skip=50", "/redfish/v1/Logs/Lclog?$skip=50"),
        ("/redfish/v1/Chassis/../Systems/./1", "/redfish/v1/Systems/1"),
        ("/redfish/v1/../../etc/passwd", "/etc/passwd"),
        ("F0", "/redfish/v1/Systems/1/F0"),
        ("../2/Bios/", "/redfish/v1/Systems/2/Bios"),
        ("#/Oem", BASE),
        ("", BASE),
        ("/redfish/v1/NIC.Slot.1%23NIC.1", "/redfish/v1/NIC.Slot.1%23NIC.1"),
        ("/redfish/v1/Fans/0x17||Fan.Embedded.1", "/redfish/v1/Fans/0x17||Fan.Embedded.1"),
        ("https://pdu.contoso.com/redfish/v1/Outlets/A4", "https://pdu.contoso.com/redfish/v1/Outlets/A4"),
    ],
)
def test_references_have_one_canonical_spelling(reference: str, expected: str) -> None:
    assert canonical(reference, BASE) == expected


@given(st.text(alphabet="/.#?%aZ\N{LATIN SMALL LETTER E WITH ACUTE}: ", max_size=30))
def test_canonical_spelling_is_stable(reference: str) -> None:
    once = canonical(reference, BASE)
    assert canonical(once, BASE) == once


@given(st.text(max_size=30))
def test_canonical_paths_never_climb(reference: str) -> None:
    path = canonical(f"/redfish/v1/{reference}").partition("?")[0]
    assert ".." not in path.split("/")


@pytest.mark.parametrize(
    "uri", ["/etc/passwd", "/redfish/v2", "/redfish/v1x", "/redfish/v1/a\x00b", "/redfish/v1/a\\b"]
)
def test_strange_paths_are_no_resources(uri: str) -> None:
    assert not is_resource(uri)


def test_spellings_that_differ_by_case_and_percent_signs_fold_together() -> None:
    assert folded("/redfish/v1/iDRAC%23NIC") == folded("/REDFISH/v1/idrac#nic")
