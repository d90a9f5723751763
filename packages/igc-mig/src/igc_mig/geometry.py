"""Which instances a GPU can be cut into, and what cutting costs.

NVIDIA counts on two axes. *Compute slices* are what a profile's name counts (``3g`` has three); *memory slices* are
what a placement starts at and is long in. ``3g`` is four memory slices long, so at start 0 it leaves a compute slice
without use. A GPU is one table of profiles on the memory axis; placements, conflicts, the tree and the partitions
follow from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

from igc_core.plugins import suggestion
from igc_mig.errors import MigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Profile:
    """A kind of instance.

    Attributes:
        name: As in ``nvidia-smi mig -lgip``, without the memory that differs between models: ``"3g"``.
        compute: Compute slices that work on the instance.
        length: Memory slices that it takes.
        starts: Memory slices that it may begin at.
        schedulable: Whether schedulers use it. An instance with extra memory runs no task faster.
    """

    name: str
    compute: int
    length: int
    starts: tuple[int, ...]
    schedulable: bool = True


@dataclass(frozen=True, slots=True)
class Placement:
    """A place where an instance can be.

    Attributes:
        profile: The instance's kind.
        start: First memory slice.
        slices: Compute slices that nothing else can use while the instance exists.
    """

    profile: Profile
    start: int
    slices: range

    @property
    def size(self) -> int:
        """Compute slices that work on a task."""
        return self.profile.compute

    @property
    def name(self) -> str:
        """Profile and first memory slice, e.g. ``"3g@4"``."""
        return f"{self.profile.name}@{self.start}"

    def overlaps(self, other: Placement) -> bool:
        """Whether both cannot exist at once."""
        return self.slices.start < other.slices.stop and other.slices.start < self.slices.stop

    def covers(self, other: Placement) -> bool:
        """Whether every slice of the other is one of this."""
        return self.slices.start <= other.slices.start and other.slices.stop <= self.slices.stop


@dataclass(frozen=True)
class Gpu:
    """A model of GPU.

    Attributes:
        name: Lower case, as the command line takes it.
        compute_slices: Slices that a schedule's rows are.
        memory_slices: Slices that placements are counted in.
        profiles: The placements table.
        create_s: Seconds to make an instance, by compute slices.
        destroy_s: Seconds to remove an idle instance, by compute slices.
    """

    name: str
    compute_slices: int
    memory_slices: int
    profiles: tuple[Profile, ...]
    create_s: Mapping[int, float]
    destroy_s: Mapping[int, float]

    @cached_property
    def all_placements(self) -> tuple[Placement, ...]:
        """Every place of every profile, the widest first."""
        found = [self._place(profile, start) for profile in self.profiles for start in profile.starts]
        return tuple(sorted(found, key=lambda one: (-len(one.slices), -one.size, one.start)))

    @cached_property
    def placements(self) -> tuple[Placement, ...]:
        """Places that schedulers use, the widest first: parents before their children."""
        return tuple(place for place in self.all_placements if place.profile.schedulable)

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """Compute slices that an instance may have, ascending."""
        return tuple(sorted({place.size for place in self.placements}))

    @cached_property
    def columns(self) -> tuple[int, ...]:
        """For each placement the place of its size among the sizes."""
        return tuple(self.sizes.index(place.size) for place in self.placements)

    @cached_property
    def rivals(self) -> tuple[tuple[int, ...], ...]:
        """For each placement those that cannot exist beside it, itself not among them."""
        places = list(enumerate(self.placements))
        return tuple(
            tuple(index for index, other in places if index != own and place.overlaps(other)) for own, place in places
        )

    @cached_property
    def parents(self) -> tuple[int, ...]:
        """For each placement the narrowest one around it, -1 for the root.

        Any two placements are nested or disjoint (a laminar family), so these form a tree. Of two with the same slices
        the one with more compute is above.
        """
        return tuple(
            max((above for above in range(index) if self.placements[above].covers(place)), default=-1)
            for index, place in enumerate(self.placements)
        )

    @cached_property
    def children(self) -> tuple[tuple[int, ...], ...]:
        """For each placement those right below it, from left to right."""
        return tuple(
            tuple(child for child, parent in enumerate(self.parents) if parent == index)
            for index in range(len(self.placements))
        )

    @cached_property
    def partitions(self) -> tuple[tuple[int, ...], ...]:
        """Every legal partition that leaves room for no further instance, as placements from left to right."""
        order = sorted(range(len(self.placements)), key=lambda index: self.placements[index].start)
        full = [one for one in self._disjoint(order, ()) if self._is_full(one)]
        return tuple(sorted(full, key=lambda one: [-self.placements[index].size for index in one]))

    def index(self, name: str) -> int:
        """Find a placement that schedulers use.

        Raises:
            MigError: The GPU has no such placement.
        """
        names = [place.name for place in self.placements]
        if name not in names:
            raise MigError(f"{self.name} has no placement {name!r}", hint=suggestion(name, names))
        return names.index(name)

    def _place(self, profile: Profile, start: int) -> Placement:
        return Placement(profile, start, range(start, min(start + profile.length, self.compute_slices)))

    def _disjoint(self, order: Sequence[int], chosen: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        yield chosen
        for position, index in enumerate(order):
            if not chosen or self.placements[chosen[-1]].slices.stop <= self.placements[index].slices.start:
                yield from self._disjoint(order[position + 1 :], (*chosen, index))

    def _is_full(self, partition: Sequence[int]) -> bool:
        return all(any(place.overlaps(self.placements[one]) for one in partition) for place in self.placements)


def gpu(name: str) -> Gpu:
    """Look a model up.

    Args:
        name: ``a30``, ``a100``, ``h100`` or ``h200``, in any case.

    Raises:
        MigError: No such model is known.
    """
    if name.lower() not in GPUS:
        raise MigError(f"no GPU named {name!r}", hint=suggestion(name.lower(), GPUS))
    return GPUS[name.lower()]


_SEVEN = (
    Profile("7g", 7, 8, (0,)),
    Profile("4g", 4, 4, (0,)),
    Profile("3g", 3, 4, (0, 4)),
    Profile("2g", 2, 2, (0, 2, 4)),
    Profile("1g", 1, 1, (0, 1, 2, 3, 4, 5, 6)),
    Profile("1g-double-memory", 1, 2, (0, 2, 4, 6), schedulable=False),
)
_FOUR = (Profile("4g", 4, 4, (0,)), Profile("2g", 2, 2, (0, 2)), Profile("1g", 1, 1, (0, 1, 2, 3)))


def _model(name: str, profiles: tuple[Profile, ...], create_s: Sequence[float], destroy_s: Sequence[float]) -> Gpu:
    """Build a model; costs in the order of ascending sizes."""
    compute = max(profile.compute for profile in profiles)
    memory = max(profile.length for profile in profiles)
    sizes = sorted({profile.compute for profile in profiles})
    costs = (MappingProxyType(dict(zip(sizes, values, strict=True))) for values in (create_s, destroy_s))
    return Gpu(name, compute, memory, profiles, *costs)


_H100_COSTS = ((0.16, 0.21, 0.33, 0.38, 0.42), (0.21, 0.23, 0.25, 0.26, 0.26))
#: Placements after ``nvidia-smi mig -lgipp``; costs as Villarrubia et al. measured them (FAR, 2025). Those of the H200
#: are not published: the H100's stand in for them.
GPUS: Mapping[str, Gpu] = MappingProxyType(
    {
        one.name: one
        for one in (
            _model("a30", _FOUR, (0.11, 0.12, 0.13), (0.10, 0.10, 0.10)),
            _model("a100", _SEVEN, (0.16, 0.17, 0.20, 0.21, 0.24), (0.20, 0.20, 0.21, 0.21, 0.22)),
            _model("h100", _SEVEN, *_H100_COSTS),
            _model("h200", _SEVEN, *_H100_COSTS),
        )
    }
)
