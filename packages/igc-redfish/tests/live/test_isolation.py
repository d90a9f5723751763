"""No training and no evaluation can come near a real host."""

from __future__ import annotations

import subprocess
import sys

import pytest

from igc_core import PluginManager
from igc_core.errors import IgcError
from igc_redfish.capture import open_machine_source
from igc_redfish.process.environment import make, make_batched
from igc_redfish.simulator import Simulator

#: Trains and evaluates a little, with every socket forbidden.
SCRIPT = """
import socket, sys
def forbidden(*_, **__): raise AssertionError("a socket was opened")
socket.socket.connect = forbidden
from igc_redfish.process.environment import make, make_batched
batch = make_batched(["generated:3?size=60"], num_envs=2, families=["power"], per_family=1)
batch.reset(0)
for _ in range(5):
    batch.step(batch.optimal_actions().argmax(axis=1))
single = make(["generated:3?size=60"], families=["power"], per_family=1)
single.reset(seed=0)
single.step(0)
loaded = [name for name in sys.modules if name.startswith(("igc_redfish.live", "igc_redfish.client", "urllib3"))]
print(loaded)
"""


@pytest.mark.parametrize("source", ["https://bmc", "http://127.0.0.1:8000", "bmc.example:443"])
def test_environments_take_captures_and_no_addresses(source: str) -> None:
    for build in (make, make_batched):
        with pytest.raises(IgcError):
            build([source])
    with pytest.raises(IgcError):
        open_machine_source(source)


def test_no_real_host_can_be_built_by_name() -> None:
    manager = PluginManager.from_environment()
    for name in manager.specs("backend"):
        assert not manager.find("backend", name).factory.startswith(("igc_redfish.live", "igc_redfish.client"))
        assert isinstance(manager.build("backend", name, "generated:3?size=60"), Simulator)


def test_what_trains_does_not_even_load_what_reaches_hosts() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
