from __future__ import annotations

import pytest

from igc_redfish.client import ClientError, Origin


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://bmc7", Origin("https", "bmc7", 443)),
        ("bmc7", Origin("https", "bmc7", 443)),
        ("https://bmc7:8443/", Origin("https", "bmc7", 8443)),
        ("HTTPS://BMC7.Example.COM/redfish/v1/", Origin("https", "bmc7.example.com", 443)),
        ("http://127.0.0.1:8000", Origin("http", "127.0.0.1", 8000)),
        ("https://[fe80::1]:443", Origin("https", "fe80::1", 443)),
    ],
)
def test_address_is_read(text: str, origin: Origin) -> None:
    assert Origin.parse(text) == origin
    assert Origin.parse(str(origin)) == origin


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://",
        "ftp://bmc7",
        "https://bmc7/index.html",
        "https://bmc7?x=1",
        "https://bmc7:port",
        "https://bmc7:99999",
        "https://[::1",
        "https://bmc 7",
        "file:///etc/passwd",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ClientError) as caught:
        Origin.parse(text)
    assert caught.value.code == "client-address"


def test_password_in_an_address_is_refused_and_not_shown() -> None:
    with pytest.raises(ClientError) as caught:
        Origin.parse("https://root:calvin@bmc7")
    assert "calvin" not in str(caught.value)
    assert "IGC_REDFISH_USER" in str(caught.value)


@pytest.mark.parametrize(
    ("url", "loopback"),
    [("http://127.0.0.9", True), ("http://[::1]", True), ("http://localhost", True), ("http://10.0.0.1", False)],
)
def test_loopback_is_known(url: str, loopback: bool) -> None:
    assert Origin.parse(url).loopback is loopback


@pytest.mark.parametrize(
    ("link", "path"),
    [
        ("/redfish/v1/Systems/1/", "/redfish/v1/Systems/1/"),
        ("/redfish/v1/Systems?$skip=5#/Members/0", "/redfish/v1/Systems?$skip=5"),
        ("https://BMC7/redfish/v1", "/redfish/v1"),
        ("https://bmc7:443/redfish/v1", "/redfish/v1"),
        ("https://bmc7", "/"),
    ],
)
def test_link_of_the_service_becomes_a_path(link: str, path: str) -> None:
    assert Origin.parse("https://bmc7").local(link) == path


@pytest.mark.parametrize(
    "link", ["https://bmc8/redfish/v1", "http://bmc7/redfish/v1", "https://bmc7:8443/", "ftp://bmc7/"]
)
def test_link_to_another_service_is_refused(link: str) -> None:
    with pytest.raises(ClientError) as caught:
        Origin.parse("https://bmc7").local(link)
    assert caught.value.code == "client-foreign-link"


@pytest.mark.parametrize("link", ["", "redfish/v1", "//bmc8/redfish", "/a b", "/a\r\nHost: x", "/\x00", "/a\\b"])
def test_what_is_no_path_is_refused(link: str) -> None:
    with pytest.raises(ClientError) as caught:
        Origin.parse("https://bmc7").local(link)
    assert caught.value.code == "client-request"
