from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from igc_core.protocols import Action
from igc_core.rest import WAIT, Request
from igc_redfish.process import lexicon
from igc_redfish.process.catalogue import WAIT_ACTION
from igc_redfish.process.engine import Engine
from igc_redfish.process.scenario import Scenario

SYSTEM = "/redfish/v1/Systems/alpha"


def match(action: Action, scenario: Scenario) -> dict[str, float]:
    return dict(zip(lexicon.MATCH_FEATURES, lexicon.candidate_match(action, scenario.words).tolist(), strict=True))


def change(uri: str, path: str, value: object, kind: str = "ComputerSystem") -> Action:
    return Action(Request("PATCH", uri, {path: value}), uri, kind, "change", ((path, value),))  # type: ignore[dict-item, arg-type]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("LogServices/SEL", ("log", "service", "sel")),
        ("VirtualMedia", ("virtual", "media")),
        ("NetworkPort2", ("network", "port", "2")),
        ("BMCReset", ("bmc", "reset")),
        ("Policies", ("policy",)),
        ("Chassis", ("chassis",)),
        ("Status", ("status",)),
        ("", ()),
    ],
)
def test_names_become_words_without_plural(text: str, found: tuple[str, ...]) -> None:
    assert lexicon.words(text) == found


@given(st.text(), st.text())
def test_tokens_are_in_the_vocabulary_and_never_padding(field: str, word: str) -> None:
    assert 0 < lexicon.token(field, word) < lexicon.VOCABULARY


def test_the_goal_s_values_become_markers(scenario: Callable[..., Scenario]) -> None:
    rows = []
    for name in ("node-1", "node-77"):
        words = scenario(f"account create user={name} password=aA3#secret role=Operator").words
        body = {"UserName": name}
        rows.append(
            lexicon.candidate_tokens(
                Action(Request("POST", "/redfish/v1/A/B", body), "/", "C", "create X", (("UserName", name),)), words
            )
        )
    assert np.array_equal(*rows)
    assert lexicon.token("value", "<goal>") in rows[0]
    assert lexicon.token("argument", "<property>") in rows[0]


def test_match_features_tell_what_a_request_has_of_the_goal(scenario: Callable[..., Scenario]) -> None:
    goal = scenario("boot once source=Cd")
    right = match(change(SYSTEM, "Boot/BootSourceOverrideTarget", "Cd"), goal)
    assert right["some value is the goal's"] == right["every value is the goal's"] == 1
    assert right["sets a property of the goal"] == 1
    assert right["names the goal's resource"] == 1
    assert right["is an operation of the goal's families"] == 1
    wrong = match(change("/redfish/v1/Chassis/c1", "IndicatorLED", "Lit", "Chassis"), goal)
    assert wrong["some value is the goal's"] == wrong["names the goal's resource"] == 0
    assert wrong["is an operation of the goal's families"] == 0


def test_a_request_that_the_handler_words_is_marked(scenario: Callable[..., Scenario]) -> None:
    goal = scenario("boot once source=Cd")
    (body, *_) = goal.payloads["patch ComputerSystem"]
    worded = Action(Request("PATCH", SYSTEM, body), SYSTEM, "ComputerSystem", "change", ())
    assert match(worded, goal)["is a request that the goal's handler words"] == 1


def test_every_sub_goal_s_resource_is_named(scenario: Callable[..., Scenario]) -> None:
    goal = scenario("manager reset and led on")
    for uri, kind in ((SYSTEM, "ComputerSystem"), ("/redfish/v1/Managers/bmc", "Manager")):
        found = match(Action(Request("GET", uri), uri, kind, "Members"), goal)
        assert found["names the goal's resource"] == 1, uri
        flags = lexicon.document_flags(uri, kind, {}, goal.words)
        told = dict(zip(lexicon.DOCUMENT_FLAGS, flags.tolist(), strict=True))
        assert told["is the goal's resource"] == told["is of the goal's type"] == 1, uri


def test_a_wait_matches_nothing(scenario: Callable[..., Scenario]) -> None:
    words = scenario("power off").words
    assert not lexicon.candidate_match(WAIT_ACTION, words).any()
    assert lexicon.candidate_tokens(WAIT_ACTION, words).tolist() == [lexicon.token("method", WAIT)]


def test_document_flags_tell_what_a_resource_shows_of_the_goal(scenario: Callable[..., Scenario]) -> None:
    goal = scenario("power off")

    def flags(state: str) -> dict[str, float]:
        body = {"@odata.type": "#ComputerSystem.v1_20_0.ComputerSystem", "PowerState": state}
        found = lexicon.document_flags(SYSTEM, "ComputerSystem", body, goal.words)
        return dict(zip(lexicon.DOCUMENT_FLAGS, found.tolist(), strict=True))

    assert flags("On")["is the goal's resource"] == flags("On")["is of the goal's type"] == 1
    assert (flags("On")["shows every wanted value"], flags("Off")["shows every wanted value"]) == (0, 1)
    assert flags("PoweringOff")["is in transition"] == 1


def test_renaming_ids_changes_no_row(host: Callable[..., Engine], scenario: Callable[..., Scenario]) -> None:
    def rename(uri: str) -> str:
        return uri.replace("/alpha", "/zulu").replace("/bmc", "/xerxes")

    told = []
    for engine in (host(), host(rename)):
        goal = scenario("boot once source=Cd", engine)
        for uri in engine.machine.reachable:
            goal.offer(engine.step(0, engine.number_of(Action(Request("GET", uri)))).document)
        rows = goal.rows
        told.append({name: rows.candidates.array(name) for name in ("tokens", "match")})
        told[-1] |= {f"d{name}": rows.documents.array(name) for name in ("tokens", "flags")}
    # Ids are words like others in the places of a path; all that is said of them apart from that is the same.
    assert all(len(told[0][name]) == len(told[1][name]) for name in told[0])
    assert np.array_equal(told[0]["match"], told[1]["match"])
    assert np.array_equal(told[0]["dflags"], told[1]["dflags"])


def test_values_are_cut_to_the_width_of_the_tables(scenario: Callable[..., Scenario]) -> None:
    goal = scenario("power off")
    body = {f"Name{number}": number for number in range(40)}
    wide = Action(Request("PATCH", SYSTEM, body), SYSTEM, "A" + "Bc" * 50, "change", tuple(body.items()))
    assert len(lexicon.candidate_tokens(wide, goal.words)) <= lexicon.CANDIDATE_TOKENS
    assert len(lexicon.document_tokens(SYSTEM, "A" + "Bc" * 50, body, goal.words)) <= lexicon.DOCUMENT_TOKENS


@pytest.mark.parametrize(
    ("action", "operation"),
    [
        (Action(Request("PATCH", "/a"), source_type="Chassis"), "patch Chassis"),
        (Action(Request("POST", "/a"), relation="LogService.ClearLog"), "action LogService.ClearLog"),
        (Action(Request("POST", "/a"), relation="create Volume"), "create Volume"),
        (Action(Request("DELETE", "/a"), relation="delete Volume"), "delete Volume"),
        (Action(Request("GET", "/a"), relation="Members"), ""),
    ],
)
def test_operations_are_named_like_rules(action: Action, operation: str) -> None:
    assert lexicon.operation_of(action) == operation
