from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from igc_redfish.goals.images import component_of, name_image, next_version, read_image

INVENTORY = {
    "/fw/BIOS": {"Id": "BIOS", "Name": "System ROM"},
    "/fw/BMC": {"Id": "BMC", "Name": "Management Controller"},
    "/fw/1": {"Id": "1", "Name": "iLO 5"},
}


@pytest.mark.parametrize(
    ("image", "read"),
    [
        ("http://192.0.2.10/bios-2.4.1.bin", ("bios", "2.4.1")),
        ("https://host/a%20b/BMC_v1.2-rc1.tar.gz?token=x", ("BMC", "1.2-rc1")),
        ("nfs://host/raid_backplane_1-3.68.EXE", ("raid_backplane_1", "3.68")),
        ("http://host/firmware.bin", ("firmware", "")),
        ("http://host/", ("", "")),
        ("bios-7", ("bios", "7")),
    ],
)
def test_a_name_carries_component_and_version(image: str, read: tuple[str, str]) -> None:
    assert read_image(image) == read


@pytest.mark.parametrize(
    ("present", "following"),
    [
        ("2.4.0", "2.4.1"),
        ("U46 v2.34 (03/11/2025)", "2.35"),
        ("01.03.0136.0009_n01", "01.03.0136.0010"),
        ("0x00 0x0b", "2.0.0"),
        ("", "2.0.0"),
    ],
)
def test_the_next_version_differs_from_the_present(present: str, following: str) -> None:
    assert next_version(present) == following


@pytest.mark.parametrize(
    ("image", "component"),
    [
        ("http://h/bios-1.0.bin", "/fw/BIOS"),
        ("http://h/system_rom-1.0.bin", "/fw/BIOS"),
        ("http://h/1-2.47.bin", "/fw/1"),
        ("http://h/ilo_5-2.47.bin", "/fw/1"),
        ("http://h/toaster-1.0.bin", ""),
    ],
)
def test_an_image_is_for_the_component_it_names(image: str, component: str) -> None:
    assert component_of(image, INVENTORY) == component


@given(st.text(max_size=30), st.text(max_size=30))
def test_the_example_image_of_a_component_names_it(component: str, present: str) -> None:
    version = next_version(present)
    image = name_image(component, version)
    assert read_image(image)[1] == version
    assert version != present
