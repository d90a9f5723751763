"""What probes are trained on and judged by.

A capture holds one state of each resource, so most machines are on and healthy. States are therefore made: a resource
that has a property is copied once with each value that the machines to learn from give it. The machine and all its
other properties then say nothing about the value. Copies of training and of held-out machines are made alike.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from igc_encoders.autoencoder.facts import TYPE, changed, leaves, read_value, type_name
from igc_encoders.content import digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import numpy as np

    from igc_core.rest import JsonObject
    from igc_encoders.corpus import Record

#: Properties that agents act on, by path, as one name.
STATES: Mapping[str, str] = {
    "power state": "PowerState",
    "boot override target": "Boot/BootSourceOverrideTarget",
    "boot override enabled": "Boot/BootSourceOverrideEnabled",
    "health": "Status/Health",
}
#: Flags are looked at where so many machines to learn from have them.
_FLAG_MACHINES = 5
_FLAG_ENDING = "Enabled"
#: Machines to learn from that give a value.
_SHARED = 2
_SILENT = frozenset({"", "null"})


class Surveyed(NamedTuple):
    """A resource, and the values of its properties by path."""

    record: Record
    values: Mapping[str, str]


@dataclass
class Samples:
    """Resources with a label each.

    Attributes:
        bodies: The resources.
        labels: What a probe shall tell of each.
        machines: Name of the machine of each.
    """

    bodies: list[JsonObject] = field(default_factory=list["JsonObject"])
    labels: list[str] = field(default_factory=list[str])
    machines: list[str] = field(default_factory=list[str])

    def __len__(self) -> int:
        """Count the samples."""
        return len(self.bodies)

    def add(self, body: JsonObject, label: str, machine: str) -> None:
        """Add a sample."""
        self.bodies.append(body)
        self.labels.append(label)
        self.machines.append(machine)


def by_type(records: Iterable[Record], most: int) -> Samples:
    """Label the first few distinct resources of each type of each machine with their type, without its version."""
    found, counts, seen = Samples(), Counter[tuple[str, str]](), set[bytes]()
    for record in records:
        stated, known = record.body.get(TYPE), digest(record.body)
        if not isinstance(stated, str) or known in seen:
            continue
        name = type_name(stated)
        counts[record.machine, name] += 1
        if counts[record.machine, name] <= most:
            seen.add(known)
            found.add(record.body, name, record.machine)
    return found


def surveyed(records: Iterable[Record]) -> list[Surveyed]:
    """Read the properties of resources, once for all probes."""
    return [Surveyed(record, dict(leaves(record.body))) for record in records]


def values_of(resources: Iterable[Surveyed], path: str) -> tuple[str, ...]:
    """Values that several machines give a property; null and the empty text say nothing, and are left out."""
    given = {(one.values.get(path), one.record.machine) for one in resources}
    counts = Counter(value for value, _ in given)
    return tuple(
        sorted(
            value for value, count in counts.items() if value is not None and value not in _SILENT and count >= _SHARED
        )
    )


def by_state(resources: Iterable[Surveyed], path: str, values: Sequence[str], most: int) -> Samples:
    """Copy the first few resources of each machine that have a property, once with each value."""
    found, counts = Samples(), Counter[str]()
    for record, stated in resources:
        if stated.get(path) not in values or counts[record.machine] >= most:
            continue
        counts[record.machine] += 1
        for value in values:
            found.add(changed(record.body, path.split("/"), read_value(value)), value, record.machine)
    return found


def flags_of(resources: Iterable[Surveyed]) -> list[str]:
    """Paths of the enabled flags that several machines have, the most frequent first."""
    machines: dict[str, set[str]] = defaultdict(set)
    for record, stated in resources:
        for path, value in stated.items():
            if path.endswith(_FLAG_ENDING) and value in {"true", "false"}:
                machines[path].add(record.machine)
    shared = [path for path, names in machines.items() if len(names) >= _FLAG_MACHINES]
    return sorted(shared, key=lambda path: (-len(machines[path]), path))


def nudged(body: JsonObject, random: np.random.Generator) -> JsonObject | None:
    """Change one value of a body, whatever it is; None where it has none."""
    places = list(_places(body))
    if not places:
        return None
    chosen = places[int(random.integers(len(places)))]
    other: JsonObject = _replaced(body, chosen)
    return other


def _places(body: JsonObject) -> Iterator[tuple[str | int, ...]]:
    """Yield where the scalars of a body are."""
    todo: list[tuple[tuple[str | int, ...], Any]] = [((), body)]
    while todo:
        path, value = todo.pop()
        if isinstance(value, dict):
            members = cast("dict[str, Any]", value).items()
            todo += (((*path, key), inner) for key, inner in members if not key.startswith("@odata"))
        elif isinstance(value, list):
            todo += (((*path, place), inner) for place, inner in enumerate(value))
        else:
            yield path


def _replaced(value: Any, path: tuple[str | int, ...]) -> Any:
    if not path:
        return _other(value)
    copy: Any = value.copy()
    copy[path[0]] = _replaced(value[path[0]], path[1:])
    return copy


def _other(value: Any) -> Any:
    """Another value of the same kind, as near as can be: a flag turned, a number one higher, a text's last letter."""
    if value is None or isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    last = value[-1:]
    return f"{value[:-1]}{'1' if last == '0' else '0' if last.isdigit() else 'a' if last != 'a' else 'b'}"
