"""How fast a service is crawled: `igc serve` in a process of its own, with the same delay before every answer.

The bound is what no client can beat: requests x latency / concurrency. It leaves out what every walk pays besides: the
first requests have no company, since links are only known once the root was read; neither have login and logout.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path

from igc_redfish.client import connect
from igc_redfish.crawl import CrawlOptions, crawl
from igc_redfish.server import served

_VARIABLE = "IGC_BENCH_PASSWORD"


def main() -> None:
    """Measure, and print a line of a table for each latency."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--machine", default="generated:3?size=1000", help="a capture, or generated:SEED?size=N")
    parser.add_argument("--latency", type=int, nargs="+", default=[0, 5, 50], help="milliseconds before each answer")
    parser.add_argument("--concurrency", type=int, nargs="+", default=[4, 16])
    parser.add_argument("--repeat", type=int, default=5)
    arguments = parser.parse_args()
    os.environ[_VARIABLE] = "long enough for anybody"
    columns = (
        "latency",
        "concurrency",
        "login",
        "resources",
        "requests",
        "s",
        "bound, s",
        "over it",
        "CPU ms a request",
    )
    print(f"| {' | '.join(columns)} |")
    print("|---|---|---|---|---|---|---|---|---|")
    for latency in arguments.latency:
        for login in ([], ["--password-env", _VARIABLE]):
            with served(arguments.machine, "--port", "0", "--latency", f"{latency}ms", *login) as urls:
                for concurrency in arguments.concurrency:
                    print(row(urls[0], latency / 1000, concurrency, arguments.repeat, login=bool(login)), flush=True)


def row(url: str, latency_s: float, concurrency: int, repeat: int, *, login: bool) -> str:
    """Crawl a few times, and describe the median."""
    runs = [once(url, concurrency, login=login) for _ in range(repeat)]
    resources, requests, *_ = runs[0]
    seconds = statistics.median(run[2] for run in runs)
    cpu_ms = statistics.median(run[3] for run in runs) / requests * 1000
    bound = requests * latency_s / concurrency
    over = f"{seconds / bound - 1:+.1%}" if bound else "-"
    cells = (
        f"{latency_s * 1000:.0f} ms",
        concurrency,
        "yes" if login else "no",
        resources,
        requests,
        f"{seconds:.2f}",
        f"{bound:.2f}",
        over,
        f"{cpu_ms:.2f}",
    )
    return f"| {' | '.join(map(str, cells))} |"


def once(url: str, concurrency: int, *, login: bool) -> tuple[int, int, float, float]:
    """Crawl once; return resources, requests, seconds of wall clock and of CPU."""
    wall, cpu = time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        who = {"user": "admin", "password_variable": _VARIABLE} if login else {}
        transport = connect(url, connections=concurrency, **who)
        with transport:
            crawled = crawl(
                transport, Path(folder) / "machine.igc.jsonl.gz", options=CrawlOptions(concurrency=concurrency)
            )
        requests = transport.pace.requests
    return crawled.report.resources, requests, time.perf_counter() - wall, time.process_time() - cpu


if __name__ == "__main__":
    main()
