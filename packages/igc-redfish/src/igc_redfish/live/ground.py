"""A real host as the ground of episodes: every step is a request, every judgement a read."""

from __future__ import annotations

import logging
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from igc_core.errors import BackendError
from igc_core.rest import Response
from igc_redfish.live.errors import InDoubtError, LiveError, UnobservableError
from igc_redfish.live.sight import LiveSight
from igc_redfish.process.ground import CLOCK_STEP_S, WAIT_ID, Ground, Step
from igc_redfish.process.lexicon import operation_of
from igc_redfish.process.shield import HOST_RESETS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from igc_core.protocols import Action, Backend, Reader
    from igc_core.rest import Json, JsonObject, Request
    from igc_redfish.live.sight import LetsIn
    from igc_redfish.live.twin import Twin

#: A value of a goal: number of the sub-goal, and property path.
Key: TypeAlias = tuple[int, str]

logger = logging.getLogger(__name__)

#: A host that answers nothing for so long is given up, in seconds; the longest restart of a controller takes less.
GIVEN_UP_S = 900.0
_NO_ANSWER = Response(503)
_PERHAPS = Response(202)
_FORBIDDEN = 403


@dataclass(frozen=True, slots=True)
class Times:
    """How long to wait on a real host, in seconds.

    Attributes:
        wait_s: Most that one WAIT lasts; it ends once something that matters has moved.
        settle_s: Most that an accepted change is given to show.
        reset_s: The same for the reset of a host, whose self test may take minutes.
        look_s: Pause between two looks.
    """

    wait_s: float = CLOCK_STEP_S
    settle_s: float = 60.0
    reset_s: float = 600.0
    look_s: float = 2.0


@dataclass(frozen=True, slots=True)
class Watch:
    """What matters of a host's state: the values that a goal is about.

    Attributes:
        observe: Reads the present values.
        wanted: The values that are wanted.
    """

    observe: Callable[[Reader], Mapping[Key, Json]]
    wanted: Mapping[Key, Json]

    def gained(self, shown: Mapping[Key, Json] | None, future: Mapping[Key, Json] | None) -> dict[Key, Json]:
        """Return the wanted values that are not shown yet and are expected to be."""
        if shown is None or future is None:
            return {}
        return {
            key: value for key, value in self.wanted.items() if shown.get(key) != value and future.get(key) == value
        }


