"""A small real service to test against: thermostats behind a REST API, with everything an agent needs to run them.

Nothing here is a mock. :class:`Thermostats` keeps state and obeys its own rules, so whatever works on it works for the
reasons it would work on a larger service.
"""

from __future__ import annotations

import copy
import random
import re
from typing import TYPE_CHECKING, Any, cast

from igc_core.errors import ActionError, GoalError
from igc_core.models import Goal
from igc_core.protocols import Action, View
from igc_core.rest import Request, Response

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from igc_core.episode import Transition
    from igc_core.models import AnyGoal
    from igc_core.protocols import Agent, Reader, Survey
    from igc_core.rest import Json, JsonObject

ROOT = "/api"
_MODES = ("Off", "Heat", "Cool")
#: Cost of a request, and of its being refused.
_COST = 0.05


class Thermostats:
    """A service of a few zones: ``/api`` links to them, and each zone's ``Mode`` can be patched.

    It is a :class:`~igc_core.protocols.Survey` of itself. A zone that is being heated takes two seconds of the
    service's clock to report ``Warm``.
    """

    def __init__(self, zones: Sequence[str] = ("hall", "attic"), *, password: str = "warm-and-dry") -> None:  # noqa: S107 - of no real service
        """Set up the zones.

        Args:
            zones: Their names, which are their ids.
            password: Password of the user ``keeper``.
        """
        self._password = password
        self._resources: dict[str, dict[str, Json]] = {
            ROOT: {"Kind": "Root", "Zones": [{"Uri": f"{ROOT}/zones/{zone}"} for zone in zones]},
        }
        for zone in zones:
            self._resources[f"{ROOT}/zones/{zone}"] = {
                "Kind": "Zone",
                "Id": zone,
                "Mode": "Off",
                "AllowedModes": list(_MODES),
                "Warm": False,
            }
        self._heated_s: dict[str, float] = {}

    def uris(self) -> Iterable[str]:
        """Every URI, the root first."""
        return list(self._resources)

    def of_type(self, name: str) -> Sequence[str]:
        """URIs of the resources of a kind, ``"Root"`` or ``"Zone"``."""
        return [uri for uri, body in self._resources.items() if body["Kind"] == name]

    def get(self, uri: str) -> JsonObject | None:
        """Body at a URI."""
        body = self._resources.get(uri)
        return None if body is None else copy.deepcopy(body)

    def authenticate(self, username: str, password: str) -> bool:
        """Tell whether these are the keeper's credentials."""
        return (username, password) == ("keeper", self._password)

    def set_mode(self, uri: str, mode: str) -> None:
        """Switch a zone; the time it has been heated starts anew."""
        self._resources[uri] |= {"Mode": mode, "Warm": False}
        self._heated_s[uri] = 0.0

    def pass_time(self, seconds: float) -> None:
        """Advance the clock."""
        for uri in self.of_type("Zone"):
            if self._resources[uri]["Mode"] == "Heat":
                self._heated_s[uri] = self._heated_s.get(uri, 0.0) + seconds
                self._resources[uri]["Warm"] = self._heated_s[uri] >= 2


class FakeBackend:
    """The door to :class:`Thermostats`."""

    def __init__(self, service: Thermostats | None = None) -> None:
        """Open the door to a service; a new one if None."""
        self.service = service or Thermostats()
        self.closed = False

    def perform(self, request: Request) -> Response:
        """Answer 200, 204, 400, 404 or 405."""
        body = self.service.get(request.uri)
        if body is None:
            return _refusal(404, f"no resource at {request.uri}")
        if request.method == "GET":
            return Response(200, body)
        if request.method in ("HEAD", "OPTIONS"):
            return Response(204)
        if request.method != "PATCH" or body["Kind"] != "Zone":
            return _refusal(405, f"{request.method} is not for {request.uri}")
        return self._patch(request)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.service.pass_time(seconds)

    def close(self) -> None:
        """Close the door."""
        self.closed = True

    def _patch(self, request: Request) -> Response:
        change = request.body
        if not isinstance(change, dict) or set(change) != {"Mode"} or change["Mode"] not in _MODES:
            return _refusal(400, f"Mode must be one of {', '.join(_MODES)}")
        self.service.set_mode(request.uri, str(change["Mode"]))
        return Response(200, self.service.get(request.uri))


def _refusal(status: int, message: str) -> Response:
    return Response(status, {"Error": message})


