from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from igc_core.protocols import Action
from igc_core.rest import Request
from igc_redfish.process.belief import HOST_OFF, HOST_ON, MUTATES, RESETS, bit
from igc_redfish.process.engine import Engine
from igc_redfish.process.matching import DOCUMENT_FLAGS, MATCH_FEATURES
from igc_redfish.process.offering import Offer
from igc_redfish.process.scenario import Scenario
from igc_redfish.process.trial import Trial

ROOT = "/redfish/v1"
SYSTEM, ACCOUNT = f"{ROOT}/Systems/alpha", f"{ROOT}/AccountService/Accounts/2"
SINGLES = ("led on", "account disable user=eve", "boot once source=Pxe")


def document(scenario: Scenario, uri: str, world: int | None = None) -> int:
    engine = scenario.engine
    start = scenario.start if world is None else world
    return engine.step(start, engine.number_of(Action(Request("GET", uri)))).document


def offer(scenario: Scenario, uri: str) -> Offer:
    return scenario.offer(document(scenario, uri))


def content(scenario: Scenario, table: str, rows: Any) -> list[Any]:
    """Contents of rows, which are the same for the same description in every table."""
    tables = scenario.rows.layout.tables[table]
    return [{name: tables.array(name)[row].tolist() for name in tables.columns} for row in np.ravel(rows).tolist()]


def test_an_offer_has_a_row_for_each_sub_goal(scenario: Callable[..., Scenario]) -> None:
    for text in ("led on", " and ".join(SINGLES)):
        goal = scenario(text)
        parts = len(goal.parts)
        for uri in goal.engine.machine.reachable:
            found = offer(goal, uri)
            n = len(found.actions)
            assert len(set(found.actions.tolist())) == n == len(found.described)
            assert found.rows.shape == found.scores.shape == (n, parts)
            assert found.effects.shape == found.mutates.shape == (n,)
            assert found.documents.shape == found.fits.shape == (parts,)


def test_each_row_is_that_of_the_sub_goal_alone(host: Callable[..., Engine], scenario: Callable[..., Scenario]) -> None:
    engine = host()
    composite = scenario(" and ".join(SINGLES), engine)
    compared = 0
    for place, text in enumerate(SINGLES):
        single = scenario(text, engine)
        for uri in engine.machine.reachable:
            whole, alone = offer(composite, uri), offer(single, uri)
            where = {number: index for index, number in enumerate(whole.actions.tolist())}
            mine = [where[number] for number in alone.actions.tolist()]
            assert content(composite, "candidates", whole.rows[mine, place]) == content(
                single, "candidates", alone.rows
            )
            assert whole.scores[mine, place].tolist() == alone.scores[:, 0].tolist()
            assert content(composite, "documents", whole.documents[place]) == content(
                single, "documents", alone.documents
            )
            assert whole.fits[place] == alone.fits[0]
            compared += len(mine)
    assert compared > 40


def test_a_composite_with_one_part_left_open_looks_like_that_part_alone(
    host: Callable[..., Engine], scenario: Callable[..., Scenario]
) -> None:
    engine = host()
    composite, single = scenario("led on and account disable user=eve", engine), scenario(SINGLES[1], engine)
    one, other = Trial(composite), Trial(single)
    path = ("Systems", "Systems/alpha")
    for trial in (one, other):
        for name in path:
            take(trial, Request("GET", f"{ROOT}/{name}"))
    assert len(one.view().actions) > len(other.view().actions)
    take(one, Request("PATCH", SYSTEM, {"IndicatorLED": "Lit"}))
    for trial in (one, other):
        for name in ("AccountService", "AccountService/Accounts", "AccountService/Accounts/2"):
            take(trial, Request("GET", f"{ROOT}/{name}"))
    seen, alone = one.observation(), other.observation()
    mine, its = ([action.request for action in trial.view().actions] for trial in (one, other))
    where = [mine.index(request) for request in its]
    rows = content(composite, "candidates", seen["candidates"][where])
    assert rows == content(single, "candidates", alone["candidates"])
    for key, table in (("goal", "goals"), ("document", "documents"), ("history", "candidates")):
        assert content(composite, table, seen[key]) == content(single, table, alone[key]), key


def take(trial: Trial, request: Request) -> None:
    trial.perform([action.request for action in trial.view().actions].index(request))


