"""What ``igc run`` says where a package is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from igc_core import PluginManager
from igc_core.cli.app import main
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


@pytest.mark.parametrize("option", ["--write-interval", "--settle", "--reset-settle"])
def test_a_time_without_end_is_refused_at_the_start(option: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "power off", "--target", "http://127.0.0.1:9", option, "inf"]) == 2
    assert option in capfd.readouterr().err


def test_a_negative_seed_is_refused(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "power off", "--on", "generated:1?size=60", "--seed", "-1"]) == 2
    assert "--seed" in capfd.readouterr().err


@pytest.mark.parametrize("machine", [("--on", "no-such-machine"), ("--target", "http://127.0.0.1:9")])
def test_a_memory_that_cannot_be_written_is_told_before_the_run(
    machine: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "power off", *machine, "--memory", str(tmp_path / "none" / "m.json")]) == 2
    assert "m.json: No such file or directory; make the folder" in capsys.readouterr().err
