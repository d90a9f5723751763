"""Emulators of Redfish services that nobody here wrote, in processes of their own."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

_STARTUP_S = 20


@dataclass
class Peer:
    """An emulator that runs.

    Attributes:
        url: Its address.
        options: What ``igc capture crawl`` needs to reach it.
        variables: The same, as environment variables.
    """

    url: str
    options: list[str] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)


@pytest.fixture(scope="session")
def programs() -> Path:
    """The folder of the emulators' programs, ``$IGC_PEERS``: they need libraries of their own (nox -s peers)."""
    if "IGC_PEERS" not in os.environ:
        pytest.skip("IGC_PEERS is not set; nox -s peers sets it")
    return Path(os.environ["IGC_PEERS"])


@pytest.fixture(params=["sushy-fake", "sushy-libvirt", "badfish"])
def peer(request: pytest.FixtureRequest, programs: Path, tmp_path: Path) -> Iterator[Peer]:
    port = free_port()
    if request.param == "badfish":
        with badfish(programs, tmp_path, port) as found:
            yield found
        return
    driver = ["--fake"] if request.param == "sushy-fake" else ["--libvirt-uri", "test:///default"]
    if request.param == "sushy-libvirt" and not has_libvirt(programs):
        pytest.skip("libvirt-python is not installed among the emulators")
    command = [programs / "sushy-emulator", *driver, "-i", "127.0.0.1", "-p", str(port)]
    with running(command, port, {"TMPDIR": str(tmp_path)}):
        yield Peer(f"http://127.0.0.1:{port}")


@contextmanager
def badfish(programs: Path, folder: Path, port: int) -> Iterator[Peer]:
    """Run badfish's emulator: HTTPS with a certificate of its own, basic authentication and sessions."""
    variables = {"XDG_CACHE_HOME": str(folder), "BADFISH_EMULATOR_USERS": str(folder / "users.json")}
    with running([programs / "badfish", "--redfish-emulator", "--port", str(port)], port, variables):
        authority = folder / "badfish" / "emulator" / "emulator.crt"
        login = {"IGC_REDFISH_USER": "quads", "IGC_REDFISH_PASSWORD": "quads"}
        yield Peer(f"https://127.0.0.1:{port}", ["--ca", str(authority)], login)


@contextmanager
def running(command: list[str | Path], port: int, variables: dict[str, str]) -> Iterator[None]:
    """Run a program until its port is open, and end it afterwards."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "IGC_"))}
    process = subprocess.Popen(
        [str(part) for part in command],
        env=environment | variables,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(port, process)
        yield
    finally:
        process.terminate()
        process.wait(timeout=10)


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _STARTUP_S
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"{process.args} did not listen on port {port}")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


def has_libvirt(programs: Path) -> bool:
    return (
        subprocess.run([programs / "python", "-c", "import libvirt"], capture_output=True, check=False).returncode == 0
    )
