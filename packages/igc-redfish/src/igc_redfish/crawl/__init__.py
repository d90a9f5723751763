"""Captures of real services, by a walk that only reads: the extra ``igc-redfish[live]``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_core._lazy import exports

if TYPE_CHECKING:
    from igc_redfish.crawl.crawler import Crawled as Crawled
    from igc_redfish.crawl.crawler import crawl as crawl
    from igc_redfish.crawl.options import CrawlOptions as CrawlOptions
    from igc_redfish.crawl.report import CrawlReport as CrawlReport

_MODULES = {"CrawlOptions": "options", "CrawlReport": "report", "Crawled": "crawler", "crawl": "crawler"}
__getattr__, __dir__ = exports(__name__, _MODULES)
