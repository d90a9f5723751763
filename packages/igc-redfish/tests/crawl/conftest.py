"""Crawls of scripted and of simulated hosts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from igc_redfish.capture import ROOT
from igc_redfish.client import Bounds, Credentials, Patience, Transport
from igc_redfish.crawl import Crawled, CrawlOptions, crawl

Crawl = Callable[..., Crawled]
BOUNDS = Bounds(connect_s=10, read_s=10, total_s=20, body_bytes=1 << 20)


@pytest.fixture
def crawled(web: Any, tmp_path: Path) -> Crawl:
    """Crawl a host, the scripted one if no other is named, into ``tmp_path / "host.igc.jsonl.gz"``."""

    def run(url: str = "", credentials: Credentials | None = None, **settings: Any) -> Crawled:
        options = CrawlOptions(**{"concurrency": 4, **settings.pop("options", {})})
        transport = Transport(
            url or web.url,
            credentials=credentials,
            bounds=settings.pop("bounds", BOUNDS),
            patience=Patience(attempts=2, first_s=0.01, longest_s=2),
            connections=options.concurrency,
        )
        with transport:
            return crawl(transport, tmp_path / "host.igc.jsonl.gz", options=options, **settings)

    return run


@pytest.fixture
def tree(web: Any) -> dict[str, Any]:
    """The pages of the scripted host: a root, and systems that tests add to."""
    web.pages |= {f"{ROOT}/": body("ServiceRoot", Systems=f"{ROOT}/Systems")}
    web.pages[f"{ROOT}/Systems"] = collection("ComputerSystem", f"{ROOT}/Systems/1")
    web.pages[f"{ROOT}/Systems/1"] = body("ComputerSystem")
    pages: dict[str, Any] = web.pages
    return pages


def body(kind: str, /, **links: str) -> dict[str, Any]:
    return {"@odata.type": f"#{kind}.v1_0_0.{kind}", "Id": "1"} | {
        name: {"@odata.id": target} for name, target in links.items()
    }


def collection(kind: str, *members: str) -> dict[str, Any]:
    return {
        "@odata.type": f"#{kind}Collection.{kind}Collection",
        "Members": [{"@odata.id": member} for member in members],
        "Members@odata.count": len(members),
    }


@pytest.fixture
def make_body() -> Callable[..., dict[str, Any]]:
    return body


@pytest.fixture
def make_collection() -> Callable[..., dict[str, Any]]:
    return collection
