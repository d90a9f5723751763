from __future__ import annotations

from collections.abc import Callable

import pytest

from igc_core.errors import GoalError
from igc_core.models import Goal
from igc_redfish.episodes import begin, understood
from igc_redfish.goals.book import GoalBook
from igc_redfish.process.engine import Engine
from igc_redfish.reading.choices import Choice, choices, said
from igc_redfish.reading.reading import Reading, told
from igc_redfish.sources import only_machine

from .conftest import OverlapReader

Read = Callable[[str], Reading]


def code(read: Read, text: str) -> str:
    with pytest.raises(GoalError) as caught:
        read(text)
    assert "sesame" not in str(caught.value)
    return caught.value.code


@pytest.mark.parametrize(
    ("text", "verb", "arguments"),
    [
        ("please turn the server off", "power off", {}),
        ("reboot this host", "power restart", {}),
        ("boot from the network a single time", "boot once", {"source": "Pxe"}),
        ("always boot from Hdd", "boot continuous", {"source": "Hdd"}),
        ("turn IPMI on", "protocol enable", {"name": "IPMI"}),
        ("set up a login for 'bob' with password 'open sesame' as an operator", "account create",
         {"user": "bob", "password": "open sesame", "role": "Operator"}),
        ("send events to https://a.example/x?y=1", "subscription create", {"destination": "https://a.example/x?y=1"}),
        ("the NTP server is 192.0.2.1", "ntp enable", {"servers": ["192.0.2.1"]}),
    ],
)  # fmt: skip
def test_text_is_read_with_its_values(read: Read, text: str, verb: str, arguments: dict[str, object]) -> None:
    goal = read(text).goal
    assert isinstance(goal, Goal)
    assert f"{goal.family} {goal.verb}" == verb
    assert goal.arguments == arguments
    assert goal.target


def test_bios_setting_may_be_any_that_lists_its_values(read: Read) -> None:
    goal = read("set MemoryMode to Mirror in the BIOS").goal
    assert isinstance(goal, Goal)
    assert goal.arguments["attributes"] == {"MemoryMode": "Mirror"}


def test_bios_setting_is_known_by_the_name_that_its_registry_displays(book: GoalBook) -> None:
    service = Engine(only_machine("generated:3"), list(book)).reader(0)
    called = book.handler("bios").called(service)["attribute"]
    name, shown = next((name, shown) for name, shown in called.items() if shown != name and " " in shown)
    offered = [one for one in choices(book, service) if one.named.get("attribute") == name]
    texts = [one.meaning for one in said(f"set {shown} to {offered[0].named['value']}", offered)]
    assert set(texts) == {"bios set attribute={attribute} value={value}"}


def test_what_is_said_in_more_words_wins(book: GoalBook) -> None:
    goals = [Goal(family="bios", verb="set", arguments={"attributes": {name: "x"}}) for name in ("A1", "B2")]
    shown = ("Memory", "Memory Mirror")
    offered = [
        Choice(book.handler("bios"), (goal,), {"attribute": name, "value": "x"}, {"attribute": text})
        for goal, name, text in zip(goals, ("A1", "B2"), shown, strict=True)
    ]
    assert [one.choice.named["attribute"] for one in said("memory mirror, please", offered)] == ["B2"]
    assert [one.choice.named["attribute"] for one in said("memory, please", offered)] == ["A1"]


def test_unsure_reader_names_what_comes_nearest(read: Read) -> None:
    with pytest.raises(GoalError, match=r"did you mean .*'power ") as caught:
        read("power")
    assert caught.value.code == "goal-uncertain"


@pytest.mark.parametrize("text", ["make me a coffee", "is the machine on", "do you know http://192.0.2.1/x"])
def test_what_is_no_goal_is_declined(read: Read, text: str) -> None:
    assert code(read, text) == "goal-uncertain"


def test_what_only_other_machines_can_do_is_told_as_such(read: Read) -> None:
    with pytest.raises(GoalError, match="'protocol enable name=SSH', which this machine cannot express"):
        read("turn SSH on")
    assert code(read, "let the indicator blink") == "goal-not-expressible"


def test_missing_value_is_asked_for(read: Read) -> None:
    with pytest.raises(GoalError, match="password cannot be told; put what you make up in quotes"):
        read("set up a login for 'bob' as an operator")


def test_value_without_a_place_stops_the_reading(read: Read) -> None:
    with pytest.raises(GoalError, match="has no place for one of the values"):
        read("please turn the server off 'sesame'")


def test_secrets_are_never_repeated(read: Read, book: GoalBook) -> None:
    reading = read("set up a login for 'bob' with password 'open sesame' as an operator")
    assert "sesame" not in told(reading, book)
    assert code(read, "change the passphrase 'sesame' of 'nobody' and 'somebody'") == "goal-uncertain"


@pytest.mark.parametrize("text", ["", "  ", "off " * 1000])
def test_empty_and_endless_texts_are_refused(read: Read, text: str) -> None:
    assert code(read, text) == "goal-unreadable"


def test_target_is_asked_for_where_several_fit(read: Read) -> None:
    with pytest.raises(GoalError, match="could be about") as caught:
        read("erase the event log")
    assert caught.value.code == "goal-ambiguous"


@pytest.mark.parametrize("name", ["/redfish/v1/Managers/1/LogServices/FaultList", "FaultList", "'FaultList'"])
def test_target_is_named_by_uri_or_id(read: Read, name: str) -> None:
    goal = read(f"erase the event log {name}").goal
    assert isinstance(goal, Goal)
    assert goal.target == "/redfish/v1/Managers/1/LogServices/FaultList"


def test_what_the_grammar_reads_is_never_left_to_a_reader(book: GoalBook) -> None:
    goal = understood("power off", book, None, freely=True)
    assert goal == Goal(family="power", verb="off")


@pytest.mark.parametrize("text", ["power offf", "boot from the LAN"])
def test_what_it_cannot_read_is_left_to_one_that_is_there(book: GoalBook, text: str) -> None:
    assert understood(text, book, None, freely=True) is None
    with pytest.raises(GoalError):
        understood(text, book, None)


def test_typing_error_in_an_argument_is_told_as_such(book: GoalBook) -> None:
    with pytest.raises(GoalError, match="no argument of it"):
        understood("account delete usr=bob", book, None, freely=True)


def test_episode_begins_with_what_was_understood() -> None:
    heard: list[Reading] = []
    trial = begin("please turn the server off", "generated:3", reader=OverlapReader(), understood_as=heard.append)
    assert [reading.goal for reading in heard] == [trial.scenario.goal]
