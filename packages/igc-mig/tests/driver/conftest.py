from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from igc_mig.batch import Batch
from igc_mig.driver.nvml import NvmlDriver
from igc_mig.geometry import GPUS
from igc_mig.plan_file import PlanFile
from igc_mig.replay import Step

_SPEC = importlib.util.spec_from_file_location("simulated_nvml", Path(__file__).with_name("simulated_nvml.py"))
assert _SPEC is not None
assert _SPEC.loader is not None
_MODULE = importlib.util.module_from_spec(_SPEC)
sys.modules["simulated_nvml"] = _MODULE
_SPEC.loader.exec_module(_MODULE)


@pytest.fixture
def nvml() -> Any:
    """A GPU that is not there."""
    return _MODULE.SimulatedNvml()


@pytest.fixture
def driver(nvml: Any) -> NvmlDriver:
    return NvmlDriver(0, nvml)


@pytest.fixture
def plan() -> PlanFile:
    """One task on the whole GPU, then one on each half, then two small ones on the left."""
    a100 = GPUS["a100"]
    batch = Batch(tuple("abcde"), (1, 2, 3, 4, 7), np.full((5, 5), 2.0))
    places = ["7g@0", "4g@0", "3g@4", "2g@0", "1g@2"]
    steps = [Step(task, a100.index(place)) for task, place in enumerate(places)]
    return PlanFile.of(a100, batch, steps, cost="serial", scheduler="test")
