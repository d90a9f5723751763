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
from igc_core.errors import PluginError, SettingsError
from igc_core.testing import EnvironmentContract
from igc_redfish.process.environment import DEFAULT_SOURCES, RedfishEnvironment, build_pool, make, make_batched
from igc_redfish.process.planner import Planner
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


@pytest.mark.parametrize("options", [{"scenario": 10_000}, {"scenario": -1}, {"scenario": "power"}, {"scneario": 0}])
def test_an_episode_that_there_is_not_is_refused(options: dict[str, Any]) -> None:
    env = make(SOURCE, families=["power"])
    with pytest.raises(SettingsError) as caught:
        env.reset(options=options)
    assert "scenario" in f"{caught.value} {caught.value.hint}"


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
        (make_batched, {"codec": "flat", "disturbance": {"fail": 0.1}}, "the codec 'flat' has no 'disturbance'"),
        (make_batched, {"codec": "flat", "fresh": 2}, "the codec 'flat' has no 'fresh'"),
        (make_batched, {"codec": "flat", "curriculum": True}, "the codec 'flat' has no 'curriculum'"),
        (make_batched, {"codec": "flat", "ceilings": True}, "the codec 'flat' has no 'ceilings'"),
        (make_batched, {"codec": "flat", "remember": True}, "the codec 'flat' has no 'remember'; leave it out, or"),
        (
            make_batched,
            {"remember": True, "disturbance": {"drop": 0.1}},
            "episodes that remember have no 'disturbance'",
        ),
        (make_batched, {"remember": True, "fresh": 2}, "episodes that remember have no 'fresh'"),
        (make_batched, {"remember": True, "curriculum": True}, "episodes that remember have no 'curriculum'"),
        (make_batched, {"remember": True, "ceilings": True}, "episodes that remember have no 'ceilings'"),
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


@pytest.mark.parametrize(
    ("name", "value", "takes"),
    [
        ("sources", 3, "names of machines"),
        ("num_envs", 0, "a whole number from 1"),
        ("num_envs", True, "a whole number from 1"),
        ("codec", [], "the name of a codec"),
        ("slots", 0, "a whole number from 1"),
        ("plan", "no", "true or false"),
        ("disturbance", 0.1, "a table of fail, drop and stale, each from 0 to 1"),
        ("disturbance", {"fail": 1.1}, "a table of fail"),
        ("disturbance", {"luck": 0.1}, "a table of fail"),
        ("disturbance", {"varied": "no"}, "a table of fail"),
        ("fresh", "x", "a whole number from 0"),
        ("curriculum", 1, "true or false"),
        ("ceilings", "yes", "true or false"),
        ("remember", "no", "true or false"),
        ("shard", (2, 2), "a rank from 0"),
        ("also", 3, "names of machines"),
        ("book", 3, "a book of goal handlers"),
        ("families", 3, "names of goal families"),
        ("per_family", "a", "a whole number from 0"),
        ("composites", "x", "a whole number from 0"),
        ("parts", 2, "a list of whole numbers from 2 to 4"),
        ("parts", [], "a list of whole numbers from 2 to 4"),
        ("parts", [2, 5], "a list of whole numbers from 2 to 4"),
        ("varied_starts", "no", "true or false"),
        ("profile", 3, "a table of quirks"),
        ("delays", "no", "true or false"),
        ("seed", "a", "a whole number from 0"),
        ("seed", -1, "a whole number from 0"),
        ("encoder", 3, "an encoder, the name of an installed one, or a table of its name and options"),
        ("progress", 3, "something to call"),
    ],
)
def test_a_value_that_an_option_does_not_take_is_refused_at_once(name: str, value: Any, takes: str) -> None:
    problem = f"the option {name!r} cannot be {value!r}; it takes {takes}"
    options: dict[str, Any] = {"sources": ["nowhere"], name: value}
    with pytest.raises(SettingsError, match=re.escape(problem)):
        make_batched(**options)


@pytest.mark.parametrize(
    ("factory", "options"),
    [(make, {"slots": 0}), (make, {"render_mode": 3}), (make, {"seed": "a"}), (build_pool, {"planner": 3})],
)
def test_the_other_factories_refuse_such_values_too(factory: Callable[..., Any], options: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match=f"the option '{min(options)}' cannot be"):
        factory(["nowhere"], **options)


