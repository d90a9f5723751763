"""What is listed rather than used: schemas, certificates, licences, cables, metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_redfish.generate import naming
from igc_redfish.generate.spelling import ROOT
from igc_redfish.generate.tree import Tree, link
from igc_redfish.generate.versions import VERSIONS

if TYPE_CHECKING:
    from igc_redfish.generate.site import Site
    from igc_redfish.generate.tree import Body

#: A service with one collection and one member.
_SMALLEST_SERVICE = 3
_METRICS = ("Power", "Temperature", "FanSpeed", "Bandwidth", "Latency", "Utilization", "Energy", "ErrorRate")


def add_schemas(tree: Tree, count: int) -> None:
    """List schemas that are published elsewhere; any number of them."""
    uri = tree.at(ROOT, "JsonSchemas")
    if uri not in tree.bodies and count > 0:
        tree.collect(uri, "JsonSchemaFile", tree.bodies[ROOT], "JsonSchemas")
        count -= 1
    kinds = sorted(VERSIONS)
    first = len(tree.bodies[uri]["Members"]) if count > 0 else 0
    for number in range(first, first + count):
        kind, minor = kinds[number % len(kinds)], number // len(kinds)
        schema = f"{kind}.v1_{minor}_0"
        where = {"Language": "en", "PublicationUri": f"https://redfish.dmtf.org/schemas/v1/{schema}.json"}
        body = {"Languages": ["en"], "Schema": f"#{schema}.{kind}", "Location": [where]}
        tree.join(uri, schema, "JsonSchemaFile", f"{kind} Schema File", body)


def add_certificates(tree: Tree, site: Site, count: int) -> None:
    """Add certificates to a manager's HTTPS service."""
    protocol = tree.bodies[site.managers[0]].get("NetworkProtocol")
    if protocol is None or count <= 1:
        return
    holder = str(protocol["@odata.id"])
    https = tree.bodies[holder]["HTTPS"]
    uri = tree.at(holder, "HTTPS/Certificates")
    if uri not in tree.bodies:
        tree.collect(uri, "Certificate", https, "Certificates")
        for number in range(min(count - 1, 8)):
            tree.join(uri, str(number + 1), "Certificate", f"HTTPS Certificate {number + 1}", _certificate(tree))


def _certificate(tree: Tree) -> Body:
    name = f"{tree.style.vendor.lower()}.example.net"
    return {
        "CertificateType": "PEM",
        "Issuer": {"CommonName": f"{tree.style.vendor} Root", "Organization": tree.style.vendor},
        "Subject": {"CommonName": name, "Organization": tree.style.vendor},
        "ValidNotBefore": naming.timestamp(tree.rng),
        "ValidNotAfter": "2035-01-01T00:00:00Z",
        "KeyUsage": ["DigitalSignature", "KeyEncipherment"],
    }


def add_cables(tree: Tree, count: int) -> None:
    """Add cables."""
    if count > 1:
        tree.grow(ROOT, "Cables", "Cable", count, lambda: _cable(tree))


def _cable(tree: Tree) -> Body:
    return {
        "CableType": tree.rng.choice(("Data", "Power", "PCIe", "Ethernet")),
        "LengthMeters": tree.rng.choice((0.5, 1, 2, 5)),
        **tree.identity("Cable"),
        "Status": tree.status(),
    }


def add_licenses(tree: Tree, count: int) -> None:
    """Add the license service."""
    service = tree.at(ROOT, "LicenseService")
    if count < _SMALLEST_SERVICE or service in tree.bodies:
        return
    tree.add(service, "LicenseService", "License Service", {"ServiceEnabled": True})
    tree.bodies[ROOT]["LicenseService"] = link(service)
    tree.grow(service, "Licenses", "License", min(count - 1, 6), lambda: _license(tree))


def _license(tree: Tree) -> Body:
    return {
        "EntitlementId": naming.serial(tree.rng, 12),
        "LicenseType": tree.rng.choice(("Production", "Trial")),
        "Removable": tree.chance(0.5),
        "InstallDate": naming.timestamp(tree.rng),
        "Manufacturer": tree.style.vendor,
        "Status": tree.status(),
    }


def add_metrics(tree: Tree, count: int) -> None:
    """Add the telemetry service with metric definitions."""
    service = tree.at(ROOT, "TelemetryService")
    if count < _SMALLEST_SERVICE or service in tree.bodies:
        return
    tree.add(service, "TelemetryService", "Telemetry Service", {"ServiceEnabled": True, "Status": tree.status()})
    tree.bodies[ROOT]["TelemetryService"] = link(service)
    tree.grow(service, "MetricDefinitions", "MetricDefinition", count - 1, lambda: _metric(tree))


def _metric(tree: Tree) -> Body:
    return {
        "MetricType": tree.rng.choice(("Numeric", "Gauge", "Counter")),
        "MetricDataType": "Decimal",
        "Implementation": tree.rng.choice(("PhysicalSensor", "Calculated")),
        "PhysicalContext": "SystemBoard",
        "Units": tree.rng.choice(("W", "Cel", "RPM", "%")),
        "Calibration": round(tree.rng.uniform(-1, 1), 2),
        "Description": f"{tree.rng.choice(_METRICS)} metric",
    }
