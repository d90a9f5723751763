"""A GPU through NVIDIA's management library (``nvidia-ml-py``, extra ``driver``)."""

from __future__ import annotations

import ctypes
import importlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

from igc_mig.driver.protocol import Instance, Shape
from igc_mig.errors import MigError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

#: Names of the profiles in the library that schedulers use; each knows the number of its compute slices.
_PROFILES = {slices: f"{slices}_SLICE" for slices in (1, 2, 3, 4, 7)}


class NvmlDriver:
    """One GPU of this machine."""

    def __init__(self, device: int = 0, library: Any = None) -> None:
        """Open the GPU.

        Args:
            device: Its number.
            library: What speaks for ``pynvml``; that itself if None.

        Raises:
            MigError: The library is not installed, or finds no such GPU.
        """
        self._library: Any = _pynvml() if library is None else library
        with self._told(f"GPU {device}"):
            self._library.nvmlInit()
            self._handle = self._library.nvmlDeviceGetHandleByIndex(device)

    def name(self) -> str:
        """The GPU's name, e.g. ``NVIDIA H100 80GB HBM3``."""
        with self._told("the GPU's name"):
            found: str | bytes = self._library.nvmlDeviceGetName(self._handle)
        return found.decode() if isinstance(found, bytes) else found

    def mig_enabled(self) -> bool:
        """Whether the GPU may be cut now."""
        with self._told("the MIG mode"):
            return bool(self._library.nvmlDeviceGetMigMode(self._handle)[0])

    def shapes(self) -> Sequence[Shape]:
        """The profiles and where they may be; works with MIG disabled too, and changes nothing."""
        found: list[Shape] = []
        for compute, name in _PROFILES.items():
            number = getattr(self._library, f"NVML_GPU_INSTANCE_PROFILE_{name}")
            try:
                info = self._library.nvmlDeviceGetGpuInstanceProfileInfo(self._handle, number)
                places = self._places(int(info.id))
            except self._library.NVMLError:
                continue  # the GPU has no such profile
            if places:
                starts = tuple(sorted(int(place.start) for place in places))
                found.append(Shape(int(info.id), compute, int(places[0].size), starts))
        if not found:
            self._fail("the profiles", "the GPU has none")
        return found

    def instances(self) -> Sequence[Instance]:
        """What exists, and can compute."""
        with self._told("the instances"):
            uuids = dict(self._uuids())
            handles = [handle for shape in self.shapes() for handle in self._handles(shape)]
            infos = [self._library.nvmlGpuInstanceGetInfo(handle) for handle in handles]
        return [
            Instance(
                int(info.id),
                int(info.profileId),
                int(info.placement.start),
                int(info.placement.size),
                uuids.get(int(info.id), ""),
            )
            for info in infos
        ]

    def processes(self, instance: Instance) -> Sequence[int]:
        """Numbers of the processes that run on an instance."""
        with self._told(f"the processes on GPU instance {instance.number}"):
            for number, handle in self._devices():
                if number == instance.number:
                    running = self._library.nvmlDeviceGetComputeRunningProcesses(handle)
                    return [int(process.pid) for process in running]
        return []

    def create(self, shape: Shape, start: int) -> Instance:
        """Make a GPU instance, and on it a compute instance of the same size."""
        library = self._library
        with self._told(f"an instance {shape.profile}:{start}"):
            place = library.c_nvmlGpuInstancePlacement_t(start, shape.length)
            handle = library.nvmlDeviceCreateGpuInstanceWithPlacement(
                self._handle, shape.profile, ctypes.byref(place) if isinstance(place, ctypes.Structure) else place
            )
            number = int(library.nvmlGpuInstanceGetInfo(handle).id)
            try:
                kind = getattr(library, f"NVML_COMPUTE_INSTANCE_PROFILE_{_PROFILES[shape.compute]}")
                info = library.nvmlGpuInstanceGetComputeInstanceProfileInfo(
                    handle, kind, library.NVML_COMPUTE_INSTANCE_ENGINE_PROFILE_SHARED
                )
                library.nvmlGpuInstanceCreateComputeInstance(handle, info.id)
            except library.NVMLError:
                library.nvmlGpuInstanceDestroy(handle)
                raise
            return Instance(number, shape.profile, start, shape.length, dict(self._uuids()).get(number, ""))

    def destroy(self, instance: Instance) -> None:
        """Remove an instance and what computes on it."""
        library = self._library
        with self._told(f"GPU instance {instance.number}"):
            handle = library.nvmlDeviceGetGpuInstanceById(self._handle, instance.number)
            for compute in self._computing(handle):
                library.nvmlComputeInstanceDestroy(compute)
            library.nvmlGpuInstanceDestroy(handle)

    def _places(self, profile: int) -> Sequence[Any]:
        library, count = self._library, ctypes.c_uint(0)
        library.nvmlDeviceGetGpuInstancePossiblePlacements(self._handle, profile, None, ctypes.byref(count))
        places = (library.c_nvmlGpuInstancePlacement_t * count.value)()
        library.nvmlDeviceGetGpuInstancePossiblePlacements(self._handle, profile, places, ctypes.byref(count))
        return list(places)[: count.value]

    def _handles(self, shape: Shape) -> Sequence[Any]:
        count = ctypes.c_uint(len(shape.starts))
        found = (self._library.c_nvmlGpuInstance_t * len(shape.starts))()
        self._library.nvmlDeviceGetGpuInstances(self._handle, shape.profile, found, ctypes.byref(count))
        return list(found)[: count.value]

    def _computing(self, instance: Any) -> Iterator[Any]:
        """Compute instances of a GPU instance, of whatever size."""
        library = self._library
        for name in _PROFILES.values():
            kind = getattr(library, f"NVML_COMPUTE_INSTANCE_PROFILE_{name}")
            try:
                info = library.nvmlGpuInstanceGetComputeInstanceProfileInfo(
                    instance, kind, library.NVML_COMPUTE_INSTANCE_ENGINE_PROFILE_SHARED
                )
            except library.NVMLError:
                continue  # too large for the instance
            count = ctypes.c_uint(int(info.instanceCount))
            found = (library.c_nvmlComputeInstance_t * count.value)()
            library.nvmlGpuInstanceGetComputeInstances(instance, info.id, found, ctypes.byref(count))
            yield from list(found)[: count.value]

    def _devices(self) -> Iterator[tuple[int, Any]]:
        """MIG devices, each with the number of its GPU instance."""
        library = self._library
        for index in range(library.nvmlDeviceGetMaxMigDeviceCount(self._handle)):
            try:
                handle = library.nvmlDeviceGetMigDeviceHandleByIndex(self._handle, index)
            except library.NVMLError:
                continue  # the numbers have gaps
            yield int(library.nvmlDeviceGetGpuInstanceId(handle)), handle

    def _uuids(self) -> Iterator[tuple[int, str]]:
        for number, handle in self._devices():
            found: str | bytes = self._library.nvmlDeviceGetUUID(handle)
            yield number, found.decode() if isinstance(found, bytes) else found

    @contextmanager
    def _told(self, what: str) -> Generator[None]:
        """Turn what the library refuses into a line."""
        try:
            yield
        except self._library.NVMLError as error:
            self._fail(what, str(error), error)

    def _fail(self, what: str, reason: str, cause: BaseException | None = None) -> NoReturn:
        raise MigError(
            f"the driver refuses {what}: {reason}",
            code="mig-driver-refused",
            hint="MIG needs a GPU that has it, and root's rights to change instances",
        ) from cause


def _pynvml() -> Any:
    try:
        return importlib.import_module("pynvml")  # an extra
    except ImportError as error:
        raise MigError(
            "changing a GPU needs nvidia-ml-py, which is not installed",
            code="mig-driver-missing",
            hint="pip install igc-mig[driver]",
        ) from error
