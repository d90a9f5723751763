"""What a crawl reads, and how much of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CrawlOptions:
    """Bounds and choices of one crawl.

    Attributes:
        concurrency: Requests under way at once. BMCs are small: some stop answering above a handful.
        log_entries: Entries kept of each log.
        schemas: Read the JSON schema files that the service offers, too.
        expand: Ask for the members of long collections in one request where the service can do that.
        probe_methods: Ask by HEAD, then OPTIONS, where the answer to GET does not tell the allowed methods.
        most_resources: Resources and failures after which a crawl ends: what is longer has no end.
        most_pages: Pages of one collection.
        deepest: Segments of a path that is still followed.
        silence: Links in a row without an answer after which the host is taken for gone, unless its root answers.
    """

    concurrency: int = 4
    log_entries: int = 100
    schemas: bool = False
    expand: bool = True
    probe_methods: bool = True
    most_resources: int = 20_000
    most_pages: int = 1000
    deepest: int = 40
    silence: int = 12
