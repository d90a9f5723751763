from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from igc_core.protocols import Action
from igc_core.rest import Request
from igc_redfish.bodies import value_at
from igc_redfish.process.catalogue import WAIT_ACTION, Document
from igc_redfish.process.lexicon import comparable
from igc_redfish.process.matching import (
    DOCUMENT_FLAGS,
    MATCH_FEATURES,
    candidate_scores,
    document_fit,
    document_flags,
    match_features,
    own_features,
    speaks_of,
)
from igc_redfish.process.scenario import Scenario
from igc_redfish.process.traits import action_traits, document_traits

ROOT = "/redfish/v1"
SYSTEM, MANAGER = f"{ROOT}/Systems/alpha", f"{ROOT}/Managers/bmc"
ACCOUNTS = f"{ROOT}/AccountService/Accounts"


def match(action: Action, scenario: Scenario) -> dict[str, float]:
    """Features of an action that no document offers, by name."""
    features = match_features([own_features(action_traits(action), scenario.words)])
    return dict(zip(MATCH_FEATURES, features[0].tolist(), strict=True))


def read(uri: str, kind: str, **body: Any) -> Document:
    return Document(uri, {"@odata.type": f"#{kind}.v1_0_0.{kind}", **body}, ())


def flags(document: Document, scenario: Scenario) -> dict[str, float]:
    found = document_flags(document_traits(document), scenario.words)
    return dict(zip(DOCUMENT_FLAGS, found.tolist(), strict=True))


def told(document: Document, scenario: Scenario) -> bool | None:
    traits = document_traits(document)
    return speaks_of(traits, scenario.words, document_flags(traits, scenario.words))


def change(uri: str, path: str, value: Any, kind: str = "ComputerSystem") -> Action:
    return Action(Request("PATCH", uri, {path: value}), uri, kind, "change", ((path, value),))


def link(uri: str, kind: str, relation: str) -> Action:
    return Action(Request("GET", uri), "", kind, relation)


# -- requests ----------------------------------------------------------------------------------------------------------


def test_match_features_tell_what_a_request_has_of_the_goal(scenario: Callable[..., Scenario]) -> None:
    goal = scenario("boot once source=Cd")
    right = match(change(SYSTEM, "Boot/BootSourceOverrideTarget", "Cd"), goal)
    assert right["some value is the goal's"] == right["every value is the goal's"] == 1
    assert right["sets a property of the goal"] == 1
    assert right["names the goal's resource"] == 1
    assert right["is an operation of the goal's families"] == 1
    wrong = match(change(f"{ROOT}/Chassis/c1", "IndicatorLED", "Lit", "Chassis"), goal)
    assert wrong["some value is the goal's"] == wrong["names the goal's resource"] == 0
    assert wrong["is an operation of the goal's families"] == 0


def test_some_of_the_goal_s_values_are_not_all(scenario: Callable[..., Scenario]) -> None:
    goal = scenario("account create user=ann password=aA3#secret role=Operator")
    arguments = (("UserName", "ann"), ("RoleId", "Administrator"))
    found = match(Action(Request("POST", ACCOUNTS, dict(arguments)), ACCOUNTS, "X", "create Y", arguments), goal)
    assert (found["some value is the goal's"], found["every value is the goal's"]) == (1, 0)
    assert found["sets every property of the goal"] == 1


def test_a_request_that_the_handler_words_is_marked(scenario: Callable[..., Scenario]) -> None:
    goal = scenario("boot once source=Cd")
    (body, *_) = goal.payloads["patch ComputerSystem"]
    worded = Action(Request("PATCH", SYSTEM, body), SYSTEM, "ComputerSystem", "change", ())
    assert match(worded, goal)["is a request that the goal's handler words"] == 1
    other = change(SYSTEM, "IndicatorLED", "Lit")
    assert match(other, goal)["is a request that the goal's handler words"] == 0


