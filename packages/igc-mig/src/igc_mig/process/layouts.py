"""Partitions as a process sees them: numbered layouts, and which of them mirror each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from igc_mig.geometry import Gpu


@dataclass(frozen=True, slots=True)
class Layout:
    """A partition.

    Attributes:
        places: Its placements from left to right.
        sizes: Size of the instance on each slice, shape ``(slices,)``.
        owners: Number of the instance on each slice, from the left.
        mirror: The layout that is this one with its two leftmost pairs of slices exchanged.
    """

    places: tuple[int, ...]
    sizes: tuple[int, ...]
    owners: tuple[int, ...]
    mirror: int


def layouts(gpu: Gpu) -> tuple[Layout, ...]:
    """Number the partitions, without those that a placement of the same slices and more compute dominates.

    On the GPUs of seven slices these are the 16 of Villarrubia et al., in their order.
    """
    kept = [one for one in gpu.partitions if not any(_dominated(gpu, place) for place in one)]
    sets = [frozenset(one) for one in kept]
    found: list[Layout] = []
    for places in kept:
        owners = [number for number, place in enumerate(places) for _ in gpu.placements[place].slices]
        sizes = tuple(gpu.placements[places[number]].size for number in owners)
        mirror = sets.index(frozenset(mirrored(gpu, place) for place in places))
        found.append(Layout(places, sizes, tuple(owners), mirror))
    return tuple(found)


def mirrored(gpu: Gpu, place: int) -> int:
    """The placement where one goes when slices 0 and 1 change places with slices 2 and 3."""
    one = gpu.placements[place]
    if len(one.slices) > 2 or one.start > 3:  # noqa: PLR2004 - wider ones hold both pairs, and others neither
        return place
    return gpu.index(f"{one.profile.name}@{(one.start + 2) % 4}")


def _dominated(gpu: Gpu, place: int) -> bool:
    one = gpu.placements[place]
    return any(other.slices == one.slices and other.size > one.size for other in gpu.placements)
