"""What stands between a plan and a GPU."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance that exists.

    Attributes:
        number: The driver's number of the GPU instance.
        profile: The driver's number of its profile.
        start: First memory slice.
        length: Memory slices.
        uuid: What ``CUDA_VISIBLE_DEVICES`` takes.
    """

    number: int
    profile: int
    start: int
    length: int
    uuid: str

    @property
    def slices(self) -> range:
        """Its memory slices."""
        return range(self.start, self.start + self.length)


@dataclass(frozen=True, slots=True)
class Shape:
    """A profile as the driver knows it.

    Attributes:
        profile: Its number, as ``nvidia-smi mig -cgi`` takes it.
        compute: Compute slices.
        length: Memory slices.
        starts: Memory slices that it may begin at.
    """

    profile: int
    compute: int
    length: int
    starts: tuple[int, ...]


class GpuDriver(Protocol):
    """One GPU."""

    def name(self) -> str:
        """The GPU's name as the vendor writes it."""
        ...

    def mig_enabled(self) -> bool:
        """Whether the GPU may be cut."""
        ...

    def shapes(self) -> Sequence[Shape]:
        """The profiles and where they may be; changes nothing."""
        ...

    def instances(self) -> Sequence[Instance]:
        """What exists."""
        ...

    def processes(self, instance: Instance) -> Sequence[int]:
        """Numbers of the processes that run on an instance."""
        ...

    def create(self, shape: Shape, start: int) -> Instance:
        """Make an instance of the whole of which one can compute.

        Raises:
            MigError: The driver refuses.
        """
        ...

    def destroy(self, instance: Instance) -> None:
        """Remove an instance.

        Raises:
            MigError: The driver refuses.
        """
        ...
