"""Which methods a URI serves: what ``Allow`` says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from igc_redfish.facts import facts
from igc_redfish.service.settings import settings_of
from igc_redfish.service.validation import shows_writable, staged_elsewhere, witness

if TYPE_CHECKING:
    from igc_core.rest import JsonObject
    from igc_redfish.machine import Machine
    from igc_redfish.service.rulebook import RuleBook
    from igc_redfish.service.sight import Sight, Subject

#: What a service refuses whose accounts are fixed slots, though its schemas allow it.
_UNSLOTTED: Final = frozenset({("POST", "ManagerAccountCollection"), ("DELETE", "ManagerAccount")})
_CHANGES: Final = ("POST", "PATCH", "DELETE")
#: Most resources whose methods are remembered.
_REMEMBERED: Final = 8192


class _Found(NamedTuple):
    """The methods of a resource.

    Attributes:
        body: What they were found of.
        methods: The methods.
        served: Those of the changes among them that some rule answers.
        witness: A property that a PATCH may set, whatever else the resource shows; or ``""``.
        recorded: Whether the captured host told its methods, which then hold of any body of the type.
    """

    body: JsonObject
    methods: tuple[str, ...]
    served: frozenset[str]
    witness: str
    recorded: bool

    def holds_of(self, body: JsonObject) -> bool:
        """Tell whether a body has the same methods for sure."""
        if body is self.body:
            return True
        if body.get("@odata.type") != self.body.get("@odata.type"):
            return False
        return self.recorded or (self.witness in body and "@Redfish.Settings" not in body)


class Allowance:
    """Tells methods from rules, schemas and what the captured host recorded."""

    def __init__(self, machine: Machine, rules: RuleBook) -> None:
        self._machine = machine
        self._rules = rules
        #: What was last found of each resource, and of which body.
        self._found: dict[str, _Found] = {}

    def of(self, sight: Sight, subject: Subject) -> tuple[str, ...]:
        """List the methods of a present resource; what was recorded on the host wins."""
        return self._find(sight, subject).methods

    def serves(self, sight: Sight, subject: Subject, method: str) -> bool:
        """Tell whether a change is both allowed and answered by some rule."""
        return method in self._find(sight, subject).served

    def _find(self, sight: Sight, subject: Subject) -> _Found:
        """Find the methods of a resource, unless they are known to be what they were."""
        uri, body, kind = subject
        found = self._found.get(uri)
        if found is not None and found.holds_of(body):
            return found
        recorded = self._machine.methods(uri)
        methods = recorded if recorded is not None else self._derived(sight, subject)
        served = frozenset(method for method in _CHANGES if method in methods and self._is_served(kind, method))
        found = _Found(body, methods, served, witness(kind, body), recorded is not None)
        if found.recorded or "@Redfish.Settings" not in body:  # else it depends on another resource
            if len(self._found) >= _REMEMBERED:
                self._found.clear()
            self._found[uri] = found
        return found

    def _is_served(self, kind: str, method: str) -> bool:
        """Tell whether some rule answers a change."""
        if self._machine.profile.account_slots and (method, kind) in _UNSLOTTED:
            return False
        if method == "POST":
            return bool(self._rules.of("create", facts().member_type(kind)))
        return bool(self._rules.of("patch" if method == "PATCH" else "delete", kind))

    def _derived(self, sight: Sight, subject: Subject) -> tuple[str, ...]:
        kind = subject.kind
        methods = ["GET", "HEAD"]
        if self._rules.of("create", facts().member_type(kind)):
            methods.append("POST")
        if self._rules.of("patch", kind) and self._patchable(sight, subject):
            methods.append("PATCH")
        if self._rules.of("delete", kind):
            methods.append("DELETE")
        return tuple(methods)

    def _patchable(self, sight: Sight, subject: Subject) -> bool:
        uri, body, kind = subject
        settings = settings_of(sight, uri, body)
        staged = staged_elsewhere(kind, body, sight.get(settings) or {}) if settings is not None else frozenset[str]()
        return shows_writable(kind, body, without=staged)
