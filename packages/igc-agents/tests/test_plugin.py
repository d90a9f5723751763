from __future__ import annotations

from igc_agents import plugin
from igc_agents.agents import RandomAgent
from igc_core.plugins import PluginManager
from igc_core.testing import PluginContract


class TestPlugin(PluginContract):
    module = "igc_agents.plugin"


def test_random_agent_is_built_by_name() -> None:
    assert isinstance(PluginManager([plugin]).build("agent", "random"), RandomAgent)
