"""From an address to a capture."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from igc_core.files import demand_writable
from igc_redfish.capture import ROOT, Capture, CaptureError
from igc_redfish.capture.records import name_of
from igc_redfish.client.errors import ClientError
from igc_redfish.crawl.engine import Engine
from igc_redfish.crawl.facts import Link
from igc_redfish.crawl.fakes import Disguise
from igc_redfish.crawl.frontier import place_of
from igc_redfish.crawl.journal import Journal
from igc_redfish.crawl.options import CrawlOptions
from igc_redfish.crawl.report import CrawlReport
from igc_redfish.crawl.screening import Screen
from igc_redfish.crawl.visitor import Visitor

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from igc_redfish.capture import Resource
    from igc_redfish.client.transport import Transport

#: Where services begin; the root is asked for with its slash (DSP0266, "Resource URI patterns").
_START = Link(f"{ROOT}/", ROOT)


@dataclass(frozen=True, slots=True)
class Crawled:
    """What a crawl gave.

    Attributes:
        capture: The capture, as it was saved.
        report: What could not be read, and why.
        path: File of the capture.
        report_path: File of the report.
    """

    capture: Capture
    report: CrawlReport
    path: Path
    report_path: Path


def partial_path(destination: Path) -> Path:
    """Return where a crawl keeps what it has read until it is complete."""
    return destination.with_name(f"{destination.name}.partial")


def report_path(destination: Path) -> Path:
    """Return where the report of a crawl goes: a file of its own for each capture, however their names end."""
    return destination.with_name(f"{destination.name}.crawl.json")


def crawl(
    transport: Transport,
    destination: Path,
    *,
    options: CrawlOptions | None = None,
    disguise: bool = False,
    restart: bool = False,
    overwrite: bool = False,
    watch: Callable[[Engine], None] | None = None,
) -> Crawled:
    """Read a service by GET, HEAD and OPTIONS alone, and write what it says as a capture.

    Until all is read, a partial file beside the destination holds what there is, secrets masked. A crawl that was
    stopped or killed goes on from it.

    Args:
        transport: The service. It is not closed.
        destination: File of the capture, by custom ``NAME.igc.jsonl.gz``.
        options: Bounds and choices.
        disguise: Replace serial numbers, addresses, UUIDs and host names by consistent fakes. The partial file still
            holds them.
        restart: Forget what an earlier run has read.
        overwrite: Whether an existing capture may be replaced.
        watch: Called several times a second.

    Raises:
        ClientError: The service lets nobody in, has no root, or is gone.
        CaptureError: The destination exists or cannot be written.
    """
    options = options or CrawlOptions()
    if destination.exists() and not overwrite:
        raise CaptureError(
            f"{destination} exists", code="capture-exists", hint="choose another path, or give --overwrite"
        )
    begun, before = time.monotonic(), transport.pace.requests
    screen = Screen(lambda: transport.login.secrets if transport.login else ())
    visitor = Visitor(transport, options, screen)
    with Journal(partial_path(destination), str(transport.origin), restart=restart) as journal:
        demand_writable(destination)
        engine = Engine(visitor.visit, journal.keep, visitor.alive, options)
        engine.resume(journal.visits, visitor.links_of)
        engine.run(_START, lambda: watch(engine) if watch else None)
        _demand_root(engine, transport)
        resources = sorted(engine.resources.values(), key=lambda resource: resource.uri)
        report = CrawlReport(
            origin=str(transport.origin),
            started=journal.started,
            seconds=time.monotonic() - begun,
            requests=transport.pace.requests - before,
            resources=len(resources),
            methods_known=sum(resource.methods is not None for resource in resources),
            failures=sorted(engine.failures.values(), key=lambda failure: failure.uri),
            notes=engine.notes,
        )
        if disguise:
            fakes = Disguise(transport.origin.host)
            resources, report = fakes.applied(resources), report.disguised(fakes.value)
        capture = _capture(resources, report, destination)
        capture.save(destination, overwrite=overwrite)
        report.save(report_path(destination))
        journal.remove()
    return Crawled(capture, report, destination, report_path(destination))


def _demand_root(engine: Engine, transport: Transport) -> None:
    """Tell why there is no capture where the service root could not be read."""
    if place_of(ROOT) in engine.resources:
        return
    failure = engine.failures.get(place_of(ROOT))
    reason = failure.message if failure else "it was not answered"
    if failure and failure.code in {"client-unreachable", "client-timeout"}:
        hint = "check the address, the port and whether it speaks https"
        raise ClientError(f"{transport.origin} cannot be read: {reason}", code=failure.code, hint=hint)
    raise ClientError(
        f"{transport.origin} has no service root: {reason}",
        code="client-answer",
        hint="check the address; a user and a password may be needed",
    )


def _capture(resources: list[Resource], report: CrawlReport, destination: Path) -> Capture:
    provenance = {
        "crawler": "igc-redfish",
        "origin": report.origin,
        "requests": report.requests,
        "failures": len(report.failures),
    }
    return Capture.from_resources(
        name_of(destination), resources, source="crawl", created=report.started, provenance=provenance
    )