def test_every_sub_goal_s_resource_is_named(scenario: Callable[..., Scenario]) -> None:
    goal = scenario("manager reset and led on")
    for uri, kind in ((SYSTEM, "ComputerSystem"), (MANAGER, "Manager")):
        assert match(link(uri, kind, "Members"), goal)["names the goal's resource"] == 1, uri
        shown = flags(read(uri, kind), goal)
        assert shown["is the goal's resource"] == shown["is of the goal's type"] == 1, uri


def test_a_wait_matches_nothing(scenario: Callable[..., Scenario]) -> None:
    assert not any(own_features(action_traits(WAIT_ACTION), scenario("power off").words))


# -- links -------------------------------------------------------------------------------------------------------------


def test_links_tell_how_far_they_lead_from_the_goal_s_type(scenario: Callable[..., Scenario]) -> None:
    goal = scenario("power off")
    member = match(link(SYSTEM, "ComputerSystemCollection", "Members"), goal)
    assert member["the goal's type"] == member["nearer to the goal's type than what offers it"] == 1
    collection = match(link(f"{ROOT}/Systems", "ServiceRoot", "Systems"), goal)
    assert (collection["the goal's type"], collection["one read from the goal's type"]) == (0, 1)
    away = match(link(f"{ROOT}/Registries", "ServiceRoot", "Registries"), goal)
    assert away["nearer to the goal's type than what offers it"] == 0


def test_links_tell_whose_ids_are_on_their_path(scenario: Callable[..., Scenario]) -> None:
    goal = scenario("power off")
    mine, other = (match(link(f"{ROOT}/Systems/{name}", "X", "Members"), goal) for name in ("alpha", "beta"))
    assert (mine["share of the goal's ids on its path"], mine["has an id that is not the goal's"]) == (1, 0)
    assert (other["share of the goal's ids on its path"], other["has an id that is not the goal's"]) == (0, 1)


def test_only_reads_have_link_features(scenario: Callable[..., Scenario]) -> None:
    goal = scenario("power off")
    found = match(change(SYSTEM, "IndicatorLED", "Lit"), goal)
    assert found["share of the goal's ids on its path"] == found["the goal's type"] == 0


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("GracefulRestart", "restarts what it resets"),
        ("ForceOn", "switches it on"),
        ("GracefulShutdown", "switches it off"),
        ("Nmi", ""),
    ],
)
def test_a_reset_tells_what_it_does(scenario: Callable[..., Scenario], kind: str, told: str) -> None:
    names = ("restarts what it resets", "switches it on", "switches it off")
    request = Request("POST", f"{SYSTEM}/Actions/ComputerSystem.Reset", {"ResetType": kind})
    reset = Action(request, SYSTEM, "ComputerSystem", "ComputerSystem.Reset", (("ResetType", kind),))
    found = match(reset, scenario("power off"))
    assert [name for name in names if found[name]] == ([told] if told else [])
    assert not any(match(change(SYSTEM, "LastState", kind), scenario("power off"))[name] for name in names)


def test_a_link_that_one_maker_alone_knows_leads_where_its_path_says(scenario: Callable[..., Scenario]) -> None:
    goal = scenario("power off")
    direct = match(link(SYSTEM, "ContosoDirectory", "Instances"), goal)
    assert direct["the goal's type"] == 1
    unknown = match(link(f"{ROOT}/Boxes/alpha", "ContosoDirectory", "Instances"), goal)
    assert unknown["the goal's type"] == 0


# -- what offers ---------------------------------------------------------------------------------------------------


def test_a_candidate_carries_the_flags_of_what_offers_it(scenario: Callable[..., Scenario]) -> None:
    goal = scenario("power off")
    source = document_flags(document_traits(read(SYSTEM, "ComputerSystem", PowerState="On")), goal.words)
    own = [own_features(action_traits(change(SYSTEM, "IndicatorLED", value)), goal.words) for value in ("Lit", "Off")]
    found = match_features(own, source)
    assert np.array_equal(found[:, -len(DOCUMENT_FLAGS) :], np.stack([source, source]))
    assert np.array_equal(found[:, : -len(DOCUMENT_FLAGS)], np.asarray(own, np.float32))
    assert not match_features(own)[:, -len(DOCUMENT_FLAGS) :].any()


