"""Every capture of a real machine loads, and each oddity that its README names is seen or read properly."""

from __future__ import annotations

import re
import subprocess
import sys
import time
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from igc_redfish.capture import Capture, links, validate
from igc_redfish.capture.graph import connectivity

if TYPE_CHECKING:
    from pathlib import Path

ROOT = "/redfish/v1"
_ROW = re.compile(r"^\| (?P<name>[\w-]+)\.jsonl \|(?:[^|]*\|){3} (?P<resources>\d+) \|", re.MULTILINE)
_MEASURE = re.compile(
    r"^\| (?P<name>[\w-]+) \| (?:train|validation) \| (?P<methods>\d+) \| (?P<links>\d+) \| [\d.]+ "
    r"\| (?P<closed>[\d.]+) \| (?P<reach>[\d.]+) \|",
    re.MULTILINE,
)


@pytest.fixture(scope="module")
def opened(captures: Path) -> dict[str, Capture]:
    paths = sorted(captures.glob("*.jsonl.gz"))
    return {capture.name: capture for capture in map(Capture.open, paths)}


@pytest.fixture(scope="module")
def readme(captures: Path) -> str:
    return (captures / "README.md").read_text(encoding="utf-8")


def codes_at(capture: Capture, uri: str) -> set[str]:
    return {finding.code for finding in validate(capture) if finding.uri == ROOT + uri}


def test_all_captures_load_with_the_counts_of_their_table(opened: dict[str, Capture], readme: str) -> None:
    expected = {match["name"]: int(match["resources"]) for match in _ROW.finditer(readme)}
    assert len(expected) == 45
    assert {name: len(capture) for name, capture in opened.items()} == expected
    assert all(capture.warnings == () for capture in opened.values())


def test_all_captures_can_stand_for_a_machine(opened: dict[str, Capture]) -> None:
    assert [finding for capture in opened.values() for finding in validate(capture) if finding.level == "error"] == []


def test_links_hang_together_at_least_as_well_as_measured(opened: dict[str, Capture], readme: str) -> None:
    measured = list(_MEASURE.finditer(readme))
    assert len(measured) == 45
    for row in measured:
        capture = opened[row["name"]]
        found = connectivity(capture)
        assert capture.manifest.methods_known == int(row["methods"]), row["name"]
        # Action information and registry files are links here, beyond what the table counts.
        assert int(row["links"]) <= found.links <= 1.2 * int(row["links"]), row["name"]
        assert found.closed_share > float(row["closed"]) - 0.06, row["name"]
        assert found.reachable_share > float(row["reach"]) - 0.006, row["name"]


@pytest.mark.parametrize(
    ("name", "uri", "code"),
    [
        ("hpe-dl380agen11", "/systems/1/bios", "id-slash"),
        ("hpe-dl360gen10plus", "/ResourceDirectory", "link-case"),
        ("dell-xr8620t", "/Systems/System.Embedded.1/PCIeDevices/0-31", "id-differs"),
        ("dell-r750", "/Registries/BaseMessages/BaseRegistry.json", "id-missing"),
        ("cray-cmm", "/CertificateService", "type-missing"),
        ("dell-c6320", "/Managers/iDRAC.Embedded.1/Logs/Lclog", "count-differs"),
        ("dmtf-nvmeof-jbof", "/Chassis/1/NetworkAdapters", "count-mistyped"),
        ("nvidia-gh200", "/UpdateService/FirmwareInventory", "member-repeated"),
        ("cray-cmm", "/Managers/BMC/NetworkProtocol/HTTPS", "members-mistyped"),
        ("snia-swordfish", "/SessionService/Sessions", "member-without-id"),
        ("hpe-dl325gen10plus", "/Systems/1/Storage/DE00A000/Controllers/0", "link-relative"),
        ("dmtf-rackmount1", "/Chassis/1U/PowerSubsystem/PowerSupplies/Bay1", "link-external"),
        ("dell-c6320", "/Chassis/System.Embedded.1", "action-key"),
        ("cray-slingshot", "/Managers/BMC", "value-mistyped"),
    ],
)
def test_each_named_oddity_is_a_warning(opened: dict[str, Capture], name: str, uri: str, code: str) -> None:
    assert opened[name].find(ROOT + uri) is not None
    assert code in codes_at(opened[name], opened[name].find(ROOT + uri).removeprefix(ROOT))  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("hpe-dl380agen11", "link-slashes"),
        ("supermicro-gb300", "link-relative"),
        ("nvidia-gb200", "count-missing"),
        ("dmtf-localstorage", "action-elsewhere"),
        ("dell-c6320", "value-mistyped"),
    ],
)
def test_each_oddity_named_without_a_place_is_a_warning(opened: dict[str, Capture], name: str, code: str) -> None:
    assert code in {finding.code for finding in validate(opened[name])}


