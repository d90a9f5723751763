"""A machine's state outlives its server."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from igc_core.errors import DataError
from igc_core.rest import Request
from igc_redfish.capture import Capture
from igc_redfish.machine import Machine
from igc_redfish.server import Host, HostOptions, host_of
from igc_redfish.server import store as store_module
from igc_redfish.server.store import Store

ROOT = "/redfish/v1"
SYSTEM = f"{ROOT}/Systems/1"
OPEN = HostOptions(clock_factor=0.0)


def patch(host: Host, tag: str) -> None:
    answer = host.answer(Request("PATCH", SYSTEM, b'{"AssetTag":"%s"}' % tag.encode()))
    assert answer.status == 200


def tag_of(host: Host) -> Any:
    return (host.simulator.get(SYSTEM) or {})["AssetTag"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.jsonl"


def test_changes_memory_timers_and_time_come_back(machine: Machine, path: Path) -> None:
    host = host_of(machine, OPEN, state=path)
    patch(host, "kept")
    host.advance(12.5)
    image = b'{"ImageURI":"http://192.0.2.1/bios-2.0.0.bin"}'
    host.simulator.service.machine.profile  # noqa: B018 - the delays of the default profile are zero
    host.answer(Request("POST", f"{ROOT}/UpdateService/Actions/UpdateService.SimpleUpdate", image))
    host.change(lambda transaction: transaction.later(60.0, "task-finish", "/nowhere", {"a": 1}))
    before = host.simulator.world.key()
    host.stop()
    again = host_of(machine, OPEN, state=path)
    assert again.simulator.world.key() == before
    assert tag_of(again) == "kept"
    assert again.simulator.world.timers[0].effect == "task-finish"
    again.stop()


def test_what_was_answered_is_there_though_nobody_closed_the_file(machine: Machine, path: Path) -> None:
    host = host_of(machine, OPEN, state=path)
    patch(host, "one")
    patch(host, "two")
    content = path.read_bytes()
    host.stop()
    path.write_bytes(content)
    again = host_of(machine, OPEN, state=path)
    assert tag_of(again) == "two"
    again.stop()


@pytest.mark.parametrize("cut", [1, 5, 40])
def test_a_half_written_line_costs_the_last_change_at_most(machine: Machine, path: Path, cut: int) -> None:
    host = host_of(machine, OPEN, state=path)
    patch(host, "one")
    patch(host, "two")
    content = path.read_bytes()
    host.stop()
    path.write_bytes(content[:-cut])
    again = host_of(machine, OPEN, state=path)
    assert tag_of(again) == "one"
    again.stop()


def test_a_damaged_file_is_refused_in_one_line_and_kept(machine: Machine, path: Path) -> None:
    host = host_of(machine, OPEN, state=path)
    patch(host, "one")
    patch(host, "two")
    host.stop()
    content = path.read_bytes()
    for damaged in (content.replace(b"two", b"2wo"), b"\x00" * 100 + b"\n", b"{}\n", content[len(content) // 2 :]):
        path.write_bytes(damaged)
        with pytest.raises(DataError, match=r"state\.jsonl") as caught:
            host_of(machine, OPEN, state=path)
        assert caught.value.code == "data-invalid"
        assert "\n" not in str(caught.value)
        assert path.read_bytes() == damaged
    again = host_of(machine, replace(OPEN, reset=True), state=path)
    assert tag_of(again) == ""
    assert path.read_bytes() == damaged, "it is not served yet"
    again.begin()
    assert path.read_bytes() != damaged
    again.stop()
    again = host_of(machine, OPEN, state=path)
    assert tag_of(again) == ""
    again.stop()


def test_the_state_of_another_machine_is_refused(machine: Machine, small: Capture, path: Path) -> None:
    host_of(machine, OPEN, state=path).stop()
    with pytest.raises(DataError, match="the state of served, not of this small"):
        host_of(Machine(small), OPEN, state=path)


def test_a_file_has_one_server(machine: Machine, path: Path) -> None:
    host = host_of(machine, OPEN, state=path)
    with pytest.raises(DataError, match="in use"):
        host_of(machine, OPEN, state=path)
    host.stop()
    host_of(machine, OPEN, state=path).stop()


def test_a_place_that_cannot_be_written_is_told(machine: Machine, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot keep the state"):
        host_of(machine, OPEN, state=tmp_path / "missing" / "state")


def test_no_file_holds_a_password_or_a_token(machine: Machine, path: Path) -> None:
    host = host_of(machine, HostOptions(credentials={"admin": "correct horse"}), state=path)
    login = b'{"UserName":"admin","Password":"correct horse"}'
    opened = host.answer(Request("POST", f"{ROOT}/SessionService/Sessions", login))
    token = opened.headers["X-Auth-Token"]
    headers = {"x-auth-token": token}
    account = f"{ROOT}/AccountService/Accounts/2"
    changed = host.answer(Request("PATCH", account, b'{"Password":"staple battery"}', headers))
    assert changed.status < 300
    host.stop()
    text = path.read_text()
    assert token not in text
    assert "correct horse" not in text
    assert "staple battery" not in text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_password_of_the_next_start_counts_unless_somebody_set_one(machine: Machine, path: Path) -> None:
    host_of(machine, HostOptions(credentials={"admin": "first"}), state=path).stop()
    host = host_of(machine, HostOptions(credentials={"admin": "second"}), state=path)
    assert host.simulator.authenticate("admin", "second")
    host.change(lambda transaction: transaction.set_password("admin", "third"))
    host.stop()
    again = host_of(machine, HostOptions(credentials={"admin": "second"}), state=path)
    assert again.simulator.authenticate("admin", "third")
    again.reset()
    again.stop()
    last = host_of(machine, HostOptions(credentials={"admin": "fourth"}), state=path)
    assert last.simulator.authenticate("admin", "fourth")
    last.stop()


def test_a_journal_does_not_grow_without_end(machine: Machine, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "_LEAST_BYTES", 4096)
    host = host_of(machine, OPEN, state=path)
    sizes = []
    for number in range(300):
        patch(host, str(number))
        sizes.append(path.stat().st_size)
    host.stop()
    assert max(sizes) < 16_000
    again = host_of(machine, OPEN, state=path)
    assert tag_of(again) == "299"
    again.stop()


class FullDisk:
    """A file on a disk without room."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def write(self, content: bytes) -> int:
        self._file.write(content[:7])
        raise OSError(28, "No space left on device")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def test_what_cannot_be_kept_does_not_happen(machine: Machine, path: Path) -> None:
    host = host_of(machine, OPEN, state=path)
    patch(host, "kept")
    store: Store = host._store  # type: ignore[assignment]
    whole, store._file = store._file, FullDisk(store._file)
    refused = host.answer(Request("PATCH", SYSTEM, b'{"AssetTag":"lost"}'))
    assert refused.status == 507
    assert tag_of(host) == "kept"
    store._file = whole
    patch(host, "kept again")
    host.stop()
    again = host_of(machine, OPEN, state=path)
    assert tag_of(again) == "kept again"
    again.stop()


def test_the_disk_is_asked_to_keep_what_was_written(machine: Machine, path: Path) -> None:
    host = host_of(machine, OPEN, state=path)
    patch(host, "synced")
    asyncio.run(host.sync())
    assert not host._store._unsynced  # type: ignore[union-attr]
    host.stop()


def test_sessions_survive_a_restart_and_streams_do_not(
    machine: Machine, options: HostOptions, path: Path, start: Callable[..., Any], connect: Callable[..., Any]
) -> None:
    server = start(state=path)
    client = connect(server)
    host = server.hosts[0]
    subscription = host.streams.open(f"{ROOT}/EventService")
    host._streams = None
    content = path.read_bytes()
    server.stop()
    path.write_bytes(content)
    again = start(state=path)
    other = connect(again, log_in=False)
    other.headers = client.headers
    assert other.get(SYSTEM).status == 200
    assert other.get(subscription).status == 404
