"""The same goal on many hosts: in parallel, stopped after some failures, and resumed where it was stopped."""

from __future__ import annotations

import logging
import signal
import threading
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

import orjson
from pydantic import Field, ValidationError

from igc_core.errors import DataError, IgcError
from igc_core.files import write_atomically
from igc_core.models import Model
from igc_core.redaction import redact_text
from igc_redfish.client.errors import ClientError
from igc_redfish.client.origin import Origin
from igc_redfish.client.trust import fingerprint_of

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from pathlib import Path
    from types import FrameType

    from igc_redfish.live.inventory import FleetHost

logger = logging.getLogger(__name__)

#: How a host came out.
State = Literal["reached", "not reached", "failed", "stopped", "not begun"]
_MOST_BYTES = 256 << 20
#: Longest time until a Ctrl-C is noticed, in seconds.
_LOOK_S = 0.2


class Change(Model):
    """A change that left for a host; a status of 0 says that nobody knows what became of it."""

    method: str
    uri: str
    status: int


class HostResult(Model):
    """How one host came out.

    Attributes:
        name: Its name in the inventory.
        url: Its address.
        state: How it came out.
        requests: Requests of the agent.
        sent: Changes that left for it.
        problem: Why the goal was not reached, secrets masked.
        fingerprint: SHA-256 of the certificate that the host shows, where it is not trusted.
        seconds: How long it took.
        finished: When it ended.
    """

    name: str
    url: str
    state: State
    requests: int = Field(default=0, ge=0)
    sent: tuple[Change, ...] = ()
    problem: str = ""
    fingerprint: str = ""
    seconds: float = Field(default=0.0, ge=0)
    finished: datetime | None = None


class FleetResult(Model):
    """What a result file holds.

    Attributes:
        format: Tells the file from others.
        version: Version of the format.
        goal: The goal, secrets masked.
        hosts: Results by name.
    """

    format: Literal["igc-fleet"] = "igc-fleet"
    version: Literal[1] = 1
    goal: str
    hosts: dict[str, HostResult] = Field(default_factory=dict)


class ResultFile:
    """A file of results, rewritten after each host, so that a run can be resumed."""

    def __init__(self, path: Path, goal: str) -> None:
        """Open the file, or begin one.

        Args:
            path: The file.
            goal: The goal, secrets masked.

        Raises:
            DataError: The file cannot be read, is none of ours, or is about another goal.
        """
        self.path = path
        self._lock = threading.Lock()
        self._hosts = dict(_read(path, goal).hosts) if path.exists() else {}
        self._goal = goal

    def done(self, name: str) -> bool:
        """Tell whether a host has reached the goal already."""
        return name in self._hosts and self._hosts[name].state == "reached"

    def keep(self, result: HostResult) -> None:
        """Add a host's result, and write the file.

        Raises:
            DataError: The file cannot be written; what was there before is unharmed.
        """
        with self._lock:
            self._hosts[result.name] = result
            held = FleetResult(goal=self._goal, hosts=self._hosts)
            options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
            write_atomically(self.path, orjson.dumps(held.model_dump(mode="json"), option=options))

    @property
    def hosts(self) -> dict[str, HostResult]:
        """Results by name."""
        return dict(self._hosts)


