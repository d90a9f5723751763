"""Sessions with a Redfish service (DSP0266, "Session management"), and basic authentication where there are none."""

from __future__ import annotations

import logging
import threading
from base64 import b64encode
from typing import TYPE_CHECKING, Literal, TypeAlias

import orjson

from igc_redfish.bodies import as_object, value_at
from igc_redfish.client.errors import ClientError
from igc_redfish.client.pace import BUSY_STATUSES, retry_after_s
from igc_redfish.client.payload import parsed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from igc_redfish.client.credentials import Credentials
    from igc_redfish.client.origin import Origin
    from igc_redfish.client.wire import Answer

    #: Sends one request without authentication: method, path, headers, content.
    Exchange: TypeAlias = "Callable[[str, str, Mapping[str, str], bytes | None], Answer]"

logger = logging.getLogger(__name__)

#: How to log in: by a session and else by basic authentication, or only by one of them.
Method: TypeAlias = Literal["auto", "session", "basic"]

_ROOT = "/redfish/v1/"
_SESSIONS = "/redfish/v1/SessionService/Sessions"
_JSON = {"Content-Type": "application/json"}
#: Answers of services without sessions; every other refusal is about the credentials.
_NO_SESSIONS = frozenset({404, 405, 409, 501})
_CREATED = frozenset({200, 201, 204})
#: Answers of hosts that cannot tell right now whether the credentials are good.
_BUSY = BUSY_STATUSES | {500}
#: Answers to a wrong password.
_UNWELCOME = frozenset({400, 401, 403})


