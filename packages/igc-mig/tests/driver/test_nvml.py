from __future__ import annotations

import sys
from typing import Any

import pytest

from igc_mig.driver.nvml import NvmlDriver
from igc_mig.errors import MigError
from igc_mig.geometry import GPUS


def test_placements_of_the_driver_are_those_of_our_table(driver: NvmlDriver) -> None:
    found = {(shape.compute, shape.length, shape.starts) for shape in driver.shapes()}
    ours = {(one.compute, one.length, one.starts) for one in GPUS["a100"].profiles if one.schedulable}
    assert found == ours


def test_an_instance_is_made_seen_and_removed(driver: NvmlDriver, nvml: Any) -> None:
    shape = next(one for one in driver.shapes() if one.compute == 3)
    made = driver.create(shape, 4)
    assert (made.start, made.length, made.uuid) == (4, 4, "MIG-0001")
    assert driver.instances() == [made]
    nvml.handles[0].pids.append(77)
    assert driver.processes(made) == [77]
    with pytest.raises(MigError, match="refuses GPU instance 1: In use"):
        driver.destroy(made)
    nvml.handles[0].pids.clear()
    driver.destroy(made)
    assert driver.instances() == []


def test_half_made_instances_do_not_stay(driver: NvmlDriver, nvml: Any) -> None:
    nvml.refuses.add("compute")
    with pytest.raises(MigError, match="Insufficient Permissions"):
        driver.create(driver.shapes()[0], 0)
    assert nvml.handles == []


def test_what_is_not_there_is_told(nvml: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(MigError, match="refuses GPU 3: Invalid Argument"):
        NvmlDriver(3, nvml)
    monkeypatch.setitem(sys.modules, "pynvml", None)
    with pytest.raises(MigError, match="pip install igc-mig"):
        NvmlDriver()
