"""Which methods a URI serves: what ``Allow`` says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from igc_redfish.bodies import type_name
from igc_redfish.facts import facts
from igc_redfish.service.settings import settings_of
from igc_redfish.service.validation import shows_writable, staged_elsewhere, witness

if TYPE_CHECKING:
    from igc_core.rest import JsonObject
    from igc_redfish.machine import Machine
    from igc_redfish.service.rulebook import RuleBook
    from igc_redfish.service.sight import Sight

#: What a service refuses whose accounts are fixed slots, though its schemas allow it.
_UNSLOTTED: Final = frozenset({("POST", "ManagerAccountCollection"), ("DELETE", "ManagerAccount")})


class _Found(NamedTuple):
    """The methods of a resource.

    Attributes:
        body: What they were found of.
        methods: The methods.
        witness: A property that a PATCH may set, whatever else the resource shows; or ``""``.
    """

    body: JsonObject
    methods: tuple[str, ...]
    witness: str

    def holds_of(self, body: JsonObject) -> bool:
        """Tell whether a body has the same methods for sure."""
        if body is self.body:
            return True
        same = body.get("@odata.type") == self.body.get("@odata.type")
        return same and self.witness in body and "@Redfish.Settings" not in body


class Allowance:
    """Tells methods from rules, schemas and what the captured host recorded."""

    def __init__(self, machine: Machine, rules: RuleBook) -> None:
        self._machine = machine
        self._rules = rules
        #: What was last found of each resource, and of which body.
        self._found: dict[str, _Found] = {}

    def of(self, sight: Sight, uri: str) -> tuple[str, ...]:
        """List the methods of a present resource; what was recorded on the host wins."""
        recorded = self._machine.methods(uri)
        if recorded is not None:
            return recorded
        body = sight.get(uri) or {}
        found = self._found.get(uri)
        if found is not None and found.holds_of(body):
            return found.methods
        methods = self._derived(sight, uri, body)
        if "@Redfish.Settings" not in body:  # else it depends on another resource
            self._found[uri] = _Found(body, methods, witness(type_name(body), body))
        return methods

    def serves(self, sight: Sight, uri: str, method: str) -> bool:
        """Tell whether a change is both allowed and answered by some rule."""
        if method not in self.of(sight, uri):
            return False
        kind = type_name(sight.get(uri) or {})
        if self._machine.profile.account_slots and (method, kind) in _UNSLOTTED:
            return False
        if method == "POST":
            return bool(self._rules.of("create", facts().member_type(kind)))
        return bool(self._rules.of("patch" if method == "PATCH" else "delete", kind))

    def _derived(self, sight: Sight, uri: str, body: JsonObject) -> tuple[str, ...]:
        kind = type_name(body)
        methods = ["GET", "HEAD"]
        if self._rules.of("create", facts().member_type(kind)):
            methods.append("POST")
        if self._rules.of("patch", kind) and self._patchable(sight, uri, kind, body):
            methods.append("PATCH")
        if self._rules.of("delete", kind):
            methods.append("DELETE")
        return tuple(methods)

    def _patchable(self, sight: Sight, uri: str, kind: str, body: JsonObject) -> bool:
        settings = settings_of(sight, uri, body)
        staged = staged_elsewhere(kind, body, sight.get(settings) or {}) if settings is not None else frozenset[str]()
        return shows_writable(kind, body, without=staged)
