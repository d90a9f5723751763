"""What was learned about one machine, kept in a file from one run to the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

import orjson
from pydantic import Field, JsonValue, ValidationError

from igc_core.errors import DataError
from igc_core.files import write_atomically
from igc_core.models import Model
from igc_core.redaction import mask
from igc_redfish.machine import ROOT
from igc_redfish.process.catalogue import Document
from igc_redfish.process.recollection import Recollection

if TYPE_CHECKING:
    from pathlib import Path

    from igc_redfish.process.ground import Ground

#: Size of a file that is read.
MOST_BYTES = 64 << 20
_Uri = Annotated[str, Field(pattern=rf"^{ROOT}(/.*)?$", max_length=2000)]


class Remembered(Model):
    """One resource as it was read last, its secrets masked."""

    uri: _Uri
    body: dict[str, JsonValue]
    allow: tuple[str, ...] = ()


class MemoryFile(Model):
    """What a memory file holds.

    Attributes:
        format: Tells the file from others.
        version: Version of the format.
        identity: Which machine it is about.
        resources: The resources, in the order of their first reading.
    """

    format: Literal["igc-memory"] = "igc-memory"
    version: Literal[1] = 1
    identity: str = Field(min_length=1)
    resources: tuple[Remembered, ...] = Field(max_length=100_000)


@dataclass(frozen=True, slots=True)
class MemoryStore:
    """Where what is learned about one machine is kept.

    Attributes:
        path: The file; it need not be there yet.
        identity: Which machine it is about; see :func:`igc_redfish.identity.identity_of`.
    """

    path: Path
    identity: str

    def recall(self, ground: Ground) -> Recollection:
        """Read what was learned; nothing where there is no file yet.

        Args:
            ground: The machine; numbers the resources.

        Raises:
            DataError: The file cannot be read, is no memory, or is about another machine.
        """
        found = Recollection()
        if not self.path.exists():
            return found
        held = _read(self.path)
        if held.identity != self.identity:
            raise DataError(
                f"{self.path} remembers another machine: {held.identity}, and this is {self.identity}",
                code="data-invalid",
                hint="choose a file of its own for each machine",
            )
        for item in held.resources:
            found.keep(item.uri, ground.number_document(Document(item.uri, item.body, item.allow)))
        return found

    def keep(self, memory: Recollection, ground: Ground, secrets: frozenset[str] = frozenset()) -> None:
        """Write what was learned; what was there before is replaced.

        Args:
            memory: What was learned.
            ground: The machine; knows the resources.
            secrets: Texts to mask besides what is found by itself.

        Raises:
            DataError: The file cannot be written; what was there before is unharmed.
        """
        documents = [ground.documents[number] for number in memory.documents.values()]
        resources: list[dict[str, Any]] = [
            {"uri": item.uri, "body": mask(item.body, secrets), "allow": item.allow} for item in documents if item.uri
        ]
        held = {"format": "igc-memory", "version": 1, "identity": self.identity, "resources": resources}
        write_atomically(self.path, orjson.dumps(held, option=orjson.OPT_APPEND_NEWLINE))


def _read(path: Path) -> MemoryFile:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise DataError(f"cannot read the memory {path}: {error.strerror}", code="data-missing") from error
    if len(content) > MOST_BYTES:
        raise _invalid(path, f"it has more than {MOST_BYTES >> 20} MiB")
    try:
        return MemoryFile.model_validate(orjson.loads(content))
    except orjson.JSONDecodeError as error:
        raise _invalid(path, "it is not JSON") from error
    except (ValidationError, RecursionError) as error:
        where = ".".join(map(str, error.errors()[0]["loc"])) if isinstance(error, ValidationError) else "the file"
        raise _invalid(path, f"{where} is not what it should be") from error


def _invalid(path: Path, problem: str) -> DataError:
    return DataError(f"{path} is no memory of a machine: {problem}", code="data-invalid", hint="name another file")
