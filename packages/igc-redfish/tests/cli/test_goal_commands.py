from __future__ import annotations

import json
from typing import Any

import pytest

from igc_core.cli.app import main

Capsys = pytest.CaptureFixture[str]


def printed(arguments: list[str], capsys: Capsys, code: int = 0) -> str:
    assert main(arguments) == code
    return capsys.readouterr().out


def listed(arguments: list[str], capsys: Capsys) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(printed(["goals", "list", *arguments, "--json"], capsys))
    return rows


def test_goals_are_listed_as_texts_that_run_understands(capsys: Capsys) -> None:
    rows = listed(["--on", "generated:6", "--family", "power", "--family", "led"], capsys)
    assert {row["family"] for row in rows} == {"power", "led"}
    text = next(row["goal"] for row in rows if row["family"] == "power" and not row["holds"])
    assert "reached and verified" in printed(["run", text, "--on", "generated:6", "--agent", "planner"], capsys)


def test_the_table_ends_with_the_goal_and_the_records_say_true_or_false(capsys: Capsys) -> None:
    rows = listed(["--on", "generated:6", "--family", "power"], capsys)
    assert {row["holds"] for row in rows} == {True, False}
    title, head, *lines = printed(["goals", "list", "--on", "generated:6", "--family", "power"], capsys).splitlines()
    assert title == f"{len(rows)} goals on generated:6"
    assert head.split() == ["family", "holds", "goal"]
    assert [line.endswith(row["goal"]) for line, row in zip(lines, rows, strict=True)] == [True] * len(rows)
    assert printed(["goals", "list", "--on", "generated:3", "--family", "manager"], capsys).startswith("1 goal on ")


@pytest.mark.parametrize(
    "goal",
    ["password set root Zq9-Secret-77", "password Zq9-Secret-77", "Zq9-Secret-77", "password Set 'Zq9-Secret-77"],
)
def test_an_unreadable_goal_is_not_repeated(goal: str, capsys: Capsys) -> None:
    assert main(["run", goal, "--on", "generated:6"]) == 2
    assert "zq9" not in capsys.readouterr().err.lower()


def test_a_listed_goal_with_a_mask_asks_for_the_secret(capsys: Capsys) -> None:
    goal = next(row["goal"] for row in listed(["--on", "generated:6"], capsys) if "<redacted>" in row["goal"])
    assert main(["run", goal, "--on", "generated:6"]) == 2
    assert "the list masks secrets: give one" in capsys.readouterr().err


def test_passwords_of_example_goals_are_not_shown(capsys: Capsys) -> None:
    rows = listed(["--on", "generated:6", "--family", "account"], capsys)
    assert any("password=" in row["goal"] for row in rows)
    assert not any("aA3#" in row["goal"] for row in rows)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--on", "generated:6", "--family", "pover"], "goal-unknown-family"),
        (["--on", "no-such-machine"], "capture-missing"),
        (["--on", "generated:6?size=x"], "data-invalid"),
    ],
)
def test_bad_input_is_one_line_with_a_code(arguments: list[str], code: str, capsys: Capsys) -> None:
    assert main(["goals", "list", *arguments]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    (line,) = shown.err.splitlines()
    assert line.startswith(f"error[{code}]: ")


@pytest.mark.parametrize("goal", ["power off and led on", "power off then power on"])
def test_composite_goals_run(goal: str, capsys: Capsys) -> None:
    assert "reached and verified" in printed(["run", goal, "--on", "generated:6", "--agent", "planner"], capsys)


def test_booting_an_image_is_one_goal(capsys: Capsys) -> None:
    media = [
        row["goal"] for row in listed(["--on", "generated:3", "--family", "media"], capsys) if ".iso" in row["goal"]
    ]
    goal = f"{media[0]} then boot once source=Cd then power restart"
    assert "reached and verified" in printed(["run", goal, "--on", "generated:3", "--agent", "planner"], capsys)


def test_a_baseline_costs_one_reset(capsys: Capsys) -> None:
    bios = [row["goal"] for row in listed(["--on", "generated:3", "--family", "bios"], capsys)][:2]
    goal = f"{' and '.join(bios)} with at most 1 resets"
    shown = printed(["run", goal, "--on", "generated:3", "--agent", "planner"], capsys)
    assert "reached" in shown
    assert shown.count("ComputerSystem.Reset") <= 2


@pytest.mark.parametrize("agent", ["./nothing-here", "/nowhere/agent"])
def test_a_folder_that_is_not_there_is_told_from_a_name(agent: str, capsys: Capsys) -> None:
    assert main(["run", "power off", "--on", "generated:6", "--agent", agent]) == 2
    assert capsys.readouterr().err.startswith("error[agent-missing]: there is no folder ")
