from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from igc_core.cli.app import main

TOY = """
from igc_core.hookspecs import hookimpl
from igc_core.specs import AgentSpec, GoalHandlerSpec

@hookimpl
def igc_agents():
    yield AgentSpec(name="toy-agent", factory="a:b", summary="Act at random.")

@hookimpl
def igc_goal_handlers():
    yield GoalHandlerSpec(name="toy-goal", factory="a:b", summary="Play.", system="toy")
"""


@pytest.fixture(autouse=True)
def _toy(install: Callable[..., None]) -> None:
    install("toy", TOY)


def test_list_shows_plugins_and_components(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plugins", "list"]) == 0
    out = capsys.readouterr().out
    for word in ("igc_toy 0.3", "active", "toy-agent", "goal-handler", "Act at random."):
        assert word in out


def test_list_is_given_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plugins", "list", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert "toy" in [plugin["name"] for plugin in told["plugins"] if plugin["state"] == "active"]
    assert {"toy-agent", "toy-goal", "plugins"} <= {component["name"] for component in told["components"]}


def test_plugin_is_shown_with_its_components(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plugins", "show", "toy"]) == 0
    out = capsys.readouterr().out
    assert "toy_plugin" in out
    assert "toy-agent" in out
    assert "toy-goal" in out


def test_component_is_shown_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plugins", "show", "toy-goal", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["plugins"] == []
    assert [component["system"] for component in told["components"]] == ["toy"]
    assert main(["plugins", "show", "toy-goal"]) == 0


def test_plugin_that_offers_nothing_is_shown(install: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    install("other", "")
    assert main(["plugins", "show", "other"]) == 0
    assert "Components" not in capsys.readouterr().out


def test_near_miss_is_suggested(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plugins", "show", "toi"]) == 2
    assert capsys.readouterr().err == (
        "error[plugin-unknown-component]: no plugin or component named 'toi'; did you mean 'toy'?\n"
    )
