"""Examples of two things that people may want, and a reader that learned them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from igc_core.protocols import Example
from igc_encoders.reader import folder as saved
from igc_encoders.reader.texts import text_encoder
from igc_encoders.reader.training import Material, ReaderRecipe, train

RECIPE = ReaderRecipe(narrow=16, steps=80, batch=32, folds=2, variants=8)
WAYS = {
    "light on": ("shine", "turn the lamp on", "light up {where}", "make {where} bright", "let it shine"),
    "door open colour=Red": ("open the red door", "unlock the red one", "let me through the red gate"),
    "door open colour=Blue": ("open the blue door", "unlock the blue one", "let me through the blue gate"),
    "": ("make coffee", "what is the time", "hello there", "sing a song"),
}


def quiet(_what: str, _share: float) -> None:
    """Nobody watches."""


@pytest.fixture(scope="session")
def examples() -> list[Example]:
    return [Example(text, meaning, pattern=text) for meaning, texts in WAYS.items() for text in texts]


@pytest.fixture(scope="session")
def learn(examples: list[Example]) -> Callable[[str, Path], Path]:
    """Train a reader with an encoder, and write it into a folder."""

    def build(name: str, folder: Path) -> Path:
        meanings = sorted({example.meaning for example in examples} - {""})
        encoder = text_encoder(name, [example.text for example in examples])
        head, confidence = train(Material(examples, meanings, encoder, quiet), RECIPE, quiet)
        saved.save(folder, head, encoder, name, confidence, {"examples": len(examples)})
        return folder

    return build


@pytest.fixture(scope="session")
def folder(learn: Callable[[str, Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return learn("hashed-tokens", tmp_path_factory.mktemp("readers") / "hashed")
