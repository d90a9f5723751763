"""Properties that hold for any request, found by random search."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from igc_core import PluginManager
from igc_core.rest import Request
from igc_redfish import plugin
from igc_redfish.capture import Capture, Resource
from igc_redfish.facts import facts
from igc_redfish.machine import Machine
from igc_redfish.service.merging import copy_json, merge_object, merged
from igc_redfish.service.offers import offers
from igc_redfish.simulator import Simulator
from igc_redfish.sources import goal_book, machines

if TYPE_CHECKING:
    from igc_redfish.service.transaction import Transaction

ROOT = "/redfish/v1"
SYSTEM = f"{ROOT}/Systems/1"
#: Hypothesis calls one test many times; the fixtures it uses hold no state of a single call.
RANDOM = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
plain = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
methods = st.sampled_from(["GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS", "LOCK", ""])
uris = st.sampled_from(
    [
        ROOT,
        SYSTEM,
        f"{SYSTEM}/Bios/Settings",
        f"{SYSTEM}/Actions/ComputerSystem.Reset",
        f"{SYSTEM}/EthernetInterfaces/1",
        f"{SYSTEM}/Log/1/Entries",
        f"{ROOT}/AccountService/Accounts",
        f"{ROOT}/AccountService/Accounts/2",
        f"{ROOT}/SessionService/Sessions",
        f"{ROOT}/UpdateService/Actions/UpdateService.SimpleUpdate",
        f"{ROOT}/Managers/1/Actions/Manager.Reset",
        f"{ROOT}/OemThing",
    ]
)
queries = st.sampled_from(["$expand=", "$select=", "$filter=", "$top=", "$skip=", "only", "excerpt", "$x=", "x="])
query = st.lists(st.tuples(queries, st.text(max_size=10)), max_size=3).map(lambda pairs: "&".join(map("".join, pairs)))
targets = st.builds(lambda uri, text: f"{uri}?{text}" if text else uri, uris, query) | st.text(max_size=30)
names = st.sampled_from(
    [
        *("AssetTag", "HostName", "Boot", "BootSourceOverrideTarget", "Attributes", "Turbo", "VLAN", "VLANId", "Oem"),
        *("IPv4StaticAddresses", "Address", "UserName", "Password", "RoleId", "ResetType", "ImageURI", "Id", "Links"),
        *("Maker", "@odata.id", "@Redfish.SettingsApplyTime"),
    ]
)
texts = st.sampled_from(["On", "ForceOff", "Pxe", "op", "http://example.org/bad", "http://example.org/now"])
likely = st.recursive(
    texts | json, lambda inner: st.dictionaries(names, inner, max_size=4) | st.lists(inner, max_size=3), max_leaves=8
)
headers = st.dictionaries(
    st.sampled_from(["If-Match", "If-None-Match", "OData-Version", "Content-Type", "Authorization", "X-Auth-Token"]),
    st.text(max_size=12) | st.just("*") | st.just("4.0") | st.just("application/json") | st.just("Basic cm9vdDpyb290"),
    max_size=2,
)
requests = st.builds(Request, methods, targets, likely | st.dictionaries(names, likely, max_size=4), headers)


@pytest.fixture
def open_host(machine: Machine, rules: Any) -> Simulator:
    return Simulator(machine, [rules])


@pytest.fixture
def closed_host(machine: Machine, rules: Any) -> Simulator:
    return Simulator(machine, [rules], authenticate=True, credentials={"root": "root"})


@RANDOM
@given(sequence=st.lists(requests, min_size=1, max_size=6), guarded=st.booleans())
def test_no_request_raises_and_no_refusal_changes_anything(
    open_host: Simulator, closed_host: Simulator, sequence: list[Request], guarded: bool
) -> None:
    host = closed_host if guarded else open_host
    host.reset()
    for request in sequence:
        before = host.world.key()
        answer = host.perform(request)
        assert 200 <= answer.status < 600
        assert answer.status != 500, answer.body
        if answer.status >= 400 or not request.mutates:
            assert host.world.key() == before
        host.wait(30)


@cache
def _generated() -> tuple[Simulator, list[str]]:
    """A generated machine with all goal handlers and authentication, and every URI and action target that it has."""
    machine = next(iter(machines(["generated:12"])))
    handlers = list(goal_book(PluginManager([plugin])))
    host = Simulator(machine, handlers, authenticate=True, credentials={"root": "root"})
    found = [*machine.uris()]
    targets = [offer.body["target"] for uri in found for offer in offers(uri, machine.get(uri) or {})]
    return host, [*found, *targets]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_request_to_any_uri_of_a_machine_is_answered(data: Any) -> None:
    host, known = _generated()
    host.reset()
    places = st.builds(
        "".join, st.tuples(st.sampled_from(known), st.sampled_from(["", "/", "/Members", "?only", "/%00"]))
    )
    login = st.sampled_from([{}, {"Authorization": "Basic cm9vdDpyb290"}, {"Authorization": "Basic cm9vdDpyb290"}])
    asked = st.builds(Request, methods, places | targets, likely | st.binary(max_size=12), login)
    for request in data.draw(st.lists(asked, min_size=1, max_size=12)):
        answer = host.perform(request)
        assert 200 <= answer.status < 600
        assert answer.status != 500, (request, answer.body)
        host.wait(20)


@RANDOM
@given(sequence=st.lists(requests, max_size=5), rest=st.lists(requests, max_size=5))
def test_a_restored_state_behaves_as_it_did(open_host: Simulator, sequence: list[Request], rest: list[Request]) -> None:
    host = open_host
    host.reset()
    for request in sequence:
        host.perform(request)
    taken, key = host.snapshot(), host.world.key()
    first = [host.perform(request).status for request in rest]
    end = host.world.key()
    host.restore(taken)
    assert host.world.key() == key
    assert [host.perform(request).status for request in rest] == first
    assert host.world.key() == end


#: Requests that change what a service may remember: methods, users, ETags, settings, members.
_BIOS = f"{SYSTEM}/Bios"
_ACCOUNT = f"{ROOT}/AccountService/Accounts/2"
_SESSIONS = f"{ROOT}/SessionService/Sessions"
_LOGINS = [{"Authorization": f"Basic {b64encode(f'{name}:{name}'.encode()).decode()}"} for name in ("root", "op")]
_LIVELY: list[tuple[str, str, Any]] = [
    *(("GET", uri, None) for uri in (SYSTEM, _BIOS, f"{_BIOS}/Settings", _ACCOUNT, f"{SYSTEM}/Log/1/Entries")),
    *(("OPTIONS", uri, None) for uri in (SYSTEM, _BIOS, _ACCOUNT)),
    *(("PATCH", SYSTEM, change) for change in ({"AssetTag": ""}, {"AssetTag": "b"}, {"AssetTag": "b", "No": 1})),
    *(("PATCH", f"{_BIOS}/Settings", {"Attributes": {"Turbo": value}}) for value in ("On", "Off")),
    ("PATCH", _BIOS, {"Attributes": {"Turbo": "Off"}}),
    *(("PATCH", _ACCOUNT, change) for change in ({"RoleId": "ReadOnly"}, {"Enabled": False}, {"UserName": "other"})),
    ("DELETE", _ACCOUNT, None),
    ("POST", f"{ROOT}/AccountService/Accounts", {"UserName": "op", "Password": "op", "RoleId": "Administrator"}),
    ("POST", _SESSIONS, {"UserName": "op", "Password": "op"}),
    ("POST", f"{SYSTEM}/Actions/ComputerSystem.Reset", {"ResetType": "ForceOff"}),
]


def _swap(transaction: Transaction) -> None:
    """Take the settings object away, or bring it back."""
    pending = f"{_BIOS}/Settings"
    if transaction.resolve(pending) is not None:
        transaction.delete(pending)
    else:
        transaction.put(pending, transaction.machine.get(pending) or {})


@pytest.mark.parametrize("seed", range(4))
def test_nothing_is_remembered_for_longer_than_it_holds(machine: Machine, rules: Any, seed: int) -> None:
    """Two worlds of a service that has answered before are told what a new service tells one in the same state."""
    draws = Random(seed)
    login = {"root": "root", "op": "op"}
    first = Simulator(machine, [rules], authenticate=True, credentials=login)
    hosts = [first, Simulator(first.service, credentials=login)]
    taken = [host.snapshot() for host in hosts]
    for _ in range(150):
        place = draws.randrange(2)
        host = hosts[place]
        match draws.choices(["request", "wait", "swap", "take", "restore", "reset"], [30, 1, 2, 2, 1, 1])[0]:
            case "wait":
                host.wait(30)
            case "swap":
                host.apply(_swap)
            case "take":
                taken[place] = host.snapshot()
            case "restore":
                host.restore(taken[1 - place])
            case "reset":
                host.reset()
            case _:
                request = Request(*draws.choice(_LIVELY), draws.choice(_LOGINS))
                fresh = Simulator(machine, [rules], authenticate=True, credentials=login)
                fresh.restore(host.snapshot())
                told, expected = host.perform(request), fresh.perform(request)
                assert (told.status, told.body) == (expected.status, expected.body), request
                assert dict(told.headers) == dict(expected.headers), request
                assert host.world.key() == fresh.world.key()


@cache
def _writable(type_name: str) -> dict[str, Any]:
    known = facts().properties(type_name)
    return {
        path: fact
        for path, fact in known.items()
        if fact.writable and not fact.write_only and fact.type in {"string", "boolean", "integer", "number"}
        if "/" not in path or path.count("/") == 1
        if path.partition("/")[0] in known and known[path.partition("/")[0]].type != "array"
    }


def _values(fact: Any) -> st.SearchStrategy[Any]:
    if fact.enum:
        return st.sampled_from(fact.enum)
    if fact.type == "boolean":
        return st.booleans()
    if fact.type == "string":
        return st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
    low, high = fact.minimum, fact.maximum
    low, high = (0 if low is None else int(low)), (10**6 if high is None else int(high))
    return st.integers(low, max(low, high))


@RANDOM
@given(data=st.data())
def test_a_valid_value_of_a_writable_property_is_seen_by_a_read(rules: Any, data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(["ComputerSystem", "EthernetInterface"]))
    path, fact = data.draw(st.sampled_from([item for item in _writable(kind).items() if item[1].pattern is None]))
    value = data.draw(_values(fact))
    parent, _, name = path.rpartition("/")
    inside: dict[str, Any] = {name: None}
    body = {
        "@odata.id": f"{ROOT}/Thing",
        "@odata.type": f"#{kind}.v1_0_0.{kind}",
        **({parent: inside} if parent else inside),
    }
    root = {"@odata.id": ROOT, "@odata.type": "#ServiceRoot.v1_0_0.ServiceRoot"}
    resources = [Resource(ROOT, root), Resource(f"{ROOT}/Thing", body)]
    host = Simulator(Machine(Capture.from_resources("one", resources)), [rules])
    if value in ("forbidden", "broken"):
        return
    answer = host.perform(Request("PATCH", f"{ROOT}/Thing", {parent: {name: value}} if parent else {name: value}))
    assert answer.status == 200, answer.body
    shown: Any = host.perform(Request("GET", f"{ROOT}/Thing")).body
    assert (shown[parent] if parent else shown)[name] == value


@given(target=st.dictionaries(st.sampled_from("abc"), plain), change=st.dictionaries(st.sampled_from("abc"), plain))
def test_merging_in_place_and_beside_agree(target: dict[str, Any], change: dict[str, Any]) -> None:
    untouched = copy_json(target)
    beside = merged(target, change)
    assert target == untouched
    merge_object(target, change)
    assert target == beside


@given(target=st.dictionaries(st.sampled_from("abc"), plain))
def test_merging_a_resource_into_itself_or_nothing_changes_nothing(target: dict[str, Any]) -> None:
    assert merged(target, {}) == target
    assert merged({}, target) == target
