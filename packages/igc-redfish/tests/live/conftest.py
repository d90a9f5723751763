"""Simulated machines in the place of real hosts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from igc_core.rest import Request, Response
from igc_redfish.goals import builtin_handlers
from igc_redfish.goals.book import GoalBook
from igc_redfish.live.ground import LiveGround
from igc_redfish.live.guarded import GuardedBackend
from igc_redfish.live.twin import Twin
from igc_redfish.simulator import Simulator
from igc_redfish.sources import only_machine

if TYPE_CHECKING:
    from igc_redfish.live.guards import Guard
    from igc_redfish.machine import Machine

URL = "https://r7-u12-bmc:8443"
BOOK = GoalBook(builtin_handlers())


class Host:
    """A simulated machine as a bare host, which notes what it was sent."""

    def __init__(self, machine: Machine) -> None:
        self.simulator = Simulator(machine, list(BOOK))
        self.requests: list[Request] = []
        #: Consulted before each request; what it returns is the answer.
        self.instead: Callable[[Request], Response | None] = lambda _: None

    def perform(self, request: Request) -> Response:
        self.requests.append(request)
        return self.instead(request) or self.simulator.perform(request)

    def wait(self, seconds: float) -> None:
        self.simulator.wait(seconds)

    def close(self) -> None:
        pass

    def authenticate(self, username: str, password: str) -> bool:
        return self.simulator.authenticate(username, password)

    @property
    def clock_s(self) -> float:
        return self.simulator.world.clock_s

    @property
    def changes(self) -> list[Request]:
        return [request for request in self.requests if request.mutates]


class Lines:
    """A journal in memory."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, Any]] = []

    def write(self, event: str, details: Any, secrets: frozenset[str] = frozenset()) -> None:
        self.lines.append((event, dict(details)))

    @property
    def events(self) -> list[str]:
        return [event for event, _ in self.lines]


@pytest.fixture(scope="session")
def book() -> GoalBook:
    return BOOK


@pytest.fixture(scope="session")
def machine() -> Machine:
    return only_machine("generated:3")


@pytest.fixture
def host_of() -> type[Host]:
    """Makes a bare host of a machine."""
    return Host


@pytest.fixture
def ground_of() -> Callable[..., LiveGround]:
    """Makes the ground of episodes of a host, on the host's own clock."""

    def build(host: Host, **options: Any) -> LiveGround:
        twin = Twin(host.simulator.service.machine, list(BOOK))
        return LiveGround(twin, options.pop("backend", host), door=host, clock=lambda: host.clock_s, **options)

    return build


@pytest.fixture
def host(machine: Machine) -> Host:
    return Host(machine)


@pytest.fixture
def twin(machine: Machine) -> Twin:
    return Twin(machine, list(BOOK))


@pytest.fixture
def journal() -> Lines:
    return Lines()


@pytest.fixture
def guarded(host: Host, twin: Twin, journal: Lines) -> Callable[..., GuardedBackend]:
    """Puts guards before the host."""

    def build(*guards: Guard, **options: Any) -> GuardedBackend:
        return GuardedBackend(host, twin, guards, options.pop("journal", journal), host=URL, **options)

    return build
