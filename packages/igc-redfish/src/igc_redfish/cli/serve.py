"""``igc serve``: machines as Redfish services over HTTP."""

from __future__ import annotations

import gc
import os
import signal
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from igc_core.cli import plugin_manager, warn
from igc_core.errors import DataError, LoadingError

if TYPE_CHECKING:
    from igc_redfish.server.running import Server

app = typer.Typer(help="Serve machines over HTTP, like BMCs.", add_completion=False, rich_markup_mode=None)

_NEEDED = ("uvicorn", "httptools", "cryptography", "python_multipart")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@app.command()
def main(
    machine: Annotated[list[str], typer.Argument(help="Captures: paths, names, or generated:SEED.")],
    *,
    port: Annotated[
        int, typer.Option(min=0, max=65_535, help="Port of the first machine, others follow. 0: any free ones.")
    ] = 8000,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    user: Annotated[str, typer.Option(help="Who is let in: as an administrator, or as the machine has it.")] = "admin",
    password_env: Annotated[
        str, typer.Option(metavar="NAME", help="Environment variable with the password; without one nobody logs in.")
    ] = "",
    tls: Annotated[bool, typer.Option("--tls", help="Speak HTTPS, with a certificate made on the spot.")] = False,
    cert: Annotated[Path | None, typer.Option(help="PEM certificate for --tls; made there if missing.")] = None,
    key: Annotated[Path | None, typer.Option(help="PEM key of --cert; made there if missing.")] = None,
    writable: Annotated[
        bool, typer.Option("--writable/--read-only", help="Whether clients may change the machine.")
    ] = True,
    state: Annotated[
        list[Path] | None, typer.Option(help="File that keeps a machine's state; one for each machine.")
    ] = None,
    state_key_env: Annotated[
        str, typer.Option(metavar="NAME", help="Environment variable with the key that seals secrets in --state.")
    ] = "",
    complete: Annotated[
        bool, typer.Option("--complete/--as-captured", help="Whether to add what clients need and the capture lacks.")
    ] = True,
    reset: Annotated[bool, typer.Option("--reset", help="Begin with the capture, whatever --state holds.")] = False,
    page_size: Annotated[
        int, typer.Option(min=0, help="Members that a collection shows at a time, then a link to more; 0 for all.")
    ] = 0,
    latency: Annotated[str, typer.Option(help="How long answers take: 5ms, or 5ms-40ms.")] = "0ms",
    faults: Annotated[str, typer.Option(help="What goes wrong, e.g. error_rate=0.05,drop_rate=0.01.")] = "",
    seed: Annotated[int, typer.Option(help="Seed of --latency and --faults.")] = 0,
    clock_factor: Annotated[
        float, typer.Option(min=0, max=1_000_000, help="Virtual seconds per second; 0 stops the clock.")
    ] = 1.0,
    allow_destination: Annotated[
        list[str] | None, typer.Option(metavar="HOST", help="Host or network that events may be sent to.")
    ] = None,
    control_env: Annotated[
        str, typer.Option(metavar="NAME", help="Environment variable with the token of /control; off without one.")
    ] = "",
    log: Annotated[str, typer.Option(metavar="FILE", help="Note requests as JSON lines; - is standard error.")] = "",
) -> None:
    """Serve each MACHINE on a port of its own, until Ctrl-C.

    Clients change the simulated machine only, and nothing is sent to the host that was captured.
    """
    _demand_installed()
    from igc_redfish.server.build import HostOptions, host_of  # noqa: PLC0415 - help does without
    from igc_redfish.server.certificate import tls_context  # noqa: PLC0415
    from igc_redfish.server.control import Control  # noqa: PLC0415
    from igc_redfish.server.request_log import RequestLog  # noqa: PLC0415
    from igc_redfish.server.running import Server  # noqa: PLC0415
    from igc_redfish.sources import machines  # noqa: PLC0415

    if state_key_env and not state:
        raise DataError("--state-key-env seals what --state keeps", code="data-missing", hint="give --state FILE, too")
    if reset and not state:
        raise DataError("--reset forgets what --state holds", code="data-missing", hint="give --state FILE, too")
    credentials = {user: _secret(password_env)} if password_env else {}
    if not credentials:
        _demand_private(host)
    options = HostOptions(
        credentials=credentials,
        writable=writable,
        latency=latency,
        faults=faults,
        clock_factor=clock_factor,
        seed=seed,
        destinations=allow_destination or (),
        state_key=_secret(state_key_env) if state_key_env else "",
        reset=reset,
        page_size=page_size,
        complete=complete,
    )
    opened = list(machines(machine))
    files = _files(state or [], len(opened))
    _demand_apart(files, [*machine, log, cert, key])
    plugins = plugin_manager()
    # Before the machines: a start that is refused must not have --reset what was kept.
    secured = tls_context(host, cert, key) if tls or cert or key else None
    control = Control(_secret(control_env)) if control_env else None
    noted = RequestLog(log) if log else None
    server = Server(
        [host_of(one, options, state=file, plugins=plugins) for one, file in zip(opened, files, strict=True)],
        address=host,
        ports=[port + place if port else 0 for place in range(len(opened))],
        tls=secured,
        control=control,
        log=noted,
    )
    if not credentials:
        warn("nobody has to log in; --password-env asks for a password")
    _run(server, files)


