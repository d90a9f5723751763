from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from igc_core.errors import ActionError
from igc_redfish.goals.book import GoalBook
from igc_redfish.process.batch import BatchedRedfish
from igc_redfish.process.disturbance import Disturbance, draw
from igc_redfish.process.engine import Engine
from igc_redfish.process.ground import WAIT_ID
from igc_redfish.process.planner import Planner
from igc_redfish.process.pool import Pool
from igc_redfish.process.scenario import Scenario
from igc_redfish.process.semantics import Rewards
from igc_redfish.process.serial import SerialBatch
from igc_redfish.process.trial import Trial

PoolOf = Callable[..., Any]
REAL = ("dell-r750", "hpe-dl360gen10plus", "dmtf-rackmount1")
COMPOSITES = (
    "led on",
    "led on and power off",
    "boot once source=Cd then power restart",
    "led on then account disable user=eve then power off",
    """bios set attributes='{"Turbo":false}' and led on with at most 1 resets""",
    "account delete user=eve and led on and boot once source=Pxe and power restart",
)
INFO = ("success", "length", "refused", "destroyed", "shortest", "family", "machine", "scenario")


def side_by_side(pool: Pool, planner: Any, n: int, slots: int = 96) -> tuple[BatchedRedfish, SerialBatch]:
    batched = BatchedRedfish(pool.scenarios, n, slots=slots, planner=planner)
    serial = SerialBatch(
        pool.scenarios,
        n,
        lambda scenario: Trial(scenario, slots=slots),
        batched.observation_space,
        batched.action_space,
        planner,
    )
    return batched, serial


