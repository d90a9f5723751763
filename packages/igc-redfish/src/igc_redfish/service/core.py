"""A Redfish service, sans I/O: one request in, one response out (DSP0266).

The order of the checks is the protocol's: service up, authentication, OData version, route, method, privilege, media
type and JSON, precondition, meaning. An answer of 400 or above leaves the world as it was.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from igc_core.rest import Response
from igc_redfish.facts import facts
from igc_redfish.service.access import Gate
from igc_redfish.service.allowance import Allowance
from igc_redfish.service.calls import Call, collection_of, missing, payload_in
from igc_redfish.service.changing import Changing
from igc_redfish.service.documents import ROOT, read_document
from igc_redfish.service.etag import matches
from igc_redfish.service.logins import LoginRules, PolicyRules
from igc_redfish.service.messages import BARE_HEADERS, JSON_HEADERS, Denial, error_body, refused
from igc_redfish.service.offers import Offers
from igc_redfish.service.outage import DOWN_UNTIL, paced, unavailable
from igc_redfish.service.query import apply_query, parse_query
from igc_redfish.service.reading import Reading
from igc_redfish.service.refusal import Complaint, Refusal
from igc_redfish.service.rulebook import RuleBook
from igc_redfish.service.serving import IN_PROCESS, Serving
from igc_redfish.service.sight import subject_at
from igc_redfish.service.tasks import TaskRules, cancel_task, is_task, read_monitor
from igc_redfish.service.transaction import Transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from igc_core.rest import JsonObject, Request
    from igc_redfish.machine import Machine
    from igc_redfish.service.offers import Offer
    from igc_redfish.service.rules import RuleSource
    from igc_redfish.service.sight import Subject
    from igc_redfish.service.world import Timer, World

logger = logging.getLogger(__name__)


class Service:
    """How the machines of one tree behave; shared by all their worlds, as it holds no state of theirs.

    Attributes:
        machine: The tree.
        rules: What handlers answer.
    """

    def __init__(
        self,
        machine: Machine,
        handlers: Sequence[RuleSource] = (),
        *,
        authenticate: bool = False,
        new_token: Callable[[], str] = str,
        serving: Serving = IN_PROCESS,
    ) -> None:
        """Learn how a machine behaves.

        Args:
            machine: The tree.
            handlers: Whoever answers changes.
            authenticate: Whether requests need credentials.
            new_token: Makes the tokens of sessions; the default, which gives none, lets them follow from the world.
            serving: How clients are treated.
        """
        self.machine = machine
        self.rules = RuleBook([*handlers, TaskRules()])
        if authenticate and handlers:
            self.rules.add(PolicyRules())
        if authenticate and not self.rules.of("create", "Session"):
            self.rules.add(LoginRules())
        self._gate = Gate(machine) if authenticate else None
        self._offers = Offers(machine)
        self._allowance = Allowance(machine, self.rules)
        self._serving = serving
        self._reading = Reading(machine, self._allowance, serving.features)
        self._changing = Changing(self.rules, self._reading, new_token)
        self._methods: Mapping[str, Callable[[World, Call], Response]] = {
            "GET": self._get,
            "HEAD": self._head,
            "OPTIONS": self._options,
            "PATCH": self._patch,
            "POST": self._post,
            "DELETE": self._delete,
            "PUT": self._put,
        }

    # -- requests --------------------------------------------------------------------------------------------------

    def handle(self, world: World, request: Request) -> Response:
        """Answer one request; a rule that breaks gives 500 and a logged traceback, never an exception."""
        answer = self._handled(world, request)
        return answer if world.clock_factor == 1 else paced(answer, world.clock_factor)

    def _handled(self, world: World, request: Request) -> Response:
        if DOWN_UNTIL in world.memory and (outage := unavailable(world, self._serving.notice_s)) is not None:
            return outage
        if request.method == "GET" and self._gate is None and not (request.headers or self._serving.page_size):
            known = self._reading.still(world, request.uri)
            if known is not None:
                return known
        try:
            return self._answer(world, request)
        except Refusal as refusal:
            return refused(self._told(world, request, refusal))
        except Exception:
            logger.exception("a rule failed at %s %s", request.method, request.uri)
            return Response(500, error_body([Complaint("InternalError")]), JSON_HEADERS)

    def allowed(self, world: World, uri: str) -> tuple[str, ...]:
        """List the methods that a URI serves: a resource's, or POST for an action that some rule answers."""
        found = world.resolve(uri)
        if found is not None:
            methods = self._allowance.of(world, subject_at(world, found))
            return methods if not is_task(world, found) or "DELETE" in methods else (*methods, "DELETE")
        offer = self._offers.find(world, uri)
        return ("POST",) if offer is not None and self.rules.of("action", offer.name) else ()

    def sources(self, uri: str, body: JsonObject | None) -> frozenset[str] | None:
        """Name the resources that a read of one tells of; see :meth:`Reading.sources`."""
        return self._reading.sources(uri, body)

    # -- time and effects ------------------------------------------------------------------------------------------

    def advance(self, world: World, seconds: float) -> None:
        """Let virtual time pass; what falls due happens in order, each effect in a transaction of its own.

        Raises:
            ValueError: The time is negative or no number.
        """
        if not (math.isfinite(seconds) and seconds >= 0):
            problem = f"time cannot pass by {seconds} seconds"
            raise ValueError(problem)
        end = world.clock_s + seconds
        while world.timers and world.timers[0].due_s <= end:
            timer, *rest = world.timers
            world.timers = tuple(rest)
            world.clock_s = max(world.clock_s, timer.due_s)
            self._happen(world, timer)
        world.clock_s = end

    def _happen(self, world: World, timer: Timer) -> None:
        """Carry out what falls due; like a request, it either happens whole or not at all."""
        try:
            self.apply(world, lambda transaction: transaction.emit(timer.effect, timer.uri, timer.payload))
        except Refusal as refusal:
            logger.debug("%s on %s did not happen: %s", timer.effect, timer.uri, refusal)
        except Exception:
            logger.exception("a rule failed at %s on %s", timer.effect, timer.uri)

    def apply(self, world: World, callback: Callable[[Transaction], None]) -> None:
        """Change a world outside of any request; a refusal or an error leaves it as it was."""
        transaction = self._begin(world)
        callback(transaction)
        transaction.commit()

    def _begin(self, world: World) -> Transaction:
        return Transaction(world, self._emit)

    def _emit(self, transaction: Transaction, event: str, uri: str, payload: dict[str, Any]) -> None:
        for rule in self.rules.of("event", event):
            rule(transaction, uri, payload)

    # -- pipeline --------------------------------------------------------------------------------------------------

    def _answer(self, world: World, request: Request) -> Response:
        given = request.headers
        headers = given if "".join(given).islower() else {name.lower(): value for name, value in given.items()}
        path, _, query = request.uri.partition("?")
        user = None if self._gate is None else self._gate.user(world, request.method, path, headers)
        if headers.get("odata-version", "4.0") != "4.0":
            raise Refusal("HeaderInvalid", f"OData-Version: {headers['odata-version']}", status=412)
        method = self._methods.get(request.method)
        if method is None:
            raise Refusal("OperationNotAllowed", status=501)
        return method(world, Call(request, path, query, headers, user))

    def _get(self, world: World, call: Call) -> Response:
        uri = world.resolve(call.request.uri) or (world.resolve(call.path) if call.query else None)
        if uri is None or call.path.startswith(f"{ROOT}/$"):
            return self._read_elsewhere(world, call)
        self._permit(world, call, uri)
        answer = self._reading.answer(world, uri)
        etag = answer.headers.get("ETag", "")
        if "if-none-match" in call.headers and matches(call.headers["if-none-match"], etag):
            return Response(304, None, {**BARE_HEADERS, "ETag": etag})
        size = self._serving.page_size
        if not (call.query or size) or "?" in uri or not isinstance(answer.body, Mapping):
            return answer
        shaped = apply_query(parse_query(call.query), uri, answer.body, partial(self._view, world), page_size=size)
        return answer if shaped is answer.body else Response(answer.status, shaped, answer.headers)

    def _head(self, world: World, call: Call) -> Response:
        answer = self._get(world, call)
        return Response(answer.status, None, answer.headers)

    def _options(self, world: World, call: Call) -> Response:
        allowed = self.allowed(world, call.path)
        if not allowed:
            raise missing(call.path)
        return Response(204, None, {**BARE_HEADERS, "Allow": ", ".join(allowed)})

    def _patch(self, world: World, call: Call) -> Response:
        subject = self._changeable(world, call)
        payload = payload_in(call)
        self._reading.demand_match(world, subject, call.headers, required=self.machine.profile.require_if_match)
        return self._changing.patch(self._begin(world), subject, payload)

    def _post(self, world: World, call: Call) -> Response:
        uri = world.resolve(call.path)
        if uri is None:
            offer = self._offers.find(world, call.path)
            if offer is not None:
                return self._act(world, call, offer)
            uri = collection_of(world, call.path)
        collection = subject_at(world, uri)
        if not self._allowance.serves(world, collection, "POST"):
            raise self._not_allowed(world, uri, call.request.method)
        kind = facts().member_type(collection.kind)
        if kind != "Session":
            self._permit(world, call, uri)
        payload = payload_in(call)
        if kind == "Session" and self._gate is not None:
            self._gate.demand_login(world, payload)
            answer = self._changing.create(self._begin(world), collection, payload)
            return self._gate.welcome(world, str(payload["UserName"]), answer)
        return self._changing.create(self._begin(world), collection, payload)

    def _act(self, world: World, call: Call, offer: Offer) -> Response:
        if not self.rules.of("action", offer.name):
            raise Denial("ActionNotSupported", offer.name, status=405, headers={"Allow": ""})
        self._permit(world, call, offer.uri)
        payload = {} if call.request.body is None else payload_in(call)
        return self._changing.act(self._begin(world), offer, payload)

    def _delete(self, world: World, call: Call) -> Response:
        uri = world.resolve(call.path) or call.path
        transaction = self._begin(world)
        if (answer := cancel_task(transaction, uri)) is not None:
            self._permit(world, call, uri)
            transaction.commit()
            return answer
        subject = self._changeable(world, call)
        self._reading.demand_match(world, subject, call.headers)
        return self._changing.delete(self._begin(world), subject)

    def _put(self, world: World, call: Call) -> Response:
        raise self._not_allowed(world, self._present(world, call), call.request.method)

    def _read_elsewhere(self, world: World, call: Call) -> Response:
        """Answer a read of a URI that is no resource: a monitor, a document of the protocol, or nothing."""
        once = self._serving.once and call.request.method == "GET"
        found = read_document(world, call.path) or read_monitor(world, call.path, once=once)
        if found is not None:
            return found
        raise self._absent(world, call)

    def _changeable(self, world: World, call: Call) -> Subject:
        """Find the resource of a change that is allowed."""
        subject = subject_at(world, self._present(world, call))
        if not self._allowance.serves(world, subject, call.request.method):
            raise self._not_allowed(world, subject.uri, call.request.method)
        self._permit(world, call, subject.uri)
        return subject

    def _permit(self, world: World, call: Call, uri: str) -> None:
        if self._gate is not None and call.user is not None:
            self._gate.demand(world, call.user, call.request.method, uri, call.request.body)

    def _present(self, world: World, call: Call) -> str:
        if (found := world.resolve(call.path)) is None:
            raise self._absent(world, call)
        return found

    def _absent(self, world: World, call: Call) -> Refusal:
        """Refuse a URI that is no resource: 405 at an action, else 404."""
        if self._offers.find(world, call.path) is None:
            return missing(call.path)
        return self._not_allowed(world, call.path, call.request.method)

    def _not_allowed(self, world: World, uri: str, method: str) -> Denial:
        """Refuse a method and tell which others there are (RFC 9110, section 15.5.6)."""
        others = (name for name in self.allowed(world, uri) if name != method)
        return Denial("OperationNotAllowed", status=405, headers={"Allow": ", ".join(others)})

    def _told(self, world: World, request: Request, refusal: Refusal) -> Refusal:
        """Complete the refusal of a rule that knows of no other methods."""
        if refusal.status != 405 or isinstance(refusal, Denial):  # noqa: PLR2004 - RFC 9110: method not allowed
            return refusal
        return self._not_allowed(world, request.uri, request.method)

    def _view(self, world: World, link: str) -> JsonObject | None:
        uri = world.resolve(link)
        body = world.get(uri) if uri is not None else None
        return None if uri is None or body is None else self._reading.view(world, uri, body)
