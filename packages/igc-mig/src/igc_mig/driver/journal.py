"""What was done to a GPU, line by line, so that it can be undone after a crash too."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from igc_core.errors import DataError
from igc_mig.driver.protocol import Instance

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: ``begun``: on which GPU; ``found``: was there before; ``created``, ``destroyed``: done; ``creating``: about to be,
#: the last line of a crash; ``refused``: did not come about.
Event: TypeAlias = Literal[
    "begun", "found", "creating", "refused", "created", "destroying", "destroyed", "started", "ended"
]

_NOBODY = {"number": 0, "profile": 0, "start": 0, "length": 0, "uuid": ""}


class Standing(NamedTuple):
    """What a run left behind.

    Attributes:
        made: Instances that it made and did not remove.
        gone: Those that were there before, and that it removed.
        begun: Profile and first memory slice of one that it may have made as it broke off.
    """

    made: list[Instance]
    gone: list[Instance]
    begun: tuple[int, int] | None


class Journal:
    """A file of JSON lines, each on disk before the next thing is done.

    Attributes:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def begin(self, device: int = 0) -> None:
        """Make the file.

        Args:
            device: Number of the GPU that it is about.

        Raises:
            DataError: It is there already, or cannot be written.
        """
        try:
            self.path.touch(exist_ok=False)
        except FileExistsError as error:
            raise DataError(
                f"{self.path} exists already", code="data-exists", hint="choose another file, or --recover from it"
            ) from error
        except OSError as error:
            raise DataError(f"cannot write {self.path}: {error.strerror}", code="data-missing") from error
        self.write("begun", None, device=device)

    def discard(self) -> None:
        """Remove the file of a run that changed nothing."""
        self.path.unlink(missing_ok=True)

    def device(self) -> int | None:
        """Tell which GPU the journal is about, None where it does not say.

        Raises:
            DataError: The file cannot be read, or is no journal.
        """
        return next((int(one["device"]) for one in self._records() if one["event"] == "begun"), None)

    def write(self, event: Event, instance: Instance | None = None, **more: Any) -> None:
        """Add a line."""
        record = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event, **more}
        if instance is not None:
            record["instance"] = asdict(instance)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def standing(self) -> Standing:
        """Tell what the journal leaves behind.

        Raises:
            DataError: The file cannot be read, or is no journal.
        """
        made: dict[int, Instance] = {}
        found: dict[int, Instance] = {}
        gone: list[Instance] = []
        begun: tuple[int, int] | None = None
        for record in self._records():
            event = record["event"]
            if event == "creating":
                begun = int(record["profile"]), int(record["start"])
            elif event == "refused":
                begun = None
            if "instance" not in record:
                continue
            instance = Instance(**record["instance"])
            if event in ("created", "destroyed") and (instance.profile, instance.start) == begun:
                begun = None
            if event == "found" or record.get("again"):
                found[instance.number] = instance
                gone = [one for one in gone if (one.profile, one.start) != (instance.profile, instance.start)]
            elif event == "created":
                made[instance.number] = instance
            elif event == "destroyed" and made.pop(instance.number, None) is None:
                gone += [found.pop(instance.number)] if instance.number in found else []
        return Standing(list(made.values()), gone, begun)

    def _records(self) -> Iterator[dict[str, Any]]:
        """Read the lines; a last one that a crash tore does not count."""
        try:
            lines = self.path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise DataError(f"cannot read {self.path}: {reason}", code="data-missing") from error
        for number, line in enumerate(lines):
            try:
                record = json.loads(line)
                Instance(**record.get("instance", _NOBODY))
                int(record["device"]) if record["event"] == "begun" else str(record["event"])
            except (ValueError, TypeError, KeyError) as error:
                if number == len(lines) - 1 and number:
                    return
                raise DataError(
                    f"{self.path}, line {number + 1}: no event of a journal", code="data-invalid"
                ) from error
            yield record
