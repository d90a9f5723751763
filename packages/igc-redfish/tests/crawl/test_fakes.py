from __future__ import annotations

import re
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from igc_redfish.capture import Resource
from igc_redfish.crawl.fakes import Disguise

MAC, UUID, IP = "3C:EC:EF:00:11:22", "4C4C4544-0051-3310-8057-B5C04F4E4332", "10.20.30.40"


def disguised(*bodies: dict[str, Any], host: str = "") -> list[dict[str, Any]]:
    resources = [Resource(f"/redfish/v1/{number}", body) for number, body in enumerate(bodies)]
    return [resource.body for resource in Disguise(host).applied(resources)]


def test_identities_are_gone() -> None:
    body = {
        "SerialNumber": "7XQ3310",
        "SKU": "7XQ3310",
        "Name": "server 7xq3310 in R7",
        "MACAddress": MAC,
        "PermanentMACAddress": MAC.replace(":", "-").lower(),
        "UUID": UUID,
        "IPv4Addresses": [{"Address": IP, "SubnetMask": "255.255.255.0", "Gateway": "10.20.30.1"}],
        "IPv6Addresses": [{"Address": "fe80::3eec:efff:fe00:1122"}, {"Address": "2a01:4f8::17"}],
        "HostName": "bmc-r7u12",
        "FQDN": "bmc-r7u12.example.com",
        "Destination": f"https://{IP}:8443/events",
    }
    (found,) = disguised(body)
    text = orjson.dumps(found).decode().casefold()
    for identity in ("7xq3310", "3c:ec", "3c-ec", "4c4c4544", "10.20.30", "3eec", "2a01", "r7u12", "example.com"):
        assert identity not in text
    assert found["SKU"] == found["SerialNumber"]
    assert found["SerialNumber"] in found["Name"]
    assert found["PermanentMACAddress"] == found["MACAddress"].replace(":", "-").lower()
    assert found["IPv4Addresses"][0]["Address"] in found["Destination"]
    assert found["IPv4Addresses"][0]["SubnetMask"] == "255.255.255.0"
    assert found["IPv6Addresses"][0]["Address"].startswith("fe80::")


def test_fakes_agree_across_resources_and_in_uris() -> None:
    serial = "QSBP74100021"
    root = Resource("/redfish/v1", {"Systems": {"@odata.id": f"/redfish/v1/Systems/{serial}"}})
    system = Resource(f"/redfish/v1/Systems/{serial}", {"SerialNumber": serial, "Oem": {serial: {"x": 1}}})
    first, second = Disguise().applied([root, system])
    assert serial not in second.uri
    assert first.body["Systems"]["@odata.id"] == second.uri
    assert second.uri.rpartition("/")[2] == second.body["SerialNumber"] == next(iter(second.body["Oem"]))


def test_fakes_are_repeatable() -> None:
    bodies = [{"SerialNumber": f"SN-{number}", "UUID": UUID} for number in range(5)]
    assert disguised(*bodies) == disguised(*bodies)


def test_different_identities_stay_different() -> None:
    bodies = [{"SerialNumber": f"SN-{number:04}", "MACAddress": f"00:11:22:33:44:{number:02x}"} for number in range(99)]
    found = disguised(*bodies)
    assert len({body["SerialNumber"] for body in found}) == len({body["MACAddress"] for body in found}) == 99


def test_what_is_no_identity_stays() -> None:
    body = {
        "FirmwareVersion": "2.10.10.10",
        "Manager": {"Version": "6.10.30.00"},
        "SerialNumber": "N/A",
        "HostName": "localhost",
        "MACAddress": "00:00:00:00:00:00",
        "UUID": "00000000-0000-0000-0000-000000000000",
        "Address": "0.0.0.0",
        "Loopback": "127.0.0.1",
        "DateTime": "2026-11-21T18:00:00+00:00",
        "Time": "18:00:00",
        "PartNumber": "0CRT1G",
    }
    assert disguised(body) == [body]


def test_host_that_was_asked_is_hidden() -> None:
    (found,) = disguised({"Oem": {"Url": "https://rack7-bmc.corp/x"}}, host="rack7-bmc.corp")
    assert found == {"Oem": {"Url": "https://host-1/x"}}


@pytest.mark.parametrize("path", ["/redfish/v1", "/redfish", "/"])
def test_a_path_where_a_serial_number_belongs_is_no_identity(path: str) -> None:
    body = {"SerialNumber": path, "Systems": {"@odata.id": "/redfish/v1/Systems"}}
    assert disguised(body) == [body]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-9, 9) | st.text(),
        lambda x: st.lists(x) | st.dictionaries(st.text(), x),
        max_leaves=8,
    )
)
def test_shape_stays(value: Any) -> None:
    (found,) = disguised({"x": value, "UUID": UUID})
    assert re.sub(rb'"[^"]*"', b'""', orjson.dumps(value)) is not None
    assert type(found["x"]) is type(value)
    assert disguised(found)[0].keys() == found.keys()
