from __future__ import annotations

import re
import subprocess
import sys
import warnings
from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

import igc_redfish.gym
from igc_core.errors import PluginError
from igc_core.testing import EnvironmentContract
from igc_redfish.process.environment import DEFAULT_SOURCES, RedfishEnvironment, build_pool, make, make_batched
from igc_redfish.process.semantics import Rewards

SOURCE = ("generated:6",)


class TestSingle(EnvironmentContract):
    @pytest.fixture
    def env(self) -> RedfishEnvironment:
        return make(SOURCE)


class TestComposite(EnvironmentContract):
    @pytest.fixture
    def env(self) -> RedfishEnvironment:
        return make(
            ["generated:3"], goals=["power off then power on", "led on and power restart with at most 1 resets"]
        )


class TestRegistered(EnvironmentContract):
    @pytest.fixture
    def env(self) -> gymnasium.Env[Any, Any]:
        return gymnasium.make(igc_redfish.gym.ID, sources=SOURCE)


def test_gymnasium_has_nothing_to_remark() -> None:
    env = gymnasium.make("igc/Redfish-v0", sources=SOURCE, render_mode="ansi")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(env.unwrapped)


@pytest.mark.parametrize("before", ["", "import igc_redfish.capture; "], ids=["alone", "after a part of the package"])
def test_gymnasium_finds_the_environment_by_the_module_that_names_it(before: str) -> None:
    text = f"{before}import gymnasium; gymnasium.make('igc_redfish.gym:igc/Redfish-v0', sources=['generated:6'])"
    subprocess.run([sys.executable, "-c", text], check=True, timeout=60)


def test_importing_the_package_after_gymnasium_is_enough_too() -> None:
    text = "import gymnasium, igc_redfish; assert 'igc/Redfish-v0' in gymnasium.registry"
    subprocess.run([sys.executable, "-c", text], check=True, timeout=60)


def test_importing_the_package_alone_is_light() -> None:
    text = "import sys, igc_redfish.plugin; assert not {'gymnasium', 'numpy'} & sys.modules.keys()"
    subprocess.run([sys.executable, "-c", text], check=True, timeout=60)


def test_the_default_machines_are_generated() -> None:
    assert all(source.startswith("generated:") for source in DEFAULT_SOURCES)
    env = make(families=["power"])
    assert len({scenario.engine.machine.name for scenario in env.pool.scenarios}) == 4


def test_a_scenario_may_be_chosen() -> None:
    env = make(SOURCE)
    for index in (0, 5):
        env.reset(options={"scenario": index})
        assert env._session is not None
        assert env._session.view().goal == env.pool.scenarios[index].goal


def test_rendering_tells_goal_request_and_legal_actions_but_no_secret() -> None:
    env = make(SOURCE, goals=["account create user=alice password=aA3#secret9 role=Operator"], render_mode="ansi")
    env.reset(seed=0)
    env.step(0)
    text = env.render()
    assert text is not None
    assert "request  GET /redfish/v1/" in text
    assert "of 96" in text
    assert "secret9" not in text


def test_rewards_can_be_computed_for_other_goals() -> None:
    env = make(SOURCE)
    observation, _ = env.reset(seed=0)
    achieved = np.stack([observation["achieved_goal"]] * 3)
    desired = np.stack([observation["desired_goal"], observation["achieved_goal"], observation["desired_goal"]])
    found = env.compute_reward(achieved, desired, [{}, {"cost": -0.5}, {"cost": -0.1}])
    assert found.dtype == np.float32
    request, success = Rewards().request, Rewards().success
    np.testing.assert_allclose(found, [request, success - 0.5, -0.1])


def test_batches_are_built_by_name() -> None:
    batch = make_batched(SOURCE, num_envs=3, slots=32, families=["power", "led"])
    assert batch.reset(0)["candidates"].shape == (3, 32)
    assert batch.action_masks().shape == (3, 32)
    flat = make_batched(SOURCE, num_envs=2, codec="flat", families=["power"], plan=False)
    assert flat.reset(0)["state"].shape[0] == 2


def test_a_text_stands_for_a_list_of_one() -> None:
    env = make("generated:6", families="power")
    assert {scenario.family for scenario in env.pool.scenarios} == {"power"}
    assert len(make("generated:6", goals="power off").pool.scenarios) == 1


@pytest.mark.parametrize(
    ("factory", "options", "problem"),
    [
        (make_batched, {"codec": "nope"}, "no codec 'nope'; choose candidates or flat"),
        (make_batched, {"also": ["generated:7"]}, "the codec 'candidates' gives no machine's requests slots"),
        (make, {"codec": "flat"}, "a single environment has no codec 'flat'"),
        (make, {"slot": 3}, "no option 'slot'; did you mean 'slots'?"),
        (make_batched, {"famlies": ["power"]}, "no option 'famlies'; did you mean 'families'?"),
        (make_batched, {"zzz": 1}, "no option 'zzz'; known are also, book, ceilings, codec, composites,"),
        (make, {"planner": None}, "no option 'planner'; did you mean 'plan'?"),
    ],
)
def test_options_that_do_not_exist_are_refused(factory: Callable[..., Any], options: Any, problem: str) -> None:
    with pytest.raises(PluginError, match=re.escape(problem)) as caught:
        factory(SOURCE, **options)
    assert caught.value.code == "plugin-options-refused"


def test_many_resets_give_many_scenarios(scenario: Callable[..., Any]) -> None:
    env = make(SOURCE)
    seen = set()
    for seed in range(60):
        env.reset(seed=seed)
        assert env._session is not None
        seen.add(env._session.view().goal)
    assert len(seen) > 15


def test_an_encoder_may_be_asked_for_by_name() -> None:
    with pytest.raises(PluginError, match="no encoder named 'nope'"):
        build_pool(["generated:0?size=60"], encoder="nope", families=["power"])
