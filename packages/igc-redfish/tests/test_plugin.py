from __future__ import annotations

from igc_core.plugins import PluginManager
from igc_core.testing import PluginContract
from igc_redfish import plugin
from igc_redfish.goals import FAMILIES


class TestPlugin(PluginContract):
    module = "igc_redfish.plugin"


def test_every_family_of_the_package_is_offered() -> None:
    assert set(PluginManager([plugin]).goal_handlers("redfish")) == set(FAMILIES)
