"""What a batch of processes looks up: the facts of :class:`~igc_mig.process.machine.Machine` as arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from igc_mig.process.layouts import layouts, mirrored
from igc_mig.process.machine import FLAT_S

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from igc_mig.geometry import Gpu
    from igc_mig.process.machine import Rule, Rules

#: Numbers of the rules of reconfiguration.
IDLE_ONLY, BLOCKING, FLAT = 0, 1, 2
_RULES: dict[Rule, int] = {"idle-only": IDLE_ONLY, "blocking": BLOCKING, "flat": FLAT}


class Tables(NamedTuple):
    """Facts about layouts; ``L`` of them, with at most ``K`` instances, on ``C`` compute slices.

    Attributes:
        rule: Number of the rule of reconfiguration.
        exchange: Whether mirrored layouts are reached by exchanging slices.
        arriving: Whether tasks arrive one by one, and flow times count.
        flat_s: Seconds that a flat reconfiguration costs.
        instances: Of each layout, shape ``(L,)``.
        first: First slice of each instance, 0 where there is none, shape ``(L, K)``.
        covers: Which slices each instance has, shape ``(L, K, C)``.
        column: Column of its size in tables of durations, shape ``(L, K)``.
        places: Its placement, and the one where it is once the slices were exchanged, shape ``(2, L, K)``.
        cost_s: Seconds that each slice is busy with a change, shape ``(L, L, C)``.
        changes: Which slices come to an instance of another size, shape ``(L, L, C)``.
        owners: Number of the instance on each slice, shape ``(L, C)``.
        mirror: The layout that each one is the mirror image of, shape ``(L,)``.
        shares: Of the GPU that the instance on each slice has, shape ``(L, C)``.
    """

    rule: int
    exchange: bool
    arriving: bool
    flat_s: float
    instances: NDArray[np.int64]
    first: NDArray[np.int64]
    covers: NDArray[np.bool_]
    column: NDArray[np.int64]
    places: NDArray[np.int64]
    cost_s: NDArray[np.float64]
    changes: NDArray[np.bool_]
    owners: NDArray[np.int64]
    mirror: NDArray[np.int64]
    shares: NDArray[np.float64]


def tables(gpu: Gpu, rules: Rules, *, arriving: bool = False) -> Tables:
    """Look everything up once."""
    found = layouts(gpu)
    shape = (len(found), max(len(one.places) for one in found))
    first, column, places = np.zeros(shape, np.int64), np.zeros(shape, np.int64), np.zeros((2, *shape), np.int64)
    covers = np.zeros((*shape, gpu.compute_slices), np.bool_)
    for number, layout in enumerate(found):
        for instance, place in enumerate(layout.places):
            one = gpu.placements[place]
            first[number, instance], column[number, instance] = one.start, gpu.sizes.index(one.size)
            places[:, number, instance] = place, mirrored(gpu, place)
            covers[number, instance, list(one.slices)] = True
    sizes = np.array([one.sizes for one in found])
    changes = sizes[:, None] != sizes[None]
    destroy, create = (np.vectorize(costs.__getitem__)(sizes) for costs in (gpu.destroy_s, gpu.create_s))
    return Tables(
        rule=_RULES[rules.reconfiguration],
        exchange=rules.exchange,
        arriving=arriving,
        flat_s=FLAT_S,
        instances=np.array([len(one.places) for one in found]),
        first=first,
        covers=covers,
        column=column,
        places=places,
        cost_s=np.where(changes, destroy[:, None] + create[None], 0.0),
        changes=changes,
        owners=np.array([one.owners for one in found]),
        mirror=np.array([one.mirror for one in found]),
        shares=sizes / gpu.compute_slices,
    )
