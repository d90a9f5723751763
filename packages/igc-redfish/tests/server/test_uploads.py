"""Images that clients push become updates."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from igc_redfish.server import Limits, Server

UPDATES = "/redfish/v1/UpdateService"
BIOS = f"{UPDATES}/FirmwareInventory/BIOS"
SIMPLE = f"{UPDATES}/Actions/UpdateService.SimpleUpdate"


def multipart(parts: list[tuple[str, str, bytes]], boundary: str = "limit") -> bytes:
    text = b""
    for name, more, content in parts:
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'
        text += head.encode() + content + b"\r\n"
    return text + f"--{boundary}--\r\n".encode()


FORM = "multipart/form-data; boundary=limit"
IMAGE = ("UpdateFile", '; filename="bios-2.4.1.bin"', b"\x00\xff" * 5000)


def parameters(**values: Any) -> tuple[str, str, bytes]:
    return ("UpdateParameters", "", json.dumps(values).encode())


def finish(control: Any) -> None:
    """Let the update end; sessions do so with it."""
    assert control.order("advance", {"seconds": 600}).status == 200
    assert control.log_in().status == 201


def test_a_multipart_image_is_installed(control: Any) -> None:
    client = control
    body = multipart([parameters(Targets=[BIOS]), IMAGE])
    answer = client.send("POST", f"{UPDATES}/push-multipart", body, Content_Type=FORM)
    assert answer.status == 202
    assert "TaskMonitors" in answer.headers["location"]
    assert client.get(answer.headers["location"]).status == 202
    finish(control)
    assert client.get(answer.headers["location"]).status in {200, 204}
    assert client.get(BIOS).json["Version"] == "2.4.1"


def test_a_bare_image_is_installed_by_its_name(control: Any) -> None:
    answer = control.send(
        "POST",
        f"{UPDATES}/push",
        b"\x00" * 100,
        Content_Type="application/octet-stream",
        Content_Disposition='attachment; filename="bios-3.0.0.bin"',
    )
    assert answer.status == 202
    finish(control)
    assert control.get(BIOS).json["Version"] == "3.0.0"


def test_an_image_without_a_version_fails_as_a_task(control: Any) -> None:
    answer = control.send("POST", f"{UPDATES}/push", b"\x00" * 100, Content_Type="application/octet-stream")
    assert answer.status == 202
    finish(control)
    assert control.get(answer.headers["location"]).status >= 400
    assert control.get(BIOS).json["Version"] == "1.0.0"


@pytest.mark.parametrize(
    ("body", "media", "status"),
    [
        (multipart([parameters(Targets=[BIOS])]), FORM, 400),
        (multipart([("UpdateParameters", "", b"{"), IMAGE]), FORM, 400),
        (multipart([("UpdateParameters", "", b"[]"), IMAGE]), FORM, 400),
        (multipart([("UpdateParameters", "", b" " * 100_000), IMAGE]), FORM, 413),
        (multipart([IMAGE])[:-20], FORM, 400),
        (multipart([IMAGE] * 20), FORM, 400),
        (b"nothing of the kind", FORM, 400),
        (multipart([IMAGE]), "multipart/form-data", 400),
        (b"", "application/octet-stream", 400),
        (b"{}", "application/json", 415),
        (multipart([parameters(Targets=["/redfish/v1/none"]), IMAGE]), FORM, 400),
        (multipart([("UpdateFile", '; filename="bios-9.9.9.bin"', b""), parameters(Targets=7)]), FORM, 400),
    ],
)
def test_bad_pushes_change_nothing(client: Any, body: bytes, media: str, status: int) -> None:
    path = "push" if media == "application/octet-stream" else "push-multipart"
    answer = client.send("POST", f"{UPDATES}/{path}", body, Content_Type=media)
    assert answer.status == status
    assert "@Message.ExtendedInfo" in answer.json["error"]
    assert client.get(BIOS).json["Version"] == "1.0.0"


def test_an_image_may_be_pushed_to_a_resource(start: Callable[..., Server], connect: Callable[..., Any]) -> None:
    server = start()
    [host] = server.hosts
    inventory = f"{UPDATES}/FirmwareInventory"
    host.push_paths[inventory] = SIMPLE  # as Dell's services have it
    host.aside = frozenset({*host.aside, inventory})
    client = connect(server)
    assert client.send("POST", inventory, multipart([IMAGE]), Content_Type=FORM).status == 202
    assert client.send("POST", inventory, {"Name": "new"}).status == 405
    assert client.get(inventory).status == 200


def test_strangers_and_readers_push_nothing(server: Server, connect: Callable[..., Any]) -> None:
    stranger, guest = connect(server, log_in=False), connect(server, log_in=False)
    guest.log_in("guest")
    body = multipart([IMAGE])
    assert stranger.send("POST", f"{UPDATES}/push-multipart", body, Content_Type=FORM).status == 401
    assert guest.send("POST", f"{UPDATES}/push-multipart", body, Content_Type=FORM).status == 403


def test_images_have_a_size(start: Callable[..., Server], connect: Callable[..., Any]) -> None:
    client = connect(start(limits=Limits(image_bytes=5000)))
    answer = client.send("POST", f"{UPDATES}/push-multipart", multipart([IMAGE]), Content_Type=FORM)
    assert answer.status == 413


@pytest.mark.parametrize("uri", ["file:///etc/passwd", "http://169.254.169.254/bios-6.6.6.bin"])
def test_named_images_are_never_fetched(client: Any, uri: str) -> None:
    answer = client.send("POST", SIMPLE, {"ImageURI": uri, "Targets": [BIOS]})
    assert answer.status in {202, 400}
    assert b"root:" not in answer.content
