from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from igc_core.errors import EncodingError
from igc_core.testing import EncoderContract
from igc_encoders import lm, tokens
from igc_encoders.autoencoder import folder as saved
from igc_encoders.autoencoder import material, store, training
from igc_encoders.autoencoder.facts import FactBook, changed
from igc_encoders.autoencoder.recipe import Recipe
from igc_encoders.autoencoder.session import train_encoder
from igc_encoders.autoencoder.sizes import Sizes
from igc_encoders.autoencoder.states import LanguageStates
from igc_encoders.cached import CachedEncoder
from igc_encoders.corpus import Corpus, Record
from igc_encoders.errors import EncoderError
from igc_encoders.latent import LanguageModelEncoder
from igc_encoders.rendering import render

RECIPE = Recipe(
    per_type=9, latent=32, channels=32, heads=4, features=32, epochs=24, batch_tokens=2048, learning_rate=5e-3
)


def system(number: int, power: str, boot: str, health: str) -> dict[str, Any]:
    return {
        "@odata.id": f"/redfish/v1/Systems/{number}",
        "@odata.type": "#ComputerSystem.v1_16_0.ComputerSystem",
        "Boot": {"BootSourceOverrideTarget": boot},
        "PowerState": power,
        "Status": {"Health": health},
    }


def fan(number: int, enabled: bool, health: str) -> dict[str, Any]:
    path = f"/redfish/v1/Chassis/1/Fans/{number}"
    return {"@odata.id": path, "@odata.type": "#Fan.v1_0_0.Fan", "Enabled": enabled, "Status": {"Health": health}}


def records(machine: str, count: int = 24) -> list[Record]:
    healths, boots = ("OK", "Warning", "Critical"), ("None", "Pxe", "Cd", "Hdd")
    systems = [
        system(number, ("On", "Off")[number % 2], boots[number % 4], healths[number % 3]) for number in range(count)
    ]
    fans = [fan(number, number % 2 == 0, healths[number % 3]) for number in range(count)]
    bodies = [*systems, *fans]
    return [Record(machine, str(body["@odata.id"]), None, 200, body) for body in bodies]


CORPUS = [*records("one"), *records("two")]


@pytest.fixture(scope="session")
def language_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Save a language model with random weights."""
    home = tmp_path_factory.mktemp("lm")
    tokenizer = tokens.train([render(record.body).text for record in CORPUS], 400)
    lm.save(home, lm.create(tokenizer, lm.Architecture(width=32, layers=2, heads=2, context=64)), tokenizer)
    return home


@pytest.fixture(scope="session")
def small(language_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Train a small autoencoder on random hidden states of a few resources, in a second or two."""
    home = tmp_path_factory.mktemp("encoder")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    model, tokenizer = lm.load(language_model)
    found = material.gather(CORPUS, tokenizer, RECIPE.model_copy(update={"per_type": 100, "variations": 1}))
    states = LanguageStates(model)
    trained, _ = training.train(store.fill(home / "states", found.readings, found.told, states), found.book, RECIPE)
    whole, _ = lm.load(language_model)
    settings = saved.Settings(sizes=Sizes(hidden=32, latent=32, channels=32, heads=4, features=32), layer=states.layer)
    saved.save(home / "encoder", whole, tokenizer, trained, settings)
    torch.set_num_threads(threads)
    return home / "encoder"


@pytest.fixture(scope="session")
def encoder(small: Path) -> LanguageModelEncoder:
    return LanguageModelEncoder(small)


class TestLanguageModelEncoder(EncoderContract):
    @pytest.fixture
    def encoder(self, encoder: LanguageModelEncoder) -> LanguageModelEncoder:
        return encoder

    @pytest.fixture
    def twin(self, small: Path) -> LanguageModelEncoder:
        return LanguageModelEncoder(small)


def long_body(entries: int) -> dict[str, Any]:
    return {
        "@odata.id": "/redfish/v1/Registry",
        "Messages": {f"Message{number}": {"Severity": "OK", "Args": number * 7919 % 1000} for number in range(entries)},
    }


def test_a_probe_reads_properties_off_the_latent(encoder: LanguageModelEncoder) -> None:
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

    known, unseen = CORPUS, records("three", 40)[24:]
    (bodies, values), (others, expected) = (
        zip(*((one.body, one.body["PowerState"]) for one in group if "PowerState" in one.body), strict=True)
        for group in (known, unseen)
    )
    probe = LogisticRegression(C=1e3, max_iter=500).fit(encoder.encode(bodies), values)
    assert probe.score(encoder.encode(others), expected) > 0.8


def test_long_resources_are_read_to_their_end(encoder: LanguageModelEncoder) -> None:
    body = long_body(100)
    last = changed(body, ["Messages", "Message99", "Severity"], "Critical")
    one, other = encoder.encode([body, last])
    assert np.abs(one - other).max() > 1e-4


