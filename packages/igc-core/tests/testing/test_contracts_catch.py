"""What breaks a contract fails it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import gymnasium as gym
import numpy as np
import pytest

from igc_core.errors import IgcError
from igc_core.models import Goal
from igc_core.protocols import Action, View
from igc_core.rest import Request, Response
from igc_core.testing import (
    AgentContract,
    BackendContract,
    Contract,
    EncoderContract,
    EnvironmentContract,
    GoalHandlerContract,
    PluginContract,
)
from igc_core.testing.fakes import FakeBackend, ModeHandler, RandomAgent, Thermostats

Install = Callable[..., None]
COOL = Goal(family="thermostat-mode", verb="set", target="/api/zones/hall", arguments={"mode": "Cool"})


def failures(contract: Contract, **fixtures: object) -> set[str]:
    """Run every standard test of a contract, and name those that fail."""
    failed = set()
    for name, test in inspect.getmembers(contract, inspect.ismethod):
        if name.startswith("test_"):
            wanted = {argument: fixtures[argument] for argument in inspect.signature(test).parameters}
            try:
                test(**wanted)
            except pytest.skip.Exception:
                continue
            except (AssertionError, pytest.fail.Exception, IgcError):
                failed.add(name)
    return failed


class TalkativeBackend(FakeBackend):
    """Shows its secret, changes on reading, answers HEAD with a body, and forgets that a resource is missing."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = 0

    def __repr__(self) -> str:
        return "TalkativeBackend(password='warm-and-dry')"

    def perform(self, request: Request) -> Response:
        self.reads += 1
        if isinstance(request.body, dict):
            request.body.clear()
        return Response(200, {"Reads": self.reads})


def test_talkative_backend_fails() -> None:
    class Backend(BackendContract):
        known = "/api"
        secret = "warm-and-dry"

    assert failures(Backend(), backend=TalkativeBackend()) == {
        "test_head_has_no_body",
        "test_refusal_is_an_answer",
        "test_request_is_left_as_it_was",
        "test_safe_methods_change_nothing",
        "test_secrets_are_not_shown",
    }


class MoodyEncoder:
    """Its vectors depend on the batch and on its mood."""

    width = 4
    calls = 0

    @property
    def fingerprint(self) -> str:
        return str(self.calls)

    def encode(self, resources: Sequence[Any]) -> Any:
        self.calls += 1
        return np.full((max(len(resources), 1), self.width), self.calls + len(resources), dtype=np.float64)


def test_moody_encoder_fails_all_but_two() -> None:
    encoder = MoodyEncoder()
    assert failures(EncoderContract(), encoder=encoder, twin=encoder) == {
        "test_batch_has_the_promised_shape_and_type",
        "test_different_resources_differ",
        "test_empty_batch_is_allowed",
        "test_fingerprint_is_stable",
        "test_rows_have_unit_or_zero_norm",
        "test_same_resource_gives_the_same_vector",
        "test_vector_does_not_depend_on_the_batch",
    }


class GreedyHandler(ModeHandler):
    """Claims every text, and forgets the zone when it words a goal."""

    def parse(self, text: str) -> Goal | None:
        return super().parse(text) or COOL

    def text(self, goal: Goal) -> str:
        return "cool it"


def test_greedy_handler_fails() -> None:
    class Handler(GoalHandlerContract):
        understood = "set mode of hall to cool"

    service = Thermostats()
    found = failures(Handler(), handler=GreedyHandler(), service=service, reached=service, goal=COOL)
    assert found == {
        "test_foreign_texts_are_declined",
        "test_goal_is_told_from_its_absence",
        "test_text_loses_nothing",
    }


class WildAgent(RandomAgent):
    """Ignores its seed, and the number of actions."""

    calls = 0

    def choose(self, view: View) -> int:
        self.calls += 1
        return self.calls


def test_wild_agent_fails() -> None:
    view = View(goal=COOL, actions=[Action(Request("GET", "/a")), Action(Request("GET", "/b"))], documents={})
    assert failures(AgentContract(), agent=WildAgent(), views=[view, view]) == {
        "test_choice_is_a_legal_action",
        "test_same_seed_gives_the_same_choices",
        "test_the_only_action_is_taken",
    }


class LoadedDice(gym.Env[Any, Any]):
    """Forgets its seed, has no legal slot left, ends twice at once, and rewards what is illegal."""

    observation_space = gym.spaces.Dict(
        {name: gym.spaces.Box(0, 1, (1,)) for name in ("achieved_goal", "desired_goal", "observation")}
    )
    action_space: Any = gym.spaces.Discrete(2)
    throws = 0

    def reset(self, *, seed: int | None = None, options: Any = None) -> Any:
        self.throws += 1
        return self._observation(), {}

    def step(self, action: Any) -> Any:
        self.throws += 1
        return self._observation(), 1.0, True, True, {}

    def action_masks(self) -> Any:
        return np.array([self.throws == 1, False])[: 2 - (self.throws > 2)]

    def compute_reward(self, achieved: Any, desired: Any, info: Any) -> Any:
        return 0.5 if isinstance(info, dict) else np.zeros(len(info))

    def _observation(self) -> dict[str, Any]:
        value = np.full(1, 1 / self.throws, dtype=np.float32)
        return {"achieved_goal": value, "desired_goal": value, "observation": value}


class LegalDice(LoadedDice):
    def action_masks(self) -> Any:
        return np.array([True, False])