def _run(server: Server, files: list[Path | None]) -> None:
    """Serve, and say where, and in what condition things are left."""
    for url, host in zip(server.urls, server.hosts, strict=True):
        typer.echo(f"{host.name} at {url}")
    # uvicorn ends well on SIGTERM, and then raises it again for whoever was there before.
    signal.signal(signal.SIGTERM, _end)
    # The machines are here for good: the garbage collector need not look at them again and again.
    gc.collect()
    gc.freeze()
    try:
        typer.echo("ready")
        server.run()
    finally:
        kept = [str(file) for file in files if file is not None]
        typer.echo(f"stopped; {'the state is in ' + ', '.join(kept) if kept else 'no state was kept'}")


def _end(_number: int, _frame: object) -> None:
    raise typer.Exit(0)


def _files(state: list[Path], machines: int) -> list[Path | None]:
    """Give each machine its file."""
    if state and len(state) != machines:
        problem = f"--state names {len(state)} files for {machines} machines"
        raise DataError(problem, code="data-invalid", hint="give it once for each machine, in their order")
    if len({file.resolve() for file in state}) < len(state):
        raise DataError("--state names one file twice", code="data-invalid", hint="each machine needs its own")
    return [*state] or [None] * machines


def _demand_apart(states: list[Path | None], others: list[str | Path | None]) -> None:
    """Refuse to keep a state in a file that is something else: one of both would be lost."""
    taken = {Path(other).resolve() for other in others if other}
    for state in states:
        if state is not None and state.resolve() in taken:
            problem = f"--state {state} is a machine, or another option's file"
            raise DataError(problem, code="data-invalid", hint="name a file of its own")


def _secret(name: str) -> str:
    """Read a secret from the environment: arguments are seen by everybody on this host."""
    value = os.environ.get(name, "")
    if not value:
        raise DataError(f"the environment variable {name} is not set", code="data-missing", hint=f"export {name}=...")
    return value


def _demand_private(address: str) -> None:
    """Do without authentication on this host only."""
    if address not in _LOOPBACK:
        hint = "give --password-env NAME"
        raise DataError(f"{address} can be reached by others, so clients must log in", code="data-missing", hint=hint)


def _demand_installed() -> None:
    """Name what is missing of the extra that serving stands on."""
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        hint = "pip install 'igc-redfish[serve]'"
        raise LoadingError(f"igc serve needs {' and '.join(missing)}", code="loading-failed", hint=hint)
