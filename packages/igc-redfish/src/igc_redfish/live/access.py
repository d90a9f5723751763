"""How a host is reached, and opened for a run: its capture, its twin, and the way to it."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from igc_core.errors import DataError
from igc_redfish.capture import open_machine_source
from igc_redfish.client import connect
from igc_redfish.client.credentials import USER_VARIABLE, find_credentials
from igc_redfish.client.origin import Origin
from igc_redfish.client.pace import Patience
from igc_redfish.client.trust import Trust
from igc_redfish.identity import identity_of
from igc_redfish.live.backend import LiveBackend
from igc_redfish.live.reading import resource
from igc_redfish.machine import Machine

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Generator

    from igc_core.protocols import Backend
    from igc_redfish.client import Credentials, Transport
    from igc_redfish.crawl.engine import Engine


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How a host is reached. It holds no password, only where to find one.

    Attributes:
        url: Address of the service.
        user: The user; ``$IGC_REDFISH_USER`` if empty.
        password_variable: Name of the variable that holds the password.
        ca: PEM file of the certificate authorities to trust.
        fingerprint: SHA-256 of the only certificate that is accepted.
        insecure: Accept any certificate.
        plain: Allow http over a network.
        rate: Requests a second at most; 0 for no bound.
    """

    url: str
    user: str = ""
    password_variable: str = ""
    ca: Path | None = None
    fingerprint: str = ""
    insecure: bool = False
    plain: bool = False
    rate: float = 0.0

    @property
    def login(self) -> str:
        """Whom requests are sent as, ``""`` for nobody."""
        return self.user or os.environ.get(USER_VARIABLE, "")

    def connect(self, warn: Callable[[str], None] | None = None) -> Transport:
        """Make the client; see :func:`igc_redfish.client.connect`.

        Raises:
            ClientError: The address is none, or the password is nowhere.
            LoadingError: The HTTP library is not installed.
        """
        return connect(
            self.url,
            user=self.user,
            password_variable=self.password_variable,
            ca=self.ca,
            fingerprint=self.fingerprint,
            insecure=self.insecure,
            plain=self.plain,
            rate=self.rate,
            warn=warn,
        )

    def demand_credentials(self) -> None:
        """Make sure that the password can be found without asking anybody.

        Raises:
            ClientError: The address is none, or the password is nowhere.
        """
        origin = Origin.parse(self.url)
        find_credentials(origin, user=self.user, password_variable=self.password_variable, prompt=False)

    def knock(self, credentials: Credentials | None) -> Transport:
        """Make a client with other credentials, which asks once and no more: hosts lock out who knocks too often."""
        from igc_redfish.client.transport import Transport  # noqa: PLC0415 - an extra

        trust = Trust(verify=self.ca or not self.insecure, fingerprint=self.fingerprint, plain=self.plain)
        return Transport(self.url, credentials=credentials, trust=trust, patience=Patience(attempts=1))


@dataclass(frozen=True, slots=True)
class OpenHost:
    """A host that is open for runs.

    Attributes:
        url: Its address, as it is shown.
        user: Whom requests are sent as.
        machine: The host as it was captured.
        backend: The bare host, to be put behind guards.
        secrets: Texts that nothing may show.
    """

    url: str
    user: str
    machine: Machine
    backend: LiveBackend
    secrets: frozenset[str] = field(default=frozenset(), repr=False)


@contextmanager
def opened(
    access: Access,
    *,
    capture: Path | None = None,
    warn: Callable[[str], None] | None = None,
    watch: Callable[[Engine], None] | None = None,
    halt: threading.Event | None = None,
) -> Generator[OpenHost]:
    """Open a host, and close its session in the end, whatever happens.

    Args:
        access: How it is reached.
        capture: Its capture. Where the file is missing, the host is crawled into it; without one, into a temporary
            folder, by one request at a time.
        warn: Told in one line what is given up.
        watch: Called now and then while the host is crawled.
        halt: Once it is set, nothing more is sent.

    Raises:
        ClientError: The host cannot be reached, trusted or believed.
        CaptureError: The capture cannot be read.
        DataError: The capture is of another host.
    """
    transport = access.connect(warn)
    backend = LiveBackend(transport, access.knock, halt=halt)
    try:
        if capture is not None and capture.exists():
            machine = Machine(open_machine_source(str(capture)))
            _insist_on_its_own(machine, backend, capture)
        else:
            machine = _crawled(transport, capture, watch)
        secrets = frozenset(transport.login.secrets if transport.login else ())
        yield OpenHost(str(transport.origin), access.login, machine, backend, secrets)
    finally:
        backend.close()


def _crawled(transport: Transport, capture: Path | None, watch: Callable[[Engine], None] | None) -> Machine:
    from igc_redfish.crawl import CrawlOptions, crawl  # noqa: PLC0415 - only where there is no capture

    options = CrawlOptions(concurrency=1)
    if capture is not None:
        return Machine(crawl(transport, capture, options=options, watch=watch).capture)
    with tempfile.TemporaryDirectory() as folder:
        name = Path(folder) / f"{transport.origin.host.replace(':', '-')}.igc.jsonl.gz"
        return Machine(crawl(transport, name, options=options, watch=watch).capture)


def _insist_on_its_own(machine: Machine, backend: Backend, capture: Path) -> None:
    """Refuse a capture that is of another host: the goal would be bound to the wrong resources."""
    mine, theirs = identity_of(machine.get), identity_of(lambda uri: resource(backend, uri)[0])
    if mine != theirs:
        raise DataError(
            f"the capture {capture} is of another host: {mine or 'it does not say which'}, and this is {theirs}",
            code="data-invalid",
            hint="crawl this host: leave --capture out, or name a new file",
        )
