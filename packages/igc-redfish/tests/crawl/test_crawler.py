"""A tree becomes a capture: which links are followed, and what is kept of the answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from pydantic import SecretStr

from igc_redfish.capture import ROOT, Capture, CaptureError, validate
from igc_redfish.client import ClientError, Credentials
from igc_redfish.crawl.crawler import report_path

SYSTEM = f"{ROOT}/Systems/1"


def failures(result: Any) -> dict[str, str]:
    return {failure.uri: failure.code for failure in result.report.failures}


def notes(result: Any) -> list[tuple[str, str]]:
    return [(note.kind, note.uri) for note in result.report.notes]


def test_tree_becomes_a_capture(tree: Any, crawled: Any, tmp_path: Path) -> None:
    tree[SYSTEM] = 200, tree[SYSTEM], {"ETag": '"7"', "Allow": "GET, HEAD, PATCH", "X-Other": "x"}
    result = crawled()
    capture = Capture.open(tmp_path / "host.igc.jsonl.gz")
    assert list(capture) == [ROOT, f"{ROOT}/Systems", SYSTEM]
    assert capture[SYSTEM].methods == ("GET", "HEAD", "PATCH")
    assert capture[SYSTEM].headers == {"ETag": '"7"'}
    assert capture.digest == result.capture.digest
    assert (capture.source, capture.provenance["crawler"]) == ("crawl", "igc-redfish")
    assert capture.created is not None
    assert sorted(path.name for path in tmp_path.iterdir()) == ["host.igc.jsonl.gz", "host.igc.jsonl.gz.crawl.json"]


def test_every_capture_has_a_report_of_its_own() -> None:
    names = ["g3", "g3.json", "g3.jsonl", "g3.igc.jsonl.gz", "G3.igc.jsonl.gz"]
    assert len({report_path(Path(name)) for name in names}) == len(names)


def test_nothing_is_ever_changed(web: Any, tree: Any, crawled: Any) -> None:
    tree[SYSTEM] = tree[SYSTEM] | {
        "Actions": {"#ComputerSystem.Reset": {"target": f"{SYSTEM}/Actions/ComputerSystem.Reset"}}
    }
    crawled()
    assert {method for method, _ in web.asked} <= {"GET", "HEAD", "OPTIONS"}
    assert not [path for _, path in web.asked if "/Actions/" in path]


def test_every_kind_of_link_is_followed(tree: Any, crawled: Any) -> None:
    info, settings, registry = f"{SYSTEM}/ResetActionInfo", f"{SYSTEM}/Bios/Settings", f"{ROOT}/Registries/x.json"
    tree[SYSTEM] = tree[SYSTEM] | {
        "Actions": {"#ComputerSystem.Reset": {"target": f"{SYSTEM}/x", "@Redfish.ActionInfo": info}},
        "@Redfish.Settings": {"SettingsObject": {"@odata.id": settings}},
        "Location": [{"Language": "en", "Uri": registry}, {"PublicationUri": "https://elsewhere/x.json"}],
        "Oem": {"Acme": [{"Deep": {"@odata.id": f"{SYSTEM}/Oem/Acme#/0"}}]},
    }
    for uri in (info, settings, registry, f"{SYSTEM}/Oem/Acme"):
        tree[uri] = {"@odata.id": uri}
    assert {info, settings, registry, f"{SYSTEM}/Oem/Acme"} <= set(crawled().capture)


@pytest.mark.parametrize("schemas", [False, True])
def test_schema_files_are_read_on_demand(tree: Any, crawled: Any, make_body: Any, schemas: bool) -> None:
    link, file = f"{ROOT}/JsonSchemas/Bios", f"{ROOT}/JsonSchemas/Bios.json"
    tree[f"{ROOT}/"] |= {"JsonSchemas": {"@odata.id": link}}
    tree[link] = make_body("JsonSchemaFile") | {"Location": [{"Uri": file}]}
    tree[file] = {"$schema": "x"}
    capture = crawled(options={"schemas": schemas}).capture
    assert link in capture
    assert (file in capture) is schemas


def test_link_is_asked_for_once_and_as_it_is_spelt(web: Any, tree: Any, crawled: Any) -> None:
    tree[f"{ROOT}/Systems"]["Members"] = [{"@odata.id": f"{SYSTEM}/"}]
    tree[f"{SYSTEM}/"] = tree[SYSTEM] | {
        "Self": {"@odata.id": "/redfish/v1/systems/1"},
        "Root": {"@odata.id": ROOT},
        "Up": {"@odata.id": "/redfish/v1/Systems/#/Members/0"},
        "Again": {"@odata.id": "/redfish/v1/Systems/%31"},
    }
    crawled()
    gets = [path for method, path in web.asked if method == "GET"]
    assert sorted(gets) == [f"{ROOT}/", f"{ROOT}/Systems", f"{SYSTEM}/"]


def test_misspelt_link_is_found_by_another_spelling(tree: Any, crawled: Any) -> None:
    tree[f"{ROOT}/"] |= {"A": {"@odata.id": "/redfish/v1/systems/1/BIOS"}, "B": {"@odata.id": f"{SYSTEM}/Bios"}}
    tree[f"{SYSTEM}/Bios"] = {"@odata.id": f"{SYSTEM}/Bios"}
    result = crawled()
    assert f"{SYSTEM}/Bios" in result.capture
    assert failures(result) == {}


def test_resource_is_kept_under_the_name_it_gives_itself(tree: Any, crawled: Any) -> None:
    tree[f"{ROOT}/"] |= {"Bios": {"@odata.id": "/redfish/v1/systems/1/bios/"}}
    tree["/redfish/v1/systems/1/bios/"] = {"@odata.id": f"{SYSTEM}/Bios"}
    assert f"{SYSTEM}/Bios" in crawled().capture


def test_absolute_links_of_the_host_itself_are_followed(web: Any, tree: Any, crawled: Any) -> None:
    tree[f"{ROOT}/"] |= {"Chassis": {"@odata.id": f"{web.url}{ROOT}/Chassis"}}
    tree[f"{ROOT}/Chassis"] = {"Name": "x"}
    assert f"{ROOT}/Chassis" in crawled().capture


def test_links_elsewhere_are_noted_and_not_followed(web: Any, tree: Any, crawled: Any) -> None:
    tree[f"{ROOT}/"] |= {"X": {"@odata.id": "https://192.0.2.1/redfish/v1"}, "Y": {"@odata.id": "/etc/passwd"}}
    result = crawled()
    assert sorted(notes(result)) == [("link-external", ROOT), ("link-outside", ROOT)]
    assert "/etc/passwd" not in [path for _, path in web.asked]


def test_pages_become_one_collection(tree: Any, crawled: Any) -> None:
    systems = f"{ROOT}/Systems"
    tree[systems] |= {"Members@odata.nextLink": f"{systems}?$skip=1", "Members@odata.count": 3}
    for number in (1, 2):
        members = [{"@odata.id": f"{systems}/{number + 1}"}]
        tree[f"{systems}?$skip={number}"] = {"Members": members} | (
            {"Members@odata.nextLink": f"{systems}?$skip=2"} if number == 1 else {}
        )
        tree[f"{systems}/{number + 1}"] = {"Id": str(number + 1)}
    capture = crawled().capture
    assert [member["@odata.id"][-1] for member in capture[systems].body["Members"]] == ["1", "2", "3"]
    assert not [uri for uri in capture if "?" in uri]
    assert f"{systems}/3" in capture
    assert not [finding for finding in validate(capture) if finding.code == "count-differs"]


def test_log_is_cut_where_it_was_asked_for(tree: Any, crawled: Any, make_collection: Any) -> None:
    log = f"{SYSTEM}/LogServices/Sel/Entries"
    tree[SYSTEM] |= {"Log": {"@odata.id": log}}
    tree[log] = make_collection("LogEntry", *(f"{log}/{number}" for number in range(30)))
    tree |= {f"{log}/{number}": {"Id": str(number)} for number in range(30)}
    result = crawled(options={"log_entries": 5})
    assert sum(uri.startswith(f"{log}/") for uri in result.capture) == 5
    assert result.capture[log].body["Members@odata.count"] == 5
    assert notes(result) == [("log-cut", log)]


def test_what_cannot_be_read_is_told_with_its_reason(tree: Any, crawled: Any, tmp_path: Path) -> None:
    names = {"Gone": 404, "Barred": 403, "Broken": 500, "Page": (200, b"<html>", {}), "List": [1], "Empty": 204}
    for name, page in names.items():
        tree[f"{SYSTEM}/{name}"] = page
        tree[SYSTEM][name] = {"@odata.id": f"{SYSTEM}/{name}"}
    error = {"error": {"code": "Base.1.0.X", "message": "the slot is empty", "Password": "calvin"}}
    tree[f"{SYSTEM}/Gone"] = 404, error, {}
    tree[f"{SYSTEM}/Broken"] = 500, {"error": {"message": "x" * 100_000}}, {}
    result = crawled()
    assert (tmp_path / "host.igc.jsonl.gz.crawl.json").stat().st_size < 10_000
    assert {uri.rpartition("/")[2]: code for uri, code in failures(result).items()} == {
        "Gone": "status-404",
        "Barred": "status-403",
        "Broken": "status-500",
        "Page": "client-answer",
        "List": "not-a-resource",
        "Empty": "not-a-resource",
    }
    assert not set(failures(result)) & set(result.capture)
    report = orjson.loads((tmp_path / "host.igc.jsonl.gz.crawl.json").read_bytes())
    gone = next(failure for failure in report["failures"] if failure["uri"].endswith("Gone"))
    assert (gone["status"], gone["message"], gone["source"]) == (404, "the slot is empty", SYSTEM)
    assert gone["answer"]["error"]["Password"] == "<redacted>"
    text = "\n".join(result.report.lines())
    assert "6 URIs could not be read" in text
    assert f"{SYSTEM}/Gone: the slot is empty (linked from {SYSTEM})" in text


def test_methods_are_asked_for_where_get_does_not_tell(web: Any, tree: Any, crawled: Any) -> None:
    tree[f"HEAD {SYSTEM}"] = 200, b"", {"Allow": "GET, patch"}
    tree[f"OPTIONS {ROOT}/Systems"] = 200, b"", {"Allow": "GET"}
    capture = crawled().capture
    assert (capture[SYSTEM].methods, capture[f"{ROOT}/Systems"].methods) == (("GET", "PATCH"), ("GET",))
    assert capture[ROOT].methods is None


def test_host_that_tells_no_methods_is_not_asked_for_ever(web: Any, tree: Any, crawled: Any) -> None:
    for number in range(2, 40):
        tree[f"{ROOT}/Systems"]["Members"].append({"@odata.id": f"{ROOT}/Systems/{number}"})
        tree[f"{ROOT}/Systems/{number}"] = {"Id": str(number)}
    crawled()
    assert sum(method != "GET" for method, _ in web.asked) <= 20
    web.asked.clear()
    crawled(overwrite=True, options={"probe_methods": False})
    assert {method for method, _ in web.asked} == {"GET"}


@pytest.mark.parametrize("tells", [False, True], ids=["nothing lost", "headers would be lost"])
def test_expansion_is_used_where_nothing_is_lost(
    web: Any, tree: Any, crawled: Any, make_body: Any, make_collection: Any, tells: bool
) -> None:
    sensors = f"{ROOT}/Chassis/1/Sensors"
    tree[f"{ROOT}/"] |= {
        "Sensors": {"@odata.id": sensors},
        "ProtocolFeaturesSupported": {"ExpandQuery": {"NoLinks": True}},
    }
    members = {f"{sensors}/{n}": make_body("Sensor") | {"@odata.id": f"{sensors}/{n}"} for n in range(9)}
    tree[sensors] = make_collection("Sensor", *members)
    tree[f"{sensors}?$expand=."] = tree[sensors] | {"Members": list(members.values())}
    headers = {"Allow": "GET"} if tells else {}
    tree |= {uri: (200, item, headers) for uri, item in members.items()}
    capture = crawled(options={"probe_methods": False}).capture
    assert members.keys() <= set(capture)
    assert capture[sensors].body == tree[sensors]
    asked = [path for _, path in web.asked if path.startswith(f"{sensors}/")]
    assert len(asked) == (9 if tells else 1)


def test_expansion_that_shows_less_is_not_used(
    web: Any, tree: Any, crawled: Any, make_body: Any, make_collection: Any
) -> None:
    log = f"{SYSTEM}/LogServices/Sel/Entries"
    tree[SYSTEM] |= {"Log": {"@odata.id": log}}
    members = {f"{log}/{n}": make_body("LogEntry") | {"@odata.id": f"{log}/{n}"} for n in range(6)}
    tree[log] = make_collection("LogEntry") | {"Members": list(members.values())}
    tree |= {uri: item | {"Message": "all of it"} for uri, item in members.items()}
    capture = crawled().capture
    assert all(capture[uri].body["Message"] == "all of it" for uri in members)


def test_service_that_asks_who_is_there_is_told_of(tree: Any, crawled: Any) -> None:
    tree[f"{ROOT}/Systems"] = 401
    with pytest.raises(ClientError) as caught:
        crawled()
    assert caught.value.code == "client-login"
    assert "IGC_REDFISH_USER" in str(caught.value)


def test_session_of_the_crawl_is_in_no_capture(web: Any, tree: Any, crawled: Any, make_collection: Any) -> None:
    sessions = f"{ROOT}/SessionService/Sessions"
    tree[f"{ROOT}/"] |= {"Links": {"Sessions": {"@odata.id": sessions}}}
    tree[f"POST {sessions}"] = 201, {}, {"X-Auth-Token": "t0ken-t0ken", "Location": f"{sessions}/2"}
    tree[sessions] = make_collection("Session", f"{sessions}/1", f"{sessions}/2")
    tree |= {f"{sessions}/{n}": {"Id": str(n)} for n in (1, 2)} | {f"DELETE {sessions}/2": 204}
    capture = crawled(credentials=Credentials("root", SecretStr("correct horse"))).capture
    assert capture[sessions].body["Members"] == [{"@odata.id": f"{sessions}/1"}]
    assert capture[sessions].body["Members@odata.count"] == 1
    assert f"{sessions}/2" not in capture
    assert web.asked[-1] == ("DELETE", f"{sessions}/2")


@pytest.mark.parametrize("page", [404, (200, b"<html>", {}), [1]])
def test_host_without_a_root_is_none(web: Any, crawled: Any, page: Any) -> None:
    web.pages[f"{ROOT}/"] = page
    with pytest.raises(ClientError) as caught:
        crawled()
    assert caught.value.code == "client-answer"
    assert "service root" in str(caught.value)


def test_existing_capture_is_not_replaced_unasked(tree: Any, crawled: Any, web: Any) -> None:
    crawled()
    web.asked.clear()
    with pytest.raises(CaptureError) as caught:
        crawled()
    assert caught.value.code == "capture-exists"
    assert not web.asked
    crawled(overwrite=True)
