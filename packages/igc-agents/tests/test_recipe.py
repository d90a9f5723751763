from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path

import pytest

from igc_agents.recipe import Recipe, shipped_recipes
from igc_agents.size import NetworkSize
from igc_core.errors import DataError


def test_recipes_that_come_with_the_package_have_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert shipped_recipes() == ["default", "shipped"]
    assert Recipe.find(Path("default")) == Recipe.shipped()
    assert Recipe.find(Path("shipped")).environment["composites"] == 5
    Path("shipped").write_text("seed = 7\n")
    assert Recipe.find(Path("shipped")).seed == 7
    with pytest.raises(DataError, match="there is no recipe 'shiped'") as caught:
        Recipe.find(Path("shiped"))
    assert "default, shipped" in str(caught.value.hint)


def test_recipe_is_read_from_toml(tmp_path: Path) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text("seed = 3\nlearning_rate = 5e-4\n[network]\nwidth = 32\n")
    recipe = Recipe.read(path)
    assert (recipe.seed, recipe.learning_rate, recipe.network.width) == (3, 5e-4, 32)
    assert recipe.steps == Recipe().steps


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("stpes = 3", "data-invalid", "stpes: Extra inputs"),
        ("steps = -1", "data-invalid", "steps: Input should be greater"),
        ("steps = 'many'", "data-invalid", "steps: Input should be a valid integer"),
        ("[network]\nwidth = 0", "data-invalid", "network.width"),
        ("n_envs = 1\nn_steps = 1", "data-invalid", "one step"),
        ("steps = ", "data-invalid", "is not TOML"),
        ("\xff", "data-invalid", "is not TOML"),
        (None, "data-missing", "cannot read the recipe"),
    ],
)
def test_bad_recipe_is_told_in_one_line(tmp_path: Path, text: str | None, code: str, words: str) -> None:
    path = tmp_path / "recipe.toml"
    if text is not None:
        path.write_bytes(text.encode("latin-1"))
    with pytest.raises(DataError, match=words) as caught:
        Recipe.read(path)
    assert caught.value.code == code
    assert "\n" not in str(caught.value)


def test_shipped_recipe_states_every_default() -> None:
    text = resources.files("igc_agents").joinpath("recipes/default.toml").read_text()
    stated = tomllib.loads(text)
    assert Recipe.shipped() == Recipe()
    assert stated.keys() == Recipe.model_fields.keys() - {"minutes"}
    assert stated["network"].keys() == NetworkSize.model_fields.keys()
    lines = [line for line in text.splitlines() if "=" in line or line.startswith("[env")]
    assert all("# " in line for line in lines)


def test_written_recipe_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "recipe.toml"
    network = NetworkSize(width=32, without=("history", "candidates.match"))
    options = {"per_family": 8, "sources": ["generated:0-3"], "disturbance": {"faults": 0.1}}
    recipe = Recipe(seed=7, minutes=1.5, network=network, environment=options)
    recipe.write(path)
    assert Recipe.read(path) == recipe


def test_secrets_of_the_environment_are_not_written(tmp_path: Path) -> None:
    path = tmp_path / "recipe.toml"
    Recipe(environment={"password": "hunter2"}).write(path)
    assert "hunter2" not in path.read_text()


def test_recipe_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cannot write .*recipe.toml"):
        Recipe().write(tmp_path / "nowhere" / "recipe.toml")


def test_batch_too_small_for_the_processes_is_refused() -> None:
    with pytest.raises(DataError, match="a batch of 4 leaves some of 3 processes less than two steps"):
        Recipe.parse({"batch_size": 4, "processes": 3})
