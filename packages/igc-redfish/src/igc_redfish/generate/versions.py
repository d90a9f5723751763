"""Schema versions that services of different age announce.

Each version has all properties that the generator gives resources of its type in a service of that age.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from igc_redfish.generate.style import Style

_ERAS = ("early", "middle", "late")

#: For each type the version of early, middle and late services.
VERSIONS: Mapping[str, tuple[str, str, str]] = {
    "AccountService": ("v1_2_12", "v1_8_10", "v1_16_3"),
    "ActionInfo": ("v1_0_8", "v1_2_1", "v1_4_2"),
    "AggregationService": ("v1_0_2", "v1_0_2", "v1_0_3"),
    "Assembly": ("v1_2_6", "v1_3_2", "v1_5_2"),
    "AttributeRegistry": ("v1_2_11", "v1_3_9", "v1_4_0"),
    "Battery": ("v1_0_3", "v1_2_3", "v1_4_1"),
    "Bios": ("v1_0_12", "v1_1_5", "v1_2_3"),
    "BootOption": ("v1_0_6", "v1_0_6", "v1_0_6"),
    "Cable": ("v1_0_4", "v1_1_4", "v1_2_4"),
    "Certificate": ("v1_1_8", "v1_5_6", "v1_10_1"),
    "CertificateLocations": ("v1_0_3", "v1_0_3", "v1_0_4"),
    "CertificateService": ("v1_0_5", "v1_0_5", "v1_1_1"),
    "Chassis": ("v1_15_7", "v1_21_5", "v1_27_0"),
    "Circuit": ("v1_3_3", "v1_7_2", "v1_8_2"),
    "ComponentIntegrity": ("v1_0_2", "v1_2_2", "v1_3_2"),
    "CompositionService": ("v1_1_5", "v1_2_2", "v1_2_3"),
    "ComputerSystem": ("v1_14_10", "v1_19_8", "v1_26_0"),
    "Control": ("v1_0_3", "v1_4_1", "v1_6_0"),
    "Drive": ("v1_4_15", "v1_11_9", "v1_20_1"),
    "EnvironmentMetrics": ("v1_1_2", "v1_3_2", "v1_5_0"),
    "EthernetInterface": ("v1_5_12", "v1_8_6", "v1_11_5"),
    "EventDestination": ("v1_2_11", "v1_7_11", "v1_15_1"),
    "EventService": ("v1_1_11", "v1_5_10", "v1_11_0"),
    "Fabric": ("v1_0_10", "v1_2_3", "v1_4_0"),
    "Facility": ("v1_2_3", "v1_4_1", "v1_4_3"),
    "Fan": ("v1_1_4", "v1_3_3", "v1_5_2"),
    "GraphicsController": ("v1_0_2", "v1_0_2", "v1_0_3"),
    "Heater": ("v1_0_1", "v1_0_1", "v1_0_2"),
    "HostInterface": ("v1_1_5", "v1_3_1", "v1_3_3"),
    "Job": ("v1_0_6", "v1_2_3", "v1_3_0"),
    "JobService": ("v1_0_5", "v1_0_5", "v1_1_1"),
    "JsonSchemaFile": ("v1_0_9", "v1_0_9", "v1_1_5"),
    "KeyService": ("v1_0_1", "v1_0_1", "v1_0_2"),
    "License": ("v1_0_5", "v1_0_5", "v1_1_4"),
    "LicenseService": ("v1_0_2", "v1_0_2", "v1_1_2"),
    "LogEntry": ("v1_2_16", "v1_9_9", "v1_19_0"),
    "LogService": ("v1_1_5", "v1_4_3", "v1_8_1"),
    "Manager": ("v1_3_17", "v1_11_6", "v1_22_0"),
    "ManagerAccount": ("v1_1_11", "v1_6_9", "v1_13_1"),
    "ManagerNetworkProtocol": ("v1_5_6", "v1_8_4", "v1_11_0"),
    "Memory": ("v1_12_3", "v1_16_3", "v1_22_0"),
    "MessageRegistryFile": ("v1_0_9", "v1_0_9", "v1_1_5"),
    "MetricDefinition": ("v1_0_13", "v1_1_8", "v1_3_5"),
    "NetworkAdapter": ("v1_6_3", "v1_9_3", "v1_13_0"),
    "NetworkDeviceFunction": ("v1_1_10", "v1_5_5", "v1_10_1"),
    "NetworkInterface": ("v1_1_5", "v1_2_2", "v1_2_3"),
    "Outlet": ("v1_3_3", "v1_4_3", "v1_4_6"),
    "PCIeDevice": ("v1_6_4", "v1_12_2", "v1_19_0"),
    "PCIeFunction": ("v1_1_7", "v1_3_3", "v1_6_0"),
    "PCIeSlots": ("v1_3_2", "v1_5_1", "v1_6_1"),
    "Port": ("v1_4_7", "v1_9_4", "v1_16_1"),
    "Power": ("v1_1_13", "v1_3_11", "v1_6_5"),
    "PowerDistribution": ("v1_0_5", "v1_3_2", "v1_5_0"),
    "PowerEquipment": ("v1_1_0", "v1_2_1", "v1_2_3"),
    "PowerSubsystem": ("v1_0_3", "v1_0_3", "v1_1_3"),
    "PowerSupply": ("v1_1_4", "v1_3_4", "v1_5_4"),
    "Processor": ("v1_2_13", "v1_10_8", "v1_20_2"),
    "Pump": ("v1_0_1", "v1_0_1", "v1_2_0"),
    "ResourceBlock": ("v1_3_6", "v1_4_2", "v1_4_4"),
    "Role": ("v1_0_10", "v1_2_8", "v1_3_3"),
    "SecureBoot": ("v1_0_9", "v1_0_9", "v1_1_2"),
    "SecureBootDatabase": ("v1_0_2", "v1_0_2", "v1_0_3"),
    "Sensor": ("v1_1_10", "v1_5_6", "v1_11_1"),
    "SerialInterface": ("v1_1_8", "v1_1_8", "v1_3_0"),
    "ServiceConditions": ("v1_0_1", "v1_0_1", "v1_0_2"),
    "ServiceRoot": ("v1_13_4", "v1_16_2", "v1_19_0"),
    "Session": ("v1_1_7", "v1_4_4", "v1_7_2"),
    "SessionService": ("v1_0_10", "v1_1_9", "v1_2_0"),
    "SimpleStorage": ("v1_2_3", "v1_3_1", "v1_3_2"),
    "SoftwareInventory": ("v1_2_4", "v1_6_2", "v1_12_0"),
    "Storage": ("v1_7_7", "v1_13_3", "v1_19_0"),
    "StorageController": ("v1_1_3", "v1_7_2", "v1_9_1"),
    "Switch": ("v1_1_8", "v1_5_4", "v1_10_0"),
    "TaskService": ("v1_0_10", "v1_1_7", "v1_3_0"),
    "TelemetryService": ("v1_2_6", "v1_3_4", "v1_4_1"),
    "Thermal": ("v1_2_11", "v1_4_9", "v1_6_5"),
    "ThermalMetrics": ("v1_0_2", "v1_3_1", "v1_3_3"),
    "ThermalSubsystem": ("v1_0_2", "v1_2_2", "v1_4_0"),
    "TrustedComponent": ("v1_0_1", "v1_2_1", "v1_3_2"),
    "USBController": ("v1_0_1", "v1_0_1", "v1_1_0"),
    "UpdateService": ("v1_3_12", "v1_11_6", "v1_16_0"),
    "VirtualMedia": ("v1_1_9", "v1_4_6", "v1_6_5"),
    "Volume": ("v1_5_3", "v1_7_2", "v1_9_2"),
}


def odata_type(kind: str, style: Style) -> str:
    """Return ``@odata.type`` of a resource, e.g. ``"#Bios.v1_1_0.Bios"``; some are newer where versions are mixed."""
    age = _ERAS.index(style.era)
    if style.versions == "mixed":
        age += zlib.crc32(f"{style.seed}{kind}".encode()) % (len(_ERAS) - age)
    return f"#{kind}.{VERSIONS[kind][age]}.{kind}"
