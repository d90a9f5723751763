from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from igc_core.protocols import Action
from igc_core.rest import WAIT, Request
from igc_redfish.process import lexicon
from igc_redfish.process.catalogue import WAIT_ACTION, Document
from igc_redfish.process.engine import Engine
from igc_redfish.process.scenario import Scenario
from igc_redfish.process.traits import action_traits, document_traits

SYSTEM = "/redfish/v1/Systems/alpha"


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
                action_traits(
                    Action(Request("POST", "/redfish/v1/A/B", body), "/", "C", "create X", (("UserName", name),))
                ),
                words,
            )
        )
    assert np.array_equal(*rows)
    assert lexicon.token("value", "<goal>") in rows[0]
    assert lexicon.token("argument", "<property>") in rows[0]


def test_a_wait_is_one_token(scenario: Callable[..., Scenario]) -> None:
    tokens = lexicon.candidate_tokens(action_traits(WAIT_ACTION), scenario("power off").words)
    assert tokens.tolist() == [lexicon.token("method", WAIT)]


def test_the_goal_s_places_become_markers(scenario: Callable[..., Scenario]) -> None:
    goal = scenario("power off").words
    system = Action(Request("GET", SYSTEM), "/redfish/v1/Systems", "ComputerSystemCollection", "Members")
    other = Action(Request("GET", f"{SYSTEM}2"), "/redfish/v1/Systems", "ComputerSystemCollection", "Members")
    mark = lexicon.token("last", "<goal>")
    assert mark in lexicon.candidate_tokens(action_traits(system), goal)
    assert mark not in lexicon.candidate_tokens(action_traits(other), goal)
    read = document_traits(Document(SYSTEM, {"PowerState": "Off"}, ()))
    tokens = lexicon.document_tokens(read, goal)
    assert lexicon.token("place", "<goal>") in tokens
    assert lexicon.token("fact", "powerstate=<goal>") in tokens


def test_a_link_s_tokens_tell_where_it_leads(scenario: Callable[..., Scenario]) -> None:
    link = Action(Request("GET", "/redfish/v1/x"), "/redfish/v1/y", "Chassis", "ThermalSubsystem")
    tokens = lexicon.candidate_tokens(action_traits(link), scenario("power off").words)
    assert {lexicon.token("leads", "thermal"), lexicon.token("leads", "subsystem")} <= set(tokens.tolist())


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
    goal = scenario("power off").words
    body = {f"BigRedName{number}": number for number in range(40)}
    request = Request("PATCH", f"{SYSTEM}/OneTwoThreeFour", body)
    wide = Action(request, SYSTEM, "A" + "Bc" * 50, "one/two/three/four/five", tuple(body.items()))
    kind = "A" + "Bc" * 50
    read = Document(SYSTEM, {**body, "@odata.type": f"#{kind}.{kind}"}, ())
    assert len(lexicon.candidate_tokens(action_traits(wide), goal)) == lexicon.CANDIDATE_TOKENS
    assert len(lexicon.document_tokens(document_traits(read), goal)) == lexicon.DOCUMENT_TOKENS


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
