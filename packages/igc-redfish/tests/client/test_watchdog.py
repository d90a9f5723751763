from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from contextlib import suppress

import pytest

from igc_redfish.client.watchdog import Watchdog, guarded


class Connection:
    """Reads until its socket ends, which it then takes for whatever the kernel or http.client makes of that."""

    def __init__(self, sock: socket.socket, outcome: BaseException | None) -> None:
        self.sock = sock
        self.outcome = outcome
        self.closed = False

    def getresponse(self) -> Connection:
        with suppress(TimeoutError):
            self.sock.recv(1)
        if self.outcome is not None:
            raise self.outcome
        return self

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def sock() -> Iterator[socket.socket]:
    near, far = socket.socketpair()
    with near, far:
        near.settimeout(5)
        yield near


@pytest.fixture
def watchdog() -> Iterator[Watchdog]:
    watchdog = Watchdog()
    yield watchdog
    watchdog.stop()


@pytest.mark.parametrize(
    "outcome",
    [ConnectionResetError(), http.client.RemoteDisconnected(), http.client.BadStatusLine("HT"), ValueError(), None],
    ids=["reset", "disconnected", "half a status line", "no TLS any more", "end of the headers"],
)
def test_socket_that_was_shut_down_is_a_time_out_whatever_it_looks_like(
    watchdog: Watchdog, sock: socket.socket, outcome: BaseException | None
) -> None:
    connection = guarded(Connection, watchdog, 0.05)(sock, outcome)
    with pytest.raises(TimeoutError) as caught:
        connection.getresponse()
    assert caught.value.__cause__ is outcome
    assert connection.closed is (outcome is None)


def test_what_breaks_in_time_stays_what_it_is(watchdog: Watchdog, sock: socket.socket) -> None:
    sock.settimeout(0.01)
    with pytest.raises(ConnectionResetError):
        guarded(Connection, watchdog, 60)(sock, ConnectionResetError()).getresponse()


def test_interrupt_stays_an_interrupt_however_late(watchdog: Watchdog, sock: socket.socket) -> None:
    with pytest.raises(KeyboardInterrupt):
        guarded(Connection, watchdog, 0.05)(sock, KeyboardInterrupt()).getresponse()


def test_answer_in_time_is_returned_and_its_socket_left_alone(watchdog: Watchdog, sock: socket.socket) -> None:
    sock.settimeout(0.01)
    connection = guarded(Connection, watchdog, 0.2)(sock, None)
    assert connection.getresponse() is connection
    sock.settimeout(0.5)
    with pytest.raises(TimeoutError):  # the socket is still open: nothing is there to be read, and no end
        sock.recv(1)