def test_equal_rows_score_equally_in_any_company() -> None:
    rows = np.random.default_rng(0).random((257, len(MATCH_FEATURES))).astype(np.float32)
    together = candidate_scores(rows)
    assert [float(candidate_scores(row[None])[0]) for row in rows] == together.tolist()


def test_what_fits_the_goal_ranks_before_what_does_not(scenario: Callable[..., Scenario]) -> None:
    goal = scenario("boot once source=Cd")
    (body, *_) = goal.payloads["patch ComputerSystem"]
    ranked = [
        Action(Request("PATCH", SYSTEM, body), SYSTEM, "ComputerSystem", "change", ()),
        link(SYSTEM, "ComputerSystemCollection", "Members"),
        link(f"{ROOT}/Systems", "ServiceRoot", "Systems"),
        link(f"{ROOT}/Registries", "ServiceRoot", "Registries"),
    ]
    scores = candidate_scores(match_features([own_features(action_traits(item), goal.words) for item in ranked]))
    assert scores.tolist() == sorted(scores.tolist(), reverse=True)
    assert len(set(scores.tolist())) == len(ranked)


# -- documents ---------------------------------------------------------------------------------------------------------


def test_document_flags_tell_what_a_resource_shows_of_the_goal(scenario: Callable[..., Scenario]) -> None:
    goal = scenario("power off")
    on, off, going = (
        flags(read(SYSTEM, "ComputerSystem", PowerState=state), goal) for state in ("On", "Off", "PoweringOff")
    )
    assert on["is the goal's resource"] == on["is of the goal's type"] == on["shows a property of the goal"] == 1
    assert (on["shows every wanted value"], off["shows every wanted value"]) == (0, 1)
    assert (on["is in transition"], going["is in transition"]) == (0, 1)
    assert (on["has an id that is not the goal's"], on["is a collection"]) == (0, 0)


def test_what_is_alone_of_its_kind_is_the_goal_s_resource_by_its_name(scenario: Callable[..., Scenario]) -> None:
    goal = scenario("bios set attributes='{\"Turbo\":false}'")
    assert flags(read(f"{SYSTEM}/Bios", "Bios"), goal)["is the goal's resource"] == 1
    assert flags(read(f"{SYSTEM}/Memory", "MemoryCollection"), goal)["is the goal's resource"] == 0


def test_an_empty_property_of_the_goal_is_told(scenario: Callable[..., Scenario]) -> None:
    goal = scenario("account create user=ann password=aA3#secret role=Operator")
    name = "shows a property of the goal empty"
    slot = flags(read(f"{ACCOUNTS}/3", "ManagerAccount", UserName="", RoleId="Operator"), goal)
    taken = flags(read(f"{ACCOUNTS}/3", "ManagerAccount", UserName="bob", RoleId="Operator"), goal)
    hidden = flags(read(f"{ACCOUNTS}/3", "ManagerAccount"), goal)
    assert (slot[name], taken[name], hidden[name]) == (1, 0, 0)


def test_members_are_counted_up_to_sixteen(scenario: Callable[..., Scenario]) -> None:
    goal = scenario("power off")
    shares = [
        flags(read(f"{ROOT}/Systems", "ComputerSystemCollection", Members=[{}] * n), goal)["number of members"]
        for n in (0, 4, 16, 99)
    ]
    assert shares == [0, 0.25, 1, 1]


