"""Firmware images and the components they are for: an image's name carries both, ``http://host/bios-2.4.1.bin``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from igc_core.rest import JsonObject

_EXTENSION = re.compile(r"(?:\.[A-Za-z][A-Za-z0-9]{1,5})+$")
_VERSION = re.compile(r"^(?P<name>.*)[-_ ]v?(?P<version>\d[\w.+-]*)$")
_DOTTED = re.compile(r"\d+(?:\.\d+)+")
_WORD = re.compile(r"[a-z0-9]+")


def file_name(image: str) -> str:
    """Return the file name of an image's URI: all of it that may be shown, as the rest may hold credentials."""
    path = re.split(r"[?#]", image, maxsplit=1)[0]
    return unquote(path.rpartition("/")[2])


def read_image(image: str) -> tuple[str, str]:
    """Split an image's file name into component and version; the version is ``""`` where the name carries none."""
    stem = _EXTENSION.sub("", file_name(image))
    match = _VERSION.match(stem)
    return (match["name"], match["version"]) if match else (stem, "")


def name_image(component: str, version: str) -> str:
    """Name an image for a component, on a host that is reserved for examples (RFC 5737)."""
    return f"http://192.0.2.10/{'_'.join(_WORD.findall(component.casefold())) or 'firmware'}-{version}.bin"


def next_version(present: str) -> str:
    """Return the version after the present one: its last number but one more, or ``2.0.0`` where it has none."""
    match = _DOTTED.search(present)
    if match is None:
        return "2.0.0"
    *lead, last = match[0].split(".")
    return ".".join([*lead, str(int(last) + 1).zfill(len(last))])


def component_of(image: str, inventory: Mapping[str, JsonObject]) -> str:
    """Find the component that an image is for: the one whose id and name share most words with the image's name.

    Args:
        image: URI of the image.
        inventory: The components that can be updated, by URI.

    Returns:
        URI of the component, ``""`` where none shares a word.
    """
    wanted = _WORD.findall(read_image(image)[0].casefold())
    best, score = "", (0, 0.0)
    for uri, body in inventory.items():
        ids = _WORD.findall(uri.rpartition("/")[2].casefold())
        names = [*ids, *_words(body.get(key) for key in ("Id", "Name"))]
        shared = len(set(wanted) & set(names))
        rank = (2 * len(wanted) if ids == wanted else shared, -len(set(names)))
        if shared and rank > score:
            best, score = uri, rank
    return best


def _words(texts: Iterable[object]) -> list[str]:
    return [word for text in texts for word in _WORD.findall(str(text or "").casefold())]