def test_links_of_another_case_or_with_a_fragment_arrive(opened: dict[str, Capture]) -> None:
    assert opened["hpe-dl360gen10plus"].find("/redfish/v1/systems/1/hpsut") == "/redfish/v1/Systems/1/hpsut"
    capture = opened["cray-ex235a"]
    assert capture.find("/redfish/v1/Chassis/Enclosure/Power#/Voltages/7") == "/redfish/v1/Chassis/Enclosure/Power"


def test_percent_signs_and_bars_in_paths_are_kept(opened: dict[str, Capture]) -> None:
    assert any("iDRAC.Embedded.1%23NIC.1" in uri for uri in opened["dell-r720"])
    assert any("0x17||Fan.Embedded.1" in uri for uri in opened["dell-r740"])
    encoded = next(uri for uri in opened["dell-r720"] if "%23" in uri)
    holders = [
        uri for uri, resource in opened["dell-r720"].items() if encoded in dict(links(resource.body, uri)).values()
    ]
    assert holders


def test_expanded_members_are_resources_of_their_own(opened: dict[str, Capture]) -> None:
    entries = [uri for uri in opened["openbmc-stock"].embedded if "/Journal/Entries/" in uri]
    assert len(entries) > 20


def test_text_beyond_ascii_and_spaces_in_names_are_read(opened: dict[str, Capture]) -> None:
    body = opened["cray-cmm"]["/redfish/v1/Registries/IPC.1.0.0.json"].json.decode()
    assert not body.isascii()
    bios = next(resource.body for uri, resource in opened["cray-ex420"].items() if uri.endswith("Node0/Bios"))
    assert any(" " in name for name in bios["Attributes"])


def test_a_thousand_resources_open_in_a_fraction_of_a_second(captures: Path) -> None:
    path = captures / "dell-r750.jsonl.gz"
    spent: list[float] = []
    for _ in range(4):  # the garbage of other tests may be collected in any of them
        start = time.process_time()
        assert len(Capture.open(path)) == 1172
        spent.append(time.process_time() - start)
    assert min(spent) < 0.3


def test_everything_parsed_takes_less_than_four_times_its_json(captures: Path) -> None:
    capture = Capture.open(captures / "dell-xr8620t.jsonl.gz")
    size = sum(len(resource.json) for resource in capture.values())
    tracemalloc.start()
    try:
        parsed = Capture.open(captures / "dell-xr8620t.jsonl.gz")
        assert all(resource.body for resource in parsed.values())
        assert tracemalloc.get_traced_memory()[0] < 4 * size
    finally:
        tracemalloc.stop()


def test_forty_captures_fit_in_one_process(captures: Path) -> None:
    program = (
        "import pathlib, re, sys\n"
        "from igc_redfish.capture import Capture\n"
        "kept = [Capture.open(path) for path in sorted(pathlib.Path(sys.argv[1]).glob('*.jsonl.gz'))]\n"
        "assert sum(bool(item.body) for capture in kept for item in capture.values()) > 15000\n"
        # Not ru_maxrss: exec hands on the peak of the process that started this one, which is a worker full of tests.
        "print(re.search(r'VmHWM:\\s+(\\d+)', pathlib.Path('/proc/self/status').read_text())[1])\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(captures)], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 1_500_000, "kB at the peak"
