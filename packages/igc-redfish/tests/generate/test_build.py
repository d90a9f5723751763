from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from igc_redfish.capture import Capture, links, type_name, validate
from igc_redfish.facts import facts
from igc_redfish.generate import MANNERS, build, generate, sample_style
from igc_redfish.generate.style import SIZE_MIN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from igc_redfish.facts import PropertyFact
    from igc_redfish.generate import Style

SEEDS = range(3)
EVERY_STYLE = [(manner, seed) for manner in MANNERS for seed in SEEDS]
#: Python types of the types that schemas name.
TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "object": (dict,),
    "array": (list,),
    "link": (dict,),
}


@pytest.fixture(scope="module")
def services() -> list[Capture]:
    return [build(sample_style(seed, manner=manner)) for manner, seed in EVERY_STYLE]


def test_equal_styles_build_equal_bytes(tmp_path: Path) -> None:
    one, other = (build(sample_style(7)) for _ in range(2))
    one.save(tmp_path / "one.igc.jsonl.gz")
    other.save(tmp_path / "other.igc.jsonl.gz")
    assert one.digest == other.digest
    assert (tmp_path / "one.igc.jsonl.gz").read_bytes() == (tmp_path / "other.igc.jsonl.gz").read_bytes()


def test_other_processes_build_the_same() -> None:
    program = "from igc_redfish.generate import generate; print(generate('generated:4').digest)"
    environment = os.environ | {"PYTHONHASHSEED": "99"}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == generate("generated:4").digest


def test_seeds_differ() -> None:
    assert len({build(sample_style(seed, size=60)).digest for seed in range(20)}) == 20


def test_a_saved_service_opens_as_it_was(tmp_path: Path) -> None:
    service = generate("generated:3?manner=whitebox")
    opened = Capture.open(service.save(tmp_path / "service.igc.jsonl.gz"))
    assert opened.digest == service.digest
    assert opened.name == service.name
    assert opened.provenance == service.provenance


@pytest.mark.parametrize("manner", MANNERS)
@pytest.mark.parametrize("size", [SIZE_MIN, 31, 75, 200, 1000])
def test_size_is_met_exactly(manner: str, size: int) -> None:
    assert [len(build(sample_style(seed, manner=manner, size=size))) for seed in (0, 1)] == [size, size]


def test_links_lead_nowhere_only_where_the_style_says_so(services: list[Capture]) -> None:
    lost = 0
    for service in services:
        dangling = [
            (service.name, uri, path)
            for uri, resource in service.items()
            for path, target in links(resource.body, uri)
            if target not in service
        ]
        lost += len(dangling)
        assert dangling == [] or _style_of(service).dangling > 0
    assert lost > 0


def test_collections_count_their_members_and_hold_each_once(services: list[Capture]) -> None:
    collections = 0
    for service in services:
        for resource in service.values():
            if "Members" in resource.body:
                members = [member["@odata.id"] for member in resource.body["Members"]]
                assert resource.body["Members@odata.count"] == len(members) == len(set(members))
                assert all(service[member].body["@odata.id"] == member for member in members)
                collections += 1
    assert collections > len(services)


def test_members_are_below_their_collection_and_named_after_their_last_segment(services: list[Capture]) -> None:
    for service in services:
        for uri, resource in service.items():
            for member in resource.body.get("Members", ()):
                assert member["@odata.id"].rpartition("/")[0] == uri
                assert service[member["@odata.id"]].body["Id"] == member["@odata.id"].rpartition("/")[2]


def test_uris_differ_by_more_than_case(services: list[Capture]) -> None:
    for service in services:
        assert len({uri.casefold() for uri in service}) == len(service)


def test_the_capture_validator_finds_what_the_styles_intend_alone(services: list[Capture]) -> None:
    for service in services:
        style = _style_of(service)
        intended = {"link-dangling": style.dangling > 0, "action-elsewhere": style.action_paths == "apart"}
        assert [finding for finding in validate(service) if not intended.get(finding.code, False)] == []


def test_every_property_is_known_to_the_schema_of_its_type(services: list[Capture]) -> None:
    known = facts()
    complaints: list[str] = []
    for service in services:
        vendor = _style_of(service).vendor
        for uri, resource in service.items():
            kind = type_name(resource.body)
            if kind.startswith(vendor):
                continue
            assert known.knows(kind), f"{uri} is of the unknown type {kind}"
            complaints += (f"{kind} {problem}" for problem in _problems(resource.body, known.properties(kind), ""))
    assert sorted(set(complaints)) == []


def _style_of(service: Capture) -> Style:
    seed = int(service.name.removeprefix("generated:").partition("?")[0])
    manner = service.name.partition("manner=")[2].partition("&")[0]
    return sample_style(seed, manner=manner)


def _problems(body: dict[str, Any], known: Mapping[str, PropertyFact], above: str) -> Iterator[str]:
    """Compare a body with its schema, down to where the schema leaves the members of an object open."""
    for key, value in body.items():
        if "@" in key or key in {"Oem", "Actions", "Members"}:
            continue
        path = f"{above}{key}"
        fact = known.get(path)
        if fact is None:
            yield f"has the unknown property {path}"
        elif value is not None and not isinstance(value, TYPES.get(fact.type, (object,))):
            yield f"{path} is no {fact.type}: {value!r}"
        elif fact.enum and isinstance(value, str) and value not in fact.enum:
            yield f"{path} cannot be {value!r}"
        elif isinstance(value, dict) and not fact.open and "@odata.id" not in value:
            yield from _problems(value, known, f"{path}/")


def test_actions_are_known_and_their_values_allowed_by_the_schema(services: list[Capture]) -> None:
    seen: set[str] = set()
    for service in services:
        for resource in service.values():
            for name, offer in resource.body.get("Actions", {}).items():
                if name == "Oem":
                    continue
                fact = facts().action(name.removeprefix("#"))
                assert fact is not None, name
                seen.add(name)
                for parameter, values in _allowable(service, offer):
                    enum = fact.parameters[parameter].enum
                    assert not enum or set(values) <= set(enum), (name, parameter)
    assert {"#ComputerSystem.Reset", "#Manager.Reset", "#Bios.ResetBios", "#VirtualMedia.InsertMedia"} <= seen


def _allowable(service: Capture, offer: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    for key, values in offer.items():
        if key.endswith("@Redfish.AllowableValues"):
            yield key.partition("@")[0], values
    if "@Redfish.ActionInfo" in offer:
        for parameter in service[offer["@Redfish.ActionInfo"]].body["Parameters"]:
            yield parameter["Name"], parameter.get("AllowableValues", [])


def test_some_services_have_several_subscriptions_of_one_destination(services: list[Capture]) -> None:
    alike = 0
    for service in services:
        bodies = [item.body for item in service.values() if type_name(item.body) == "EventDestination"]
        destinations = [body["Destination"] for body in bodies if body]
        alike += len(set(destinations)) < len(destinations)
    assert 0 < alike < len(services)


def test_building_is_fast() -> None:
    """A bound far above what is measured (0.01 s and 0.1 s), so that only a change of kind breaks it."""
    small, large = sample_style(0, manner="example", size=200), sample_style(0, manner="accelerator", size=3000)
    for style, limit_s in ((small, 0.2), (large, 2.0)):
        began = time.process_time()
        build(style)
        assert time.process_time() - began < limit_s