class ModeHandler:
    """Goals like ``set mode of hall to heat``."""

    family = "thermostat-mode"
    _TEXT = re.compile(r"set mode of (\S+) to (\w+)")

    def goals(self, service: Survey) -> Iterable[Goal]:
        """Every mode of every zone."""
        for uri in service.of_type("Zone"):
            for mode in _MODES:
                yield Goal(family=self.family, verb="set", target=uri, arguments={"mode": mode})

    def bind(self, goal: Goal, service: Survey) -> Goal:
        """Find the zone by URI or by id."""
        zones = service.of_type("Zone")
        fitting = [uri for uri in zones if goal.target in (uri, uri.rpartition("/")[2])]
        if not fitting:
            raise GoalError(
                f"no zone {goal.target!r}", code="goal-not-expressible", hint=f"zones are {', '.join(zones)}"
            )
        return goal.model_copy(update={"target": fitting[0]})

    def wanted(self, goal: Goal) -> Mapping[str, Json]:
        """The mode, and that a heated zone is warm."""
        mode = goal.arguments["mode"]
        return {"Mode": mode, "Warm": True} if mode == "Heat" else {"Mode": mode}

    def observe(self, goal: Goal, now: Reader, before: Reader) -> Mapping[str, Json]:
        """Read the zone."""
        del before
        zone = now.get(goal.target) or {}
        return {key: zone.get(key) for key in self.wanted(goal)}

    def text(self, goal: Goal) -> str:
        """Word a goal."""
        return f"set mode of {goal.target} to {str(goal.arguments['mode']).lower()}"

    def parse(self, text: str) -> Goal | None:
        """Read a goal."""
        found = self._TEXT.fullmatch(text.strip())
        if found is None:
            return None
        mode = found[2].capitalize()
        if mode not in _MODES:
            raise GoalError(f"no mode {found[2]!r}", code="goal-unreadable", hint=f"modes are {', '.join(_MODES)}")
        return Goal(family=self.family, verb="set", target=found[1], arguments={"mode": mode})


class FakeSession:
    """An episode on :class:`Thermostats`: read zones, switch them, wait."""

    def __init__(self, goal: Goal, service: Thermostats | None = None, *, horizon: int = 20) -> None:
        """Begin an episode.

        Args:
            goal: A goal of :class:`ModeHandler`; its target may be a zone's id.
            service: The service; a new one if None.
            horizon: Requests until the episode is truncated.
        """
        self.backend = FakeBackend(service)
        self.goal: AnyGoal = goal
        self._goal = ModeHandler().bind(goal, self.backend.service)
        self._documents: dict[str, JsonObject] = {}
        self._current, self._steps, self._status, self._horizon = ROOT, 0, 0, horizon
        self._documents[ROOT] = self.backend.service.get(ROOT) or {}

    def view(self) -> View:
        """Show what was read, and the actions that it offers."""
        return View(
            goal=self._goal,
            actions=self._actions(),
            documents=dict(self._documents),
            current=self._current,
            steps=self._steps,
            status=self._status,
        )

    def perform(self, index: int) -> Transition:
        """Perform an action of the view."""
        from igc_core.episode import Transition  # noqa: PLC0415 - episodes need the plugin manager, fakes do not

        actions = self._actions()
        if not 0 <= index < len(actions):
            raise ActionError(f"there is no action {index} among {len(actions)}", code="action-illegal")
        request = actions[index].request
        response = self._send(request)
        self._steps += 1
        self._status = response.status
        ended = self.reached()
        reward = -_COST * (1 if response.ok else 2) + (1.0 if ended else 0.0)
        return Transition(reward, ended, not ended and self._steps >= self._horizon, request, response)

    def reached(self) -> bool:
        """Verify the goal by reading the zone."""
        handler, service = ModeHandler(), self.backend.service
        return handler.observe(self._goal, service, service) == handler.wanted(self._goal)

    def _send(self, request: Request) -> Response:
        if request.method == "WAIT":
            self.backend.wait(1.0)
            return Response(204)
        response = self.backend.perform(request)
        # Every action it offers is accepted, and answered with the zone.
        self._documents[request.uri] = cast("JsonObject", response.body)
        self._current = request.uri
        return response

    def _actions(self) -> list[Action]:
        zones = self.backend.service.of_type("Zone")
        actions = [Action(Request("GET", uri), ROOT, "Root", "Zones") for uri in zones]
        actions += [
            Action(Request("PATCH", uri, {"Mode": mode}), uri, "Zone", "Mode", (("Mode", mode),))
            for uri in zones
            if uri in self._documents
            for mode in _MODES
        ]
        return [*actions, Action(Request("WAIT", ""))]


class RandomAgent:
    """Chooses any legal action, by its seed alone."""

    def start(self, seed: int) -> None:
        """Seed the choices."""
        self._random = random.Random(seed)  # noqa: S311 - choices are no secrets

    def choose(self, view: View) -> int:
        """Draw an action."""
        return self._random.randrange(len(view.actions))


class ScriptedAgent:
    """Reads the goal's zone, switches it, and waits."""

    def start(self, seed: int) -> None:
        """Nothing depends on the seed."""

    def choose(self, view: View) -> int:
        """Pick the action that the goal needs next."""
        goal: Any = view.goal
        zone = view.documents.get(goal.target)
        if zone is None:
            wanted = Request("GET", goal.target)
        elif zone.get("Mode") != goal.arguments["mode"]:
            wanted = Request("PATCH", goal.target, {"Mode": goal.arguments["mode"]})
        else:
            wanted = Request("WAIT", "")
        return next((index for index, action in enumerate(view.actions) if action.request == wanted), 0)


def play(agent: Agent, session: FakeSession) -> list[View]:
    """Let an agent act, and give the views it chose in."""
    views: list[View] = []
    agent.start(0)
    while True:
        views.append(session.view())
        done = session.perform(agent.choose(views[-1]))
        if done.terminated or done.truncated:
            return views
