"""A simulated machine as a REST backend: a thin door to the service core."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_redfish.faults import FaultInjector
from igc_redfish.service.core import Service
from igc_redfish.service.world import World, password_digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from igc_core.rest import JsonObject, Request, Response
    from igc_redfish.faults import Faults
    from igc_redfish.machine import Machine
    from igc_redfish.service.rules import RuleSource
    from igc_redfish.service.transaction import Transaction
    from igc_redfish.service.world import Snapshot


class Simulator:
    """One machine with a state of its own. Implements the ``Backend`` and ``Survey`` protocols.

    Attributes:
        world: The state.
        service: The behaviour, which several simulators may share.
    """

    def __init__(
        self,
        machine: Machine | Service,
        handlers: Sequence[RuleSource] = (),
        *,
        faults: Faults | None = None,
        authenticate: bool = False,
        credentials: Mapping[str, str] | None = None,
    ) -> None:
        """Start a machine as it was captured.

        Args:
            machine: The tree; or a service whose behaviour (handlers, authentication) is shared.
            handlers: Whoever answers changes; without any, the service is read-only.
            faults: What goes wrong at random, or None for nothing.
            authenticate: Whether requests need credentials.
            credentials: Passwords by user name. A user without an account in the tree is an administrator.
        """
        shared = isinstance(machine, Service)
        self.service = (
            machine if isinstance(machine, Service) else Service(machine, handlers, authenticate=authenticate)
        )
        if shared and (handlers or authenticate):
            raise ValueError("handlers and authentication are the shared service's own")
        self.world = World(self.service.machine)
        self._faults = FaultInjector(faults) if faults is not None else None
        self._let_in(credentials or {})
        self._initial = self.world.snapshot()

    def __repr__(self) -> str:
        """Name the machine."""
        return f"Simulator({self.service.machine.name!r})"

    @property
    def is_faulty(self) -> bool:
        """Whether some answers are spoilt at random."""
        return self._faults is not None

    # -- Backend ---------------------------------------------------------------------------------------------------

    def perform(self, request: Request) -> Response:
        """Answer one request."""
        if self._faults is not None:
            return self._faults.perform(request, self.service, self.world)
        return self.service.handle(self.world, request)

    def wait(self, seconds: float) -> None:
        """Let virtual time pass."""
        self.service.advance(self.world, seconds)

    def close(self) -> None:
        """Release nothing: a simulator holds nothing."""

    # -- Survey ----------------------------------------------------------------------------------------------------

    def get(self, uri: str) -> JsonObject | None:
        """Return the present body at a URI, or None."""
        return self.world.get(uri)

    def authenticate(self, username: str, password: str) -> bool:
        """Tell whether these credentials were set in this simulation."""
        return self.world.authenticate(username, password)

    def uris(self) -> Iterator[str]:
        """Yield the URIs of all present resources."""
        return self.world.uris()

    def of_type(self, name: str) -> list[str]:
        """List the present, reachable resources of a type."""
        return self.world.of_type(name)

    # -- control ---------------------------------------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """Remember the present state; costs what changed."""
        return self.world.snapshot()

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to a remembered state."""
        self.world.restore(snapshot)

    def reset(self) -> None:
        """Go back to the capture, with the credentials given at the start; faults begin anew."""
        self.world.restore(self._initial)
        if self._faults is not None:
            self._faults.reset()

    def apply(self, callback: Callable[[Transaction], None]) -> None:
        """Change the machine behind its own back, in one transaction."""
        self.service.apply(self.world, callback)

    def _let_in(self, credentials: Mapping[str, str]) -> None:
        accounts = (self.world.get(uri) or {} for uri in self.world.of_type("ManagerAccount"))
        names = [account.get("UserName") for account in accounts] if credentials else []
        for name, password in credentials.items():
            self.world.memory[f"password:{name}"] = password_digest(password)
            if name not in names:
                self.world.memory[f"guest:{name}"] = True
