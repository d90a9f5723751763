"""A stand-in for pynvml and the GPU behind it: an A100 with MIG, as far as the driver uses it."""

# ruff: noqa: N802, N815 - the names are the library's

from __future__ import annotations

import ctypes
from dataclasses import dataclass, field
from itertools import count
from typing import Any

#: Number in the library, number for nvidia-smi, compute slices, memory slices, starts.
PROFILES = {
    0: (19, 1, 1, (0, 1, 2, 3, 4, 5, 6)),
    1: (14, 2, 2, (0, 2, 4)),
    2: (9, 3, 4, (0, 4)),
    3: (5, 4, 4, (0,)),
    4: (0, 7, 8, (0,)),
}


class NVMLError(Exception):
    """What the library raises."""


class Place(ctypes.Structure):
    _fields_ = [("start", ctypes.c_uint), ("size", ctypes.c_uint)]


@dataclass
class Handle:
    number: int
    profile: int
    start: int
    length: int
    computing: bool = False
    pids: list[int] = field(default_factory=list)

    @property
    def info(self) -> Any:
        return Record(id=self.number, profileId=self.profile, placement=Record(start=self.start, size=self.length))


class Record:
    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)


class Slots:
    """An array type of handles, as ctypes has them: ``(handle_t * 3)()``."""

    def __init__(self, size: int) -> None:
        self.items: list[Any] = [None] * size

    def __iter__(self) -> Any:
        return iter(self.items)


class HandleType:
    def __mul__(self, size: int) -> Any:
        return lambda: Slots(size)


class SimulatedNvml:
    """The library; its state is the GPU's."""

    NVMLError = NVMLError
    c_nvmlGpuInstancePlacement_t = Place
    c_nvmlGpuInstance_t = HandleType()
    c_nvmlComputeInstance_t = HandleType()
    NVML_COMPUTE_INSTANCE_ENGINE_PROFILE_SHARED = 0

    def __init__(self) -> None:
        self.handles: list[Handle] = []
        self.enabled = True
        self.refuses: set[str] = set()
        self.log: list[str] = []
        self._numbers = count(1)
        for index, name in enumerate(("1", "2", "3", "4", "7")):
            setattr(self, f"NVML_GPU_INSTANCE_PROFILE_{name}_SLICE", index)
            setattr(self, f"NVML_COMPUTE_INSTANCE_PROFILE_{name}_SLICE", index)

    def nvmlInit(self) -> None:
        self._check("init")

    def nvmlDeviceGetHandleByIndex(self, index: int) -> int:
        if index:
            raise NVMLError("Invalid Argument")
        return index

    def nvmlDeviceGetName(self, device: int) -> str:
        return "NVIDIA A100-SXM4-40GB"

    def nvmlDeviceGetMigMode(self, device: int) -> list[int]:
        return [int(self.enabled), int(self.enabled)]

    def nvmlDeviceGetGpuInstanceProfileInfo(self, device: int, profile: int) -> Any:
        return Record(id=PROFILES[profile][0])

    def nvmlDeviceGetGpuInstancePossiblePlacements(self, device: int, profile: int, places: Any, size: Any) -> None:
        _, _, length, starts = next(one for one in PROFILES.values() if one[0] == profile)
        size._obj.value = len(starts)
        for index, start in enumerate(starts if places is not None else ()):
            places[index] = Place(start, length)

    def nvmlDeviceGetGpuInstances(self, device: int, profile: int, found: Slots, size: Any) -> None:
        handles = [one for one in self.handles if one.profile == profile]
        found.items[: len(handles)] = handles
        size._obj.value = len(handles)

    def nvmlGpuInstanceGetInfo(self, handle: Handle) -> Any:
        return handle.info

    def nvmlDeviceCreateGpuInstanceWithPlacement(self, device: int, profile: int, place: Any) -> Handle:
        self._check("create")
        start, length = place._obj.start, place._obj.size
        _, _, wanted, starts = next(one for one in PROFILES.values() if one[0] == profile)
        taken = any(one.start < start + length and start < one.start + one.length for one in self.handles)
        if taken or start not in starts or length != wanted:
            raise NVMLError("Insufficient Resources")
        self.handles.append(Handle(next(self._numbers), profile, start, length))
        self.log.append(f"create {profile}:{start}")
        return self.handles[-1]

    def nvmlGpuInstanceGetComputeInstanceProfileInfo(self, handle: Handle, profile: int, engine: int) -> Any:
        size = next(one[1] for one in PROFILES.values() if one[0] == handle.profile)
        if PROFILES[profile][1] > size:
            raise NVMLError("Not Supported")
        return Record(id=profile, instanceCount=1)

    def nvmlGpuInstanceCreateComputeInstance(self, handle: Handle, profile: int) -> None:
        self._check("compute")
        handle.computing = True

    def nvmlGpuInstanceGetComputeInstances(self, handle: Handle, profile: int, found: Slots, size: Any) -> None:
        fits = handle.computing and PROFILES[profile][0] == handle.profile
        found.items[:1] = [handle] if fits else []
        size._obj.value = int(fits)

    def nvmlComputeInstanceDestroy(self, handle: Handle) -> None:
        handle.computing = False

    def nvmlGpuInstanceDestroy(self, handle: Handle) -> None:
        self._check("destroy")
        if handle.computing or handle.pids:
            raise NVMLError("In use by another client")
        self.handles.remove(handle)
        self.log.append(f"destroy {handle.profile}:{handle.start}")

    def nvmlDeviceGetGpuInstanceById(self, device: int, number: int) -> Handle:
        return next(one for one in self.handles if one.number == number)

    def nvmlDeviceGetMaxMigDeviceCount(self, device: int) -> int:
        return 7

    def nvmlDeviceGetMigDeviceHandleByIndex(self, device: int, index: int) -> Handle:
        computing = [one for one in self.handles if one.computing]
        if index >= len(computing):
            raise NVMLError("Not Found")
        return computing[index]

    def nvmlDeviceGetGpuInstanceId(self, handle: Handle) -> int:
        return handle.number

    def nvmlDeviceGetUUID(self, handle: Handle) -> str:
        return f"MIG-{handle.number:04}"

    def nvmlDeviceGetComputeRunningProcesses(self, handle: Handle) -> list[Any]:
        return [Record(pid=pid) for pid in handle.pids]

    def _check(self, action: str) -> None:
        if action in self.refuses:
            raise NVMLError("Insufficient Permissions")
