"""Hosts that hang, lie, loop or die: what can be read of them is read, and the rest is told."""

from __future__ import annotations

import itertools
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from igc_redfish.capture import ROOT
from igc_redfish.client import Bounds, ClientError

if TYPE_CHECKING:
    from pathlib import Path

SYSTEM = f"{ROOT}/Systems/1"


def failures(result: Any) -> dict[str, str]:
    return {failure.uri: failure.code for failure in result.report.failures}


def notes(result: Any) -> list[tuple[str, str]]:
    return [(note.kind, note.uri) for note in result.report.notes]


def hang(handler: Any) -> None:
    time.sleep(2)
    handler.close_connection = True


def drop(handler: Any) -> None:
    handler.close_connection = True


def lie(handler: Any) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n{}")
    handler.close_connection = True


def pour(handler: Any) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    with suppress(OSError):
        for _ in range(2048):
            handler.wfile.write(b"100000\r\n" + b" " * (1 << 20) + b"\r\n")
    handler.close_connection = True


def announce(handler: Any) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2147483648\r\n\r\n{")
    handler.close_connection = True


def test_host_that_misbehaves_in_places_is_read_everywhere_else(tree: Any, crawled: Any) -> None:
    tricks = {
        "Hangs": hang,
        "Drops": drop,
        "Lies": lie,
        "Pours": pour,
        "Announces": announce,
        "Html": (200, b"<!doctype html><p>busy", {"Content-Type": "text/html"}),
        "Deep": (200, b'{"a":' * 300 + b"1" + b"}" * 300, {}),
        "Elsewhere": (302, b"", {"Location": "http://192.0.2.1/"}),
        "Circle": (302, b"", {"Location": f"{SYSTEM}/Circle"}),
        "Garbage": lambda handler: handler.wfile.write(b"\x00\x01garbage\r\n\r\n"),
    }
    for name, page in tricks.items():
        tree[SYSTEM][name] = {"@odata.id": f"{SYSTEM}/{name}"}
        tree[f"{SYSTEM}/{name}"] = page
    for name in "abc":
        tree[SYSTEM][name] = {"@odata.id": f"{SYSTEM}/{name}"}
        tree[f"{SYSTEM}/{name}"] = {"Name": name}
    result = crawled(options={"concurrency": 8}, bounds=Bounds(read_s=1, body_bytes=1 << 20))
    assert len(result.capture) == 6
    assert {uri.rpartition("/")[2]: code for uri, code in failures(result).items()} == {
        "Hangs": "client-timeout",
        "Drops": "client-unreachable",
        "Lies": "client-unreachable",
        "Pours": "client-too-large",
        "Announces": "client-too-large",
        "Html": "client-answer",
        "Deep": "client-answer",
        "Elsewhere": "client-foreign-link",
        "Circle": "client-answer",
        "Garbage": "client-answer",
    }


def test_busy_host_is_waited_for(tree: Any, crawled: Any) -> None:
    answers = itertools.chain([(503, {}, {"Retry-After": "0"})], itertools.repeat({"Id": "1"}))
    tree[SYSTEM] = lambda handler: next(answers)
    assert failures(crawled()) == {}


def test_ever_new_links_come_to_an_end(tree: Any, crawled: Any, web: Any) -> None:
    def more(handler: Any) -> Any:
        return {"Next": [{"@odata.id": f"{handler.path}/{n}"} for n in range(3)]}

    web.pages = Endless(web.pages, more)
    tree[SYSTEM]["Trap"] = {"@odata.id": f"{SYSTEM}/Trap"}
    result = crawled(options={"most_resources": 60, "probe_methods": False})
    assert 60 <= len(result.capture) <= 64
    assert ("bound-reached", "") in notes(result)


def test_path_without_end_comes_to_an_end(tree: Any, crawled: Any, web: Any) -> None:
    web.pages = Endless(web.pages, lambda handler: {"Next": {"@odata.id": f"{handler.path}/x"}})
    tree[SYSTEM]["Trap"] = {"@odata.id": f"{SYSTEM}/Trap"}
    result = crawled(options={"probe_methods": False, "deepest": 20})
    assert max(uri.count("/") for uri in result.capture) == 20
    assert "bound-reached" in dict(notes(result))


def test_pages_without_end_come_to_an_end(tree: Any, crawled: Any) -> None:
    systems = f"{ROOT}/Systems"
    for number in range(60):
        tree[f"{systems}?p{number}"] = {
            "Members": [{"@odata.id": SYSTEM + str(number)}],
            "Members@odata.nextLink": f"{systems}?p{number + 1}",
        }
    tree[systems] |= {"Members@odata.nextLink": f"{systems}?p0"}
    result = crawled(options={"probe_methods": False, "most_pages": 20})
    assert len(result.capture[systems].body["Members"]) == 21
    assert ("pages-unread", systems) in notes(result)


def test_branch_that_hangs_does_not_end_the_crawl(tree: Any, crawled: Any) -> None:
    for number in range(2, 30):
        tree[f"{ROOT}/Systems"]["Members"].append({"@odata.id": f"{ROOT}/Systems/{number}"})
        tree[f"{ROOT}/Systems/{number}"] = drop if number < 25 else {"Id": str(number)}
    result = crawled(options={"silence": 4, "probe_methods": False})
    assert len(failures(result)) == 23
    assert f"{ROOT}/Systems/29" in result.capture


def test_host_that_dies_is_given_up_and_the_crawl_kept(tree: Any, crawled: Any, web: Any, tmp_path: Path) -> None:
    for number in range(2, 60):
        tree[f"{ROOT}/Systems"]["Members"].append({"@odata.id": f"{ROOT}/Systems/{number}"})
        tree[f"{ROOT}/Systems/{number}"] = drop if number > 20 else {"Id": str(number)}
    root = tree[f"{ROOT}/"]
    roots = itertools.chain([root], itertools.repeat(drop))
    tree[f"{ROOT}/"] = lambda handler: page(handler) if callable(page := next(roots)) else page
    with pytest.raises(ClientError) as caught:
        crawled(options={"silence": 6, "probe_methods": False})
    assert caught.value.code == "client-unreachable"
    assert "goes on from there" in str(caught.value)
    assert (tmp_path / "host.igc.jsonl.gz.partial").exists()
    before = len(web.asked)
    web.asked.clear()
    tree[f"{ROOT}/"] = root
    for number in range(21, 60):
        tree[f"{ROOT}/Systems/{number}"] = {"Id": str(number)}
    result = crawled(options={"probe_methods": False})
    assert len(result.capture) == 61
    assert failures(result) == {}
    assert len(web.asked) < 61 - 20 + 8
    assert before >= 20


class Endless(dict[str, Any]):
    """Pages that go on where the known ones end."""

    def __init__(self, pages: dict[str, Any], more: Any) -> None:
        super().__init__(pages)
        self.more = more

    def get(self, key: str, default: Any = None) -> Any:
        if key in self:
            return self[key]
        return None if " " in key and default is None else self.more if key.startswith("/") else default


def test_log_that_is_a_member_of_itself_comes_to_an_end(tree: Any, crawled: Any) -> None:
    log = f"{SYSTEM}/LogServices/Sel/Entries"
    whole = {"@odata.type": "#LogEntryCollection.LogEntryCollection", "Id": "x", "Name": "log"}
    tree[SYSTEM] = tree[SYSTEM] | {"Entries": {"@odata.id": log}}
    tree[log] = {**whole, "@odata.id": log, "Members": [{**whole, "@odata.id": log} for _ in range(4)]}
    assert log in crawled().capture


def test_page_that_failed_is_put_where_it_belongs_when_the_crawl_goes_on(
    tree: Any, crawled: Any, tmp_path: Path
) -> None:
    systems = f"{ROOT}/Systems"
    tree[systems] |= {"Members@odata.nextLink": f"{systems}?$skip=1", "Members@odata.count": 2}
    page = {"@odata.id": systems, "Members": [{"@odata.id": f"{systems}/2"}]}
    tree[f"{systems}/2"] = {"Id": "2"}
    tree[f"{systems}?$skip=1"] = 500

    def stop(engine: Any) -> None:
        if systems.casefold() in engine.resources:
            raise KeyboardInterrupt

    tree[SYSTEM] = lambda _: time.sleep(0.5) or {"Id": "1"}
    with pytest.raises(KeyboardInterrupt):
        crawled(watch=stop)
    tree |= {f"{systems}?$skip=1": page, SYSTEM: {"Id": "1"}}
    result = crawled()
    assert not [uri for uri in result.capture if "?" in uri]
    assert [member["@odata.id"][-1] for member in result.capture[systems].body["Members"]] == ["1", "2"]
    assert f"{systems}/2" in result.capture
    assert failures(result) == {}
    assert notes(result) == []


def test_what_a_host_says_instead_of_json_is_screened_for_secrets(tree: Any, crawled: Any) -> None:
    tree[SYSTEM] = 200, b"X-Auth-Token: 0123456789abcdef", {}
    [failure] = crawled().report.failures
    assert "0123456789abcdef" not in failure.message
