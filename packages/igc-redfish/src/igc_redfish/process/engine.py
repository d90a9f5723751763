"""The machine behind the decision process: worlds, actions and documents as numbers, transitions computed once.

The simulator stays the one source of truth. The engine only remembers what it answered: a world is numbered by its
content, so a transition seen once is a look-up from then on, whichever episode comes by.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from igc_redfish.goals.resets import resets_counted
from igc_redfish.process.ground import CLOCK_STEP_S, WAIT_ID, Ground, Step
from igc_redfish.service.outage import DOWN_UNTIL
from igc_redfish.service.world import Snapshot, World
from igc_redfish.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from igc_core.rest import Request, Response
    from igc_redfish.machine import Machine
    from igc_redfish.service.rules import RuleSource

#: A wait lasts at most so many virtual seconds, whatever an answer asks for.
LONGEST_WAIT_S = 600.0
#: Memory: virtual time before which an answer asked not to come again.
NOT_BEFORE = "client:not-before"


class Engine(Ground):
    """One simulated machine's worlds, actions and documents, numbered.

    Attributes:
        simulator: Computes what is not known yet.
        worlds: Snapshots by number; 0 is the capture.
    """

    def __init__(self, machine: Machine, handlers: Sequence[RuleSource]) -> None:
        super().__init__(machine)
        self.simulator = Simulator(machine, handlers)
        self.worlds: list[Snapshot] = []
        self._world_numbers: dict[bytes, int] = {}
        self._steps: dict[tuple[int, int], Step] = {}
        self._reads: dict[tuple[int, frozenset[tuple[str, str]]], Step] = {}
        self._sources: dict[tuple[str, str], frozenset[str] | None] = {}
        self.present_world()

    def present_world(self) -> int:
        """Number the state that the simulator is in."""
        key = self.simulator.world.key()
        number = self._world_numbers.get(key)
        if number is None:
            number = self._world_numbers[key] = len(self.worlds)
            self.worlds.append(self.simulator.snapshot())
        return number

    def reader(self, world: int) -> World:
        """Return a private view of one world's observable state."""
        view = World(self.machine)
        view.restore(self.worlds[world])
        return view

    def resets(self, world: int) -> int:
        """Count the host resets that led to a world."""
        return resets_counted(self.worlds[world].memory)

    def step(self, world: int, action: int) -> Step:
        """Take an action in a world."""
        known = self._steps.get((world, action))
        if known is None:
            known = self._steps[world, action] = self._compute(world, action)
        return known

    def _compute(self, world: int, action: int) -> Step:
        snapshot = self.worlds[world]
        if action == WAIT_ID:
            if not is_busy(snapshot):
                return Step(world, 0, 0, pending=False)
            self.simulator.restore(snapshot)
            self.simulator.wait(patience(snapshot))
            self.simulator.world.memory.pop(NOT_BEFORE, None)
            return Step(self.present_world(), 0, 0, pending=False)
        request = self.actions[action].request
        if request.method == "GET":
            return self._read(world, action)
        self.simulator.restore(snapshot)
        response = self._perform(request)
        return Step(self.present_world(), response.status, *self.take_in(request, response))

    def _perform(self, request: Request) -> Response:
        """Send a request, and remember how long its answer asks to wait (RFC 9110, section 10.2.3)."""
        response = self.simulator.perform(request)
        asked = response.headers.get("Retry-After", "")
        if asked.isdigit():
            self.simulator.world.memory[NOT_BEFORE] = self.simulator.world.clock_s + int(asked)
        return response

    def _read(self, world: int, action: int) -> Step:
        """Read a resource; the answer depends on the versions of what it tells of alone, unless time is among that."""
        snapshot, request = self.worlds[world], self.actions[action].request
        sources = None if is_down(snapshot) else self._told_of(snapshot, self.canonical(request.uri))
        if sources is None:
            return self._read_anew(world, action)
        changed = snapshot.changes.keys() & sources
        key = (action, frozenset((uri, snapshot.changes[uri].digest) for uri in changed))
        known = self._reads.get(key)
        if known is None:
            known = self._reads[key] = self._read_anew(world, action)
        return replace(known, world=world)

    def _read_anew(self, world: int, action: int) -> Step:
        """Read a resource; a service that is down may be up again afterwards."""
        request = self.actions[action].request
        self.simulator.restore(self.worlds[world])
        response = self._perform(request)
        return Step(self.present_world(), response.status, *self.take_in(request, response))

    def _told_of(self, snapshot: Snapshot, uri: str) -> frozenset[str] | None:
        """Name the resources that a read tells of, None where it tells of time."""
        version = snapshot.changes.get(uri)
        key = (uri, version.digest if version is not None else "")
        if key not in self._sources:
            body = self.machine.get(uri) if version is None else version.body
            self._sources[key] = self.simulator.service.sources(uri, body)
        return self._sources[key]


def is_down(state: Snapshot) -> bool:
    """Tell whether the service does not answer in a world."""
    until = state.memory.get(DOWN_UNTIL)
    return isinstance(until, int | float) and until > state.clock_s


def patience(state: Snapshot) -> float:
    """Tell how long a wait lasts: as long as the last answer that said so asked for, in virtual seconds."""
    until = state.memory.get(NOT_BEFORE)
    asked = until - state.clock_s if isinstance(until, int | float) else 0.0
    return min(max(CLOCK_STEP_S, asked), LONGEST_WAIT_S)


def is_busy(state: Snapshot) -> bool:
    """Tell whether time changes anything in a world."""
    return bool(state.timers) or is_down(state)
