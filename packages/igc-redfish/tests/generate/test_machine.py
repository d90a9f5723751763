from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from igc_core.rest import Request
from igc_redfish.capture import Capture, CaptureError
from igc_redfish.generate import MANNERS, build, machine, profile_of, sample_style
from igc_redfish.goals import FAMILIES, builtin_handlers
from igc_redfish.machine import Machine
from igc_redfish.simulator import Simulator

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("manner", MANNERS)
def test_everything_can_be_reached_from_the_root_and_needs_no_repair(manner: str) -> None:
    for seed in range(3):
        made = machine(seed, manner=manner)
        assert set(made.reachable) == set(made.capture)
        assert made.repairs == ()


def test_the_profile_survives_in_the_file(tmp_path: Path) -> None:
    for seed in range(8):
        style = sample_style(seed, size=60)
        path = build(style).save(tmp_path / f"{seed}.igc.jsonl.gz")
        assert Machine(Capture.open(path)).profile == profile_of(style)


def test_a_profile_that_is_none_is_refused() -> None:
    service = build(sample_style(0, size=40))
    tampered = Capture(service.name, dict(service), provenance={"profile": {"colour": "red"}})
    with pytest.raises(CaptureError, match="profile in the provenance") as caught:
        Machine(tampered)
    assert caught.value.code == "capture-corrupt"


def test_goals_of_all_families_occur() -> None:
    found: Counter[str] = Counter()
    for seed in range(50):
        simulator = Simulator(machine(seed), builtin_handlers())
        for handler in builtin_handlers():
            found[handler.family] += any(True for _ in handler.goals(simulator))
    assert set(found) == set(FAMILIES)
    assert min(found.values()) >= 15, found


def test_every_resource_is_served() -> None:
    made = machine(5, manner="blade")
    simulator = Simulator(made, builtin_handlers())
    assert {simulator.perform(Request("GET", uri)).status for uri in made.capture} == {200}
