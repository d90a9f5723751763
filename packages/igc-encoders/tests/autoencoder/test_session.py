from __future__ import annotations

from pathlib import Path

import pytest
import torch

from igc_core.interruption import Interruption
from igc_encoders import lm
from igc_encoders.autoencoder import folder as saved
from igc_encoders.autoencoder.recipe import Recipe
from igc_encoders.autoencoder.session import Outcome, train_encoder
from igc_encoders.corpus import Corpus
from igc_encoders.errors import EncoderError

RECIPE = Recipe(
    per_type=9, variations=1, latent=16, channels=16, heads=2, features=16, epochs=4, batch_tokens=1024,
    precision="fp32",
)  # fmt: skip
TUNED = RECIPE.model_copy(update={"tune": 1e-3})

pytestmark = pytest.mark.usefixtures("one_thread")


def stopped(model: Path, corpus: Corpus, recipe: Recipe, out: Path, share: float) -> Outcome:
    """Train until some share of the updates is made."""
    interruption = Interruption()

    def watch(what: str, done: float) -> None:
        if what.startswith("facts") and done >= share:
            interruption.request()

    return train_encoder(model, corpus, recipe, out, watch=watch, interruption=interruption)


def weights(folder: Path) -> dict[str, torch.Tensor]:
    found = saved.load(folder)
    return {**found.encoder.state_dict(), **found.model.state_dict()}


@pytest.mark.parametrize("recipe", [RECIPE, TUNED], ids=["cached states", "end to end"])
def test_stopped_training_goes_on_bit_for_bit(
    language_model: Path, corpus: Corpus, tmp_path: Path, recipe: Recipe
) -> None:
    whole = train_encoder(language_model, corpus, recipe, tmp_path / "whole")
    halfway = stopped(language_model, corpus, recipe, tmp_path / "parted", 0.4)
    assert halfway.settings is None
    assert 0 < halfway.progress.steps < whole.progress.steps
    assert not (tmp_path / "parted" / "manifest.json").exists()
    assert list((tmp_path / "parted").glob("checkpoint-*.safetensors"))
    parted = train_encoder(language_model, corpus, recipe, tmp_path / "parted")
    assert (parted.progress.steps, parted.progress.losses) == (whole.progress.steps, whole.progress.losses)
    expected = weights(tmp_path / "whole")
    for name, value in weights(tmp_path / "parted").items():
        assert torch.equal(value, expected[name]), name
    assert not list((tmp_path / "parted").glob("checkpoint-*"))


def test_another_recipe_begins_anew_and_leaves_the_stopped_one_alone(
    language_model: Path, corpus: Corpus, tmp_path: Path
) -> None:
    stopped(language_model, corpus, RECIPE, tmp_path, 0.4)
    other = RECIPE.model_copy(update={"epochs": 2})
    found = train_encoder(language_model, corpus, other, tmp_path)
    assert found.progress.steps == train_encoder(language_model, corpus, other, tmp_path).progress.steps
    assert len(list(tmp_path.glob("checkpoint-*"))) == 1


def test_damaged_checkpoint_is_told(language_model: Path, corpus: Corpus, tmp_path: Path) -> None:
    stopped(language_model, corpus, RECIPE, tmp_path, 0.4)
    (path,) = tmp_path.glob("checkpoint-*")
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(EncoderError, match="is damaged; remove it to begin anew"):
        train_encoder(language_model, corpus, RECIPE, tmp_path)


def test_wish_to_stop_is_noticed_before_the_first_update(language_model: Path, corpus: Corpus, tmp_path: Path) -> None:
    interruption = Interruption()
    interruption.request()
    with pytest.raises(KeyboardInterrupt):
        train_encoder(language_model, corpus, RECIPE, tmp_path, interruption=interruption)


def test_layers_are_trained_along_on_demand_alone(language_model: Path, corpus: Corpus, tmp_path: Path) -> None:
    before = lm.load(language_model)[0].state_dict()
    train_encoder(language_model, corpus, RECIPE, tmp_path / "as-it-is")
    train_encoder(language_model, corpus, TUNED, tmp_path / "tuned")
    as_it_is, tuned = (saved.load(tmp_path / name).model.state_dict() for name in ("as-it-is", "tuned"))
    changed = {name for name, value in tuned.items() if not torch.equal(value, before[name])}
    assert all(torch.equal(value, before[name]) for name, value in as_it_is.items())
    assert any(".h.0." in name for name in changed)
    assert any(".h.1." in name for name in changed)
    assert not any(".h.2." in name for name in changed)  # the layer above those whose states are read
