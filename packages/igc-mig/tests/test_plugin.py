from __future__ import annotations

from igc_core.testing import PluginContract


class TestPlugin(PluginContract):
    module = "igc_mig.plugin"
