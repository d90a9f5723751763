"""``igc capture``: look at, convert and judge captures."""

from __future__ import annotations

import sys
from collections import Counter
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.table import Table

from igc_core.cli import show as print_records
from igc_core.redaction import redact
from igc_redfish.capture import Capture, Limits, locate, open_machine_source, validate
from igc_redfish.capture.graph import connectivity
from igc_redfish.cli import capture_tree
from igc_redfish.cli.crawl import crawl

app = typer.Typer(
    help="Look at, convert and judge captures of Redfish services.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)

Source = Annotated[str, typer.Argument(help="A capture: its path, its name, or 'generated:' and a spec.")]
Files = Annotated[str, typer.Argument(help="A capture file, a DMTF mock-up folder or a flat dump folder.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]

_JSON = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
_EXAMPLES = 3
#: Width of what goes to a file or a pipe.
_UNBOUNDED = 10_000


class Format(StrEnum):
    """Formats that other tools read."""

    DMTF = "dmtf"
    JSONL = "jsonl"
    FLAT = "flat"


app.command("crawl")(crawl)


@app.callback()
def main() -> None:
    """Look at, convert and judge captures of Redfish services."""


@app.command()
def info(source: Source, *, as_json: AsJson = False) -> None:
    """Show where a capture comes from, what it holds and how well it hangs together."""
    with _working(f"reading {source}"):
        capture = open_machine_source(source)
        links = connectivity(capture)
    types = Counter(resource.type or "(none)" for resource in capture.values())
    manifest = capture.manifest.model_dump(mode="json")
    if as_json:
        shares = {"links": links.links, "closed_share": links.closed_share, "reachable_share": links.reachable_share}
        _print_json({"manifest": manifest, "connectivity": shares, "types": dict(types.most_common())})
        return
    service = {f"service {key.replace('_', ' ')}": value for key, value in manifest.pop("service").items()}
    provenance = manifest.pop("provenance")
    facts = manifest | service | provenance
    facts["links"] = f"{links.links} distinct, {links.closed_share:.1%} lead to a resource"
    facts["reachable"] = f"{links.reachable_share:.1%} of the resources, from the root"
    facts["odd"] = f"{len(capture.warnings)} warnings while reading; see 'igc capture validate'"
    table = _table("", "")
    for key, value in facts.items():
        if value not in ("", None):
            table.add_row(f"[bold]{key.replace('_', ' ')}", capture_tree.plain(str(value)))
    counts = _table("type", "resources")
    for name, count in types.most_common():
        counts.add_row(capture_tree.plain(name), str(count))
    console = _console()
    console.print(table)
    console.print()
    console.print(counts)


@app.command()
def show(
    source: Source,
    *,
    depth: Annotated[int, typer.Option(min=1, help="Levels of the tree to print.")] = 64,
    uri: Annotated[str, typer.Option(help="Print the body of this resource, or the tree below it with --depth.")] = "",
    as_json: AsJson = False,
) -> None:
    """Print the tree of a capture with methods and actions, or one body with its secrets masked."""
    with _working(f"reading {source}"):
        capture = open_machine_source(source)
    if uri:
        _print_json(redact(capture_tree.resource_at(capture, uri).body))
    elif as_json:
        _print_json(capture_tree.rows(capture, depth))
    else:
        _console().print(capture_tree.tree(capture, depth))


@app.command("import")
def import_(
    source: Files,
    destination: Annotated[Path, typer.Argument(help="File to write, by custom NAME.igc.jsonl.gz.")],
    *,
    partial: Annotated[bool, typer.Option("--partial", help="Keep what is whole of a damaged capture.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an existing file.")] = False,
    limit_mib: Annotated[int, typer.Option(min=1, help="Size that one resource may have, in MiB.")] = 16,
) -> None:
    """Turn a capture of any format into one file of ours, with its secrets masked."""
    with _working(f"importing {source}"):
        capture = Capture.open(locate(source), limits=Limits(resource_bytes=limit_mib << 20), partial=partial)
        capture = capture.redacted(created=datetime.now(UTC).replace(microsecond=0))
        capture.save(destination, overwrite=overwrite)
    for finding in capture.warnings:
        typer.echo(f"warning[{finding.code}]: {finding.uri or source}: {finding.message}", err=True)
    typer.echo(f"wrote {destination}: {len(capture)} resources, {destination.stat().st_size / 1000:.0f} kB")


@app.command("validate")
def validate_(
    source: Source,
    *,
    every: Annotated[bool, typer.Option("--all", help="Print every finding, not only examples.")] = False,
    as_json: AsJson = False,
) -> None:
    """Report what is odd about a capture. Exit code 1 if it cannot stand for a machine, 0 if it can."""
    with _working(f"reading {source}"):
        findings = validate(open_machine_source(source))
    counts = Counter(finding.code for finding in findings)
    errors = sum(finding.level == "error" for finding in findings)
    if as_json:
        _print_json([{"level": f.level, "code": f.code, "uri": f.uri, "message": f.message} for f in findings])
    else:
        shown: Counter[str] = Counter()
        rows: list[dict[str, object]] = []
        for found in sorted(findings, key=lambda finding: (finding.level, finding.code)):
            shown[found.code] += 1
            if every or shown[found.code] <= _EXAMPLES:
                count = str(counts[found.code]) if shown[found.code] == 1 else ""
                about = {"level": found.level, "code": found.code, "count": count}
                rows.append({**about, "where": found.uri, "what": found.message})
        if rows:
            print_records(rows)
        typer.echo(f"{errors} errors, {len(findings) - errors} warnings")
    raise typer.Exit(1 if errors else 0)


@app.command()
def export(
    source: Source,
    destination: Annotated[Path, typer.Argument(help="File or folder to write; it must not exist.")],
    *,
    kind: Annotated[Format, typer.Option("--format", help="DMTF mock-up, JSON lines, or flat dump.")] = Format.DMTF,
    with_secrets: Annotated[bool, typer.Option("--with-secrets", help="Write secrets as they are.")] = False,
) -> None:
    """Write a capture in a format of other tools, with its secrets masked."""
    with _working(f"exporting {source}"):
        capture = open_machine_source(source)
        if not with_secrets:
            capture = capture.redacted()
        capture.export(destination, kind.value)
    typer.echo(f"wrote {destination}: {len(capture)} resources as {kind.value}")


def _table(*columns: str) -> Table:
    """Make a plain table that breaks long texts instead of cutting them."""
    table = Table(show_header=any(columns), box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _console() -> Console:
    """Make the console of standard output. Nothing is folded where the output is not a terminal."""
    return Console(width=None if sys.stdout.isatty() else _UNBOUNDED)


def _working(what: str) -> AbstractContextManager[object]:
    """Show that something is going on, on terminals only."""
    return Console(stderr=True).status(f"{capture_tree.plain(what)} ...")


def _print_json(value: object) -> None:
    typer.echo(orjson.dumps(value, option=_JSON), nl=False)
