from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from igc_core.errors import DataError
from igc_mig.errors import MigError
from igc_mig.workloads import WORKLOADS, generate


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("good_scaling", (0, 0, 0, 7, 7)),
        ("bad_scaling", (7, 7, 0, 0, 0)),
        ("mix_scaling_extreme", (7, 1, 0, 0, 6)),
        ("mix_scaling_soft", (3, 3, 3, 3, 2)),
        ("wide_times", (3, 3, 3, 3, 2)),
    ],
)
def test_classes_of_fourteen_tasks_are_those_of_the_reference(name: str, counts: tuple[int, ...]) -> None:
    assert WORKLOADS[name].counts(14) == counts


@pytest.mark.parametrize("name", list(WORKLOADS))
@pytest.mark.parametrize("tasks", [1, 2, 5, 14, 50])
def test_times_never_increase_with_the_size(name: str, tasks: int) -> None:
    batch = generate(name, tasks, np.random.default_rng(tasks))
    assert batch.times_s.shape == (tasks, 5)
    assert (np.diff(batch.times_s, axis=1) <= 1e-9).all()
    assert (batch.times_s > 0).all()


@pytest.mark.parametrize("name", list(WORKLOADS))
def test_the_same_seed_draws_the_same_tasks(name: str) -> None:
    first, again, other = (generate(name, 14, np.random.default_rng(seed)).times_s for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("name", list(WORKLOADS))
def test_mean_times_are_those_of_the_reference(name: str, bench: dict[str, Any]) -> None:
    key = f"online/{name.removesuffix('_online')}" if name.endswith("_online") else f"offline/{name}"
    theirs = np.array([batch["tasks"] for batch in bench["batches"][key]])
    random = np.random.default_rng(0)
    ours = np.array([generate(name, theirs.shape[1], random).times_s for _ in range(100)])
    error = theirs.mean(1).std(0) * np.sqrt(1 / len(theirs) + 1 / len(ours))
    assert (np.abs(ours.mean((0, 1)) - theirs.mean((0, 1))) < 4 * error).all()


def test_unknown_kinds_and_empty_batches_are_refused() -> None:
    random = np.random.default_rng(0)
    with pytest.raises(MigError, match="did you mean 'good_scaling'"):
        generate("good_scalin", 14, random)
    with pytest.raises(DataError, match="number of tasks is 0"):
        generate("good_scaling", 0, random)
