from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch

from igc_agents import saving
from igc_agents.corridor import Corridor
from igc_agents.policy import AnyPolicy, build_policy
from igc_agents.saving import AgentManifest
from igc_agents.shape import CodecIdentity, shape_of
from igc_agents.size import NetworkSize
from igc_core.errors import AgentError, DataError

if TYPE_CHECKING:
    from collections.abc import Callable

SIZE = NetworkSize(width=8, token_width=4, slot_width=4)


def agent(codec: str = "candidates") -> tuple[AnyPolicy, AgentManifest]:
    environment = Corridor(codec=codec)
    shape = shape_of(environment)
    return build_policy(shape, SIZE), AgentManifest(codec=CodecIdentity.of(environment), shape=shape, size=SIZE)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    saving.save(tmp_path / "agent", *agent())
    return tmp_path / "agent"


@pytest.mark.parametrize("codec", ["candidates", "flat"])
def test_loaded_agent_judges_as_the_saved_one(codec: str, tmp_path: Path) -> None:
    policy, manifest = agent(codec)
    saving.save(tmp_path / "agent", policy, manifest)
    environment = Corridor(num_envs=5, codec=codec)
    loaded = saving.load(tmp_path / "agent", codec=CodecIdentity.of(environment))
    seen = {key: torch.from_numpy(array) for key, array in environment.reset(0).items()}
    if environment.layout:
        policy.bind(environment.layout)
        loaded.policy.bind(environment.layout)
    torch.testing.assert_close(loaded.policy.judge(seen), policy.judge(seen))
    assert loaded.manifest.model_copy(update={"weights_sha256": ""}) == manifest


def test_folder_holds_safetensors_and_json_only(saved: Path) -> None:
    assert sorted(file.name for file in saved.iterdir()) == ["agent.json", "weights.safetensors"]


def test_nothing_is_overwritten_unasked(saved: Path) -> None:
    before = (saved / "weights.safetensors").read_bytes()
    with pytest.raises(DataError, match="exists already") as caught:
        saving.save(saved, *agent())
    assert caught.value.code == "data-exists"
    assert (saved / "weights.safetensors").read_bytes() == before


def test_overwriting_takes_the_place_of_an_agent_and_of_nothing_else(saved: Path) -> None:
    before = (saved / "weights.safetensors").read_bytes()
    saving.save(saved, *agent(), overwrite=True)
    assert (saved / "weights.safetensors").read_bytes() != before
    assert [path.name for path in saved.parent.iterdir()] == ["agent"]
    other = saved.parent / "letters"
    other.mkdir()
    (other / "precious.txt").write_text("mine")
    with pytest.raises(DataError, match="exists already"):
        saving.save(other, *agent(), overwrite=True)
    assert (other / "precious.txt").read_text() == "mine"


def test_failed_save_leaves_the_old_agent(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (saved / "agent.json").read_bytes()

    def fail(*_: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("igc_agents.saving.write_atomically", fail)
    with pytest.raises(DataError, match="disk full"):
        saving.save(saved, *agent(), overwrite=True)
    assert (saved / "agent.json").read_bytes() == before
    assert [path.name for path in saved.parent.iterdir()] == ["agent"]


def test_old_agent_comes_back_where_the_new_one_cannot_take_its_place(
    saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (saved / "agent.json").read_bytes()
    rename = Path.rename

    def fail_second(path: Path, target: Path) -> Path:
        if target == saved and not path.name.endswith("-old"):
            raise OSError(5, "Input/output error")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", fail_second)
    with pytest.raises(DataError, match="Input/output error"):
        saving.save(saved, *agent(), overwrite=True)
    assert (saved / "agent.json").read_bytes() == before
    assert [path.name for path in saved.parent.iterdir()] == ["agent"]


def test_unwritable_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="cannot write"):
        saving.save(tmp_path / "file" / "agent", *agent())


def edit(**changes: Any) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        content = json.loads((folder / "agent.json").read_text())
        (folder / "agent.json").write_text(json.dumps(content | changes))

    return apply


def edit_shape(change: Callable[[Any], None]) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        shape = json.loads((folder / "agent.json").read_text())["shape"]
        change(shape)
        edit(shape=shape)(folder)

    return apply


def truncate(name: str) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[: len(content) // 2])

    return apply


def forge(folder: Path) -> None:
    """Weights of another size, with a hash that fits them."""
    _, manifest = agent()
    other = build_policy(manifest.shape, NetworkSize(width=12))
    saving.write(folder, other, manifest)


def rehash(folder: Path) -> None:
    """Bytes that are no safetensors, with a hash that fits them."""
    (folder / "weights.safetensors").write_bytes(b"\xff" * 64)
    digest = hashlib.sha256(b"\xff" * 64).hexdigest()
    edit(weights_sha256=digest)(folder)


@pytest.mark.parametrize(
    ("damage", "code", "words"),
    [
        (lambda folder: (folder / "agent.json").unlink(), "agent-missing", "there is no agent in"),
        (lambda folder: (folder / "weights.safetensors").unlink(), "agent-missing", "cannot read"),
        (truncate("agent.json"), "agent-corrupt", "is not JSON"),
        (lambda folder: (folder / "agent.json").write_text("[" * 100_000), "agent-corrupt", "is not JSON"),
        (lambda folder: (folder / "agent.json").write_text("[1]"), "agent-incompatible", "of format None"),
        (truncate("weights.safetensors"), "agent-corrupt", "not the file that its manifest speaks of"),
        (edit(format=99), "agent-incompatible", "of format 99, and this version reads 1"),
        (edit(size={"width": 10**9}), "agent-corrupt", "size.width"),
        (edit(shape={"kind": "cubist"}), "agent-corrupt", "shape"),
        (edit(surprise=1), "agent-corrupt", "surprise"),
        (edit_shape(lambda shape: shape["tables"].pop("goals")), "agent-corrupt", "not those of its manifest"),
        (edit_shape(lambda shape: shape["values"].update(values=-99)), "agent-corrupt", "shape"),
        (edit_shape(lambda shape: shape.update(slot_width=10**12)), "agent-corrupt", "shape"),
        (
            edit_shape(lambda shape: shape["tables"]["goals"]["tokens"].update(vocabulary=10**15)),
            "agent-corrupt",
            "shape",
        ),
        (edit_shape(lambda shape: shape.update(slots=0)), "agent-corrupt", "not those of its manifest"),
        (forge, "agent-corrupt", "not those of its manifest"),
        (rehash, "agent-corrupt", "not a safetensors file"),
    ],
)
def test_what_does_not_fit_is_refused(damage: Callable[[Path], None], code: str, words: str, saved: Path) -> None:
    damage(saved)
    with pytest.raises(AgentError, match=words) as caught:
        saving.load(saved)
    assert caught.value.code == code
    assert "\n" not in str(caught.value)


def test_agent_of_another_codec_is_refused(saved: Path) -> None:
    with pytest.raises(AgentError, match="reads observations of the codec 'corridor'") as caught:
        saving.load(saved, codec=CodecIdentity(name="candidates", fingerprint="0"))
    assert caught.value.code == "agent-incompatible"


def test_manifest_names_what_made_the_agent() -> None:
    versions = saving.installed_versions()
    assert versions["torch"]
    assert versions["igc-agents"]
    assert np.__version__ == versions["numpy"]
