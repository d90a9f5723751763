"""How fast the environments and the training of igc-mig are, on one core: ``python benchmarks/mig_speed.py``.

Rates are steps a second of CPU time, with observation, mask and reset; choosing the actions does not count. A rate is
the best of five measurements: what else runs on a machine can only lower it.
"""

from __future__ import annotations

import time
from importlib.util import find_spec

import gymnasium
import numpy as np

from igc_mig.batched import BatchedMig
from igc_mig.environment import PRESETS

REPEATS = 5


def main() -> None:
    """Print one table."""
    print("| environment | steps a second |\n|---|---|")
    for name, options in (("set", {}), *((name, {"version": name}) for name in PRESETS)):
        env = gymnasium.make("igc_mig.gym:igc/MIG-v0", disable_env_checker=True, **options)
        print(f"| one, Gymnasium, {name} | {max(single(env) for _ in range(REPEATS)):,.0f} |", flush=True)
    floats = {"observation": "float", "levels": 14, "exchange": True}
    for compiled in (False, *([True] if find_spec("numba") else [])):
        for name, options in (("set", {}), ("direct_reconfig", floats)):
            for count in (256, 1024):
                batch = BatchedMig(count, compiled=compiled, **options)
                rate = max(batched(batch) for _ in range(REPEATS))
                print(f"| {count}, {'numba' if compiled else 'numpy'}, {name} | {rate:,.0f} |", flush=True)
    if find_spec("sb3_contrib"):
        for version in ("set", "direct_reconfig"):
            print(f"| PPO end to end, {version} | {training(version):,.0f} |", flush=True)


def single(env: gymnasium.Env, steps: int = 5000) -> float:
    """Steps a second of one environment."""
    chances, masks = np.random.default_rng(0).random(steps), env.get_wrapper_attr("action_masks")
    env.reset(seed=0)
    mask, spent = masks(), 0.0
    for chance in chances:
        legal = mask.nonzero()[0]
        action = int(legal[int(chance * len(legal))])
        begun = time.process_time()
        _, _, terminated, truncated, _ = env.step(action)
        if terminated or truncated:
            env.reset()
        mask = masks()
        spent += time.process_time() - begun
    return steps / spent


def batched(batch: BatchedMig, rounds: int = 60) -> float:
    """Steps a second of many."""
    random, spent = np.random.default_rng(0), 0.0
    batch.reset(0)
    for _ in range(rounds):
        actions = (random.random(batch.state.legal.shape, np.float32) * batch.state.legal).argmax(1)
        begun = time.process_time()
        batch.step(actions)
        spent += time.process_time() - begun
    return rounds * batch.num_envs / spent


def training(version: str, updates: int = 5) -> float:
    """Steps a second of PPO, with one thread."""
    import torch  # noqa: PLC0415 - an extra

    from igc_mig.training.learner import Learner  # noqa: PLC0415
    from igc_mig.training.recipe import recipe  # noqa: PLC0415

    torch.set_num_threads(1)
    learner = Learner(recipe(version))
    learner.restart(0)
    learner.update(0.0)
    rates = []
    for _ in range(updates):
        done, begun = learner.num_timesteps, time.process_time()
        learner.update(0.1)
        rates.append((learner.num_timesteps - done) / (time.process_time() - begun))
    return max(rates)


if __name__ == "__main__":
    main()