def test_a_changed_body_is_read_only_around_the_change(encoder: LanguageModelEncoder, small: Path) -> None:
    body = long_body(300)
    fresh = LanguageModelEncoder(small)
    fresh.encode([body])
    whole = fresh.read
    inserted = changed(body, ["Messages", "Message100", "Severity"], "Some longer text than before")
    again = fresh.encode([inserted])
    assert fresh.read - whole <= 4 < whole / 10
    np.testing.assert_allclose(again, LanguageModelEncoder(small).encode([inserted]), atol=1e-5)


def test_a_change_back_is_not_read_at_all(small: Path) -> None:
    fresh = LanguageModelEncoder(small)
    first = fresh.encode([CORPUS[0].body])
    before = fresh.read
    np.testing.assert_array_equal(fresh.encode([CORPUS[0].body]), first)
    assert fresh.read == before


def test_batches_hold_the_choices_of_their_resources(language_model: Path, tmp_path: Path) -> None:
    model, tokenizer = lm.load(language_model)
    found = material.gather(CORPUS, tokenizer, RECIPE.model_copy(update={"variations": 0}))
    kept = store.fill(tmp_path / "states", found.readings, found.told, LanguageStates(model))
    batch = kept.batch(np.asarray([1, 3]))
    expected = [np.flatnonzero(found.told.owners == number) for number in (1, 3)]
    assert batch.owners.tolist() == [0] * len(expected[0]) + [1] * len(expected[1])
    np.testing.assert_array_equal(batch.answers.numpy(), found.told.answers[np.concatenate(expected)])
    assert batch.pairs.shape[0] == len(batch.answers)


def test_facts_are_found_by_counting() -> None:
    book = FactBook.learn(CORPUS)
    assert set(book.values) == {
        "@odata.type",
        "PowerState",
        "Boot/BootSourceOverrideTarget",
        "Status/Health",
        "Enabled",
    }
    assert set(book.values["PowerState"]) == {"", "On", "Off"}
    body = system(1, "Off", "Unheard", "OK")
    labels = dict(zip(book.values, book.labels(body).tolist(), strict=True))
    assert book.values["PowerState"][labels["PowerState"]] == "Off"
    assert labels["Enabled"] == 0
    assert labels["Boot/BootSourceOverrideTarget"] == -1


def test_training_is_repeatable(language_model: Path, tmp_path: Path) -> None:
    model, tokenizer = lm.load(language_model)
    recipe = RECIPE.model_copy(update={"epochs": 1})
    found = material.gather(CORPUS, tokenizer, recipe.model_copy(update={"per_type": 9}))
    kept = store.fill(tmp_path / "states", found.readings, found.told, LanguageStates(model))
    one, other = (training.train(kept, found.book, recipe)[0].state_dict() for _ in range(2))
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_training_goes_on_from_an_encoder(language_model: Path, small: Path, tmp_path: Path) -> None:
    model, tokenizer = lm.load(language_model)
    recipe = RECIPE.model_copy(update={"epochs": 1, "learning_rate": 1e-12})
    found = material.gather(CORPUS, tokenizer, recipe)
    kept = store.fill(tmp_path / "states", found.readings, found.told, LanguageStates(model))
    base = saved.load(small).encoder
    trained, _ = training.train(kept, found.book, recipe, base=base)
    for name, value in base.state_dict().items():
        torch.testing.assert_close(trained.state_dict()[name], value)


def captured(folder: Path) -> Corpus:
    for name in ("one", "two"):
        lines = [{"path": one.path, "methods": None, "status": 200, "body": one.body} for one in records(name)]
        (folder / f"{name}.jsonl").write_text("\n".join(map(json.dumps, lines)))
    return Corpus.of([folder])


def test_an_encoder_of_other_sizes_is_not_gone_on_from(language_model: Path, small: Path, tmp_path: Path) -> None:
    recipe = RECIPE.model_copy(update={"base": str(small), "features": 16, "per_type": 2})
    with pytest.raises(EncoderError, match="cannot be gone on from: it is of other sizes") as caught:
        train_encoder(language_model, captured(tmp_path), recipe, tmp_path / "out")
    assert caught.value.code == "encoder-incompatible"
    assert not (tmp_path / "out" / "manifest.json").exists()


def test_an_encoder_of_another_language_model_is_not_gone_on_from(small: Path, tmp_path: Path) -> None:
    tokenizer = tokens.train([render(record.body).text for record in CORPUS], 400)
    other = lm.create(tokenizer, lm.Architecture(width=32, layers=2, heads=2, context=64), seed=1)
    lm.save(tmp_path / "lm", other, tokenizer)
    recipe = RECIPE.model_copy(update={"base": str(small), "per_type": 2})
    with pytest.raises(EncoderError, match="it is of another language model"):
        train_encoder(tmp_path / "lm", captured(tmp_path), recipe, tmp_path / "out")


