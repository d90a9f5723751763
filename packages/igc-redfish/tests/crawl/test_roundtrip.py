from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from igc_core.rest import Request
from igc_redfish.capture import Capture
from igc_redfish.client import Credentials, Transport
from igc_redfish.crawl import CrawlOptions, crawl
from igc_redfish.crawl.frontier import place_of
from igc_redfish.crawl.screening import Screen
from igc_redfish.machine import Machine
from igc_redfish.server import serve
from igc_redfish.service.core import Service
from igc_redfish.service.serving import Serving
from igc_redfish.simulator import Simulator
from igc_redfish.sources import only_machine

EVERYTHING = CrawlOptions(concurrency=8, log_entries=1_000_000)
#: Where pages are put together, and only there, a crawl says other than the host.
PAGING = {"Members", "Members@odata.nextLink", "@odata.nextLink"}


def crawl_of(machine: Machine, folder: Path, **options: Any) -> Capture:
    return _crawled(Simulator(machine, **options), folder, **options)


def _crawled(simulator: Simulator, folder: Path, **options: Any) -> Capture:
    with serve(simulator) as server:
        credentials = Credentials("root", SecretStr("correct horse")) if options else None
        with Transport(server.url, credentials=credentials, connections=8) as transport:
            return crawl(transport, folder / "x.igc.jsonl.gz", options=EVERYTHING, overwrite=True).capture


def shown(capture: Capture) -> dict[str, Any]:
    return {uri: resource.body for uri, resource in capture.items()}


def demand_same(machine: Machine, found: Capture) -> None:
    """Make sure that a crawl shows exactly what the simulated host shows, resource by resource."""
    host, screen = Simulator(machine), Screen()
    read = {place_of(uri): resource for uri, resource in found.items()}
    wanted = [uri for uri in machine.reachable if "?" not in uri]
    assert len(read) == len(wanted)
    for uri in wanted:
        answer = host.perform(Request("GET", uri))
        resource, body = read[place_of(uri)], screen.body(answer.body)
        differing = {key for key in body.keys() | resource.body.keys() if body.get(key) != resource.body.get(key)}
        assert differing <= (PAGING if any(key.endswith("nextLink") for key in body) else set()), uri
        assert resource.status == answer.status
        assert ", ".join(resource.methods or ()) == answer.headers["Allow"]
        assert resource.headers["ETag"] == answer.headers["ETag"]


@pytest.mark.parametrize("name", ["dmtf-rackmount1", "intel-s2600bpb", "dell-t630"])
def test_crawl_of_a_served_capture_is_the_capture(name: str, captures: Path, tmp_path: Path) -> None:
    machine = Machine(Capture.open(captures / f"{name}.jsonl.gz"))
    demand_same(machine, crawl_of(machine, tmp_path))


@pytest.mark.slow
def test_crawls_of_all_served_captures_are_the_captures(captures: Path, tmp_path: Path) -> None:
    for path in sorted(captures.glob("*.jsonl.gz")):
        machine = Machine(Capture.open(path))
        demand_same(machine, crawl_of(machine, tmp_path))


def test_crawl_of_a_served_crawl_is_the_crawl(tmp_path: Path) -> None:
    first = crawl_of(only_machine("generated:5?size=80"), tmp_path)
    assert shown(crawl_of(Machine(first), tmp_path)) == shown(first)


def test_login_leaves_no_trace(tmp_path: Path) -> None:
    machine = only_machine("generated:5?size=80")
    guarded = crawl_of(machine, tmp_path, authenticate=True, credentials={"root": "correct horse"})
    assert shown(guarded) == shown(crawl_of(machine, tmp_path))


def test_a_crawl_puts_the_pages_of_a_service_together(tmp_path: Path) -> None:
    machine = only_machine("generated:5?size=80")
    paged = _crawled(Simulator(Service(machine, serving=Serving(page_size=1))), tmp_path)
    assert shown(paged) == shown(crawl_of(machine, tmp_path))
