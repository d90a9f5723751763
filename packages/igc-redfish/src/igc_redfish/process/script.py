"""A good hand-written script: what an engineer would write who knows Redfish and no vendor.

It goes where the goal's family usually lives, sends the request that carries the goal's values as soon as some
resource offers it, restarts the host where a setting needs it, and waits while something is under way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_core.rest import WAIT
from igc_redfish.process.catalogue import identity
from igc_redfish.process.lexicon import GoalWords, operation_of, words

if TYPE_CHECKING:
    from igc_core.models import Goal
    from igc_core.protocols import Action, View
    from igc_redfish.process.scenario import Terms

#: Words on the way to each family's resources, the nearest to the goal last.
_ROUTES: dict[str, tuple[str, ...]] = {
    "power": ("system", "member", "reset"),
    "boot": ("system", "member"),
    "bios": ("system", "member", "bios"),
    "secureboot": ("system", "member", "secure", "boot"),
    "firmware": ("update", "service", "simple"),
    "manager": ("manager", "member", "reset"),
    "account": ("account", "service", "member", "manager"),
    "password": ("account", "service", "member", "manager"),
    "session": ("session", "service", "member"),
    "media": ("manager", "system", "virtual", "media", "member"),
    "log": ("manager", "system", "chassis", "log", "service", "member"),
    "led": ("chassis", "system", "member"),
    "ntp": ("manager", "member", "network", "protocol"),
    "protocol": ("manager", "member", "network", "protocol"),
    "hostname": ("manager", "member", "network", "protocol", "ethernet", "interface"),
    "subscription": ("event", "service", "subscription"),
    "volume": ("system", "storage", "member", "volume"),
}
#: Reset types that fit a verb, the best first.
_RESETS: dict[str, tuple[str, ...]] = {
    "on": ("On", "ForceOn", "PushPowerButton"),
    "off": ("ForceOff", "GracefulShutdown", "PushPowerButton"),
    "restart": ("ForceRestart", "GracefulRestart", "PowerCycle", "FullPowerCycle"),
    "reset": ("GracefulRestart", "ForceRestart", "ResetAll"),
}
#: Families whose changes take force at a restart.
_STAGED = frozenset({"bios", "secureboot"})
_ACTION_VERBS: dict[str, str] = {
    "clear": "LogService.ClearLog",
    "eject": "VirtualMedia.EjectMedia",
}
_REFUSED, _FAILED = 400, 500
#: Least rank of a change that is meant to bring the goal about.
_MEANT = 11.0
#: Waits in a row before looking elsewhere.
_PATIENCE = 4


class ScriptAgent:
    """Rules over the legal actions; no learning, and nothing of a simulated machine's truth.

    Sub-goals are pursued one after the other. A change that was accepted counts as done, except that staged settings
    take a restart after it.
    """

    def __init__(self) -> None:
        self.start(0)

    def start(self, seed: int) -> None:  # noqa: ARG002 - nothing is drawn
        """Begin an episode."""
        self._sent: set[tuple[str, str, str]] = set()
        self._read: set[str] = set()
        self._waits = self._part = 0
        self._staged = self._changed = False

    def choose(self, view: View) -> int:
        """Return the index of the best-ranked action, the first among equals."""
        self._take_stock(view)
        part = view.goal.parts[self._part]
        scores = [self._rank(action, view, part) for action in view.actions]
        best = max(range(len(scores)), key=scores.__getitem__)
        request = view.actions[best].request
        self._changed = request.mutates and scores[best] >= _MEANT
        if request.mutates:
            self._sent.add(identity(view.actions[best]))
            self._waits = 0
        self._waits += request.method == WAIT
        self._read.add(request.uri)
        return best

    def _take_stock(self, view: View) -> None:
        """Go on to the next sub-goal where the last change was accepted and needs no restart."""
        if not self._changed or view.status >= _REFUSED:
            return
        parts = view.goal.parts
        if parts[self._part].family in _STAGED and not self._staged:
            self._staged = True
        elif self._part + 1 < len(parts):
            self._part += 1
            self._staged = False

    def _rank(self, action: Action, view: View, part: Goal) -> float:
        method = action.request.method
        if method == WAIT:
            return 5.0 if self._sent and self._waits < _PATIENCE else -1.0
        if method == "GET":
            return self._rank_read(action, view, part)
        if identity(action) in self._sent:
            return 1.0 if view.status >= _FAILED else -2.0
        if _is_of_another(action, view, part):
            return -6.0
        return self._rank_change(action, view, part)

    def _rank_change(self, action: Action, view: View, part: Goal) -> float:
        terms: Terms = view.terms
        operation, goal = operation_of(action), terms.whole
        if operation not in goal.operations:
            return -5.0
        if action.request.body in terms.parts[self._part].payloads.get(operation, ()):
            return 20.0
        if operation.endswith(".Reset"):
            return self._rank_reset(action, part)
        if operation == f"action {_ACTION_VERBS.get(part.verb, '-')}":
            return 18.0 if goal.selector in action.source.lower().split("/") else 3.0
        if operation.startswith("delete ") and part.verb == "delete":
            return self._rank_deletion(action, view, goal)
        return -4.0

    def _rank_reset(self, action: Action, part: Goal) -> float:
        wanted = _RESETS.get(part.verb, ())
        if part.family in _STAGED:
            wanted = _RESETS["restart"] if self._staged else ()
        values = [str(value) for _, value in action.arguments]
        fits = [wanted.index(value) for value in values if value in wanted]
        right_kind = action.relation.startswith("Manager") == (part.family == "manager")
        return _MEANT + 4.0 - fits[0] if fits and right_kind else -5.0

    @staticmethod
    def _rank_deletion(action: Action, view: View, goal: GoalWords) -> float:
        """Delete only what the goal names, by its id or by a value that it shows."""
        last = action.request.uri.rpartition("/")[2].lower()
        shown = {str(value).lower() for value in view.documents.get(action.source, {}).values() if value}
        return 18.0 if last == goal.selector or (shown | {last}) & goal.literals else -1.0

    def _rank_read(self, action: Action, view: View, part: Goal) -> float:
        goal: GoalWords = view.terms.whole
        if action.request.uri in self._read:
            return 0.1
        last = action.request.uri.rpartition("/")[2]
        mine = {*words(last), *words(action.relation)}
        route = _ROUTES.get(part.family, ())
        score = sum(1.0 + 0.2 * route.index(word) for word in mine if word in route)
        score += 2.0 * (last.lower() == goal.selector) + 1.0 * (last.lower() in goal.around)
        score += 2.0 * (last.lower() in goal.literals)
        score += 0.5 * (action.source == view.current)
        return score / (1.0 + 0.3 * len(mine - set(route)))


def _is_of_another(action: Action, view: View, part: Goal) -> bool:
    """Tell whether an action changes an account that is not the goal's; a free slot is anyone's who creates one."""
    if "user" not in part.arguments:
        return False
    name = view.documents.get(action.source, {}).get("UserName")
    if not isinstance(name, str) or name == part.arguments["user"]:
        return False
    return bool(name) or part.verb != "create"
