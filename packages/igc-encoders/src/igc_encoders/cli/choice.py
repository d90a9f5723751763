"""Which encoder a command is about: a folder, or a name with options."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from igc_core.cli import plugin_manager
from igc_encoders.errors import EncoderError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from igc_core.protocols import StateEncoder

ENCODER_HELP = "Folder of a trained encoder, or the name of one that needs none."
OPTION_HELP = "Option of the encoder as name=value, e.g. width=128; may be given several times."
#: What tells whose folder it is, and how the encoder's factory calls the folder.
_FILES = {
    "manifest.json": ("language-model", "folder"),
    "tfidf.json": ("tfidf", "folder"),
    "modules.json": ("sentence-transformer", "model"),
}


def chosen(text: str, options: Sequence[str] = ()) -> tuple[str, dict[str, Any]]:
    """Read which encoder is meant.

    Args:
        text: A folder, or a name in the catalogue.
        options: Options of its factory, each ``name=value``; the value is JSON where it is some, else text.

    Returns:
        Name and options of the encoder.

    Raises:
        EncoderError: The folder is no encoder's, or an option cannot be read.
    """
    stated = dict(map(_option, options))
    path = Path(text)
    if not path.is_dir():
        if len(path.parts) > 1:
            raise EncoderError(f"there is no folder {path}", code="encoder-missing", hint="train an encoder first")
        return text, stated
    for file, (name, option) in _FILES.items():
        if (path / file).is_file():
            return name, {option: str(path.resolve()), **stated}
    raise EncoderError(
        f"there is no encoder in {path}",
        code="encoder-missing",
        hint=f"an encoder's folder has one of {', '.join(_FILES)}",
    )


def build(name: str, options: dict[str, Any]) -> StateEncoder:
    """Build an encoder of the catalogue.

    Raises:
        IgcError: There is none, or it cannot be loaded.
    """
    found: StateEncoder = plugin_manager().build("encoder", name, **options)
    return found


def bare(name: str, options: dict[str, Any]) -> dict[str, Any]:
    """Ask for an encoder without its cache."""
    return options | ({"cache": ""} if name in {"language-model", "sentence-transformer"} else {})


def _option(text: str) -> tuple[str, Any]:
    name, joint, value = text.partition("=")
    if not joint or not name.isidentifier():
        hint = "write name=value, e.g. --option width=128"
        raise EncoderError(f"cannot read the option {text!r}", code="encoder-options", hint=hint)
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value
