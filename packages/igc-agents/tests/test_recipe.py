from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from igc_agents.recipe import Recipe
from igc_core.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path


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
