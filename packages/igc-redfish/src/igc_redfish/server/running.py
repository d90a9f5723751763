"""Servers that run: in this thread until a signal, or in a thread of their own."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
import time
from typing import TYPE_CHECKING, Final, Self

import uvicorn

from igc_core.errors import BackendError
from igc_redfish.server.door import Door
from igc_redfish.server.host import Host
from igc_redfish.server.limits import Limits
from igc_redfish.server.prompt import protocol_of
from igc_redfish.server.protocol import GuardedProtocol

if TYPE_CHECKING:
    import ssl
    from collections.abc import Sequence
    from types import TracebackType

    from igc_redfish.server.control import Control
    from igc_redfish.server.request_log import RequestLog
    from igc_redfish.simulator import Simulator

logger = logging.getLogger(__name__)

_STARTUP_S: Final = 10.0
_BACKLOG: Final = 2048
#: uvicorn ticks ten times a second.
_TICKS: Final = 10


class Server:
    """One or more machines on one or more ports of one address.

    Attributes:
        urls: Where each machine is served, e.g. ``"http://127.0.0.1:8000"``, in the order given.
        hosts: The machines, in the same order.
    """

    def __init__(
        self,
        hosts: Sequence[Host],
        *,
        address: str = "127.0.0.1",
        ports: Sequence[int] = (),
        tls: ssl.SSLContext | None = None,
        limits: Limits | None = None,
        control: Control | None = None,
        log: RequestLog | None = None,
    ) -> None:
        """Take the ports; nothing is answered before the server runs.

        Args:
            hosts: The machines.
            address: Where to listen.
            ports: One for each machine; 0 or a missing one for any that is free.
            tls: Speak HTTPS.
            limits: What a client may cost.
            control: Answers control requests; without it there are none.
            log: Where requests are noted.

        Raises:
            BackendError: A port is taken, or the address is not this host's.
            DataError: The state of a machine cannot be written.
        """
        self.hosts = list(hosts)
        limits = limits or Limits()
        wanted = [*ports, *[0] * (len(self.hosts) - len(ports))]
        self._sockets = _listening(address, wanted)
        found = [bound.getsockname()[1] for bound in self._sockets]
        shown = f"[{address}]" if ":" in address else address
        self.urls = [f"{'https' if tls else 'http'}://{shown}:{port}" for port in found]
        door = Door(dict(zip(found, self.hosts, strict=True)), limits, control=control, log=log)
        config = uvicorn.Config(
            door,
            http=protocol_of(door, limits),
            ws="none",
            lifespan="off",
            proxy_headers=False,
            server_header=False,
            log_config=None,
            log_level="error",
            access_log=False,
            timeout_keep_alive=limits.idle_s,
            timeout_graceful_shutdown=limits.finish_s,
        )
        config.load()
        config.ssl = tls
        for host in self.hosts:
            host.begin()  # nothing refuses the start any more
        self._server = _Running(config, self.hosts, log)
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Where the first machine is served."""
        return self.urls[0]

    @property
    def connections(self) -> int:
        """How many connections there are now."""
        return len(self._server.server_state.connections)

    def run(self) -> None:
        """Serve in this thread until SIGINT, which raises KeyboardInterrupt afterwards, or SIGTERM."""
        self._server.run(sockets=self._sockets)

    def start(self) -> None:
        """Serve in a thread of its own; returns when requests are answered.

        Raises:
            BackendError: They are not, after ten seconds.
        """
        self._thread = threading.Thread(target=self.run, name="igc-serve", daemon=True)
        self._thread.start()
        until = time.monotonic() + _STARTUP_S
        while not self._server.started:
            if time.monotonic() > until:
                raise BackendError("the server did not start")
            time.sleep(0.002)

    def stop(self) -> None:
        """Finish the requests under way, close everything, and wait for that."""
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join()

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()


class _Running(uvicorn.Server):
    """uvicorn's server, which also lets the machines' time pass and looks after its connections."""

    def __init__(self, config: uvicorn.Config, hosts: Sequence[Host], log: RequestLog | None) -> None:
        super().__init__(config)
        self._hosts = hosts
        self._log = log

    async def on_tick(self, counter: int) -> bool:
        """Do what is due; tell whether to end."""
        try:
            await self._look_after(counter)
        except Exception:
            logger.exception("the server's own work failed")
        return await super().on_tick(counter)

    async def _look_after(self, counter: int) -> None:
        for host in self._hosts:
            host.catch_up()
        now_s = asyncio.get_running_loop().time()
        for connection in list(self.server_state.connections):
            if isinstance(connection, GuardedProtocol):
                connection.look(now_s)
        if counter % _TICKS == 0:
            for host in self._hosts:
                await host.sync()
            if self._log is not None:
                self._log.flush()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End: the event streams first, as they would last."""
        for host in self._hosts:
            host.streams.close_all()
        await super().shutdown(sockets)
        for host in self._hosts:
            host.stop()
        if self._log is not None:
            self._log.close()


def serve(simulator: Simulator, *, port: int = 0, clock_factor: float = 1.0) -> Server:
    """Prepare a server of one machine on 127.0.0.1; use it as a context manager, or start and stop it.

    Args:
        simulator: The machine, with its handlers, credentials and faults.
        port: 0 for any that is free.
        clock_factor: Virtual seconds per second.
    """
    return Server([Host(simulator, clock_factor=clock_factor)], ports=[port])


def _listening(address: str, ports: Sequence[int]) -> list[socket.socket]:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    found: list[socket.socket] = []
    for port in ports:
        try:
            one = socket.create_server((address, port), family=family, backlog=_BACKLOG)
        except (OSError, OverflowError) as error:
            for bound in found:
                bound.close()
            problem = f"cannot listen on {address} port {port}: {getattr(error, 'strerror', None) or error}"
            raise BackendError(problem, hint="choose another --port or --host") from error
        one.setblocking(False)
        found.append(one)
    return found
