from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from igc_agents.source import EnvironmentSource
from igc_core.errors import LoadingError, PluginError

if TYPE_CHECKING:
    from pathlib import Path

CORRIDOR = "igc_agents.corridor:Corridor"


def test_empty_options_are_left_to_the_factory() -> None:
    built = EnvironmentSource(CORRIDOR, {"num_envs": 3, "sources": [], "families": None, "codec": ""}).build()
    assert built.num_envs == 3


def test_shards_go_to_factories_that_know_them_and_to_processes_that_are_several(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sharded_corridors.py").write_text("def make(shard=None):\n    return shard\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    source = EnvironmentSource("sharded_corridors:make")
    assert (source.build(), source.build(1, 3)) == (None, (1, 3))
    assert EnvironmentSource(CORRIDOR).build(1, 3).num_envs == 1


def test_options_that_the_factory_lacks_are_told() -> None:
    with pytest.raises(PluginError, match=r"the environment 'maze' cannot be built: .*lenght") as caught:
        EnvironmentSource(CORRIDOR, {"lenght": 3}, "maze").build()
    assert caught.value.code == "plugin-options-refused"


def test_factory_that_is_not_there_is_told() -> None:
    with pytest.raises(LoadingError):
        EnvironmentSource("igc_agents.corridor:Maze").build()


def test_it_is_told_which_options_a_factory_takes() -> None:
    source = EnvironmentSource(CORRIDOR)
    assert source.takes("num_envs")
    assert not source.takes("slots")