def test_a_change_is_described_by_the_document_that_offered_it_last(scenario: Callable[..., Scenario]) -> None:
    goal = scenario("boot continuous source=Pxe and account disable user=eve")
    (body, *_) = goal.parts[0].payloads["patch ComputerSystem"]
    trial, boot = Trial(goal), Request("PATCH", SYSTEM, body)
    shows_it = MATCH_FEATURES.index("offered by what shows every wanted value")

    def row() -> list[float]:
        """Match features of the change, compared with that sub-goal."""
        place = [action.request for action in trial._known.described].index(boot)
        return goal.rows.candidates.array("match")[trial._known.rows[place, 0]].tolist()

    for uri in (f"{ROOT}/Systems", SYSTEM):
        take(trial, Request("GET", uri))
    before = row()
    take(trial, boot)
    after = row()
    assert (before[shows_it], after[shows_it]) == (0, 1)
    own = len(MATCH_FEATURES) - len(DOCUMENT_FLAGS)
    assert before[:own] == after[:own]


def test_the_twin_keeps_the_description(scenario: Callable[..., Scenario]) -> None:
    goal = scenario("led on and power off", require_if_match=True)
    origin = document(goal, SYSTEM)
    found = goal.offer(origin)
    for place in np.flatnonzero(found.mutates).tolist():
        number = int(found.actions[place])
        twin = goal.twin(number, origin)
        (action,) = twin.described
        original = found.described[place]
        assert action.request.headers == {"If-Match": "*"}
        assert (action.request.uri, action.request.body) == (original.request.uri, original.request.body)
        assert (action.source, action.relation, action.arguments) == (
            original.source,
            original.relation,
            original.arguments,
        )
        assert twin.actions.tolist() == [goal.engine.conditional_of(number)] != [number]
        assert twin.effects[0] == found.effects[place]
        assert twin.scores.tolist() == [found.scores[place].tolist()]
        rows = content(goal, "candidates", twin.rows), content(goal, "candidates", found.rows[place])
        assert [row["match"] for row in rows[0]] == [row["match"] for row in rows[1]]
        assert [row["tokens"] for row in rows[0]] != [row["tokens"] for row in rows[1]], "the method tells them apart"


def test_effects_tell_which_sub_goals_a_change_serves(scenario: Callable[..., Scenario]) -> None:
    goal = scenario("led on and power off")
    found = offer(goal, SYSTEM)
    effects = {str(action.request.body): int(mask) for action, mask in zip(found.described, found.effects, strict=True)}
    assert effects["{'IndicatorLED': 'Lit'}"] == bit(0) | MUTATES
    assert effects["{'ResetType': 'ForceOff'}"] & (bit(0) | bit(1) | RESETS) == bit(1) | RESETS
    reads = [
        int(mask) for action, mask in zip(found.described, found.effects, strict=True) if not action.request.mutates
    ]
    assert set(reads) == {0}


def test_a_start_spends_what_is_for_one_boot_unless_it_is_to_follow(scenario: Callable[..., Scenario]) -> None:
    assert scenario("led on and boot once source=Pxe").spent == bit(1)
    assert scenario("boot once source=Pxe then power restart").spent == 0
    assert scenario("led on and boot continuous source=Pxe").spent == 0


def test_what_is_to_be_made_is_told_from_what_is_there(scenario: Callable[..., Scenario]) -> None:
    goal = scenario("led on and account create user=ann password=aA3#secret role=Operator and account disable user=eve")
    assert goal.made == bit(1)


def test_documents_confirm_and_refute_sub_goals(scenario: Callable[..., Scenario]) -> None:
    goal = scenario("power off and account disable user=eve")
    system, account, other = (offer(goal, uri) for uri in (SYSTEM, ACCOUNT, f"{ROOT}/Managers/bmc"))
    assert (system.confirms & goal.every, system.refutes & goal.every) == (0, bit(0))
    assert (account.confirms, account.refutes) == (0, bit(1))
    assert (other.confirms, other.refutes) == (0, 0)
    off = Request("POST", f"{SYSTEM}/Actions/ComputerSystem.Reset", {"ResetType": "ForceOff"})
    (found,) = [action for action in system.described if action.request == off]
    world = goal.engine.step(goal.start, goal.engine.number_of(found)).world
    shown = goal.offer(document(goal, SYSTEM, world))
    assert (shown.confirms & goal.every, shown.refutes & goal.every) == (bit(0), 0)
    assert (system.confirms & HOST_ON, shown.confirms & HOST_OFF) == (HOST_ON, HOST_OFF)


@pytest.mark.parametrize("parts", [1, 2, 3])
def test_the_goal_s_row_is_that_of_its_open_parts(
    host: Callable[..., Engine], scenario: Callable[..., Scenario], parts: int
) -> None:
    engine = host()
    composite = scenario("led on and account disable user=eve", engine)
    text = {1: "led on", 2: "account disable user=eve", 3: "led on and account disable user=eve"}[parts]
    alone = scenario(text, engine)
    assert content(composite, "goals", composite.goal_row(parts)) == content(
        alone, "goals", alone.goal_row(alone.every)
    )
