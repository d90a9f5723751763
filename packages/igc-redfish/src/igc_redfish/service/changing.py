"""PATCH, POST and DELETE: each within one transaction, through the rules of the handlers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from igc_core.rest import Response
from igc_redfish.bodies import type_name
from igc_redfish.facts import facts
from igc_redfish.service.access import issue_token, logged_in
from igc_redfish.service.hiding import without_write_only
from igc_redfish.service.messages import BARE_HEADERS, extended
from igc_redfish.service.offers import demand_parameters
from igc_redfish.service.refusal import Complaint, Refusal
from igc_redfish.service.settings import active_of, demand_apply_time
from igc_redfish.service.sight import Subject, subject_at
from igc_redfish.service.validation import check_create, check_patch
from igc_redfish.service.world import digest_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from igc_core.rest import JsonObject
    from igc_redfish.service.offers import Offer
    from igc_redfish.service.reading import Reading
    from igc_redfish.service.rulebook import RuleBook
    from igc_redfish.service.rules import Callback
    from igc_redfish.service.transaction import Transaction
    from igc_redfish.service.world import World


@dataclass(frozen=True, slots=True)
class Changing:
    """Answers requests that change resources; the caller has checked that they are allowed.

    Attributes:
        rules: What handlers answer.
        reading: What shows a changed resource.
        new_token: Makes the token of a new session, or gives ``""`` for one that follows from the world's state.
    """

    rules: RuleBook
    reading: Reading
    new_token: Callable[[], str] = str

    def patch(self, transaction: Transaction, subject: Subject, payload: dict[str, Any]) -> Response:
        """Change a resource as far as the payload fits."""
        world, uri, kind = transaction.world, subject.uri, subject.kind
        demand_apply_time(world, subject, payload)
        checked = check_patch(kind, _shape(world, subject), payload)
        if not checked.changes:
            complaints = checked.complaints or [Complaint("NoOperation" if payload else "EmptyJSON")]
            raise Refusal(complaints[0].key, complaints=complaints)
        change = checked.good
        own = _answered(transaction, uri, change, self.rules.of("patch", kind))
        if transaction.get(uri) is not None:
            _merge(transaction, uri, kind, change)
        return _settled(transaction, own) or self._patched(world, uri, checked.complaints)

    def create(self, transaction: Transaction, collection: Subject, payload: dict[str, Any]) -> Response:
        """Add a member to a collection."""
        world, uri = transaction.world, collection.uri
        kind = facts().member_type(collection.kind)
        complaints = check_create(kind, payload)
        if complaints:
            raise Refusal(complaints[0].key, complaints=complaints)
        own = self.rules.of("create", kind)[0](transaction, uri, payload)
        for new in transaction.created:
            _hide(transaction, new)
        made = transaction.created[-1] if transaction.created else None
        opened = made is not None and type_name(transaction.get(made) or {}) == "Session"
        token = issue_token(transaction, made, self.new_token()) if opened and made is not None else ""
        answer = _settled(transaction, own) or self._created(world, made)
        return logged_in(answer, token) if token and "X-Auth-Token" not in answer.headers else answer

    def act(self, transaction: Transaction, offer: Offer, payload: dict[str, Any]) -> Response:
        """Carry out an action."""
        demand_parameters(transaction.world, offer, payload)
        own = self.rules.of("action", offer.name)[0](transaction, offer.uri, payload)
        return _settled(transaction, own) or Response(204, None, BARE_HEADERS)

    def delete(self, transaction: Transaction, subject: Subject) -> Response:
        """Remove a resource."""
        uri = subject.uri
        own = _answered(transaction, uri, {}, self.rules.of("delete", subject.kind))
        if own is None and transaction.get(uri) is not None:
            transaction.delete(uri)
        return _settled(transaction, own) or Response(204, None, BARE_HEADERS)

    def _patched(self, world: World, uri: str, complaints: Sequence[Complaint]) -> Response:
        body = world.get(uri)
        if body is None:
            return Response(204, None, BARE_HEADERS)
        patched = Subject(uri, body, type_name(body))
        headers = self.reading.headers(world, patched)
        if not complaints and not world.machine.profile.patch_returns_body:
            return Response(204, None, {**BARE_HEADERS, "ETag": headers["ETag"]})
        shown = self.reading.view(world, uri, body)
        if complaints:
            shown = {**shown, "@Message.ExtendedInfo": [extended(complaint) for complaint in complaints]}
        return Response(200, shown, headers)

    def _created(self, world: World, uri: str | None) -> Response:
        if uri is None:
            return Response(204, None, BARE_HEADERS)
        made = subject_at(world, uri)
        headers = {**self.reading.headers(world, made), "Location": uri}
        return Response(201, self.reading.view(world, uri, made.body), headers)


def _shape(world: World, subject: Subject) -> JsonObject:
    """Show what a PATCH may name: a settings object may be given all that the resource in force has."""
    active = active_of(world, subject)
    return subject.body if active is None else {**active, **subject.body}


def _answered(
    transaction: Transaction, uri: str, payload: dict[str, Any], rules: Iterable[Callback]
) -> Response | None:
    """Let every rule see a change; the first answer that one gives counts."""
    first = None
    for rule in rules:
        own = rule(transaction, uri, payload)
        first = own if first is None else first
    return first


def _settled(transaction: Transaction, own: Response | None) -> Response | None:
    """Commit, unless a rule's own answer is an error."""
    if own is None or own.status < 400:  # noqa: PLR2004 - RFC 9110: errors begin at 400
        transaction.commit()
    return own


def _merge(transaction: Transaction, uri: str, kind: str, change: Mapping[str, Any]) -> None:
    """Merge what the rules left of a payload; values that no answer shows leave a trace in the ETag only."""
    stated = {key: value for key, value in change.items() if "@" not in key}
    visible = without_write_only(kind, stated)
    if visible:
        transaction.merge(uri, visible)
    if visible is not stated and visible != stated:
        transaction.touch(uri, digest_of(stated))


def _hide(transaction: Transaction, uri: str) -> None:
    """Take out of a new resource what its rules copied from the request although no answer shows it."""
    body = transaction.get(uri) or {}
    visible = without_write_only(type_name(body), body)
    if visible is not body and visible != body:
        transaction.put(uri, visible)
