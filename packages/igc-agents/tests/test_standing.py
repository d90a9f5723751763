from __future__ import annotations

import io
import math

import numpy as np
import pytest
from rich.console import Console

from igc_agents.display import TrainingDisplay
from igc_agents.standing import EpisodeTotals, RecentEpisodes, Standing, finite
from igc_agents.vector import Ended

STANDING = Standing("imitation", 1500, 20_000, 4321.0, 0.5, 0.25, 7.0)


def ended(success: list[bool], family: list[int]) -> Ended:
    count = len(success)
    columns = [np.full(count, number) for number in (4, 2)]
    reward = np.ones(count, np.float32)
    return Ended(np.arange(count), np.array(success), columns[0], columns[1], np.array(family), reward)


def test_recent_episodes_are_averaged() -> None:
    recent = RecentEpisodes(["power", "boot"])
    assert math.isnan(recent.totals().success)
    recent(ended([True, False, True], [0, 1, 2]))
    totals = recent.totals()
    assert totals.success == pytest.approx(2 / 3)
    assert totals.efficiency == pytest.approx(1 / 3)
    assert (totals.requests, totals.reward) == (4, 1)
    assert totals.success_by_family() == {"power": 1, "boot": 0, "2": 1}


def test_old_episodes_are_forgotten() -> None:
    recent = RecentEpisodes()
    recent(ended([False] * 100, [0] * 100))
    recent(ended([True] * 500, [0] * 500))
    assert recent.totals().success == 1


def test_episodes_of_several_processes_are_added_up_by_the_names_of_their_families() -> None:
    first, second = RecentEpisodes(["power", "boot"]), RecentEpisodes(["boot", "led"])
    first(ended([True, False, True], [0, 1, 1]))
    second(ended([True], [0]))
    totals = EpisodeTotals.gathered([one.totals().to_json() for one in (first, second, RecentEpisodes())])
    assert (totals.count, totals.success) == (4, 0.75)
    assert totals.success_by_family() == {"power": 1, "boot": pytest.approx(2 / 3)}


def test_episodes_keep_the_names_that_families_had_when_they_ended() -> None:
    recent = RecentEpisodes(["power", "boot"])
    recent(ended([True], [1]))
    recent.families = ("boot", "power")
    recent(ended([False], [1]))
    assert recent.totals().success_by_family() == {"boot": 1, "power": 0}


def test_figures_that_are_no_numbers_are_dropped() -> None:
    assert finite([("a", 1.0), ("b", math.nan), ("c", math.inf)]) == {"a": 1.0}


def test_figures_of_training_are_shown() -> None:
    output = io.StringIO()
    with TrainingDisplay(Console(file=output, width=140), line_every_s=0.0) as display:
        display(STANDING)
    assert output.getvalue() == "imitation 1,500/20,000 steps  4,321/s  success 0.50  SPL 0.25\n"
