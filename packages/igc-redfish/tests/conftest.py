"""Fixtures that every test of the package may use."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import orjson
import pytest
from hypothesis import settings

from igc_redfish.capture import ROOT, Capture, Resource
from igc_redfish.client import Bounds

REPOSITORY = Path(__file__).parents[3]
# A busy machine is no failure: the time of an example says nothing about the code.
settings.register_profile("igc", deadline=None)
settings.load_profile("igc")


@pytest.fixture(scope="session")
def captures() -> Path:
    """The folder of the captures of real machines: ``$IGC_CAPTURES``, or ``../shared/captures`` beside the repository.

    A user without it skips; CI without it fails.
    """
    folder = Path(os.environ.get("IGC_CAPTURES") or REPOSITORY.parent / "shared" / "captures")
    if (folder / "split.json").is_file():
        return folder
    message = f"no captures in {folder}; set IGC_CAPTURES to their folder"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture
def impatient() -> Bounds:
    """Bounds for hosts that hang on purpose; elsewhere a machine that stalls for a moment must not look like one."""
    return Bounds(connect_s=2, read_s=0.3, total_s=0.6, body_bytes=1 << 20)


@pytest.fixture
def bodies() -> dict[str, dict[str, Any]]:
    """A small service of five resources without an oddity, by canonical URI."""
    system = f"{ROOT}/Systems/1"
    texts: dict[str, tuple[str, dict[str, Any]]] = {
        ROOT: ("ServiceRoot.v1_15_0", {"Vendor": "Contoso", "RedfishVersion": "1.15.0"}),
        f"{ROOT}/Systems": ("ComputerSystemCollection", {"Members": [{"@odata.id": system}], "Members@odata.count": 1}),
        system: (
            "ComputerSystem.v1_20_0",
            {"Id": "1", "Name": "R\N{LATIN SMALL LETTER U WITH DIAERESIS}be", "Weight": 1.5},
        ),
        f"{system}/ResetActionInfo": ("ActionInfo.v1_1_0", {"Parameters": [{"Name": "ResetType", "Required": True}]}),
        f"{ROOT}/Managers": ("ManagerCollection", {"Members": [], "Members@odata.count": 0}),
    }
    made: dict[str, dict[str, Any]] = {
        uri: {"@odata.id": uri, "@odata.type": f"#{kind}.{kind.partition('.')[0]}", **body}
        for uri, (kind, body) in texts.items()
    }
    made[ROOT] |= {name: {"@odata.id": f"{ROOT}/{name}"} for name in ("Systems", "Managers")}
    reset = {"target": f"{system}/Actions/ComputerSystem.Reset", "@Redfish.ActionInfo": f"{system}/ResetActionInfo"}
    made[system]["Actions"] = {"#ComputerSystem.Reset": reset}
    return made


@pytest.fixture
def small(bodies: dict[str, dict[str, Any]]) -> Capture:
    """The small service as a capture; the methods of its system and a header of its root are known."""
    resources = [
        Resource(
            uri,
            body,
            methods=["GET", "PATCH"] if uri.endswith("/1") else None,
            headers={"ETag": 'W/"7"'} if uri == ROOT else None,
        )
        for uri, body in bodies.items()
    ]
    return Capture.from_resources("small", resources, provenance={"license": "MIT"})


@pytest.fixture
def lines(bodies: dict[str, dict[str, Any]]) -> list[bytes]:
    """The small service as the lines of a capture file without manifest."""
    empty: dict[str, Any] = {"methods": None, "status": 200, "headers": {}}
    return [orjson.dumps({"path": uri, **empty, "body": body}) for uri, body in bodies.items()]


class Web:
    """A server on 127.0.0.1 that answers as it is told, well or badly, and notes what it was asked.

    A page is a body, a status, a triple of status, body and headers, or a function that writes to the handler.
    """

    def __init__(self) -> None:
        self.pages: dict[str, Any] = {}
        self.asked: list[tuple[str, str]] = []
        self.seen: list[dict[str, str]] = []
        self.bodies: list[bytes] = []
        web = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm: ClassVar[bool] = True
            timeout = 10

            def handle_one_request(self) -> None:
                try:
                    super().handle_one_request()
                except OSError:  # the client has seen enough
                    self.close_connection = True

            def finish(self) -> None:
                try:
                    super().finish()
                except (OSError, ValueError):  # a page took the connection away
                    self.close_connection = True
                finally:
                    self.rfile.close()

            def parse_request(self) -> bool:
                if not super().parse_request():
                    return False
                setattr(self, f"do_{self.command}", lambda: web.answer(self))
                return True

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            request_queue_size = 64

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        self.asked.append((handler.command, handler.path))
        self.seen.append({name.lower(): value for name, value in handler.headers.items()})
        self.bodies.append(handler.rfile.read(int(handler.headers.get("Content-Length", 0))))
        page = self.pages.get(f"{handler.command} {handler.path}", self.pages.get(handler.path, 404))
        if callable(page):
            page = page(handler)
            if page is None:
                return
        status, body, headers = (
            page if isinstance(page, tuple) else (page, b"", {}) if isinstance(page, int) else (200, page, {})
        )
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(content)}", *(f"{k}: {v}" for k, v in headers.items())]
        head = "\r\n".join(lines).encode() + b"\r\n\r\n"
        handler.wfile.write(head if handler.command == "HEAD" else head + content)

    def count(self, method: str, path: str) -> int:
        return self.asked.count((method, path))


@pytest.fixture
def web() -> Iterator[Web]:
    made = Web()
    thread = threading.Thread(target=made.server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
