"""``igc serve``: machines as Redfish services over HTTP."""

from __future__ import annotations

import os
from typing import Annotated

import typer

app = typer.Typer(help="Serve machines over HTTP.", add_completion=False, rich_markup_mode=None)


@app.command()
def main(
    machine: Annotated[list[str], typer.Argument(help="Captures: paths, names, or generated:SEED.")],
    port: Annotated[int, typer.Option(help="Port of the first machine, others follow. 0: any free ones.")] = 8000,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    user: Annotated[str, typer.Option(help="Who is let in, as an administrator.")] = "admin",
    password_env: Annotated[
        str, typer.Option(help="Environment variable that holds the password; no authentication without one.")
    ] = "",
    writable: Annotated[bool, typer.Option("--writable/--read-only", help="Whether anything can be changed.")] = True,
) -> None:
    """Serve each MACHINE on a port of its own."""
    from igc_redfish.server import Host, Server  # noqa: PLC0415 - help does without
    from igc_redfish.simulator import Simulator  # noqa: PLC0415
    from igc_redfish.sources import goal_book, machines  # noqa: PLC0415

    credentials = {user: os.environ[password_env]} if password_env else {}
    hosts = [
        Host(
            Simulator(
                one, list(goal_book()) if writable else [], authenticate=bool(password_env), credentials=credentials
            )
        )
        for one in machines(machine)
    ]
    ports = [port + place if port else 0 for place in range(len(hosts))]
    server = Server(hosts, address=host, ports=ports)
    for url, served in zip(server.urls, server.hosts, strict=True):
        typer.echo(f"{served.name} at {url}")
    typer.echo("ready")
    server.run()
