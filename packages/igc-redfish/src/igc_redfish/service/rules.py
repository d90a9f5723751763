"""How goal handlers give a machine state: methods marked as the answer to an operation."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, TypeVar

if TYPE_CHECKING:
    from igc_core.rest import Response
    from igc_redfish.service.transaction import Transaction

#: ``callback(transaction, uri, payload)``. It may change the payload of a PATCH (what is left is merged by the
#: service), raise Refusal, and return a Response of its own or None for the default one.
Callback: TypeAlias = "Callable[[Transaction, str, dict[str, Any]], Response | None]"
Kind = Literal["action", "patch", "create", "delete", "event"]

_Method = TypeVar("_Method", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Rule:
    """One operation and who answers it.

    Attributes:
        kind: ``action``: POST to an action; ``patch`` and ``delete``: of a resource; ``create``: POST to a
            collection; ``event``: something happened, or a delayed effect is due.
        key: Name of the action (``"ComputerSystem.Reset"``), type of the resource (``"Chassis"``), type of the
            new member (``"ManagerAccount"``), or name of the event.
        callback: The answer.
    """

    kind: Kind
    key: str
    callback: Callback


class RuleSource(Protocol):
    """Whatever has rules; every Redfish goal handler does."""

    def rules(self) -> Iterable[Rule]:
        """Yield the operations that the handler answers."""
        ...


def on_action(*names: str) -> Callable[[_Method], _Method]:
    """Answer a POST to an action, e.g. ``"ComputerSystem.Reset"``; the uri is the resource that bears it."""
    return _mark("action", names)


def on_patch(*types: str) -> Callable[[_Method], _Method]:
    """See a PATCH of a resource of these types, after its payload was validated and before it is merged."""
    return _mark("patch", types)


def on_create(*types: str) -> Callable[[_Method], _Method]:
    """Answer a POST to a collection of such members; the uri is the collection's."""
    return _mark("create", types)


def on_delete(*types: str) -> Callable[[_Method], _Method]:
    """See a DELETE of a resource of these types before it is removed."""
    return _mark("delete", types)


def on_event(*names: str) -> Callable[[_Method], _Method]:
    """Be told of an event (``Transaction.emit``) or a delayed effect (``Transaction.later``)."""
    return _mark("event", names)


def marked_rules(owner: object) -> list[Rule]:
    """List the rules of an object, in the order of its class's attributes."""
    found: list[Rule] = []
    for cls in reversed(type(owner).__mro__):
        for name, attribute in vars(cls).items():
            for kind, key in getattr(attribute, "_igc_rules", ()):
                found.append(Rule(kind, key, getattr(owner, name)))
    return found


def _mark(kind: Kind, keys: tuple[str, ...]) -> Callable[[_Method], _Method]:
    def decorate(method: _Method) -> _Method:
        marks = getattr(method, "_igc_rules", ())
        method._igc_rules = (*marks, *((kind, key) for key in keys))  # type: ignore[attr-defined]  # noqa: SLF001
        return method

    return decorate
