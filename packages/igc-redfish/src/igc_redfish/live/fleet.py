"""The same goal on many hosts: in parallel, stopped after some failures, and resumed where it was stopped."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

import orjson
from pydantic import Field, ValidationError

from igc_core.errors import DataError, IgcError
from igc_core.files import write_atomically
from igc_core.interruption import interruptible
from igc_core.models import Model
from igc_core.redaction import redact_text
from igc_redfish.client.errors import ClientError
from igc_redfish.client.origin import Origin
from igc_redfish.client.trust import fingerprint_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Executor
    from pathlib import Path

    from igc_core.interruption import Interruption
    from igc_redfish.live.inventory import FleetHost

logger = logging.getLogger(__name__)

#: How a host came out.
State = Literal["reached", "not reached", "failed", "stopped", "not begun"]
_MOST_BYTES = 256 << 20
#: Longest time until a wish to stop is noticed, in seconds.
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

    def done(self, host: FleetHost) -> bool:
        """Tell whether a host has reached the goal already; another one may have got its name since."""
        known = self._hosts.get(host.name)
        return known is not None and known.state == "reached" and known.url == host.url

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

    def __init__(
        self,
        hosts: Sequence[FleetHost],
        *,
        parallel: int = 4,
        stop_after: int = 0,
        ended: Callable[[], str] = str,
    ) -> None:
        """Keep the hosts.

        Args:
            hosts: The hosts.
            parallel: Hosts at a time.
            stop_after: Failures after which no further host is begun; 0 for never.
            ended: Asked before each host: says why no further one is begun, or ``""``.
        """
        self.halt, self._ended = threading.Event(), ended
        self._hosts, self._parallel, self._stop_after = list(hosts), parallel, stop_after
        self._failures = 0

    @property
    def size(self) -> int:
        """Number of hosts."""
        return len(self._hosts)

    def work(self, job: Callable[[FleetHost], HostResult], done: Callable[[HostResult], None]) -> list[HostResult]:
        """Do a job on every host.

        On Ctrl-C, and where the program is to terminate, no further host is begun; those under way finish the request
        that was sent and stop then, so that every result tells in what condition its host was left.

        Args:
            job: Works on one host; an :class:`~igc_core.errors.IgcError` is a failure of that host alone.
            done: Told of every result, in this thread.

        Returns:
            The results in the order of the hosts; those that were never begun are among them.

        Raises:
            KeyboardInterrupt: It was stopped; all results were told of before. A second Ctrl-C waits for none of them.
        """
        results: dict[str, HostResult] = {}
        with interruptible() as stop, ThreadPoolExecutor(self._parallel, thread_name_prefix="igc-fleet") as pool:
            try:
                for result in self._results(job, pool, stop):
                    results[result.name] = result
                    done(result)
            except BaseException:
                self.halt.set()  # the pool waits for those under way
                raise
        if stop.requested:
            raise KeyboardInterrupt
        return [results[host.name] for host in self._hosts]

    def _results(
        self, job: Callable[[FleetHost], HostResult], pool: Executor, stop: Interruption
    ) -> Iterator[HostResult]:
        """Give results as they come; those of hosts that were never begun come last."""
        waiting, running = deque(self._hosts), set[Future[HostResult]]()
        while True:
            while waiting and len(running) < self._parallel and not self._must_stop():
                running.add(pool.submit(attempted, job, waiting.popleft()))
            if not running:
                break
            ended, running = wait(running, timeout=_LOOK_S, return_when=FIRST_COMPLETED)
            if stop.requested:
                self.halt.set()
            for future in ended:
                result = future.result()
                self._failures += result.state in {"failed", "not reached"}
                yield result
        for host in waiting:
            yield HostResult(name=host.name, url=host.url, state="not begun", problem=self._ended())

    def _must_stop(self) -> bool:
        return self.halt.is_set() or 0 < self._stop_after <= self._failures or bool(self._ended())


def attempted(job: Callable[[FleetHost], HostResult], host: FleetHost) -> HostResult:
    """Work on one host; what goes wrong there is its result, and nobody else's."""
    began = time.monotonic()
    try:
        result = job(host)
    except Exception as error:  # noqa: BLE001 - told of in the result
        result = failure(host, error)
    return result.model_copy(update={"seconds": time.monotonic() - began, "finished": datetime.now(UTC)})


def failure(host: FleetHost, error: Exception) -> HostResult:
    """Give the result of a host on which something went wrong; what is no error of ours goes into the log whole."""
    state: State = "failed"
    shown = ""
    if isinstance(error, IgcError):
        state = "stopped" if error.code == "live-stopped" else "failed"
        problem, shown = f"{error.code}: {error}", _untrusted(host, error)
    else:
        logger.error("the run on %s broke", host.name, exc_info=error)
        problem = f"internal error: {type(error).__name__}: {error}"
    return HostResult(name=host.name, url=host.url, state=state, problem=redact_text(problem), fingerprint=shown)


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