def test_hidden_states_are_read_once(language_model: Path, tmp_path: Path) -> None:
    model, tokenizer = lm.load(language_model)
    found = material.gather(CORPUS, tokenizer, RECIPE)
    states = LanguageStates(model)
    first = store.fill(tmp_path, found.readings, found.told, states)
    written = (tmp_path / "states.npy").stat().st_mtime_ns
    again = store.fill(tmp_path, found.readings, found.told, states)
    assert (tmp_path / "states.npy").stat().st_mtime_ns == written
    np.testing.assert_array_equal(again.states, first.states)
    (tmp_path / "index.safetensors").write_bytes(b"cut")
    np.testing.assert_array_equal(store.fill(tmp_path, found.readings, found.told, states).states, first.states)


def test_too_little_to_learn_from_is_said(language_model: Path) -> None:
    _, tokenizer = lm.load(language_model)
    with pytest.raises(EncoderError, match="too few to learn from"):
        material.gather(CORPUS[:3], tokenizer, RECIPE)


def test_bad_bodies_are_encoded_or_refused(encoder: LanguageModelEncoder) -> None:
    deep: dict[str, Any] = {"PowerState": "On"}
    for _ in range(10_000):
        deep = {"O": deep}
    odd: list[Any] = [{}, deep, {"Reading": float("nan"), "Other": float("-inf"), "Text": "\ud800"}]
    vectors = encoder.encode(odd)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    with pytest.raises(EncodingError, match="resource 1 of the batch has 20,000,"):
        encoder.encode([{}, {"Text": "x" * 20_000_000}])
    with pytest.raises(EncodingError, match="resource 1 of the batch: a resource is a JSON object"):
        encoder.encode([{}, [1]])  # type: ignore[list-item]


def test_a_failure_leaves_the_cache_as_it_was(small: Path, tmp_path: Path) -> None:
    cached = CachedEncoder(LanguageModelEncoder(small), tmp_path)
    with pytest.raises(EncodingError):
        cached.encode([{"Id": "1"}, {"Text": "x" * 20_000_000}])
    assert len(cached.cache) == 0
    np.testing.assert_array_equal(cached.encode([{"Id": "1"}]), cached.encode([{"Id": "1"}]))


@pytest.mark.parametrize("name", ["autoencoder.safetensors", "lm/model.safetensors", "autoencoder.json"])
def test_a_damaged_file_is_refused(small: Path, tmp_path: Path, name: str) -> None:
    copy = shutil.copytree(small, tmp_path / "copy")
    content = (copy / name).read_bytes()
    (copy / name).write_bytes(content[:-1] + b"x")
    with pytest.raises(EncoderError, match=r"is not the file that manifest\.json speaks of"):
        LanguageModelEncoder(copy)
    (copy / name).unlink()
    with pytest.raises(EncoderError, match="is damaged: cannot read"):
        LanguageModelEncoder(copy)


def rewritten(home: Path, change: dict[str, Any]) -> Path:
    """Change the settings of an encoder, and its manifest along with them."""
    settings = json.loads((home / "autoencoder.json").read_text())
    settings["sizes"] |= change
    (home / "autoencoder.json").write_text(json.dumps(settings))
    stated = json.loads((home / "manifest.json").read_text())
    stated["files"] = saved._hashes(home)
    (home / "manifest.json").write_text(json.dumps(stated))
    return home


def test_weights_of_another_shape_are_refused(small: Path, tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="are not of the shapes") as caught:
        LanguageModelEncoder(rewritten(shutil.copytree(small, tmp_path / "copy"), {"latent": 16}))
    assert caught.value.code == "encoder-incompatible"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"{", "encoder-corrupt"),
        (b"[]", "encoder-corrupt"),
        (b'{"format": "igc-encoder", "files": {}, "version": 9}', "encoder-incompatible"),
    ],
)
def test_a_manifest_of_another_kind_is_refused(small: Path, tmp_path: Path, content: bytes, code: str) -> None:
    copy = shutil.copytree(small, tmp_path / "copy")
    (copy / "manifest.json").write_bytes(content)
    with pytest.raises(EncoderError) as caught:
        LanguageModelEncoder(copy)
    assert caught.value.code == code


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="there is no encoder in"):
        LanguageModelEncoder(tmp_path / "nowhere")


def test_the_language_model_loads_with_plain_transformers(small: Path) -> None:
    from transformers import AutoModelForCausalLM  # noqa: PLC0415

    model = AutoModelForCausalLM.from_pretrained(small / "lm")
    assert model.config.num_hidden_layers == 2


def test_a_layer_that_the_model_lacks_is_refused(language_model: Path) -> None:
    model, _ = lm.load(language_model)
    with pytest.raises(EncoderError, match="has 2 layers, not 3"):
        LanguageStates(model, 3)
