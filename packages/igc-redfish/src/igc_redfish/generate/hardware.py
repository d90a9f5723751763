"""Processors, memory, PCIe devices and boot options."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from igc_redfish.generate import naming
from igc_redfish.generate.tree import Tree, link

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from igc_redfish.generate.site import Site
    from igc_redfish.generate.tree import Body

_DEVICE_CLASSES = (
    "NetworkController",
    "MassStorageController",
    "DisplayController",
    "Bridge",
    "ProcessingAccelerators",
)
_FUNCTIONS_MAX = 4
#: A PCIe device with its collection of functions and one function.
_SMALLEST_DEVICE = 3


def shares(holders: Sequence[str], count: int) -> Iterator[tuple[str, int]]:
    """Divide a number of resources among holders."""
    for index, holder in enumerate(holders):
        yield holder, count // len(holders) + (index < count % len(holders))


def add_processors(tree: Tree, site: Site, count: int) -> None:
    """Add processors to the systems."""
    for system, share in shares(site.systems, count):
        tree.grow(system, "Processors", "Processor", share, lambda: _processor(tree))


def _processor(tree: Tree) -> Body:
    rng = tree.rng
    cores = rng.choice((8, 16, 32, 64, 96))
    return {
        "ProcessorType": rng.choice(("CPU", "CPU", "GPU", "Accelerator")),
        "Manufacturer": tree.style.vendor,
        "Model": f"Core {rng.randint(10, 99)}",
        "InstructionSet": rng.choice(("x86-64", "ARM-A64")),
        "MaxSpeedMHz": rng.randrange(2000, 4600, 100),
        "TotalCores": cores,
        "TotalThreads": 2 * cores,
        "Socket": f"S{rng.randint(0, 7)}",
        "Status": tree.status(),
    }


def add_memory(tree: Tree, site: Site, count: int) -> None:
    """Add memory modules to the systems, or to none where there are no systems."""
    for system, share in shares(site.systems, count):
        tree.grow(system, "Memory", "Memory", share, lambda: _module(tree))


def _module(tree: Tree) -> Body:
    rng = tree.rng
    return {
        "CapacityMiB": rng.choice((16384, 32768, 65536)),
        "MemoryType": "DRAM",
        "MemoryDeviceType": rng.choice(("DDR4", "DDR5")),
        "BaseModuleType": "RDIMM",
        "OperatingSpeedMhz": rng.choice((2933, 3200, 4800)),
        "DataWidthBits": 64,
        "BusWidthBits": 72,
        "DeviceLocator": f"{rng.choice('ABCDEFGH')}{rng.randint(1, 16)}",
        "ErrorCorrection": "MultiBitECC",
        "RankCount": rng.choice((1, 2, 4)),
        **tree.identity("DIMM"),
        "Status": tree.status(),
    }


def add_pcie(tree: Tree, site: Site, count: int) -> None:
    """Add PCIe devices with their functions to the chassis that hold systems, or to the first chassis."""
    holders = list(dict.fromkeys(site.home.values())) or list(site.chassis[:1])
    for chassis, share in shares(holders, count):
        left = share - (tree.at(chassis, "PCIeDevices") not in tree.bodies)
        sizes: list[int] = []
        while left >= _SMALLEST_DEVICE:
            sizes.append(min(tree.rng.randint(1, _FUNCTIONS_MAX), left - _SMALLEST_DEVICE + 1))
            left -= sizes[-1] + 2
        if sizes:
            _add_devices(tree, chassis, sizes)


def _add_devices(tree: Tree, chassis: str, functions: Sequence[int]) -> None:
    """Add PCIe devices to a chassis, each with so many functions."""
    is_new = tree.at(chassis, "PCIeDevices") not in tree.bodies
    devices = tree.grow(chassis, "PCIeDevices", "PCIeDevice", len(functions) + is_new, lambda: _device(tree))
    for uri, count in zip(devices, functions, strict=True):
        tree.grow(uri, "PCIeFunctions", "PCIeFunction", count + 1, partial(_function, tree, uri))


def _device(tree: Tree) -> Body:
    return {
        "DeviceType": tree.rng.choice(("SingleFunction", "MultiFunction")),
        "FirmwareVersion": naming.version(tree.rng),
        **tree.identity("Adapter"),
        "Status": tree.status(),
    }


def _function(tree: Tree, device: str) -> Body:
    rng = tree.rng
    return {
        "FunctionId": rng.randint(0, 7),
        "FunctionType": "Physical",
        "DeviceClass": rng.choice(_DEVICE_CLASSES),
        "DeviceId": f"0x{rng.randint(0, 0xFFFF):04X}",
        "VendorId": f"0x{rng.randint(0, 0xFFFF):04X}",
        "SubsystemId": f"0x{rng.randint(0, 0xFFFF):04X}",
        "RevisionId": f"0x{rng.randint(0, 0xFF):02X}",
        "ClassCode": f"0x{rng.randint(0, 0xFFFFFF):06X}",
        "Status": tree.status(),
        "Links": {"PCIeDevice": link(device)},
    }


def add_boot_options(tree: Tree, site: Site, count: int) -> None:
    """Add boot options to the systems that tell their boot settings."""
    systems = [uri for uri in site.systems if "Boot" in tree.bodies[uri]]
    for system, share in shares(systems, min(count, 12 * len(systems))):
        boot = tree.bodies[system]["Boot"]
        collection = tree.at(system, "BootOptions")
        if share > 1 and collection not in tree.bodies:
            tree.collect(collection, "BootOption", boot, "BootOptions")
            references = [f"Boot{number:04X}" for number in range(share - 1)]
            boot["BootOrder"] = references
            for number, reference in enumerate(references):
                tree.join(collection, reference, "BootOption", f"Boot Option {number}", _option(tree, reference))


def _option(tree: Tree, reference: str) -> Body:
    target = tree.rng.choice(("Hdd", "Pxe", "Cd", "Usb", "UefiHttp"))
    return {
        "BootOptionReference": reference,
        "DisplayName": f"UEFI: {target} {tree.rng.randint(1, 9)}",
        "BootOptionEnabled": tree.chance(0.9),
        "UefiDevicePath": f"PciRoot(0x0)/Pci(0x{tree.rng.randint(0, 31):X},0x0)",
    }
