"""What ``igc run`` says where a package is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from igc_core import PluginManager
from igc_core.errors import PluginError
from igc_core.settings import Settings
from igc_redfish.cli.run import load_agent, load_reader


@pytest.fixture
def alone() -> PluginManager:
    """This package with nothing beside it."""
    return PluginManager.from_environment(Settings(plugins_allowed=("redfish",)))


def test_folder_that_nothing_loads_names_the_package_to_install(alone: PluginManager, tmp_path: Path) -> None:
    for load, package in ((load_agent, "igc-agents"), (load_reader, "igc-encoders")):
        with pytest.raises(PluginError, match="nothing here loads") as raised:
            load(alone, str(tmp_path))
        assert raised.value.hint == f"pip install {package}"
