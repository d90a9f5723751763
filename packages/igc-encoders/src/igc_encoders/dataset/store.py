"""Tokens of machines on disk, mapped into memory.

One pair of files for each machine, named by what decides their content: the capture, the tokenizer, and how resources
are chosen. A store that was interrupted goes on with the machine it was at; several processes may build one together.

::

    tokens/dell-r750-3f2c….bounds.npy    int64 [resources + 1]: where each resource begins
    tokens/dell-r750-3f2c….tokens.npy    TOKEN [tokens]; written last, so what has it is complete
"""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from igc_core.files import sha256, write_atomically
from igc_encoders.corpus.records import read
from igc_encoders.corpus.repeats import thinned
from igc_encoders.errors import EncoderError
from igc_encoders.rendering import render
from igc_encoders.tokens import encode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray
    from transformers import PreTrainedTokenizerFast

    from igc_encoders.corpus import Corpus
    from igc_encoders.rendering import Rendered

#: Changes whenever the same capture would give other tokens.
VERSION = 1
#: One token: the entry of the vocabulary, its :class:`~igc_encoders.rendering.Kind`, and its size in bytes of UTF-8.
TOKEN = np.dtype([("id", "<i4"), ("kind", "u1"), ("size", "<u2")])


@dataclass(frozen=True)
class TokenStore:
    """The tokens of some machines.

    Attributes:
        machines: Names of the machines.
        tokens: Tokens of each, of type :data:`TOKEN`.
        bounds: Where each machine's resources begin, and the last one ends; int64.
    """

    machines: tuple[str, ...]
    tokens: tuple[NDArray[np.void], ...]
    bounds: tuple[NDArray[np.int64], ...]

    @classmethod
    def build(
        cls,
        corpus: Corpus,
        tokenizer: PreTrainedTokenizerFast,
        folder: Path,
        *,
        repeats: int = 0,
        watch: Callable[[str, int, int], None] | None = None,
    ) -> TokenStore:
        """Tokenize machines, but for those whose tokens are in the folder already.

        Args:
            corpus: The machines.
            tokenizer: What makes tokens of their resources.
            folder: Where tokens are kept; it is made where it is missing.
            repeats: How many resources of one shape are kept of a machine; 0 keeps all.
            watch: Told what is under way, how many machines are done, and how many there are.

        Raises:
            EncoderError: A capture cannot be read, or a file of the folder is damaged.
            DataError: The folder cannot be written.
        """
        folder.mkdir(parents=True, exist_ok=True)
        decided_by = {"version": VERSION, "tokenizer": fingerprint(tokenizer), "repeats": repeats}
        tokens: list[NDArray[np.void]] = []
        bounds: list[NDArray[np.int64]] = []
        for done, (machine, path) in enumerate(corpus.sources.items()):
            if watch:
                watch(f"tokenizing {machine}", done, len(corpus))
            key = hashlib.sha256(json.dumps(decided_by | {"capture": sha256(path)}).encode()).hexdigest()[:16]
            files = tuple(folder / f"{machine}-{key}.{part}.npy" for part in ("tokens", "bounds"))
            if not files[0].exists():
                _write_machine(files, tokenizer, thinned(_rendered(path, machine), repeats))
            tokens.append(_mapped(files[0], TOKEN))
            bounds.append(_mapped(files[1], np.dtype("<i8")))
        return cls(corpus.machines, tuple(tokens), tuple(bounds))

    def __len__(self) -> int:
        """Count the resources."""
        return sum(len(bounds) - 1 for bounds in self.bounds)

    @property
    def size(self) -> int:
        """Number of tokens."""
        return sum(map(len, self.tokens))

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Tokens of each resource, int64, of shape ``(resources,)``."""
        return np.concatenate([np.zeros(0, np.int64), *(np.diff(bounds) for bounds in self.bounds)])

    @property
    def owners(self) -> NDArray[np.int64]:
        """Machine of each resource, as an index, int64, likewise."""
        return np.repeat(np.arange(len(self.machines)), [len(bounds) - 1 for bounds in self.bounds])

    def resource(self, index: int) -> NDArray[np.void]:
        """Return the tokens of a resource, counted over all machines; nothing is copied."""
        for tokens, bounds in zip(self.tokens, self.bounds, strict=True):
            if index < len(bounds) - 1:
                return tokens[bounds[index] : bounds[index + 1]]
            index -= len(bounds) - 1
        raise IndexError(index)


def fingerprint(tokenizer: PreTrainedTokenizerFast) -> str:
    """Hash all that decides a tokenizer's tokens."""
    return hashlib.sha256(tokenizer.backend_tokenizer.to_str().encode()).hexdigest()


def _rendered(path: Path, machine: str) -> Iterator[Rendered]:
    for record in read(path, machine):
        yield render(record.body, path=record.path, methods=record.methods, status=record.status)


def _write_machine(files: tuple[Path, ...], tokenizer: PreTrainedTokenizerFast, resources: Iterator[Rendered]) -> None:
    parts = [np.zeros(0, TOKEN)]
    for resource in resources:
        encoded = encode(tokenizer, resource)
        part = np.empty(len(encoded), TOKEN)
        part["id"], part["kind"] = encoded.ids, encoded.kinds
        part["size"] = _sizes(resource.text, encoded.starts)
        parts.append(part)
    bounds = np.cumsum([len(part) for part in parts], dtype="<i8")
    write_atomically(files[1], _npy(bounds))
    write_atomically(files[0], _npy(np.concatenate(parts)))


def _sizes(text: str, starts: NDArray[np.int64]) -> NDArray[np.uint16]:
    """Share the bytes of a text out among its tokens; a character of several tokens counts for the last one."""
    if text.isascii():
        places = starts
    else:
        widths = np.fromiter((len(character.encode()) for character in text), np.int64, len(text))
        places = np.concatenate([[0], np.cumsum(widths)])[starts]
    ends = np.append(places[1:], len(text.encode()))
    return (ends - places).astype(np.uint16)


def _npy(array: NDArray[Any]) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def _mapped(path: Path, kind: np.dtype[Any]) -> NDArray[Any]:
    try:
        found: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise _damaged(path) from error
    if found.dtype != kind or found.ndim != 1:
        raise _damaged(path)
    return found


def _damaged(path: Path) -> EncoderError:
    return EncoderError(f"the tokens in {path} are damaged", code="encoder-corrupt", hint="remove the file")
