"""Machines by name, and their split into training and validation: whole machines, never single resources."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from igc_core.files import sha256
from igc_encoders.corpus.records import machine_name, read
from igc_encoders.errors import EncoderError, reason_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from igc_encoders.corpus.records import Record

#: File of a folder of captures that says which machines serve for what.
SPLIT = "split.json"
_PATTERNS = ("*.jsonl", "*.jsonl.gz")


@dataclass(frozen=True, slots=True)
class Split:
    """Which machines serve for what.

    Attributes:
        train: Machines whose text models learn.
        validation: Machines that training is stopped and measured by.
    """

    train: tuple[str, ...]
    validation: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse a machine that serves for both."""
        if both := sorted(set(self.train) & set(self.validation)):
            raise EncoderError(
                f"the machines {', '.join(both)} serve for training and for validation",
                code="encoder-corpus",
                hint="a machine is on one side of a split, whole",
            )

    @classmethod
    def load(cls, path: Path) -> Split:
        """Read a split out of a JSON file with the keys ``train`` and ``validation``.

        Raises:
            EncoderError: The file is not there or says something else.
        """
        try:
            found: object = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise EncoderError(f"cannot read the split {path}: {reason_of(error)}", code="encoder-corpus") from error
        stated = cast("dict[str, object]", found) if isinstance(found, dict) else dict[str, object]()
        sides = [stated.get(side) for side in ("train", "validation")]
        if not all(isinstance(side, list) for side in sides):
            raise EncoderError(f"{path} lists no machines under 'train' and 'validation'", code="encoder-corpus")
        train, validation = (tuple(map(str, cast("list[object]", side))) for side in sides)
        return cls(train, validation)

    def without(self, prefix: str) -> Split:
        """Leave the machines of one vendor out of training, and validate on them.

        Args:
            prefix: Beginning of their names, such as ``dell-``.

        Raises:
            EncoderError: No machine of the training side, or each, has such a name.
        """
        left_out = tuple(name for name in self.train if name.startswith(prefix))
        kept = tuple(name for name in self.train if name not in left_out)
        if not left_out or not kept:
            which = "no machine" if kept else "every machine"
            raise EncoderError(f"{which} of the training side begins with {prefix!r}", code="encoder-corpus")
        return Split(kept, left_out)


@dataclass(frozen=True)
class Corpus:
    """Machines, and where their resources are kept.

    Attributes:
        sources: File of each machine, by the machine's name.
    """

    sources: Mapping[str, Path] = field(default_factory=dict[str, "Path"])

    @classmethod
    def of(cls, sources: Iterable[Path]) -> Corpus:
        """Gather machines out of files and folders.

        Args:
            sources: Files of JSON lines, and folders of such files.

        Raises:
            EncoderError: A source is not there, a folder holds none, or a name stands twice.
        """
        found: dict[str, Path] = {}
        for path in sources:
            files = sorted(file for pattern in _PATTERNS for file in path.glob(pattern)) if path.is_dir() else [path]
            if not files or not files[0].exists():
                raise EncoderError(f"there is no capture at {path}", code="encoder-corpus", hint="check the path")
            for file in files:
                name = machine_name(file)
                if found.setdefault(name, file) != file:
                    raise EncoderError(f"the machine {name} is in {found[name]} and in {file}", code="encoder-corpus")
        return cls(found)

    @property
    def machines(self) -> tuple[str, ...]:
        """Names of the machines."""
        return tuple(self.sources)

    def __len__(self) -> int:
        """Count the machines."""
        return len(self.sources)

    def select(self, machines: Sequence[str]) -> Corpus:
        """Keep some machines, in the order of their names here.

        Raises:
            EncoderError: One of them is unknown.
        """
        if unknown := [name for name in machines if name not in self.sources]:
            raise EncoderError(
                f"there is no machine {', '.join(unknown)}; known are {', '.join(self.sources) or 'none'}",
                code="encoder-corpus",
            )
        return Corpus({name: self.sources[name] for name in machines})

    def records(self) -> Iterator[Record]:
        """Yield the resources of all machines, machine by machine.

        Raises:
            EncoderError: A file is not what it should be.
        """
        for name, path in self.sources.items():
            yield from read(path, name)

    def fingerprint(self) -> str:
        """Hash names and contents of all files; changes whenever the text may.

        Raises:
            DataError: A file cannot be read.
        """
        content = {name: sha256(path) for name, path in self.sources.items()}
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()
