from __future__ import annotations

import signal
import sys
import threading
import time
from itertools import product
from typing import Any

import numpy as np
import pytest

from igc_core.interruption import handling
from igc_mig.errors import MigError
from igc_mig.geometry import Gpu
from igc_mig.replay import replay
from igc_mig.schedulers.exact import Exact
from igc_mig.tree import blocking, columns
from igc_mig.workloads import generate


def test_four_tasks_are_assigned_as_well_as_brute_force_can(a30: Gpu) -> None:
    pytest.importorskip("ortools")
    durations = np.sort(np.random.default_rng(0).uniform(1, 20, size=(4, 3)))[:, ::-1]
    loads = durations[:, columns(a30), None] * blocking(a30)
    best = min(
        sum(loads[task, place] for task, place in enumerate(places)).max()
        for places in product(range(len(a30.placements)), repeat=4)
    )
    found = Exact(5.0).solve(a30, durations)
    assert found.proven
    assert found.makespan_s == pytest.approx(best, abs=0.005)
    assert found.bound_s <= best + 1e-9
    plan = Exact(5.0).plan(a30, durations, "none")
    assert replay(a30, durations, plan, "none").makespan_s == pytest.approx(found.makespan_s)


def test_proven_optima_of_the_bench_are_found_again(bench: dict[str, Any], a100: Gpu) -> None:
    pytest.importorskip("ortools")
    known = {one["seed"]: one for one in bench["results"]["optimum"]["wide_times"]}
    for batch in bench["batches"]["offline/wide_times"][2:3]:
        found = Exact(10.0).solve(a100, np.array(batch["tasks"]))
        assert found.makespan_s == pytest.approx(known[batch["seed"]]["ub"], abs=0.01)


def test_the_extra_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch, a30: Gpu) -> None:
    monkeypatch.setitem(sys.modules, "ortools.sat.python.cp_model", None)
    monkeypatch.setitem(sys.modules, "ortools", None)
    with pytest.raises(MigError, match=r"igc-mig\[solver\]") as caught:
        Exact().solve(a30, np.ones((1, 3)))
    assert caught.value.code == "mig-solver-missing"


def test_ctrl_c_ends_the_search_and_is_heard(a100: Gpu) -> None:
    pytest.importorskip("ortools")
    durations = generate("wide_times", 30, np.random.default_rng(4)).durations(a100)
    timer = threading.Timer(1.0, signal.pthread_kill, (threading.main_thread().ident, signal.SIGINT))
    begun = time.monotonic()
    timer.start()
    with handling([signal.SIGINT], signal.default_int_handler), pytest.raises(KeyboardInterrupt):
        Exact(limit_s=60).solve(a100, durations)
    assert time.monotonic() - begun < 30
