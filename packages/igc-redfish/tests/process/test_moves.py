from __future__ import annotations

from collections.abc import Callable

from igc_core.protocols import Action
from igc_core.rest import Request
from igc_redfish.process.moves import Moves
from igc_redfish.process.scenario import Scenario

SYSTEM = "/redfish/v1/Systems/alpha"
TWO = """bios set attributes='{"Turbo":false}' and bios set attributes='{"Cores":2}'"""


def test_every_source_offers_the_change(scenario: Callable[..., Scenario]) -> None:
    goal = scenario("power off and boot once source=Cd")
    changes = [Moves(goal).changes(part, goal.start) for part in (0, 1)]
    assert all(changes)
    for action, sources in [item for found in changes for item in found.items()]:
        for uri in sources:
            read = goal.engine.number_of(Action(Request("GET", uri)))
            document = goal.engine.step(goal.start, read).document
            assert action in goal.offer(document).actions


def test_values_of_other_sub_goals_serve_none_but_them(scenario: Callable[..., Scenario]) -> None:
    goal = scenario(TWO)
    names = [
        {
            frozenset(path for path, _ in goal.engine.actions[number].arguments)
            for number in Moves(goal).changes(part, goal.start)
            if goal.engine.actions[number].request.method == "PATCH"
        }
        for part in (0, 1)
    ]
    both = frozenset({"Attributes/Turbo", "Attributes/Cores"})
    assert names == [{frozenset({"Attributes/Turbo"}), both}, {frozenset({"Attributes/Cores"}), both}]


def test_what_a_world_created_is_looked_into(scenario: Callable[..., Scenario]) -> None:
    goal = scenario("account create user=alice password=aA3#secret9 role=Operator and account delete user=eve")
    (create,) = (
        number for number in Moves(goal).changes(0, goal.start) if goal.engine.actions[number].request.method == "POST"
    )
    step = goal.engine.step(goal.start, create)
    made = goal.engine.documents[step.document].uri
    found = Moves(goal).changes(0, step.world)
    assert goal.engine.machine.get(made) is None
    assert not any(made in sources for sources in Moves(goal).changes(0, goal.start).values())
    assert all(uri.startswith("/redfish/v1/AccountService") for sources in found.values() for uri in sources)
