"""``igc capture crawl``: read a real service into a capture."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from igc_core.cli.output import printable, warn
from igc_redfish.cli.certificates import showing_certificate
from igc_redfish.cli.termination import ending_in_order

if TYPE_CHECKING:
    from collections.abc import Generator

    from igc_redfish.client import Transport
    from igc_redfish.crawl import Crawled, CrawlOptions


def crawl(
    url: Annotated[str, typer.Argument(help="Address of the service: https://HOST or https://HOST:PORT.")],
    destination: Annotated[Path, typer.Argument(help="File to write, by custom NAME.igc.jsonl.gz.")],
    *,
    user: Annotated[str, typer.Option(help="Who asks; else IGC_REDFISH_USER. Without one, nobody logs in.")] = "",
    password_env: Annotated[
        str, typer.Option(help="Variable that holds the password; else IGC_REDFISH_PASSWORD, the keyring, a prompt.")
    ] = "",
    ca: Annotated[Path | None, typer.Option(help="PEM file of the certificate authorities to trust.")] = None,
    fingerprint: Annotated[str, typer.Option(help="SHA-256 of the only certificate that is accepted.")] = "",
    insecure: Annotated[bool, typer.Option("--insecure", help="Accept any certificate.")] = False,
    allow_http: Annotated[bool, typer.Option("--allow-http", help="Allow plain http over a network.")] = False,
    concurrency: Annotated[int, typer.Option(min=1, max=64, help="Requests under way at once.")] = 4,
    rate: Annotated[float, typer.Option(min=0, help="Requests a second at most; 0 for no bound.")] = 0,
    timeout: Annotated[float, typer.Option(min=0.1, max=86_400, help="Seconds that the host may be silent.")] = 30,
    attempts: Annotated[int, typer.Option(min=1, help="Times that a request is sent while it fails.")] = 3,
    log_entries: Annotated[int, typer.Option(min=0, help="Entries kept of each log.")] = 100,
    most_resources: Annotated[int, typer.Option("--limit", min=1, help="Links after which the crawl ends.")] = 20_000,
    schemas: Annotated[bool, typer.Option("--schemas", help="Read the JSON schema files, too.")] = False,
    expand: Annotated[bool, typer.Option("--expand/--no-expand", help="Read long lists by $expand.")] = True,
    fake_identities: Annotated[
        bool, typer.Option("--fake-identities", help="Fake serial numbers, addresses, UUIDs and host names.")
    ] = False,
    restart: Annotated[bool, typer.Option("--restart", help="Forget what a stopped crawl has read.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an existing capture.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Read a service by GET alone, and write a capture with its secrets masked.

    A crawl that was stopped goes on when it is called again. What could not be read, and why, is in
    DESTINATION.crawl.json.
    """
    from igc_redfish.client import Bounds, Patience, connect  # noqa: PLC0415 - help does without
    from igc_redfish.crawl import CrawlOptions  # noqa: PLC0415

    options = CrawlOptions(
        concurrency=concurrency,
        log_entries=log_entries,
        schemas=schemas,
        expand=expand,
        most_resources=most_resources,
    )
    transport = connect(
        url,
        user=user,
        password_variable=password_env,
        ca=ca,
        fingerprint=fingerprint,
        insecure=insecure,
        plain=allow_http,
        bounds=Bounds(connect_s=min(timeout, 10), read_s=timeout, total_s=4 * timeout),
        patience=Patience(attempts=attempts),
        connections=concurrency,
        rate=rate,
        warn=warn,
    )
    with transport, _explaining(transport, destination), ending_in_order():
        crawled = _crawled(
            transport, destination, options, disguise=fake_identities, restart=restart, overwrite=overwrite
        )
    _tell(crawled, as_json=as_json)


def _crawled(
    transport: Transport, destination: Path, options: CrawlOptions, *, disguise: bool, restart: bool, overwrite: bool
) -> Crawled:
    from rich.console import Console  # noqa: PLC0415 - help does without

    from igc_redfish.crawl import crawl as run  # noqa: PLC0415
    from igc_redfish.crawl.progress import CrawlProgress  # noqa: PLC0415

    with CrawlProgress(Console(stderr=True)) as bar:
        return run(
            transport,
            destination,
            options=options,
            disguise=disguise,
            restart=restart,
            overwrite=overwrite,
            watch=bar.update,
        )


@contextmanager
def _explaining(transport: Transport, destination: Path) -> Generator[None]:
    """Say what a stopped crawl leaves, and what certificate a host shows that is not trusted."""
    from igc_redfish.crawl.crawler import partial_path  # noqa: PLC0415 - help does without

    try:
        with showing_certificate(str(transport.origin)):
            yield
    except KeyboardInterrupt:
        typer.echo(f"stopped: what was read is in {partial_path(destination)}; the same command goes on", err=True)
        raise


def _tell(crawled: Crawled, *, as_json: bool) -> None:
    if as_json:
        from igc_core.cli.output import show_json  # noqa: PLC0415 - only where it is asked for

        show_json(crawled.report.as_json())
        return
    for line in crawled.report.lines():
        typer.echo(printable(line) if not line.startswith("  ") else f"  {printable(line)}")
    size = crawled.path.stat().st_size / 1000
    typer.echo(
        f"wrote {crawled.path}: {len(crawled.capture)} resources, {size:.0f} kB; report in {crawled.report_path}"
    )
