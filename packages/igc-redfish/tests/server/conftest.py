"""A service with everything that the door has a part in, served on a free port of 127.0.0.1."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from igc_redfish.capture import Capture, Resource
from igc_redfish.machine import Machine
from igc_redfish.server import HostOptions, Server, host_of
from igc_redfish.server.control import Control

ROOT = "/redfish/v1"
SYSTEM = f"{ROOT}/Systems/1"
SESSIONS = f"{ROOT}/SessionService/Sessions"
PASSWORD = "correct horse"
TOKEN = "of the one who controls"


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)

    @property
    def message(self) -> str:
        """The key of the first extended message."""
        return self.json["error"]["@Message.ExtendedInfo"][0]["MessageId"].rpartition(".")[2]


class Client:
    """One connection that is kept, and the headers of who is logged in."""

    def __init__(self, url: str) -> None:
        host, _, port = url.partition("://")[2].rpartition(":")
        self.connection = http.client.HTTPConnection(host, int(port), timeout=10)
        self.headers: dict[str, str] = {}

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        content = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        if content is not None:
            named.setdefault("Content-Type", "application/json")
        self.connection.request(method, path, content, {**self.headers, **named})
        answer = self.connection.getresponse()
        return Answer(answer.status, {key.lower(): value for key, value in answer.getheaders()}, answer.read())

    def get(self, path: str, **headers: str) -> Answer:
        return self.send("GET", path, **headers)

    def log_in(self, user: str = "admin", password: str = PASSWORD) -> Answer:
        answer = self.send("POST", SESSIONS, {"UserName": user, "Password": password})
        if answer.status == 201:
            self.headers["X-Auth-Token"] = answer.headers["x-auth-token"]
        return answer


@dataclass
class Receiver:
    """Somebody who takes events.

    Attributes:
        events: Their bodies.
        headers: Their headers.
        statuses: What to answer, one after the other; 204 when there is none left.
    """

    url: str = ""
    events: list[Any] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    def wait(self, count: int, seconds: float = 5.0) -> list[Any]:
        until = time.monotonic() + seconds
        while len(self.events) < count and time.monotonic() < until:
            time.sleep(0.005)
        return self.events


def resource(uri: str, kind: str, **body: Any) -> Resource:
    name = uri.rpartition("/")[2]
    stated = {"@odata.id": uri, "@odata.type": f"#{kind}", "Id": name, "Name": name, **body}
    return Resource(uri, stated)


def link(uri: str) -> dict[str, str]:
    return {"@odata.id": uri}


def collection(uri: str, kind: str, *members: str) -> Resource:
    links = [link(f"{uri}/{member}") for member in members]
    body = {"@odata.id": uri, "@odata.type": f"#{kind}.{kind}", "Name": kind, "Members": links}
    return Resource(uri, {**body, "Members@odata.count": len(links)})


def resources() -> list[Resource]:
    events, updates, accounts = f"{ROOT}/EventService", f"{ROOT}/UpdateService", f"{ROOT}/AccountService"
    services = ("Systems", "SessionService", "AccountService", "EventService", "UpdateService")
    root = {name: link(f"{ROOT}/{name}") for name in services}
    reset = {
        "target": f"{SYSTEM}/Actions/ComputerSystem.Reset",
        "ResetType@Redfish.AllowableValues": ["On", "ForceOff"],
    }
    test_event = {"target": f"{events}/Actions/EventService.SubmitTestEvent"}
    simple = {"target": f"{updates}/Actions/UpdateService.SimpleUpdate"}
    account = {"Enabled": True, "Locked": False, "Password": None}
    return [
        resource(ROOT, "ServiceRoot.v1_15_0.ServiceRoot", **root, Links={"Sessions": link(SESSIONS)}),
        collection(f"{ROOT}/Systems", "ComputerSystemCollection", "1"),
        resource(
            SYSTEM,
            "ComputerSystem.v1_20_0.ComputerSystem",
            AssetTag="",
            PowerState="On",
            IndicatorLED="Off",
            Actions={"#ComputerSystem.Reset": reset},
        ),
        resource(
            f"{ROOT}/SessionService",
            "SessionService.v1_1_8.SessionService",
            SessionTimeout=60,
            Sessions=link(SESSIONS),
        ),
        collection(SESSIONS, "SessionCollection"),
        resource(
            accounts,
            "AccountService.v1_15_0.AccountService",
            Accounts=link(f"{accounts}/Accounts"),
            Roles=link(f"{accounts}/Roles"),
        ),
        collection(f"{accounts}/Accounts", "ManagerAccountCollection", "1", "2"),
        resource(
            f"{accounts}/Accounts/1",
            "ManagerAccount.v1_12_0.ManagerAccount",
            UserName="admin",
            RoleId="Administrator",
            **account,
        ),
        resource(
            f"{accounts}/Accounts/2",
            "ManagerAccount.v1_12_0.ManagerAccount",
            UserName="guest",
            RoleId="ReadOnly",
            **account,
        ),
        collection(f"{accounts}/Roles", "RoleCollection"),
        resource(
            events,
            "EventService.v1_10_0.EventService",
            ServiceEnabled=True,
            DeliveryRetryAttempts=2,
            DeliveryRetryIntervalSeconds=60,
            ServerSentEventUri=f"{events}/SSE",
            Subscriptions=link(f"{events}/Subscriptions"),
            Actions={"#EventService.SubmitTestEvent": test_event},
        ),
        collection(f"{events}/Subscriptions", "EventDestinationCollection"),
        resource(
            updates,
            "UpdateService.v1_14_0.UpdateService",
            HttpPushUri=f"{updates}/push",
            MultipartHttpPushUri=f"{updates}/push-multipart",
            FirmwareInventory=link(f"{updates}/FirmwareInventory"),
            Actions={"#UpdateService.SimpleUpdate": simple},
        ),
        collection(f"{updates}/FirmwareInventory", "SoftwareInventoryCollection", "BIOS"),
        resource(
            f"{updates}/FirmwareInventory/BIOS",
            "SoftwareInventory.v1_10_0.SoftwareInventory",
            Version="1.0.0",
            Updateable=True,
        ),
    ]


@pytest.fixture(scope="session")
def machine() -> Machine:
    return Machine(Capture.from_resources("served", resources()))


@pytest.fixture(scope="session")
def options() -> HostOptions:
    return HostOptions(credentials={"admin": PASSWORD, "guest": PASSWORD})


@pytest.fixture
def start(machine: Machine, options: HostOptions) -> Iterator[Callable[..., Server]]:
    """Start a server of the machine; what is given goes to it."""
    with ExitStack() as stack:

        def begin(chosen: HostOptions | None = None, **given: Any) -> Server:
            host = host_of(machine, chosen or options, state=given.pop("state", None))
            return stack.enter_context(Server([host], **given))

        yield begin


@pytest.fixture(scope="session")
def shared(machine: Machine, options: HostOptions) -> Iterator[Server]:
    with Server([host_of(machine, options)]) as running:
        yield running


@pytest.fixture
def server(shared: Server) -> Server:
    """A server as it was started: the one of all tests, back at the capture."""
    shared.hosts[0].reset()
    return shared


@pytest.fixture
def connect() -> Iterator[Callable[[Server], Client]]:
    """Open connections, which are closed at the end."""
    opened: list[Client] = []

    def begin(server: Server, *, log_in: bool = True) -> Client:
        client = Client(server.url)
        opened.append(client)
        if log_in:
            assert client.log_in().status == 201
        return client

    yield begin
    for client in opened:
        client.connection.close()


@pytest.fixture
def client(server: Server, connect: Callable[..., Client]) -> Client:
    return connect(server)


@pytest.fixture
def control(options: HostOptions, start: Callable[..., Server], connect: Callable[..., Any]) -> Any:
    """A client that also has the control token: ``control.order(what, values)``."""
    client = connect(start(replace(options, clock_factor=0.0), control=Control(TOKEN)))
    client.order = lambda what, values=None: client.send(
        "POST", f"/control/{what}", values or {}, Authorization=f"Bearer {TOKEN}"
    )
    return client


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found, together = Receiver(), threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(found.statuses.pop(0) if found.statuses else 204)
            self.send_header("Content-Length", "0")
            self.end_headers()
            with together:
                found.headers.append(dict(self.headers))
                found.events.append(json.loads(content))

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        found.url = f"http://127.0.0.1:{listening.server_port}/events"
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield found
        listening.shutdown()
        thread.join()
