from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from igc_core.rest import Response
from igc_redfish.service.messages import error_body
from igc_redfish.service.refusal import Complaint, Refusal
from igc_redfish.service.rules import marked_rules, on_action, on_create, on_delete, on_event, on_patch

if TYPE_CHECKING:
    from collections.abc import Callable

    from igc_redfish.service.transaction import Transaction
    from igc_redfish.simulator import Simulator

ROOT = "/redfish/v1"
SYSTEM = f"{ROOT}/Systems/1"
ACCOUNTS = f"{ROOT}/AccountService/Accounts"


class Own:
    """Rules with answers of their own."""

    def rules(self) -> Any:
        return marked_rules(self)

    @on_patch("ComputerSystem")
    def patch(self, transaction: Transaction, uri: str, payload: dict[str, Any]) -> Response | None:
        tag = payload.pop("AssetTag", "")
        if tag == "job":
            return Response(202, {"Job": 1})
        if tag == "error":
            transaction.set(uri, "HostName", "must not be seen")
            return Response(507, error_body([Complaint("InsufficientStorage")]))
        if tag == "vanish":
            transaction.delete(uri)
        transaction.set(uri, "AssetTag", f"<{tag}>") if tag != "vanish" else None
        return None

    @on_patch("ComputerSystem")
    def listen(self, transaction: Transaction, uri: str, payload: dict[str, Any]) -> None:
        transaction.emit("patched", uri, {"keys": sorted(payload)})

    @on_event("patched")
    def note(self, transaction: Transaction, uri: str, payload: dict[str, Any]) -> None:
        transaction.remember("patched", payload["keys"])

    @on_create("ManagerAccount")
    def create(self, transaction: Transaction, uri: str, payload: dict[str, Any]) -> Response | None:
        return Response(202, {"Later": True}) if payload["UserName"] == "later" else None

    @on_delete("ManagerAccount")
    def empty(self, transaction: Transaction, uri: str, payload: dict[str, Any]) -> Response:
        transaction.set(uri, "UserName", "")
        return Response(200, transaction.get(uri))

    @on_action("ComputerSystem.Reset")
    def reset(self, transaction: Transaction, uri: str, payload: dict[str, Any]) -> Response:
        return Response(200, error_body([Complaint("Success")]))


@pytest.fixture
def own(machine: Any, make: Any) -> Simulator:
    simulator: Simulator = make(machine, [Own()])
    return simulator


@pytest.fixture
def ask(own: Simulator, sender_to: Callable[..., Any]) -> Any:
    return sender_to(own)


def test_a_rule_may_handle_a_property_itself_and_leave_the_rest(ask: Any, own: Simulator) -> None:
    body = ask("PATCH", SYSTEM, {"AssetTag": "x", "HostName": "new"}).body
    assert (body["AssetTag"], body["HostName"]) == ("<x>", "new")
    assert own.world.memory["patched"] == ["HostName"]


def test_a_rule_may_answer_itself(ask: Any) -> None:
    assert ask("PATCH", SYSTEM, {"AssetTag": "job", "HostName": "new"}).status == 202
    assert ask("GET", SYSTEM).body["HostName"] == "new"
    assert ask("POST", f"{SYSTEM}/Actions/ComputerSystem.Reset", {}).status == 200


def test_an_error_that_a_rule_answers_undoes_its_work(ask: Any, own: Simulator) -> None:
    before = own.world.key()
    assert ask("PATCH", SYSTEM, {"AssetTag": "error"}).status == 507
    assert own.world.key() == before


def test_a_resource_may_vanish_by_its_patch(ask: Any) -> None:
    assert ask("PATCH", SYSTEM, {"AssetTag": "vanish", "HostName": "x"}).status == 204
    assert ask("GET", SYSTEM).status == 404


def test_a_creation_may_come_later_or_to_nothing(ask: Any) -> None:
    new = {"Password": "S3cret-word", "RoleId": "Operator"}
    assert ask("POST", ACCOUNTS, {"UserName": "later", **new}).status == 202
    assert ask("POST", ACCOUNTS, {"UserName": "never", **new}).status == 204


def test_a_deletion_may_leave_an_empty_slot(ask: Any) -> None:
    assert ask("DELETE", f"{ACCOUNTS}/2").status == 200
    assert ask("GET", f"{ACCOUNTS}/2").body["UserName"] == ""
    assert len(ask("GET", ACCOUNTS).body["Members"]) == 3


def test_what_is_created_is_listed_by_its_type(own: Simulator) -> None:
    def add(transaction: Transaction) -> None:
        body = {"@odata.type": "#ManagerAccount.v1_0_0.ManagerAccount", "UserName": "new"}
        made = transaction.create(ACCOUNTS, body, member_id="new")
        assert transaction.of_type("ManagerAccount")[-1] == made
        assert transaction.resolve(f"{made}/") == made
        transaction.delete(f"{ACCOUNTS}/1")
        assert transaction.resolve(f"{ACCOUNTS}/1") is None
        with pytest.raises(KeyError):
            transaction.edit(f"{ACCOUNTS}/1")

    own.apply(add)
    assert own.of_type("ManagerAccount") == [f"{ACCOUNTS}/2", f"{ACCOUNTS}/3", f"{ACCOUNTS}/new"]
    assert f"{ACCOUNTS}/new" in set(own.uris())
    assert f"{ACCOUNTS}/1" not in set(own.uris())


def test_a_message_that_no_registry_has_is_told_as_it_is() -> None:
    body = error_body([Complaint("Maker.Odd", ("x",)), Complaint("NoOperation")])
    assert [item["MessageId"] for item in body["error"]["@Message.ExtendedInfo"]] == [
        "Maker.Odd",
        "Base.1.22.NoOperation",
    ]


def test_arguments_stand_where_the_text_has_its_places() -> None:
    refusal = Refusal("PropertyValueNotInList", "%2", "Name")
    message: Any = error_body(refusal.complaints)["error"]["message"]
    assert message == "The value '%2' for the property Name is not in the list of acceptable values."