class Fleet:
    """Hosts that are worked on, a few at a time.

    Attributes:
        halt: Once it is set, no host is begun, and those under way send nothing more.
    """

    def __init__(self, hosts: Sequence[FleetHost], *, parallel: int = 4, stop_after: int = 0) -> None:
        """Keep the hosts.

        Args:
            hosts: The hosts.
            parallel: Hosts at a time.
            stop_after: Failures after which no further host is begun; 0 for never.
        """
        self.halt = threading.Event()
        self._hosts, self._parallel, self._stop_after = list(hosts), parallel, stop_after
        self._failures = 0

    @property
    def size(self) -> int:
        """Number of hosts."""
        return len(self._hosts)

    def work(self, job: Callable[[FleetHost], HostResult], done: Callable[[HostResult], None]) -> list[HostResult]:
        """Do a job on every host.

        On Ctrl-C no further host is begun; those under way finish the request that was sent and stop then, so that
        every result tells in what condition its host was left.

        Args:
            job: Works on one host; an :class:`~igc_core.errors.IgcError` is a failure of that host alone.
            done: Told of every result, in this thread.

        Returns:
            The results in the order of the hosts; those that were never begun are among them.

        Raises:
            KeyboardInterrupt: It was stopped from the keyboard; all results were told of before.
        """
        results: dict[str, HostResult] = {}
        waiting = list(self._hosts)
        running: dict[Future[HostResult], FleetHost] = {}
        with (
            _deferred_interrupt(self.halt) as interrupted,
            ThreadPoolExecutor(self._parallel, thread_name_prefix="igc-fleet") as pool,
        ):
            while True:
                while waiting and len(running) < self._parallel and not self._must_stop():
                    host = waiting.pop(0)
                    running[pool.submit(attempted, job, host)] = host
                if not running:
                    break
                for future in wait(running, timeout=_LOOK_S, return_when=FIRST_COMPLETED).done:
                    result = results[running.pop(future).name] = future.result()
                    self._failures += result.state in {"failed", "not reached"}
                    done(result)
            for host in waiting:
                results[host.name] = HostResult(name=host.name, url=host.url, state="not begun")
                done(results[host.name])
        if interrupted.is_set():
            raise KeyboardInterrupt
        return [results[host.name] for host in self._hosts]

    def _must_stop(self) -> bool:
        return self.halt.is_set() or 0 < self._stop_after <= self._failures


@contextmanager
def _deferred_interrupt(halt: threading.Event) -> Generator[threading.Event]:
    """Let the first Ctrl-C set ``halt`` instead of cutting through whatever happens to run; the second one cuts.

    Yields:
        An event that tells whether there was one.
    """
    pressed = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield pressed
        return

    def handle(number: int, frame: FrameType | None) -> None:
        if pressed.is_set():
            signal.default_int_handler(number, frame)
        pressed.set()
        halt.set()

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, before)


def attempted(job: Callable[[FleetHost], HostResult], host: FleetHost) -> HostResult:
    """Work on one host; what goes wrong there is its result, and nobody else's."""
    began = time.monotonic()
    try:
        result = job(host)
    except IgcError as error:
        state: State = "stopped" if error.code == "live-stopped" else "failed"
        problem = redact_text(f"{error.code}: {error}")
        shown = _untrusted(host, error)
        result = HostResult(name=host.name, url=host.url, state=state, problem=problem, fingerprint=shown)
    except Exception as error:
        logger.exception("the run on %s broke", host.name)
        problem = redact_text(f"internal error: {type(error).__name__}: {error}")
        result = HostResult(name=host.name, url=host.url, state="failed", problem=problem)
    return result.model_copy(update={"seconds": time.monotonic() - began, "finished": datetime.now(UTC)})


def _untrusted(host: FleetHost, error: IgcError) -> str:
    """Read the fingerprint of a certificate that is not trusted, so that a person can compare and pin it."""
    try:
        if error.code == "client-untrusted" and (origin := Origin.parse(host.url)).encrypted:
            return fingerprint_of(origin)
    except ClientError as gone:
        logger.info("the certificate of %s cannot be read: %s", host.name, gone)
    return ""


def _read(path: Path, goal: str) -> FleetResult:
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES)
    except OSError as error:
        raise DataError(f"cannot read the results {path}: {error.strerror}", code="data-missing") from error
    try:
        raw: Any = orjson.loads(content)
        held = FleetResult.model_validate(raw)
    except (orjson.JSONDecodeError, ValidationError) as error:
        hint = "name another file"
        raise DataError(f"{path} is no result of a fleet", code="data-invalid", hint=hint) from error
    if held.goal != goal:
        hint = "name another file for this goal"
        raise DataError(f"{path} is about another goal: {held.goal}", code="data-exists", hint=hint)
    return held
