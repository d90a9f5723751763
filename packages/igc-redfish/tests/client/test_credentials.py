from __future__ import annotations

import getpass
import sys
from types import ModuleType

import pytest

from igc_redfish.client import ClientError, Origin, find_credentials

BMC = Origin.parse("https://bmc7")


class Keyring(ModuleType):
    """The outer library, with one entry."""

    class errors:  # noqa: N801 - as the library has it
        KeyringError = RuntimeError

    def __init__(self, *, locked: bool = False) -> None:
        super().__init__("keyring")
        self.locked = locked

    def get_password(self, service: str, entry: str) -> str | None:
        if self.locked:
            raise self.errors.KeyringError
        return "from the ring" if (service, entry) == ("igc", "root@https://bmc7") else None


@pytest.fixture(autouse=True)
def _no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)


def test_environment_names_user_and_password() -> None:
    found = find_credentials(BMC, environ={"IGC_REDFISH_USER": "root", "IGC_REDFISH_PASSWORD": "calvin"})
    assert found is not None
    assert (found.user, found.password.get_secret_value()) == ("root", "calvin")


def test_named_variable_comes_first() -> None:
    environ = {"IGC_REDFISH_PASSWORD": "wrong", "RACK7": "right"}
    found = find_credentials(BMC, user="root", password_variable="RACK7", environ=environ)
    assert found is not None
    assert found.password.get_secret_value() == "right"


def test_nobody_is_asked_where_no_user_is_named() -> None:
    assert find_credentials(BMC, environ={"IGC_REDFISH_PASSWORD": "calvin"}, prompt=True) is None


def test_keyring_is_asked_after_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", Keyring())
    found = find_credentials(BMC, user="root", environ={}, prompt=False)
    assert found is not None
    assert found.password.get_secret_value() == "from the ring"


def test_locked_keyring_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", Keyring(locked=True))
    monkeypatch.setattr(getpass, "getpass", lambda _: "typed")
    found = find_credentials(BMC, user="root", environ={}, prompt=True)
    assert found is not None
    assert found.password.get_secret_value() == "typed"


@pytest.mark.parametrize(
    ("user", "variable"),
    [("root", ""), ("root", "RACK7"), ("", "RACK7")],
    ids=["no password", "variable unset", "no user"],
)
def test_what_is_missing_is_said(user: str, variable: str) -> None:
    with pytest.raises(ClientError) as caught:
        find_credentials(BMC, user=user, password_variable=variable, environ={}, prompt=False)
    assert caught.value.code == "client-credentials"
    assert variable in str(caught.value)


def test_password_is_in_no_repr() -> None:
    found = find_credentials(BMC, user="root", environ={"IGC_REDFISH_PASSWORD": "calvin"})
    assert "calvin" not in f"{found!r} {found}"
