from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from igc_redfish.process.environment import build_pool
from igc_redfish.process.lexicon import path_ids
from igc_redfish.process.planner import Planner
from igc_redfish.process.trial import Trial

SOURCE = "generated:11?manner=blade&size=200"


def walk(trial: Trial, seed: int, steps: int = 12) -> list[np.ndarray[Any, Any]]:
    """What the slots look like along a random walk: tokens and match features, not row numbers."""
    rng = np.random.default_rng(seed)
    table = trial.scenario.rows.candidates
    seen = []
    for _ in range(steps):
        rows = trial.observation()["candidates"]
        seen.append(np.hstack([table.array("tokens")[rows], table.array("match")[rows]]))
        if trial.perform(int(rng.integers(trial.action_masks().sum()))).terminated:
            break
    return seen


def test_what_an_agent_sees_does_not_depend_on_what_others_did_before() -> None:
    fresh = build_pool([SOURCE], families=["power", "boot", "account"], per_family=1)
    used = build_pool([SOURCE], families=["power", "boot", "account"], per_family=1, planner=Planner())
    for scenario in used.scenarios:
        for seed in range(20, 26):
            walk(Trial(scenario), seed, 30)
    for first, second in zip(fresh.scenarios, used.scenarios, strict=True):
        for seed in range(4):
            for left, right in zip(walk(Trial(first), seed), walk(Trial(second), seed), strict=True):
                assert np.array_equal(left, right)


def test_a_view_shows_actions_as_this_episode_met_them() -> None:
    pool = build_pool([SOURCE], families=["power"], per_family=1, planner=Planner())
    for action in Trial(pool.scenarios[0]).view().actions:
        assert action.relation, action.request


@pytest.mark.parametrize(
    ("uri", "ids"),
    [
        ("/redfish/v1/Systems/1", ("1",)),
        ("/redfish/v1/Systems/CN2/Bios", ("cn2",)),
        ("/redfish/v1/Systems/CN2/Bios/Settings", ("cn2",)),
        ("/redfish/v1/Managers/BMC/LogServices/SEL", ("bmc", "sel")),
        ("/redfish/v1/Managers/BMC/NetworkProtocol", ("bmc",)),
        ("/redfish/v1/Managers/BMC/VirtualMedia/CD1", ("bmc", "cd1")),
        ("/redfish/v1/Chassis/1U/Drives/0", ("1u", "0")),
        ("/redfish/v1/AccountService/Accounts", ()),
        ("/redfish/v1/AccountService/Accounts/3", ("3",)),
        ("/redfish/v1/EventService/Subscriptions/7", ("7",)),
        ("/redfish/v1/SessionService/Sessions", ()),
        ("/redfish/v1/UpdateService/FirmwareInventory/BIOS", ("bios",)),
        ("/redfish/v1/Systems/1/Storage/RAID/Volumes/2", ("1", "raid", "2")),
    ],
)
def test_ids_are_what_follows_a_collection(uri: str, ids: tuple[str, ...]) -> None:
    assert path_ids(uri) == ids
