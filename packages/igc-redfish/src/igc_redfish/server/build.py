"""From options to servers: what ``igc serve`` and programs begin with."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from igc_core.errors import DataError
from igc_redfish.faults import Faults
from igc_redfish.server.destinations import Destinations
from igc_redfish.server.host import Host
from igc_redfish.server.latency import parse_latency
from igc_redfish.server.sealing import Seal
from igc_redfish.service.core import Service
from igc_redfish.service.furnishing import features_of, furnished
from igc_redfish.service.serving import Serving
from igc_redfish.simulator import Simulator
from igc_redfish.sources import goal_book

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from igc_core.plugins import PluginManager
    from igc_redfish.machine import Machine

#: Real seconds between the answer to a manager's restart and its outage: clients log out right after.
_NOTICE_S: Final = 1.5


@dataclass(frozen=True, slots=True)
class HostOptions:
    """How a machine is served.

    Attributes:
        credentials: Passwords by user; nobody has to log in where there are none.
        writable: Whether the goal handlers give the machine state; else every change is refused.
        latency: How long answers take on purpose, e.g. ``"5ms"``.
        faults: How often what goes wrong, e.g. ``"error_rate=0.1"``.
        clock_factor: Virtual seconds per second.
        seed: Of latencies and faults.
        destinations: Where events may be sent, besides this host.
        state_key: Seals what is stored of subscribers' secrets; without it these end with the process.
        reset: Begin with the capture, whatever the state file holds.
        page_size: Members that a collection shows at a time; 0 for all.
        complete: Whether the machine is given what clients need and its capture lacks, such as a session service.
    """

    credentials: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    writable: bool = True
    latency: str = "0ms"
    faults: str = ""
    clock_factor: float = 1.0
    seed: int = 0
    destinations: Sequence[str] = ()
    state_key: str = field(default="", repr=False)
    reset: bool = False
    page_size: int = 0
    complete: bool = True


def host_of(
    machine: Machine, options: HostOptions, *, state: Path | None = None, plugins: PluginManager | None = None
) -> Host:
    """Make a machine ready to be served.

    Args:
        machine: The tree.
        options: How.
        state: Where its state is kept, if anywhere.
        plugins: Where the goal handlers come from; all installed plugins if None.

    Raises:
        DataError: An option cannot be read, or the state is damaged or another machine's.
    """
    handlers = list(goal_book(plugins)) if options.writable else []
    machine = furnished(machine) if options.complete else machine
    service = Service(
        machine,
        handlers,
        authenticate=bool(options.credentials),
        new_token=secrets.token_urlsafe,
        serving=Serving(features=features_of(machine), notice_s=_NOTICE_S, page_size=options.page_size, once=True),
    )
    faults = parse_faults(options.faults, seed=options.seed) if options.faults else None
    simulator = Simulator(service, faults=faults, credentials=options.credentials)
    latency = parse_latency(options.latency, seed=options.seed)
    destinations = Destinations(options.destinations)
    store = None
    if state is not None:
        from igc_redfish.server.store import Store  # noqa: PLC0415 - its lock is one of POSIX

        store = Store(state, machine, anew=options.reset)
    seal = Seal(options.state_key) if options.state_key else None
    return Host(
        simulator,
        clock_factor=options.clock_factor,
        latency=latency,
        store=store,
        destinations=destinations,
        seal=seal,
    )


def parse_faults(text: str, *, seed: int = 0) -> Faults:
    """Read ``error_rate=0.1,delay_rate=0.2``.

    Args:
        text: Names of :class:`~igc_redfish.faults.Faults` with their values.
        seed: Of the draws, where the text names none.

    Raises:
        DataError: A name is unknown or stated twice, or a value out of range.
    """
    values: dict[str, Any] = {"seed": seed}
    stated: set[str] = set()
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, value = (text.strip() for text in part.partition("=")[::2])
        if name in stated:
            raise DataError(f"--faults states {name} twice", code="data-invalid", hint="state it once")
        stated.add(name)
        values[name] = value
    try:
        return Faults.model_validate(values, strict=False)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the rates"
        names = ", ".join(Faults.model_fields)
        raise DataError(f"--faults: {where}: {first['msg']}", code="data-invalid", hint=f"there are {names}") from error
