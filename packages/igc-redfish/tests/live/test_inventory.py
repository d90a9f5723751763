"""Inventories state hosts, and hold no password."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from igc_core.errors import DataError
from igc_redfish.live.inventory import read_inventory

if TYPE_CHECKING:
    from pathlib import Path


def written(folder: Path, text: str) -> Path:
    path = folder / "hosts.toml"
    path.write_text(text)
    return path


def test_a_host_takes_what_it_does_not_state_from_the_defaults(tmp_path: Path) -> None:
    text = """
    version = 1
    defaults = { user = "admin", password_env = "BMC", insecure = true }
    hosts = [
        { name = "a", url = "https://a", capture = "a.igc.jsonl.gz" },
        { name = "b", url = "b", user = "root", insecure = false },
    ]
    """
    one, other = read_inventory(written(tmp_path, text))
    assert (one.user, one.insecure, one.capture) == ("admin", True, str(tmp_path / "a.igc.jsonl.gz"))
    assert (other.user, other.access.password_variable, other.insecure, other.capture) == ("root", "BMC", False, "")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("version = 1", "hosts: field required"),
        ("version = 1\nhosts = []", "hosts"),
        ("version = 2\nhosts = [{name='a', url='a'}]", "version"),
        ("version = 1\nhosts = [{name='a'}]", "url: field required"),
        ("version = 1\nhosts = [{name='a/b', url='a'}]", "name"),
        ("version = 1\nhosts = [{name='a', url='a'}, {name='a', url='b'}]", "names a twice"),
        ("version = 1\nhosts = [{name='a', url='a', password='x1y2'}]", "'password' stands in it"),
        ("version = 1\ndefaults = {password='x1y2'}\nhosts = [{name='a', url='a'}]", "'password' stands in it"),
        ("version = 1\nhosts = [{name='a', url='a', color='red'}]", "color: extra inputs"),
        ("version = 1\ndefaults = {url='a'}\nhosts = [{name='a', url='a'}]", "url: extra inputs"),
        (
            "version = 1\nhosts = [{name='a', url='https://root:x1y2@a'}]",
            "a: the address of 'a' holds a user or password",
        ),
        ("version = 1\nhosts = [{name='a', url='ftp://a'}]", "ftp is not http or https"),
        ("version = 1\nhosts = [{name='a', url='a', insecure='false'}]", "insecure: input should be a valid boolean"),
        ("version = 1\nhosts = [{name='a', url='a', rate='5'}]", "rate: input should be a valid number"),
        (
            "version = 1\nhosts = [{name='a', url='a', usr='x'}]",
            "usr: extra inputs are not permitted: did you mean 'user'?",
        ),
        ("version = true\nhosts = [{name='a', url='a'}]", "version: input should be 1"),
        ("version = 1\nhosts = {a = 1}", "hosts: input should be a valid array"),
        ("version =", "not TOML"),
        (f"version = {'[' * 10_000}", "not TOML"),
    ],
)
def test_what_is_no_inventory_is_refused_in_one_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(DataError) as caught:
        read_inventory(written(tmp_path, text))
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "x1y2" not in str(caught.value)
