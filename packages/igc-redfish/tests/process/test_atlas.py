from __future__ import annotations

from collections.abc import Callable

from igc_core.protocols import Action
from igc_core.rest import Request
from igc_redfish.process.atlas import Atlas
from igc_redfish.process.engine import Engine
from igc_redfish.process.ground import ROOT_ID, WAIT_ID
from igc_redfish.process.moves import Moves
from igc_redfish.process.scenario import Scenario

SYSTEM, ACCOUNTS = "/redfish/v1/Systems/alpha", "/redfish/v1/AccountService/Accounts"


def test_reads_are_found_by_what_they_read(host: Callable[..., Engine]) -> None:
    engine = host()
    slashed = engine.number_of(Action(Request("GET", f"{SYSTEM}/")))
    change = engine.number_of(Action(Request("PATCH", SYSTEM, {"IndicatorLED": "Lit"})))
    assert Atlas(engine).reads([WAIT_ID, ROOT_ID, slashed, change]) == {"/redfish/v1": ROOT_ID, SYSTEM: slashed}


def test_worlds_that_link_alike_share_a_graph(scenario: Callable[..., Scenario]) -> None:
    goal = scenario("power off")
    atlas = Atlas(goal.engine)
    off = next(
        step.world
        for number in Moves(goal).changes(0, goal.start)
        if (step := goal.engine.step(goal.start, number)).world != goal.start
    )
    terminals = [frozenset({f"{SYSTEM}/Bios"})]
    assert atlas.cover(off, terminals) is atlas.cover(goal.start, terminals)


def test_what_a_world_created_can_be_read_there(scenario: Callable[..., Scenario]) -> None:
    goal = scenario("account create user=alice password=aA3#secret9 role=Operator")
    atlas = Atlas(goal.engine)
    (create,) = (n for n in Moves(goal).changes(0, goal.start) if goal.engine.actions[n].request.method == "POST")
    step = goal.engine.step(goal.start, create)
    made = [frozenset({goal.engine.documents[step.document].uri})]
    assert atlas.cover(goal.start, made).total([ACCOUNTS]) == float("inf")
    assert atlas.cover(step.world, made).total([ACCOUNTS]) == 2


def test_six_terminals_are_counted(host: Callable[..., Engine]) -> None:
    engine = host()
    uris = [uri for uri in engine.machine.reachable if uri != "/redfish/v1"][:8]
    cover = Atlas(engine).cover(0, [frozenset({uri}) for uri in uris])
    assert len(cover.terminals) == 6