def test_the_document_that_a_sub_goal_is_about_fits_it_best(scenario: Callable[..., Scenario]) -> None:
    goal = scenario("account disable user=eve")
    fits = [
        document_fit(document_flags(document_traits(document), goal.words))
        for document in (
            read(f"{ACCOUNTS}/2", "ManagerAccount", UserName="eve", Enabled=True),
            read(f"{ACCOUNTS}/1", "ManagerAccount", UserName="root", Enabled=True),
            read(f"{SYSTEM}/Bios", "Bios"),
        )
    ]
    assert fits == sorted(fits, reverse=True)
    assert len(set(fits)) == 3


@pytest.mark.parametrize(
    ("text", "document", "shown"),
    [
        ("power off", read(SYSTEM, "ComputerSystem", PowerState="Off"), True),
        ("power off", read(SYSTEM, "ComputerSystem", PowerState="On"), False),
        ("power off", read(SYSTEM, "ComputerSystem", PowerState="PoweringOff"), None),
        ("power off", read(SYSTEM, "ComputerSystem"), None),
        ("power off", read(f"{ROOT}/Systems/beta", "ComputerSystem", PowerState="Off"), None),
        ("power off", read(f"{ROOT}/Chassis/alpha", "Chassis", PowerState="Off"), None),
        ("power restart", read(SYSTEM, "ComputerSystem", PowerState="On", LastResetTime="2026-01-01T00:00:00Z"), None),
        ("account disable user=eve", read(f"{ACCOUNTS}/2", "ManagerAccount", UserName="eve", Enabled=False), True),
        ("account disable user=eve", read(f"{ACCOUNTS}/2", "ManagerAccount", UserName="eve", Enabled=True), False),
        ("account disable user=eve", read(f"{ACCOUNTS}/1", "ManagerAccount", UserName="root", Enabled=False), None),
        ("account disable user=eve", read(f"{ROOT}/Sessions/7", "Session", UserName="eve", Enabled=False), None),
        ("led on", read(SYSTEM, "ComputerSystem", LocationIndicatorActive=True), True),
        ("led on", read(SYSTEM, "ComputerSystem", Oem={"Contoso": {"LocationIndicatorActive": True}}), None),
        (
            "led on",
            read(SYSTEM, "ComputerSystem", LocationIndicatorActive=True, Oem={"X": {"LocationIndicatorActive": False}}),
            True,
        ),
    ],
)
def test_documents_speak_of_their_own_sub_goal_only(
    scenario: Callable[..., Scenario], text: str, document: Document, shown: bool | None
) -> None:
    assert told(document, scenario(text)) is shown


def test_each_protocol_speaks_for_itself(pool_of: Callable[..., Any]) -> None:
    pool, _ = pool_of("generated:6", "generated:4", "generated:9?manner=terse&size=60", per_family=4)
    goals = [scenario for scenario in pool.scenarios if scenario.family == "protocol"]
    for goal in goals:
        part = goal.goal.parts[0]
        name, want = part.arguments["name"], part.verb == "enable"
        body = goal.engine.reader(goal.start).get(part.target)
        switches = [key for key in body if isinstance(value_at(body, f"{key}/ProtocolEnabled"), bool)]
        others = {key: {**body[key], "ProtocolEnabled": want} for key in switches if key != name}
        assert others
        mine = {name: {**body[name], "ProtocolEnabled": want}}
        told_of = [told(Document(part.target, {**body, **more}, ()), goal) for more in (others, mine, others | mine)]
        assert told_of == [False, True, True]
    assert len(goals) > 1


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (None, "", True),
        (None, "None", False),
        ([], [""], True),
        (["a", ""], ["a"], True),
        (["a", "b"], ["b", "a"], False),
        (["/x/1", "/x/2"], [{"@odata.id": "/x/2"}, {"@odata.id": "/x/1"}], True),
        (True, "true", True),
        (1, 2, False),
    ],
)
def test_values_that_mean_the_same_compare_equal(one: Any, other: Any, same: bool) -> None:
    assert (comparable(one) == comparable(other)) is same
