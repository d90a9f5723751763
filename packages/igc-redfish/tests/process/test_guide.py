from __future__ import annotations

from igc_redfish.process.ground import WAIT_ID
from igc_redfish.process.guide import Guide

LED, BIOS, FANS, RESET, FLASH = 11, 12, 13, 14, 15


def test_changes_of_one_sub_goal_alone_add_up() -> None:
    guide = Guide({0: [(LED,)], 1: [(FLASH,)]})
    assert guide.allowed == {LED, FLASH}
    assert guide.remaining([0, 1], []) == 2
    assert guide.remaining([1], [LED]) == 1


def test_a_shared_restart_counts_once() -> None:
    guide = Guide({0: [(BIOS, RESET)], 1: [(FANS, RESET)]})
    assert guide.remaining([0, 1], []) == 3
    assert guide.remaining([0, 1], [BIOS]) == 2
    assert guide.remaining([0, 1], [BIOS, FANS]) == 1


def test_all_wait_for_the_slowest() -> None:
    waits = (WAIT_ID,) * 3
    guide = Guide({0: [(FLASH, *waits)], 1: [(RESET, WAIT_ID)]})
    assert guide.remaining([0, 1], []) == 5
    assert guide.remaining([0, 1], [FLASH, WAIT_ID]) == 3
    assert guide.remaining([1], [FLASH, *waits]) == 1


def test_the_cheapest_of_several_solutions_counts() -> None:
    guide = Guide({0: [(BIOS, RESET), (FANS, RESET)], 1: [(FANS, RESET)]})
    assert guide.remaining([0, 1], []) == 2


def test_what_is_open_takes_a_request_at_least() -> None:
    assert Guide({0: [(LED,)]}).remaining([0], [LED]) == 1
    assert Guide({0: [(LED,)]}).remaining([5], []) == 1