def assert_same(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert one.keys() == other.keys()
    for key, array in one.items():
        assert array.dtype == other[key].dtype, key
        np.testing.assert_allclose(array, other[key], atol=1e-6, err_msg=key)


def replay(pool: Pool, planner: Any, steps: int, *, n: int = 8, slots: int = 96, guided: bool = True) -> int:
    """Take the same actions in both, random and guided ones in turn; count the episodes that ended."""
    batched, serial = side_by_side(pool, planner, n, slots)
    rng = np.random.default_rng(1)
    assert_same(batched.reset(5), serial.reset(5))
    ended = 0
    for step in range(steps):
        masks = batched.action_masks()
        assert np.array_equal(masks, serial.action_masks())
        actions = np.array([rng.choice(np.flatnonzero(mask)) for mask in masks])
        if guided and step // 10 % 2:
            labels = batched.optimal_actions()
            assert np.array_equal(labels, serial.optimal_actions())
            actions = np.where(labels.any(axis=1), labels.argmax(axis=1), actions)
        seen, rewards, terminated, truncated, info = batched.step(actions)
        again, paid, over, late, told = serial.step(actions)
        assert_same(seen, again)
        assert rewards.dtype == paid.dtype == np.float32
        np.testing.assert_allclose(rewards, paid, atol=1e-6)
        assert np.array_equal(terminated, over)
        assert np.array_equal(truncated, late)
        for key in INFO:
            assert info[key].dtype == told[key].dtype, key
            assert np.array_equal(info[key], told[key]), key
        assert ("terminal_index" in info) == ("terminal_index" in told) == bool(truncated.any())
        if truncated.any():
            assert np.array_equal(info["terminal_index"], told["terminal_index"])
            assert_same(info["terminal_observation"], told["terminal_observation"])
        assert all(batched.observation_space[key].shape == array.shape[1:] for key, array in seen.items())
        ended += int((terminated | truncated).sum())
    return ended


def test_batched_equals_single_on_generated_machines(pool_of: PoolOf) -> None:
    assert replay(*pool_of("generated:6", "generated:4", "generated:9?manner=terse&size=60"), 100) > 50


def test_batched_equals_single_for_composite_goals(pool_of: PoolOf) -> None:
    pool, planner = pool_of("generated:6", "generated:0", per_family=0, composites=6)
    assert len({len(scenario.parts) for scenario in pool.scenarios}) > 1
    assert replay(pool, planner, 60, n=4) > 4


def test_batched_equals_single_however_wildly_composite_goals_are_pursued(pool_of: PoolOf) -> None:
    pool, planner = pool_of("generated:6", "generated:0", per_family=1, composites=6)
    assert replay(pool, planner, 300, n=6, guided=False) > 20


@pytest.mark.parametrize(
    "quirks",
    [{"require_if_match": True}, {"require_if_match": True, "power_s": 45.0, "bios_jobs": True}],
    ids=str,
)
def test_batched_equals_single_on_machines_with_quirks(
    host: Callable[..., Engine], book: GoalBook, quirks: dict[str, Any]
) -> None:
    engine, planner, pool = host(**quirks), Planner(), Pool()
    goals = [book.bind(book.parse(text), engine.reader(0)) for text in COMPOSITES]
    assert pool.add_goals(engine, book, goals, planner) == len(COMPOSITES)
    assert {len(scenario.parts) for scenario in pool.scenarios} == {1, 2, 3, 4}
    assert any(scenario.ordered for scenario in pool.scenarios)
    assert any(scenario.max_resets is not None for scenario in pool.scenarios)
    assert replay(pool, planner, 200, n=6) > 20


def test_batched_equals_single_where_slots_are_scarce(pool_of: PoolOf) -> None:
    pool, planner = pool_of("generated:6")
    assert replay(pool, planner, 40, slots=8) > 10


def test_batched_equals_single_on_real_machines(captures: Path, pool_of: PoolOf) -> None:
    assert replay(*pool_of(*(str(captures / f"{name}.jsonl.gz") for name in REAL)), 60) > 30


def test_hidden_actions_are_counted_alike(pool_of: PoolOf) -> None:
    pool, _ = pool_of("generated:6")
    batched, _ = side_by_side(pool, None, 2, slots=6)
    batched.start(np.array([0, 1]))
    trials = [Trial(pool.scenarios[index], slots=6) for index in (0, 1)]
    for _ in range(12):
        choice = np.array([trial.view().actions.__len__() - 1 for trial in trials])
        _, _, terminated, truncated, _ = batched.step(choice)
        for trial, slot in zip(trials, choice.tolist(), strict=True):
            trial.perform(slot)
        if (terminated | truncated).any():
            break
        assert batched.hidden == sum(trial.hidden for trial in trials)
    assert batched.hidden > 0


def test_equal_seeds_give_equal_episodes(pool_of: PoolOf) -> None:
    pool, _ = pool_of("generated:6")
    runs = []
    for _ in range(2):
        batched = BatchedRedfish(pool.scenarios, 16, disturbance=Disturbance(0.2, 0.2, 0.2))
        batched.reset(3)
        runs.append([batched.step(np.zeros(16, np.int64)) for _ in range(40)])
    for one, other in zip(*runs, strict=True):
        assert_same(one[0], other[0])
        assert np.array_equal(one[1], other[1])


def test_an_empty_slot_sends_nothing(pool_of: PoolOf) -> None:
    pool, _ = pool_of("generated:6")
    batched = BatchedRedfish(pool.scenarios, 2)
    before = batched.reset(0)
    with pytest.raises(ActionError, match="slot 95 of episode 1"):
        batched.step(np.array([0, 95]))
    assert_same(before, batched.start(batched.reset(0)["goal"][:, 0] * 0 + batched._standings.scenario))


def test_every_family_is_drawn_as_often(pool_of: PoolOf) -> None:
    pool, _ = pool_of("generated:6", "generated:4")
    lineup = BatchedRedfish(pool.scenarios, 1).lineup
    shares = [lineup.weights[lineup.family == number].sum() for number in range(len(lineup.families))]
    np.testing.assert_allclose(shares, 1 / len(shares))
    chosen = np.zeros(len(pool.scenarios))
    chosen[3] = 2.0
    batched = BatchedRedfish(pool.scenarios, 5, weights=chosen)
    batched.reset(0)
    assert set(batched._standings.scenario.tolist()) == {3}


def test_attempts_are_drawn_by_seed(pool_of: PoolOf) -> None:
    pool, _ = pool_of("generated:6")
    batched = BatchedRedfish(pool.scenarios, 1, slots=24)
    first, second = ([item.scenario for item in batched.trials(10, seed)] for seed in (1, 1))
    assert first == second
    (attempt,) = batched.trials(1, 0)
    assert attempt.start().slots == 24
    assert (attempt.family, attempt.shortest) == (attempt.scenario.family, attempt.scenario.shortest)
    assert attempt.machine in batched.machines


# -- disturbance -------------------------------------------------------------------------------------------------------


def test_trouble_comes_as_often_as_told() -> None:
    rng = np.random.default_rng(0)
    drawn = draw(rng, Disturbance(fail=0.1, drop=0.3, stale=0.6).rates(rng, 20_000))
    np.testing.assert_allclose([kind.mean() for kind in drawn], [0.1, 0.3, 0.6], atol=0.02)
    assert not any(kind.any() for kind in draw(rng, Disturbance().rates(rng, 100)))


def test_varied_trouble_is_drawn_for_each_episode_and_never_above_what_was_told() -> None:
    rates = Disturbance(fail=0.4, stale=0.2, varied=True).rates(np.random.default_rng(0), 5_000)
    np.testing.assert_allclose(rates.mean(axis=1), [0.2, 0.0, 0.1], atol=0.01)
    assert (rates <= [[0.4], [0.0], [0.2]]).all()


def test_no_trouble_is_no_difference(pool_of: PoolOf) -> None:
    pool, _ = pool_of("generated:6")
    one, other = BatchedRedfish(pool.scenarios, 8), BatchedRedfish(pool.scenarios, 8, disturbance=Disturbance())
    which = np.arange(8)
    assert_same(one.start(which), other.start(which))
    for _ in range(8):
        first, second = one.step(np.zeros(8, np.int64)), other.step(np.zeros(8, np.int64))
        if (first[2] | first[3]).any():
            break
        assert_same(first[0], second[0])


def test_a_failing_service_refuses_everything_and_may_be_asked_again(pool_of: PoolOf) -> None:
    pool, _ = pool_of("generated:6")
    batched = BatchedRedfish(pool.scenarios, 4, disturbance=Disturbance(fail=1.0))
    before = batched.start(np.arange(4))
    slots = np.where(before["slot_values"][:, 0, 7] > 0, 1, 0)
    after, rewards, *_, info = batched.step(slots)
    assert np.array_equal(info["refused"], np.ones(4))
    assert np.allclose(rewards, Rewards().request + Rewards().refused)
    assert all(
        row[slot] in shown for row, slot, shown in zip(before["candidates"], slots, after["candidates"], strict=True)
    )
    assert after["slot_values"][:, 0, 7].all(), "waiting is offered"
    assert np.array_equal(after["document"], before["document"])


def test_dropped_changes_are_accepted_and_do_nothing(pool_of: PoolOf) -> None:
    pool, planner = pool_of("generated:6")
    batched = BatchedRedfish(pool.scenarios, 16, disturbance=Disturbance(drop=1.0), planner=planner)
    batched.start(np.arange(16) % len(pool.scenarios))
    refused = 0
    for _ in range(12):
        labels, masks = batched.optimal_actions(), batched.action_masks()
        worlds = batched._standings.world.copy()
        *_, terminated, truncated, info = batched.step(
            np.where(labels.any(axis=1), labels.argmax(axis=1), masks.argmax(axis=1))
        )
        running = ~(terminated | truncated)
        assert np.array_equal(batched._standings.world[running], worlds[running])
        assert not terminated.any()
        refused += int(info["refused"].sum())
    assert batched._standings.epoch.max() > 0, "the agent is told that changes were accepted"


@pytest.mark.parametrize("stale", [False, True])
def test_stale_reads_show_the_state_before_the_last_request(scenario: Callable[..., Scenario], stale: bool) -> None:
    goal = scenario("boot once source=Cd", patch_returns_body=False)
    batched = BatchedRedfish([goal], 1, disturbance=Disturbance(stale=float(stale)))
    batched.reset(0)

    def requests() -> list[tuple[str, str, Any]]:
        standings = batched._standings
        numbers = batched._ledger.actions[0, standings.shown[0, : standings.shown_count[0]]]
        sent = [goal.engine.actions[number].request for number in numbers.tolist()]
        return [(item.method, item.uri, item.body) for item in sent]

    systems, system = "/redfish/v1/Systems", "/redfish/v1/Systems/alpha"
    lit, dark = ("PATCH", system, {"IndicatorLED": "Lit"}), ("PATCH", system, {"IndicatorLED": "Off"})
    read = ("GET", system, None)
    for request in (("GET", systems, None), read, lit, read):
        batched.step(np.array([requests().index(request)]))
    assert (dark in requests()) is not stale, "only who sees the light on is offered to switch it off"


def test_waits_are_never_disturbed(pool_of: PoolOf) -> None:
    pool, _ = pool_of("generated:6")
    batched = BatchedRedfish(pool.scenarios, 4, disturbance=Disturbance(fail=1.0))
    batched.start(np.arange(4))
    batched.step(np.zeros(4, np.int64))
    waiting = batched._ledger.actions[np.arange(4), batched._standings.shown[:, 0]] == WAIT_ID
    *_, info = batched.step(np.zeros(4, np.int64))
    assert waiting.all()
    assert np.array_equal(info["refused"], np.ones(4))


def test_machines_of_earlier_renewals_are_let_go(scenario: Callable[..., Scenario]) -> None:
    planner, gone = Planner(), []

    def fresh(_: int) -> list[Scenario]:
        made = scenario("power off")
        made.shortest = planner.shortest(made)
        gone.append(weakref.ref(made.engine))
        return [made]

    named = scenario("led on")
    batch = BatchedRedfish([named], 4, planner=planner, fresh=fresh)
    for seed in range(3):
        batch.renew(0.5, seed)
        batch.reset(seed)
        assert batch.optimal_actions().any(axis=1).all()
    gc.collect()
    assert [one() is None for one in gone] == [True, True, False]
