from __future__ import annotations

import io
import time
from typing import Any

from rich.console import Console

from igc_redfish.crawl.progress import CrawlProgress


def test_progress_shows_resources_speed_and_failures(tree: Any, crawled: Any) -> None:
    tree["/redfish/v1/Systems/1"]["Gone"] = {"@odata.id": "/redfish/v1/Gone"}
    shown = io.StringIO()
    with CrawlProgress(Console(file=shown, force_terminal=True, width=120)) as bar:
        crawled(watch=bar.update)
        bar.update(Finished())
    assert "4 of 7 links known" in shown.getvalue()
    assert "resources/s" in shown.getvalue()
    assert "1 failures" in shown.getvalue()


def test_nothing_stands_in_the_way_of_a_prompt_before_the_crawl_begins() -> None:
    shown = io.StringIO()
    with CrawlProgress(Console(file=shown, force_terminal=True, width=120)):
        time.sleep(0.3)
    assert shown.getvalue() == ""


def test_nothing_is_shown_where_nobody_looks(tree: Any, crawled: Any) -> None:
    shown = io.StringIO()
    with CrawlProgress(Console(file=shown, force_terminal=False)) as bar:
        crawled(watch=bar.update)
        bar.update(Finished())
    assert shown.getvalue().strip() == ""


class Finished:
    """The state of a crawl that read three resources and failed at one, with three to go."""

    resources = dict.fromkeys("abc")
    failures = dict.fromkeys("d")
    waiting = 3
