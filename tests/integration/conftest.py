"""What tests across packages share."""

from __future__ import annotations

from pathlib import Path

import pytest

from igc_core import PluginManager

#: The plugins of this repository; what else is installed must not matter.
OURS = "agents,encoders,redfish"


@pytest.fixture(autouse=True)
def _our_plugins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Use the plugins of this repository, no settings file, and a folder of its own."""
    for name in ("SETTINGS", "PLUGINS_ALLOWED", "PLUGINS_BLOCKED", "PLUGINS_STRICT", "CAPTURES", "RUNS"):
        monkeypatch.delenv(f"IGC_{name}", raising=False)
    monkeypatch.setenv("IGC_PLUGINS_EXACT", OURS)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def plugins() -> PluginManager:
    """The catalogue."""
    return PluginManager.from_environment()