def test_loaded_dice_fail() -> None:
    assert failures(EnvironmentContract(), env=LegalDice()) == {
        "test_ends_are_told_apart",
        "test_gymnasium_accepts_it",
        "test_illegal_slot_is_answered",
        "test_reward_agrees_with_the_goals",
        "test_same_seed_gives_the_same_episode",
    }


def test_what_an_environment_has_not_is_not_judged() -> None:
    class Free(LegalDice):
        observation_space = gym.spaces.Box(0, 1, (1,))  # type: ignore[assignment]

        def action_masks(self) -> Any:
            return np.array([True, True])

    for check in ("test_illegal_slot_is_answered", "test_reward_agrees_with_the_goals"):
        with pytest.raises(pytest.skip.Exception):
            getattr(EnvironmentContract(), check)(Free())


class Patient(EnvironmentContract):
    """Looks at the first step alone."""

    steps = 1


def test_first_steps_are_enough_where_an_episode_is_long() -> None:
    class Endless(LegalDice):
        def step(self, action: Any) -> Any:
            return self._observation(), 0.5, False, False, {}

        def compute_reward(self, achieved: Any, desired: Any, info: Any) -> Any:
            return 0.5 if isinstance(info, dict) else np.full(len(info), 0.5)

    Patient().test_reward_agrees_with_the_goals(Endless())
    Patient().test_ends_are_told_apart(Endless())


def test_wrong_mask_fails() -> None:
    class Wide(LegalDice):
        def action_masks(self) -> Any:
            return np.array([True, False, False])

    with pytest.raises(AssertionError):
        EnvironmentContract().test_masks_leave_a_legal_slot(Wide())


GOOD = """
from igc_core.hookspecs import hookimpl
from igc_core.specs import AgentSpec, EnvironmentSpec

@hookimpl
def igc_agents():
    yield AgentSpec(name="toy", factory="igc_core.testing.fakes:RandomAgent", summary="Acts at random.")

@hookimpl
def igc_environments():
    yield EnvironmentSpec(name="toy", factory="igc_core.env:GoalEnvironment", batched="igc_core.env:Codec", summary="s")
"""
CASES = {
    GOOD: set(),
    "import numpy\n" + GOOD: {"test_module_imports_light"},
    "from igc_core.hookspecs import hookimpl\n@hookimpl\ndef igc_veto(action): ...": set(),
    "": {"test_hooks_exist", "test_specs_are_valid_and_names_unique"},
    "from igc_core.hookspecs import hookimpl\n@hookimpl\ndef igc_agents(): return []": {
        "test_specs_are_valid_and_names_unique"
    },
    GOOD.replace("RandomAgent", "Nobody"): {"test_factories_resolve"},
    GOOD.replace("testing.fakes:RandomAgent", "rest:WAIT"): {"test_factories_resolve"},
    GOOD.replace("env:Codec", "rest:WAIT"): {"test_factories_resolve"},
    GOOD.replace('"toy"', '"Toy!"'): {"test_specs_are_valid_and_names_unique", "test_factories_resolve"},
    GOOD.replace("igc_agents", "igc_agent"): {
        "test_hooks_exist",
        "test_specs_are_valid_and_names_unique",
        "test_factories_resolve",
    },
}


@pytest.mark.parametrize(("source", "expected"), CASES.items())
def test_plugin_is_judged(
    install: Install, monkeypatch: pytest.MonkeyPatch, tmp_path: Any, source: str, expected: set[str]
) -> None:
    class Plugin(PluginContract):
        module = "toy_plugin"

    install("toy", source)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    assert failures(Plugin()) == expected


def test_plugin_that_cannot_be_imported_fails(install: Install) -> None:
    class Plugin(PluginContract):
        module = "no_such_plugin"

    with pytest.raises(AssertionError, match="importing no_such_plugin fails"):
        Plugin().test_module_imports_light()


def test_replacing_a_standard_test_silently_fails() -> None:
    class Lax(AgentContract):
        def test_choice_is_a_legal_action(self) -> None:  # type: ignore[override]
            """Pass."""

        test_the_only_action_is_taken = None  # type: ignore[assignment]

    with pytest.raises(AssertionError, match="Lax replaces test_choice_is_a_legal_action, test_the_only_action"):
        Lax().test_no_standard_test_is_silently_replaced()


def test_replacing_a_standard_test_for_a_reason_is_allowed() -> None:
    class Honest(AgentContract):
        @pytest.mark.xfail(reason="draws from the clock")
        def test_same_seed_gives_the_same_choices(self) -> None:  # type: ignore[override]
            """Pass."""

    class Evasive(AgentContract):
        @pytest.mark.xfail
        def test_same_seed_gives_the_same_choices(self) -> None:  # type: ignore[override]
            """Pass."""

    Honest().test_no_standard_test_is_silently_replaced()
    with pytest.raises(AssertionError, match="Evasive replaces"):
        Evasive().test_no_standard_test_is_silently_replaced()


@pytest.mark.parametrize(
    ("contract", "fixture"),
    [
        (AgentContract, "agent"),
        (AgentContract, "views"),
        (BackendContract, "backend"),
        (EncoderContract, "encoder"),
        (EnvironmentContract, "env"),
        (GoalHandlerContract, "handler"),
        (GoalHandlerContract, "service"),
        (GoalHandlerContract, "reached"),
    ],
)
def test_missing_fixture_is_named(contract: type[Contract], fixture: str) -> None:
    function = getattr(contract, fixture).__wrapped__
    with pytest.raises(NotImplementedError, match=f"needs a fixture '{fixture}'"):
        function(contract())