class Login:
    """Who we are to one host: headers to send, made on first use and renewed when they run out.

    Args:
        credentials: User and password.
        origin: The host, for what is allowed and for messages.
        exchange: Sends one request.
        farewell: Sends the last request, past all others that may be waiting.
        method: How to log in.

    Attributes:
        opened: Paths of all sessions that were opened, the last one last.
    """

    def __init__(
        self,
        credentials: Credentials,
        origin: Origin,
        exchange: Exchange,
        farewell: Exchange,
        method: Method = "auto",
    ) -> None:
        self._credentials = credentials
        self._origin = origin
        self._exchange = exchange
        self._farewell = farewell
        self._method = method
        self._lock = threading.Lock()
        self._headers: Mapping[str, str] | None = None
        self._session = ""
        self._sessions = _SESSIONS
        self.opened: list[str] = []

    @property
    def method(self) -> Literal["session", "basic"] | None:
        """How this login was made, or None before the first request."""
        if self._headers is None:
            return None
        return "basic" if "Authorization" in self._headers else "session"

    @property
    def secrets(self) -> tuple[str, ...]:
        """What nobody else may ever see: the password, and the token of the session."""
        token = (self._headers or {}).get("X-Auth-Token", "")
        return tuple(filter(None, (self._credentials.password.get_secret_value(), token)))

    def headers(self) -> Mapping[str, str]:
        """Return the headers that prove who asks; log in where that was not done yet.

        Raises:
            ClientError: The host refuses the credentials, or cannot be reached.
        """
        with self._lock:
            if self._headers is None:
                self._headers = self._enter()
            return self._headers

    def renew(self, refused: Mapping[str, str]) -> bool:
        """Log in again after headers were refused; tell whether there are others now.

        A session that still lives was refused for want of privileges: then there are none.

        Args:
            refused: The headers that were refused. Where another thread has renewed them already, nothing is sent.

        Raises:
            ClientError: The host refuses the credentials, or cannot be reached.
        """
        with self._lock:
            if self._headers is refused:
                if "Authorization" in refused or self._lives(refused):
                    return False
                self._session = ""
                self._headers = None
                self._headers = self._enter()
            return True

    def leave(self) -> None:
        """Close the session, where there is one; a host that does not let us is told of in the log."""
        with self._lock:
            session, headers, self._session, self._headers = self._session, self._headers, "", None
        if not session or headers is None:
            return
        try:
            status = self._farewell("DELETE", session, headers, None).status
        except ClientError as error:
            logger.warning("the session %s on %s stays open: %s", session, self._origin, error)
            return
        if status >= 400 and status not in {401, 404}:  # noqa: PLR2004 - gone is as good as closed
            logger.warning("the session %s on %s stays open: the host answered %s", session, self._origin, status)

    def _lives(self, headers: Mapping[str, str]) -> bool:
        return bool(self._session) and self._exchange("GET", self._session, headers, None).status in _CREATED

    def _enter(self) -> Mapping[str, str]:
        if self._method == "basic":
            return self._basic()
        answer = self._asked_for_session()
        token = answer.headers.get("X-Auth-Token")
        if answer.status in _CREATED and token:
            self._session = self._session_path(answer)
            self.opened += [self._session] if self._session else []
            return {"X-Auth-Token": token}
        if self._method == "auto" and (answer.status in _NO_SESSIONS or answer.status in _CREATED):
            return self._basic()
        if answer.status in _BUSY:
            raise ClientError(
                f"{self._origin} cannot log anybody in: it answered {answer.status}",
                code="client-unreachable",
                hint="ask again later",
                transient=True,
                retry_after_s=retry_after_s(answer.headers.get("Retry-After")),
                at_login=True,
            )
        raise ClientError(
            f"{self._origin} refused the login of {self._credentials.user} with status {answer.status}",
            code="client-login",
            hint="check user, password and whether the account is locked",
        )

    def _asked_for_session(self) -> Answer:
        """Ask at the usual place, and else where the service root has its sessions.

        A wrong password is not sent again for another spelling of the same place: hosts lock out who knocks too often.
        """
        answer = self._post(self._sessions)
        if answer.status in _CREATED or answer.status in _BUSY:
            return answer
        stated = self._stated_sessions()
        same = stated.rstrip("/") == self._sessions.rstrip("/")
        if stated == self._sessions or (same and answer.status in _UNWELCOME):
            return answer
        self._sessions = stated
        return self._post(stated)

    def _post(self, path: str) -> Answer:
        secret = self._credentials.password.get_secret_value()
        return self._exchange(
            "POST", path, _JSON, orjson.dumps({"UserName": self._credentials.user, "Password": secret})
        )

    def _stated_sessions(self) -> str:
        """Find where sessions are created if not at the usual place: the service root may be read by anybody."""
        answer = self._exchange("GET", _ROOT, {}, None)
        try:
            root = as_object(parsed(answer.content, _ROOT)) if answer.content else {}
            # As it is spelt: services that ask for a trailing slash redirect what lacks it, and no POST is redirected.
            return self._origin.local(str(value_at(root, "Links/Sessions/@odata.id", _SESSIONS)))
        except ClientError:
            return _SESSIONS

    def _session_path(self, answer: Answer) -> str:
        """Return the path of the new session; some services state it only in the body."""
        for link in (answer.headers.get("Location", ""), _identity_of(answer)):
            # iLO names itself by a name of its own in Location: the path is what counts, the token goes nowhere else.
            path = "/" + link.partition("://")[2].partition("/")[2] if "://" in link else link
            if path.startswith("/redfish/"):
                return path
        logger.warning("%s does not say where its session is: it stays open until it times out", self._origin)
        return ""

    def _basic(self) -> Mapping[str, str]:
        if not (self._origin.encrypted or self._origin.loopback):
            raise ClientError(
                f"{self._origin} has no sessions, and basic authentication is not sent unencrypted",
                code="client-insecure",
                hint="use https://",
            )
        pair = f"{self._credentials.user}:{self._credentials.password.get_secret_value()}"
        return {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}


def _identity_of(answer: Answer) -> str:
    """Return the URI that a new resource states in its body; a body that cannot be read states none."""
    try:
        return str(as_object(parsed(answer.content, _SESSIONS)).get("@odata.id", "")) if answer.content else ""
    except ClientError:
        return ""
