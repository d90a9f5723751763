"""One table over encoders: what their vectors tell of machines that nothing was trained on."""

from __future__ import annotations

import math
import time
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from igc_encoders.content import digest
from igc_encoders.errors import EncoderError
from igc_encoders.probing.geometry import collisions, neighbours, vendor
from igc_encoders.probing.probes import Probe, probe
from igc_encoders.probing.samples import STATES, Samples, by_state, by_type, flags_of, nudged, surveyed, values_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from igc_core.protocols import StateEncoder
    from igc_encoders.corpus import Corpus, Record

#: Resources of a machine that count for one type, of training and of held-out machines.
_PER_TYPE, _PER_TYPE_JUDGED = 3, 1_000
#: Resources of a machine that are copied with each value of a property, likewise.
_PER_STATE, _PER_STATE_JUDGED = 6, 24
#: Flags that are probed at most.
_FLAGS = 6
#: Resources whose encoding is timed.
_TIMED = 100


@dataclass
class Judgement:
    """How much an encoder's vectors tell.

    Attributes:
        name: Name of the encoder.
        width: Length of a vector.
        milliseconds: Time for one resource, encoded in a batch, without any cache.
        probes: What linear probes read off, by name.
        collisions: Pairs of distinct states of one machine that share a vector.
        states: Distinct states that these are counted over, changed ones included.
        least: Smallest distance of two distinct states of one machine.
        neighbours: Share of resources whose nearest neighbour of another vendor has the same type.
        queries: Resources that this is counted over.
    """

    name: str
    width: int
    milliseconds: float = float("nan")
    probes: dict[str, Probe] = field(default_factory=dict[str, Probe])
    collisions: int = 0
    states: int = 0
    least: float = float("inf")
    neighbours: float = float("nan")
    queries: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return all of it as JSON."""
        found = asdict(self)
        unknown = {name for name, value in found.items() if isinstance(value, float) and not math.isfinite(value)}
        return found | dict.fromkeys(unknown)  # JSON knows neither NaN nor infinity


@dataclass(frozen=True, slots=True)
class Exam:
    """What encoders are judged by, the same for all of them.

    Attributes:
        types: Resources with their types, of training and of held-out machines.
        properties: Resources with the value of a property, by name, likewise.
        changed: Distinct states of each held-out machine.
    """

    types: tuple[Samples, Samples]
    properties: Mapping[str, tuple[Samples, Samples]]
    changed: Mapping[str, Samples]


def examine(known: Corpus, held_out: Corpus, *, seed: int = 0) -> Exam:
    """Gather what encoders are judged by.

    Args:
        known: Machines that probes are trained on.
        held_out: Machines that they are judged on.
        seed: Of the changes.

    Raises:
        EncoderError: A machine is on both sides, or one side has none.
    """
    twice = sorted(set(known.machines) & set(held_out.machines))
    if twice or not known.machines or not held_out.machines:
        problem = f"{', '.join(twice)} on both sides" if twice else "none on one side"
        raise EncoderError(
            f"probes need machines to learn from and others: {problem}",
            code="encoder-corpus",
            hint="give more captures, and a --split with machines under 'train' and under 'validation'",
        )
    learned, unseen = list(known.records()), list(held_out.records())
    told, asked = surveyed(learned), surveyed(unseen)
    paths = {**STATES, **{f"flag {path}": path for path in flags_of(told)[:_FLAGS]}}
    properties: dict[str, tuple[Samples, Samples]] = {}
    for name, path in paths.items():
        values = values_of(told, path)
        both = by_state(told, path, values, _PER_STATE), by_state(asked, path, values, _PER_STATE_JUDGED)
        properties[name] = both
    types = by_type(learned, _PER_TYPE), by_type(unseen, _PER_TYPE_JUDGED)
    if not all(map(len, types)):
        raise EncoderError(
            "no resource of the machines to learn from, or of the others, states its @odata.type",
            code="encoder-corpus",
            hint="give captures of Redfish machines",
        )
    return Exam(types, properties, _changed(unseen, seed))


def _changed(records: Sequence[Record], seed: int) -> dict[str, Samples]:
    """Gather the distinct states of each machine: each resource as it is, and with one value changed."""
    random, found, seen = np.random.default_rng(seed), dict[str, Samples](), set[tuple[str, bytes]]()
    for record in records:
        for body in (record.body, nudged(record.body, random)):
            if body is not None and (key := (record.machine, digest(body))) not in seen:
                seen.add(key)
                found.setdefault(record.machine, Samples()).add(body, "", record.machine)
    return found


def judge(
    name: str, encoder: StateEncoder, exam: Exam, progress: Callable[[str], object] = lambda _: None
) -> Judgement:
    """Judge one encoder.

    Args:
        name: What to call it.
        encoder: The encoder; one with a cache is not timed fairly.
        exam: What it is judged by.
        progress: Called with what comes next.
    """
    found = Judgement(name, encoder.width)
    progress("type")
    (known, unseen) = exam.types
    first, second = encoder.encode(known.bodies), encoder.encode(unseen.bodies)
    _keep(found, probe("type", first, known.labels, second, unseen.labels))
    vendors = [[vendor(machine) for machine in one.machines] for one in (unseen, known)]
    found.neighbours, found.queries = neighbours(second, unseen.labels, vendors[0], first, known.labels, vendors[1])
    for label, (learned, judged) in exam.properties.items():
        progress(label)
        if learned.bodies and judged.bodies:
            vectors = encoder.encode(learned.bodies), encoder.encode(judged.bodies)
            _keep(found, probe(label, vectors[0], learned.labels, vectors[1], judged.labels))
    for machine, states in exam.changed.items():
        progress(f"collisions of {machine}")
        count, least = collisions(encoder.encode(states.bodies))
        found.collisions += count
        found.states += len(states)
        found.least = min(found.least, least)
    return found


def timed(encoder: StateEncoder, exam: Exam) -> float:
    """Milliseconds for one resource, over some that are spread evenly over the held-out machines."""
    bodies = exam.types[1].bodies
    chosen = bodies[:: max(1, len(bodies) // _TIMED)][:_TIMED]
    began = time.perf_counter()
    encoder.encode(chosen)
    return 1e3 * (time.perf_counter() - began) / len(chosen)


def judge_all(
    encoders: Mapping[str, Callable[[], tuple[StateEncoder, StateEncoder]]],
    exam: Exam,
    progress: Callable[[str], object] = lambda _: None,
) -> list[Judgement]:
    """Judge several encoders by the same exam.

    Args:
        encoders: By name, what builds each: the encoder itself, which is timed, and the same with a cache or without.
        exam: What they are judged by.
        progress: Called with what comes next.
    """
    found: list[Judgement] = []
    for name, build in encoders.items():
        bare, cached = build()
        progress(f"{name}: speed")
        speed = timed(bare, exam)
        judged = judge(name, cached, exam, lambda what, name=name: progress(f"{name}: {what}"))  # type: ignore[misc]
        judged.milliseconds = speed
        found.append(judged)
    return found


def _keep(judgement: Judgement, found: Probe | None) -> None:
    if found is not None:
        judgement.probes[found.name] = found


def table(judgements: Sequence[Judgement]) -> list[list[str]]:
    """Word judgements as rows of a table, the first one of names; accuracies of types, balanced ones of the rest."""
    names = list(dict.fromkeys(name for one in judgements for name in one.probes))
    head = ["", *(one.name for one in judgements)]
    rows = [[_title(name, judgements), *(_score(one.probes.get(name), name) for one in judgements)] for name in names]
    rows.append(["neighbour of another vendor has the same type", *(f"{one.neighbours:.3f}" for one in judgements)])
    rows.append(["collisions", *(f"{one.collisions}" for one in judgements)])
    rows.append(["smallest distance of two states", *(f"{one.least:.1e}" for one in judgements)])
    rows.append(["width", *(f"{one.width}" for one in judgements)])
    rows.append(["bytes for a resource", *(f"{4 * one.width}" for one in judgements)])
    rows.append(["ms for a resource", *(f"{one.milliseconds:.2f}" for one in judgements)])
    return [head, *rows]


def _title(name: str, judgements: Sequence[Judgement]) -> str:
    found = next(one.probes[name] for one in judgements if name in one.probes)
    return f"{name} ({found.labels} values; {found.trained} / {found.judged} samples)"


def _score(found: Probe | None, name: str) -> str:
    if found is None:
        return "-"
    return f"{found.accuracy if name == 'type' else found.balanced:.3f}"