class LiveGround(Ground):
    """One real host. Worlds are numbered as they come by, and none comes back.

    A world begins with the start, a change, a wait, or a read that shows something else than before. Its observable
    state is read when somebody asks, once for each resource, and does not count as an agent's request.
    """

    def __init__(
        self,
        twin: Twin,
        backend: Backend,
        *,
        door: LetsIn | None = None,
        times: Times | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin in world 0.

        Args:
            twin: The host's twin, with the capture that everything is numbered by.
            backend: The host, behind its guards.
            door: Tells whether credentials let somebody in.
            times: How long to wait for what.
            clock: Tells the time.
        """
        super().__init__(twin.machine)
        self.world = 0
        self._twin, self._backend, self._door = twin, backend, door
        self._times, self._clock = times or Times(), clock
        self._known: dict[str, JsonObject] = {}
        self._sights = [LiveSight(backend, door, self._known, twin.see)]
        self._resets = [0]
        self._unsettled = False
        self._silent_since: float | None = None
        self._watch = Watch(lambda _: {}, {})
        self._in_vain: Counter[int] = Counter()

    def watch(self, watch: Watch) -> None:
        """Say what matters: a WAIT ends once it has moved, and a change is given time to show in it."""
        self._watch = watch

    def refuse(self, reason: str) -> Step:
        """Answer a request that is not sent, as a host answers what it forbids."""
        body = {"error": {"code": "Base.1.22.InsufficientPrivilege", "message": reason}}
        return Step(self.world, _FORBIDDEN, 0, pending=False, refusal=self.number_refusal(Response(_FORBIDDEN, body)))

    def reader(self, world: int) -> LiveSight:
        """Return sight of a world; of one that is over, what was seen of it."""
        return self._sights[world]

    def resets(self, world: int) -> int:
        """Count the host resets that were accepted before a world."""
        return self._resets[world]

    def step(self, world: int, action: int) -> Step:
        """Send a request, or wait.

        Raises:
            LiveError: A guard stopped it, or the host fell silent.
            BackendError: The host cannot be reached, trusted or believed.
        """
        if world != self.world:
            raise ValueError(f"world {world} of a real host is over")
        if action == WAIT_ID:
            self._let_time_pass()
            changed, self._unsettled = self._unsettled, False
            return Step(self._turn(changed=changed), 0, 0, pending=False)
        described = self.actions[action]
        request = described.request
        response = self._change(action, described) if request.mutates else self._ask(request)
        document, pending, refusal = self.take_in(request, self._complete(request, response))
        if document:
            self._remember(document)
        return Step(self.world, response.status, document, pending, refusal)

    def _change(self, action: int, described: Action) -> Response:
        """Send a change; where nobody knows what became of it, it counts as under way, and the host is watched."""
        shown = self._look(self._sights[self.world])
        future = self._look(self._twin.after(described.request))
        try:
            response = self._backend.perform(described.request)
        except LiveError as error:
            if error.code != "live-outcome-unknown" or error.__cause__ is None:
                raise
            logger.warning("%s", error)
            response = _PERHAPS
        if response.ok:
            reset = operation_of(described) in HOST_RESETS
            self._unsettled = True
            self._turn(reset=reset, changed=True)
            seconds = self._times.reset_s if reset else self._times.settle_s
            missing = self._settle(self._watch.gained(shown, future), seconds)
            self._complain(action, described, missing)
        return response

    def _settle(self, gains: Mapping[Key, Json], seconds: float) -> Mapping[Key, Json]:
        """Look until the host shows what the twin expects for the goal; return what it does not show in time.

        Credentials are tried once: hosts lock out who knocks too often.
        """
        until = self._clock() + seconds
        present = self._sights[self.world]
        while gains:
            sight = LiveSight(self._backend, self._door, {}, self._twin.see)
            sight.keep_verdicts_of(present)
            now = self._look(sight)
            present.keep_verdicts_of(sight)
            if now is not None and all(now.get(key) == value for key, value in gains.items()):
                return {}
            left = until - self._clock()
            if left <= 0:
                return {key: (now or {}).get(key) for key, value in gains.items() if (now or {}).get(key) != value}
            self._backend.wait(min(self._times.look_s, left))
        return {}

    def _complain(self, action: int, described: Action, missing: Mapping[Key, Json]) -> None:
        """Give up on a change that the host accepted twice without showing it."""
        self._in_vain[action] += bool(missing)
        if missing and self._in_vain[action] > 1:
            shown = ", ".join(f"{path} as {value!r}" for (_, path), value in missing.items())
            raise InDoubtError(
                f"the host accepted {described.request.method} {described.request.uri} twice, and shows {shown}",
                code="live-not-observed",
                hint="it does not do what it accepts, or takes longer: see --settle",
            )

    def _ask(self, request: Request) -> Response:
        """Read; a host that is silent for a while answers like one that is busy."""
        try:
            response = self._backend.perform(request)
        except BackendError as error:
            if not getattr(error, "transient", False):
                raise
            now = self._clock()
            self._silent_since = now if self._silent_since is None else self._silent_since
            if now - self._silent_since > GIVEN_UP_S:
                raise
            return _NO_ANSWER
        self._silent_since = None
        return response

    def _complete(self, request: Request, response: Response) -> Response:
        """Add ``Allow`` where the service leaves it out: as it was captured, else as the schema has it."""
        if not response.ok or not isinstance(response.body, dict) or response.headers.get("Allow"):
            return response
        uri = self.canonical(request.uri)
        own = response.body.get("@odata.id")
        place = own if request.method == "POST" and isinstance(own, str) else uri
        self._twin.see(place, response.body)
        return Response(response.status, response.body, {"Allow": ", ".join(self._twin.allowed(place))})

    def _remember(self, document: int) -> None:
        """Keep a resource that was read; one that differs from what was judged begins a new world."""
        read = self.documents[document]
        moved = self._sights[self.world].note(read.uri, read.body)
        self._known[read.uri] = read.body
        self._twin.see(read.uri, read.body)
        if moved:
            self._turn()
            self._sights[self.world].note(read.uri, read.body)

    def _let_time_pass(self) -> None:
        """Wait, and look now and then whether what matters has moved."""
        seen = self._look(self._sights[self.world])
        until = self._clock() + self._times.wait_s
        while (left := until - self._clock()) > 0:
            self._backend.wait(min(self._times.look_s, left))
            now = self._look(LiveSight(self._backend, None, {}, self._twin.see))
            if now is not None and now != seen:
                return

    def _look(self, reader: Reader) -> Mapping[Key, Json] | None:
        try:
            return self._watch.observe(reader)
        except UnobservableError:
            return None

    def _turn(self, *, reset: bool = False, changed: bool = False) -> int:
        """Begin a new world; who is let in is asked anew only where that may have changed."""
        last = self._sights[self.world]
        last.freeze(dict(self._known))
        following = LiveSight(self._backend, self._door, self._known, self._twin.see)
        if not changed:
            following.keep_verdicts_of(last)
        self._sights.append(following)
        self._resets.append(self._resets[self.world] + reset)
        self.world += 1
        return self.world
