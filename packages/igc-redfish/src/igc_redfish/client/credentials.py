"""Who asks: user and password from the environment, a keyring or a prompt, never from the command line."""

from __future__ import annotations

import getpass
import importlib
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from igc_redfish.client.errors import ClientError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from igc_redfish.client.origin import Origin

USER_VARIABLE = "IGC_REDFISH_USER"
PASSWORD_VARIABLE = "IGC_REDFISH_PASSWORD"  # noqa: S105 - the name of a variable
#: Name of the service in the keyring; its entries are ``USER@https://HOST``.
KEYRING_SERVICE = "igc"


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user and its password, which no repr shows."""

    user: str
    password: SecretStr


def find_credentials(
    origin: Origin,
    *,
    user: str = "",
    password_variable: str = "",
    environ: Mapping[str, str] = os.environ,
    prompt: bool | None = None,
) -> Credentials | None:
    """Look for the credentials of a host: the environment, then the keyring if one is installed, then a prompt.

    Args:
        origin: The host.
        user: The user; ``$IGC_REDFISH_USER`` if empty.
        password_variable: Name of the variable that holds the password; ``IGC_REDFISH_PASSWORD`` if empty.
        environ: The environment.
        prompt: Whether a person may be asked; by default where standard input is a terminal.

    Returns:
        The credentials, or None where no user is named: the host is then asked without any.

    Raises:
        ClientError: A user is named, but its password is nowhere.
    """
    user = user or environ.get(USER_VARIABLE, "")
    if not user:
        if password_variable:
            raise _lacking(f"${password_variable} is given without a user", f"name one, or set {USER_VARIABLE}")
        return None
    variable = password_variable or PASSWORD_VARIABLE
    password = environ.get(variable)
    if password is None and password_variable:
        raise _lacking(f"the variable {password_variable} is not set", "set it to the password")
    if password is None:
        password = _from_keyring(f"{user}@{origin}")
    if password is None and (sys.stdin.isatty() if prompt is None else prompt):
        password = getpass.getpass(f"password of {user} on {origin}: ")
    if password is None:
        raise _lacking(f"there is no password for {user} on {origin}", f"set {PASSWORD_VARIABLE}")
    return Credentials(user, SecretStr(password))


def _from_keyring(entry: str) -> str | None:
    """Ask the keyring; one that is missing, locked or broken has nothing to say."""
    try:
        keyring: Any = importlib.import_module("keyring")
    except ImportError:
        return None
    try:
        found = keyring.get_password(KEYRING_SERVICE, entry)
    except keyring.errors.KeyringError:
        return None
    return found if isinstance(found, str) else None


def _lacking(message: str, hint: str) -> ClientError:
    return ClientError(message, code="client-credentials", hint=hint)
