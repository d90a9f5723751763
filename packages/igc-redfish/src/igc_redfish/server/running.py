"""Servers that run: in this thread until a signal, in a thread of their own, or in a process of their own."""

from __future__ import annotations

import socket
import threading
import time
from typing import TYPE_CHECKING, Self

import uvicorn

from igc_redfish.server.door import Door
from igc_redfish.server.host import Host

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from igc_redfish.simulator import Simulator

_STARTUP_S = 10.0


class Server:
    """One or more machines on one or more ports of one address.

    Attributes:
        urls: Where each machine is served, e.g. ``"http://127.0.0.1:8000"``, in the order given.
        hosts: The machines, in the same order.
    """

    def __init__(self, hosts: Sequence[Host], *, address: str = "127.0.0.1", ports: Sequence[int] = ()) -> None:
        """Take the ports; nothing is answered before the server runs.

        Args:
            hosts: The machines.
            address: Where to listen.
            ports: One for each machine; 0 or a missing one for any that is free.

        Raises:
            OSError: A port is taken.
        """
        self.hosts = list(hosts)
        wanted = [*ports, *[0] * (len(self.hosts) - len(ports))]
        self._sockets = [_listening(address, port) for port in wanted]
        found = [bound.getsockname()[1] for bound in self._sockets]
        self.urls = [f"http://{address}:{port}" for port in found]
        config = uvicorn.Config(
            Door(dict(zip(found, self.hosts, strict=True))),
            http="httptools",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
        )
        self._server = uvicorn.Server(config)
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Where the first machine is served."""
        return self.urls[0]

    def run(self) -> None:
        """Serve in this thread until SIGINT or SIGTERM."""
        self._server.run(sockets=self._sockets)

    def start(self) -> None:
        """Serve in a thread of its own; returns when requests are answered."""
        self._thread = threading.Thread(target=self.run, name="igc-serve", daemon=True)
        self._thread.start()
        until = time.monotonic() + _STARTUP_S
        while not self._server.started and time.monotonic() < until:
            time.sleep(0.005)

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


def serve(simulator: Simulator, *, port: int = 0, clock_factor: float = 1.0) -> Server:
    """Prepare a server of one machine on 127.0.0.1; use it as a context manager, or start and stop it.

    Args:
        simulator: The machine, with its handlers, credentials and faults.
        port: 0 for any that is free.
        clock_factor: Virtual seconds per second.
    """
    return Server([Host(simulator, clock_factor=clock_factor)], ports=[port])


def _listening(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    found = socket.create_server((address, port), family=family, backlog=2048)
    found.setblocking(False)
    return found
