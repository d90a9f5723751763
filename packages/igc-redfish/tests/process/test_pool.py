from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from igc_core.errors import GoalError
from igc_core.models import CompositeGoal
from igc_redfish.goals.book import GoalBook
from igc_redfish.process.engine import Engine
from igc_redfish.process.environment import build_pool
from igc_redfish.process.planner import Planner
from igc_redfish.process.pool import Pool, prepared

PoolOf = Callable[..., Any]


@pytest.mark.parametrize("source", ["generated:6", "generated:3", "generated:4"])
def test_no_scenario_is_reached_at_its_start(pool_of: PoolOf, source: str) -> None:
    pool, _ = pool_of(source)
    for scenario in pool.scenarios:
        progress = scenario.progress(scenario.start, 0)
        assert not progress.reached
        assert progress.achieved != scenario.desired
        assert scenario.shortest > 0


def test_a_goal_that_holds_is_undone_first(host: Callable[..., Engine], book: GoalBook) -> None:
    engine = host()
    goal = book.bind(book.parse("power on"), engine.reader(0))
    world = prepared(engine, book, goal)
    assert world
    assert (engine.reader(world).get("/redfish/v1/Systems/alpha") or {})["PowerState"] == "Off"
    assert prepared(engine, book, book.bind(book.parse("power off"), engine.reader(0))) == 0


def test_what_has_no_solution_is_reported(host: Callable[..., Engine], book: GoalBook) -> None:
    engine, pool = host(), Pool()
    texts = ("led on", "led on and power restart with at most 0 resets")
    goals = [book.bind(book.parse(text), engine.reader(0)) for text in texts]
    assert pool.add_goals(engine, book, goals, Planner()) == 1
    assert pool.unsolved == [("host", goals[1])]
    assert [scenario.goal for scenario in pool.scenarios] == [goals[0]]


def test_without_a_planner_nothing_is_checked(host: Callable[..., Engine], book: GoalBook) -> None:
    engine, pool = host(), Pool()
    goal = book.bind(book.parse("led on and power restart with at most 0 resets"), engine.reader(0))
    assert pool.add_goals(engine, book, [goal], None) == 1
    assert pool.scenarios[0].shortest == 0


def test_families_share_a_machine_and_every_verb_comes_first(host: Callable[..., Engine], book: GoalBook) -> None:
    engine, pool = host(), Pool()
    pool.add_machine(engine, book, families=["power", "led"], per_family=3)
    assert sorted({scenario.family for scenario in pool.scenarios}) == ["led", "power"]
    verbs = [scenario.goal.parts[0].verb for scenario in pool.scenarios if scenario.family == "power"]
    assert sorted(verbs) == ["off", "on", "restart"]


def test_the_same_seed_draws_the_same_goals() -> None:
    def goals(seed: int) -> list[Any]:
        pool = build_pool(["generated:3"], per_family=1, composites=4, seed=seed)
        return [scenario.goal for scenario in pool.scenarios]

    assert goals(1) == goals(1) != goals(2)


def test_composites_are_recipes_first_then_samples_of_two_to_four(book: GoalBook) -> None:
    pool = build_pool(["generated:6"], book=book, families=["power"], per_family=1, composites=12)
    found = [scenario.goal for scenario in pool.scenarios if scenario.family == "composite"]
    assert len(found) == len(set(found)) == 12
    assert all(isinstance(goal, CompositeGoal) for goal in found)
    assert {len(goal.parts) for goal in found} == {2, 3, 4}
    assert any(goal.max_resets == 1 for goal in found if isinstance(goal, CompositeGoal)), "a baseline with one reset"


def test_goals_may_be_named(book: GoalBook) -> None:
    pool = build_pool(["generated:3"], book=book, goals=["power off", "power off and led on"])
    assert [scenario.family for scenario in pool.scenarios] == ["power", "composite"]


def test_documents_get_a_vector_where_there_is_an_encoder(book: GoalBook) -> None:
    class Length:
        width, fingerprint = 2, "length"

        def encode(self, resources: Any) -> Any:
            import numpy as np  # noqa: PLC0415

            return np.asarray([[len(body), 1.0] for body in resources], np.float32)

    pool = build_pool(["generated:6"], book=book, families=["power"], encoder=Length())
    scenario = pool.scenarios[0]
    number = scenario.engine.step(0, 1).document
    (row,) = scenario.offer(number).documents.tolist()
    assert pool.rows.documents.array("vector")[row].tolist() == [len(scenario.engine.documents[number].body), 1]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"sources": []}, "no machine was given"),
        ({"sources": ["generated:6"], "families": ["nonsense"]}, "no goal family named"),
        ({"sources": ["generated:6"], "goals": ["power sideways"]}, "cannot read the goal"),
        ({"sources": ["generated:6"], "families": ["volume"]}, "these machines have no goal of the family volume"),
    ],
)
def test_nothing_to_do_is_said(options: dict[str, Any], problem: str, book: GoalBook) -> None:
    with pytest.raises(GoalError, match=problem):
        build_pool(book=book, **options)


def test_progress_names_each_machine(book: GoalBook) -> None:
    seen: list[str] = []
    build_pool(["generated:6", "generated:9?manner=terse&size=60"], book=book, families=["power"], progress=seen.append)
    assert len(seen) == 2
