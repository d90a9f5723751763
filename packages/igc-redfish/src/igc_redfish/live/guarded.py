"""A backend behind guard rails: the only way to a real host."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import orjson

from igc_core.errors import BackendError
from igc_core.redaction import mask
from igc_redfish.identity import identity_of
from igc_redfish.live.errors import InDoubtError, LiveError, NotReadyError
from igc_redfish.live.intent import Intent
from igc_redfish.live.journal import described
from igc_redfish.live.reading import resource
from igc_redfish.live.risk import risk_of
from igc_redfish.live.twin import differences
from igc_redfish.process.lexicon import in_transition

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from igc_core.protocols import Backend
    from igc_core.rest import JsonObject, Request, Response
    from igc_redfish.live.guards import Guard
    from igc_redfish.live.twin import Change, Twin

logger = logging.getLogger(__name__)

_PRECONDITION_FAILED = 412
#: A resource in transition is looked at this often, with pauses of so many seconds.
_SETTLING_POLLS, _POLL_S = 60, 5.0


@dataclass(frozen=True, slots=True)
class Sent:
    """A change that left for the host.

    Attributes:
        method: Its method.
        uri: Its URI, secrets masked.
        status: Status of the answer, 0 where nobody knows what became of it.
    """

    method: str
    uri: str
    status: int


class Log(Protocol):
    """Where a guarded backend writes what it does; see :class:`igc_redfish.live.journal.Journal`."""

    def write(self, event: str, details: Mapping[str, Any], secrets: frozenset[str] = frozenset()) -> None:
        """Put a line on disk."""
        ...


class GuardedBackend:
    """A backend whose every change passes the guards. Implements ``Backend``.

    Before a change is sent the resource that it is about is read, the guards are asked in their order, and the host's
    identity and the resource are read once more: neither may have moved meanwhile. The journal is on disk before the
    request leaves. Nothing here sends a change twice, but for one that the host refused for the form of its
    ``If-Match``, which it did not carry out.

    Attributes:
        host: Address of the host.
        identity: What the host says of itself.
        sent: Changes that left for the host, in order.
    """

    def __init__(
        self,
        inner: Backend,
        twin: Twin,
        guards: Sequence[Guard],
        journal: Log,
        *,
        host: str,
        user: str = "",
        secrets: frozenset[str] = frozenset(),
    ) -> None:
        """Put guards before a backend.

        Args:
            inner: The host.
            twin: Its twin.
            guards: The guards, in the order in which they are asked.
            journal: Where everything is written down first.
            host: Address of the host.
            user: Whom the requests are sent as.
            secrets: Texts that nothing may show, e.g. the passwords in a goal.

        Raises:
            BackendError: The host cannot be read.
        """
        self.host = host
        self.sent: list[Sent] = []
        self._inner, self._twin, self._guards, self._journal = inner, twin, list(guards), journal
        self._user, self._secrets = user, secrets
        self._doubtful: set[str] = set()
        self.identity = self._identity()

    # -- Backend ---------------------------------------------------------------------------------------------------

    def perform(self, request: Request) -> Response:
        """Send a request: reads as they are, changes through the guards.

        Raises:
            LiveError: A guard stopped it, or nobody knows what became of it.
            BackendError: The host could not be reached.
        """
        return self._change(request) if request.mutates else self._inner.perform(request)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self._inner.wait(seconds)

    def close(self) -> None:
        """Release the host."""
        self._inner.close()

    # -- changes ---------------------------------------------------------------------------------------------------

    def _change(self, request: Request) -> Response:
        intent = self._intent(request)
        if intent.key in self._doubtful:
            raise InDoubtError(
                f"{request.method} {request.uri} was sent before, and nobody knows what became of it",
                code="live-outcome-unknown",
                hint="look at the host before the request is sent again",
            )
        notes = self._approvals(intent)
        self._insist_on_the_same(intent)
        response = self._send(intent, notes)
        if response.status == _PRECONDITION_FAILED and "If-Match" in intent.request.headers:
            response = self._without_condition(intent, notes, response)
        for guard in self._guards:
            guard.learn(intent, response.status)
        return response

    def _intent(self, request: Request) -> Intent:
        deed = self._twin.deed(request)
        before, tag = self._settled(deed.source)
        if before is not None:
            self._twin.see(deed.source, before)
            deed = self._twin.deed(request)
        if tag and request.method in {"PATCH", "DELETE"} and deed.source.rstrip("/") == request.uri.rstrip("/"):
            request = replace(request, headers={**request.headers, "If-Match": tag})
        return Intent(
            host=self.host,
            identity=self.identity,
            request=request,
            operation=deed.operation,
            source=deed.source,
            risk=risk_of(request, deed.operation, user=self._user, before=before),
            before=before,
            prediction=self._twin.predict(request),
            secrets=self._secrets,
        )

    def _approvals(self, intent: Intent) -> list[str]:
        """Ask the guards, and collect what they say."""
        notes: list[str] = []
        for guard in self._guards:
            try:
                note = guard.check(intent)
            except LiveError as error:
                details = {**described(intent), "guard": guard.name, "reason": str(error)}
                self._journal.write("refused", details, self._secrets)
                raise
            notes += [f"{guard.name}: {note}"] if note else []
        return notes

    def _insist_on_the_same(self, intent: Intent) -> None:
        """Read host and resource again: an approval is for what it was given for."""
        now, _ = self._read(intent.source)
        identity = self._identity()
        moved = [change.path for change in differences(intent.source, intent.before, now) if _matters(change)]
        if identity == self.identity and not moved:
            return
        what = f"{intent.source} ({', '.join(moved[:4])})" if identity == self.identity else "the host behind it"
        reason = f"{what} changed while the request waited"
        self._journal.write("refused", {**described(intent), "guard": "unchanged", "reason": reason}, self._secrets)
        raise NotReadyError(
            f"{intent.request.method} {self.host}{intent.request.uri} was not sent: {reason}",
            code="live-changed",
            hint="nothing was sent; start anew from what the host shows now",
        )

    def _send(self, intent: Intent, notes: Sequence[str]) -> Response:
        """Write the request down, send it, and write down what came of it."""
        self._journal.write(
            "intent",
            {**described(intent), "approvals": list(notes), "before": intent.before},
            self._secrets,
        )
        try:
            response = self._inner.perform(intent.request)
        except BaseException as error:
            self._note_failure(intent, error)
            raise
        self._note(intent, response.status)
        outcome = self._outcome(intent, response)
        try:
            outcome |= self._aftermath(intent)
        finally:  # whatever stops the read, the answer is known
            self._journal.write("outcome", outcome, self._secrets)
        return response

    def _note_failure(self, intent: Intent, error: BaseException) -> None:
        """Write down that a request was not sent, or that nobody knows what became of it."""
        unsure = getattr(error, "unsure", not isinstance(error, LiveError))
        if unsure:
            self._doubtful.add(intent.key)
            self._note(intent, 0)
            for guard in self._guards:
                guard.learn(intent, 0)
        event = "unknown" if unsure else "unsent"
        reason = f"{type(error).__name__}: {error}"
        self._journal.write(event, {**described(intent), "reason": reason}, self._secrets)
        if unsure and isinstance(error, BackendError):
            raise InDoubtError(
                f"nobody knows what became of {intent.request.method} {self.host}{intent.request.uri}: {error.message}",
                code="live-outcome-unknown",
                hint="read the resource before anything is repeated",
            ) from error

    def _without_condition(self, intent: Intent, notes: Sequence[str], response: Response) -> Response:
        """Send a change again without ``If-Match`` where the host refuses the very tag that it gave.

        A refusal with 412 carried nothing out (RFC 9110, section 15.5.13). Where the resource still bears the tag, the
        host compares weak tags strongly, or not at all.
        """
        now, tag = self._read(intent.source)
        if now != intent.before or tag != intent.request.headers["If-Match"]:
            return response
        headers = {name: value for name, value in intent.request.headers.items() if name != "If-Match"}
        bare = replace(intent, request=replace(intent.request, headers=headers))
        return self._send(bare, [*notes, "without If-Match: the host refuses its own tag"])

    def _outcome(self, intent: Intent, response: Response) -> dict[str, Any]:
        content = orjson.dumps(response.body, option=orjson.OPT_SORT_KEYS, default=str)
        return {
            "key": intent.key,
            "host": self.host,
            "method": intent.request.method,
            "uri": intent.request.uri,
            "status": response.status,
            "answer_sha256": hashlib.sha256(content).hexdigest(),
            "answer": response.body if not response.ok else None,
        }

    def _aftermath(self, intent: Intent) -> dict[str, Any]:
        """Read again what a change was about, and tell what is other than before."""
        try:
            after, _ = self._read(intent.source)
        except (BackendError, LiveError) as error:
            return {"after": None, "after_problem": str(error)}
        changes = differences(intent.source, intent.before, after)
        return {"after": [{"path": item.path, "old": item.old, "new": item.new} for item in changes]}

    def _note(self, intent: Intent, status: int) -> None:
        self.sent.append(Sent(intent.request.method, str(mask(intent.request.uri, self._secrets)), status))

    # -- reads -----------------------------------------------------------------------------------------------------

    def _settled(self, uri: str) -> tuple[JsonObject | None, str]:
        """Read a resource once it is in no transition: nothing is sent into the middle of one."""
        for _ in range(_SETTLING_POLLS):
            body, tag = self._read(uri)
            if body is None or not in_transition(body):
                return body, tag
            self._inner.wait(_POLL_S)
        raise NotReadyError(
            f"{self.host}{uri} is in transition and does not settle",
            code="live-busy",
            hint="look at the host, and try again once it has settled",
        )

    def _read(self, uri: str) -> tuple[JsonObject | None, str]:
        return resource(self._inner, uri)

    def _identity(self) -> str:
        return identity_of(lambda uri: self._read(uri)[0])


#: Values that move by themselves.
_RESTLESS = ("Time", "Reading", "Uptime", "UpTime", "etag")


def _matters(change: Change) -> bool:
    """Tell whether a value that moved speaks of somebody else's change."""
    name = change.path.rpartition("/")[2]
    return not any(part in name for part in _RESTLESS) and not isinstance(change.new, float)
