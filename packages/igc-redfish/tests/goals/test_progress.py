from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from igc_core.errors import GoalError
from igc_core.rest import Request
from igc_redfish.capture import ROOT
from igc_redfish.goals.progress import START
from igc_redfish.goals.resets import resets_counted

if TYPE_CHECKING:
    from igc_redfish.goals.book import GoalBook
    from igc_redfish.goals.progress import Progress, Stage
    from igc_redfish.simulator import Simulator

SYSTEM = f"{ROOT}/Systems/1"
BOOT_CD_THEN_RESTART = "power on then boot once source=Cd then power restart"


class Episode:
    """A goal on its way."""

    def __init__(self, host: Simulator, book: GoalBook, text: str) -> None:
        self.host, self.book = host, book
        self.goal = book.bind(book.parse(text), host)
        self.before = type(host)(host.service)
        self.before.restore(host.snapshot())
        self.stage: Stage = START

    def judge(self) -> Progress:
        resets = resets_counted(self.host.world.memory)
        progress = self.book.judge(self.goal, self.host, self.before, self.stage, resets=resets)
        self.stage = progress.stage
        return progress

    def reset(self, kind: str) -> Progress:
        assert self.host.perform(Request("POST", f"{SYSTEM}/Actions/ComputerSystem.Reset", {"ResetType": kind})).ok
        return self.judge()

    def boot(self, source: str, enabled: str = "Once") -> Progress:
        override = {"BootSourceOverrideTarget": source, "BootSourceOverrideEnabled": enabled}
        assert self.host.perform(Request("PATCH", SYSTEM, {"Boot": override})).ok
        return self.judge()


def test_a_conjunction_counts_what_holds(host: Simulator, book: GoalBook) -> None:
    episode = Episode(host, book, "power off and boot once source=Pxe")
    assert (episode.judge().done, episode.boot("Pxe").done) == (0, 1)
    assert not episode.boot("Cd").reached
    assert episode.reset("ForceOff").done == 1
    assert episode.boot("Pxe").reached


def test_a_sequence_is_reached_in_its_order(host: Simulator, book: GoalBook) -> None:
    episode = Episode(host, book, BOOT_CD_THEN_RESTART)
    assert episode.judge().done == 1, "it is on already"
    assert episode.boot("Cd").done == 2
    progress = episode.reset("ForceRestart")
    assert (progress.done, progress.reached) == (3, True), "the override was meant to be used up"


def test_a_restart_before_its_turn_does_not_count(host: Simulator, book: GoalBook) -> None:
    episode = Episode(host, book, BOOT_CD_THEN_RESTART)
    assert episode.reset("ForceRestart").done == 1
    assert episode.boot("Cd").done == 2
    assert episode.judge().done == 2
    assert episode.reset("ForceRestart").reached


def test_undoing_what_should_last_sends_a_sequence_back(host: Simulator, book: GoalBook) -> None:
    episode = Episode(host, book, "boot continuous source=Pxe then power restart then power on")
    assert episode.boot("Pxe", "Continuous").done == 1
    assert episode.boot("Hdd", "Continuous").done == 0
    assert episode.boot("Pxe", "Continuous").done == 1
    assert episode.reset("ForceRestart").reached
    assert not episode.boot("Hdd", "Continuous").reached


def test_a_later_wish_lifts_an_earlier_one(host: Simulator, book: GoalBook) -> None:
    episode = Episode(host, book, "power off then power on")
    assert book.lasting(episode.goal) == (False, True)
    assert episode.judge().done == 0
    assert episode.reset("ForceOff").done == 1
    assert episode.reset("On").reached


def test_an_order_matters_only_where_one_is_given(host: Simulator, book: GoalBook) -> None:
    goal = book.parse("power off and power on")
    assert book.lasting(goal) == (True, True)
    with pytest.raises(GoalError, match=r"power off and power on cannot both hold .*use 'then'"):
        book.bind(goal, host)


@pytest.mark.parametrize(("limit", "failed"), [(0, True), (1, False)])
def test_too_many_resets_cannot_be_made_good(host: Simulator, book: GoalBook, limit: int, failed: bool) -> None:
    text = f"power on and boot continuous source=Pxe with at most {limit} resets"
    episode = Episode(host, book, text)
    episode.reset("ForceRestart")
    progress = episode.boot("Pxe", "Continuous")
    assert (progress.done, progress.reached, progress.failed) == (2, not failed, failed)


def test_stages_of_equal_sight_are_equal(host: Simulator, book: GoalBook) -> None:
    one, other = (Episode(type(host)(host.service), book, BOOT_CD_THEN_RESTART) for _ in range(2))
    for episode in (one, other):
        episode.judge()
        episode.boot("Cd")
    assert one.stage == other.stage
    assert hash(one.stage) == hash(other.stage)
    other.reset("ForceRestart")
    assert one.stage != other.stage


def test_single_goals_need_no_stage(host: Simulator, book: GoalBook) -> None:
    goal = book.bind(book.parse("power on"), host)
    assert book.judge(goal, host, host) == book.judge(goal, host, host, START)
    assert book.progress(goal, host, host) == 1
