"""The rules of all handlers, by what they answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from igc_redfish.service.rules import Callback, Kind, RuleSource


class RuleBook:
    """Every rule by kind and key, in the order of the handlers."""

    def __init__(self, handlers: Iterable[RuleSource]) -> None:
        self._rules: dict[tuple[Kind, str], list[Callback]] = {}
        for handler in handlers:
            self.add(handler)

    def add(self, handler: RuleSource) -> None:
        """Append a handler's rules."""
        for rule in handler.rules():
            self._rules.setdefault((rule.kind, rule.key), []).append(rule.callback)

    def of(self, kind: Kind, key: str) -> list[Callback]:
        """List the rules for one operation. Of those that answer (action, create) only the first is asked."""
        return self._rules.get((kind, key), [])
