"""Ends exchanges that neither finish nor stall: a host that sends one byte a second resets every read time-out."""

from __future__ import annotations

import itertools
import socket
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from urllib3.connection import HTTPConnection

_LOOK_S = 0.25


class Watchdog:
    """Shuts down the sockets of what takes too long, from one thread that is started when it is first needed."""

    def __init__(self) -> None:
        self._numbers = itertools.count()
        self._watched: dict[int, tuple[float, socket.socket]] = {}
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def watch(self, sock: socket.socket, seconds: float) -> int:
        """Give a socket some time; return the number under which :meth:`release` knows it."""
        number = next(self._numbers)
        with self._lock:
            self._watched[number] = time.monotonic() + seconds, sock
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="igc-watchdog", daemon=True)
                self._thread.start()
        return number

    def release(self, number: int) -> bool:
        """Watch a socket no longer; tell whether it had time left."""
        with self._lock:
            until, _ = self._watched.pop(number)
        return time.monotonic() <= until

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()

    def _run(self) -> None:
        while not self._stopped.wait(_LOOK_S):
            now = time.monotonic()
            with self._lock:
                late = [sock for until, sock in self._watched.values() if until < now]
            for sock in late:
                with suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)


def guarded(base: type[Any], watchdog: Watchdog, seconds: float) -> type[Any]:
    """Derive a connection class whose wait for the head of an answer is watched.

    Args:
        base: urllib3's ``HTTPConnection`` or ``HTTPSConnection``.
        watchdog: Who watches.
        seconds: How long status line and headers may take together.
    """

    class Guarded(base):  # type: ignore[misc]
        """A connection that a host cannot hold for ever by sending headers slowly."""

        def getresponse(self: HTTPConnection) -> Any:
            if self.sock is None:
                return base.getresponse(self)
            number = watchdog.watch(self.sock, seconds)
            try:
                response = base.getresponse(self)
            except BaseException as error:
                # To its reader, a socket that was shut down looks ended, reset or, under TLS, never opened.
                if not watchdog.release(number) and isinstance(error, Exception):
                    raise TimeoutError from error
                raise
            if not watchdog.release(number):  # http.client takes the end of the stream for the end of the headers
                response.close()
                raise TimeoutError
            return response

    return Guarded