def test_goals_are_not_repeated_since_they_may_hold_passwords() -> None:
    with pytest.raises(SettingsError, match="the option 'goals' cannot be what was given") as caught:
        make(SOURCE, goals=["account create user=alice password=aA3#secret9 role=Operator", 3])
    assert "secret9" not in str(caught.value)


def test_values_of_all_kinds_are_taken() -> None:
    named: list[str] = []
    options: Any = {
        "disturbance": {"fail": 1, "varied": True},
        "families": ("power",),
        "parts": (2, 3),
        "shard": [0, 1],
    }
    batch = make_batched(SOURCE[0], num_envs=2, slots=24, ceilings=True, progress=named.append, **options)
    assert len(named) == 1
    assert batch.reset(0)["candidates"].shape == (2, 24)


@pytest.mark.parametrize("options", [{}, {"remember": True}, {"codec": "flat"}])
def test_a_seed_shifts_those_of_all_attempts_and_leaves_the_scenarios_in_their_order(options: Any) -> None:
    batch: Any = make_batched(SOURCE, num_envs=2, families=["power"], **options)
    for seed, attempts in ((0, list(batch.every_trial())), (7, list(batch.every_trial(seed=7)))):
        assert [attempt.seed for attempt in attempts] == list(range(seed, seed + len(attempts)))
        assert [attempt.scenario for attempt in attempts] == batch.scenarios


@pytest.fixture(scope="module")
def remembering() -> Any:
    return make_batched(SOURCE, num_envs=2, remember=True, families=["log", "bios"], per_family=2)


def lengths(batch: Any, n: int = 8) -> list[int]:
    """Requests of the next episodes, when they follow the labels."""
    found: list[int] = []
    while len(found) < n:
        _, _, terminated, truncated, info = batch.step(batch.optimal_actions().argmax(axis=1))
        found += info["length"][terminated | truncated].tolist()
    return found


def test_a_seed_begins_with_empty_memories(remembering: Any) -> None:
    remembering.reset(3)
    first = lengths(remembering)
    remembering.reset()
    later = lengths(remembering)
    remembering.reset(3)
    assert lengths(remembering) == first
    assert sum(later) < sum(first)


def test_given_scenarios_after_a_seed_begin_so_too_and_the_next_ones_remember(remembering: Any) -> None:
    told: list[list[int]] = []
    for seed in (0, 1):
        remembering.reset(seed)
        offered: list[int] = []
        for _ in range(2):
            remembering.start(np.asarray([0, 1]))
            offered.append(int(remembering.action_masks().sum()))
            remembering.step(remembering.optimal_actions().argmax(axis=1))
        told.append(offered)
    assert told[0] == told[1]
    assert told[0][1] > told[0][0]


@pytest.mark.parametrize("offered", ["every_trial", "trials"])
def test_each_set_of_attempts_begins_with_empty_memories(remembering: Any, offered: str) -> None:
    planner = Planner()

    def requests() -> list[int]:
        found: list[int] = []
        for attempt in remembering.every_trial() if offered == "every_trial" else remembering.trials(6, 1):
            trial = attempt.start()
            while not trial.reached():
                best = planner.optimal(trial.scenario, trial.world, trial.stage, trial.known_actions)
                trial.perform(int(np.flatnonzero(np.isin(trial.slot_actions(), list(best)))[0]))
            found.append(trial.steps - trial.scenario.shortest)
        return found

    first = requests()
    assert requests() == first
    assert first[0] == 0
    assert min(first) < 0, "later episodes remember"


def test_many_resets_give_many_scenarios(scenario: Callable[..., Any]) -> None:
    env = make(SOURCE)
    seen: set[Any] = set()
    for seed in range(60):
        env.reset(seed=seed)
        assert env._session is not None
        seen.add(env._session.view().goal)
    assert len(seen) > 15


def test_an_encoder_may_be_asked_for_by_name() -> None:
    with pytest.raises(PluginError, match="no encoder named 'nope'"):
        build_pool(["generated:0?size=60"], encoder="nope", families=["power"])
