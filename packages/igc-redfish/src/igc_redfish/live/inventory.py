"""Inventories: which hosts a fleet has, and how each is reached. They hold no password."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from igc_core.redaction import is_secret_key
from igc_redfish.bodies import as_object, as_objects
from igc_redfish.client.errors import ClientError
from igc_redfish.client.origin import Origin
from igc_redfish.live.access import Access
from igc_redfish.live.toml_file import Table, Version, read_toml, unusable

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST_BYTES = 16 << 20
#: Keys that speak of passwords and hold none.
_HARMLESS = frozenset({"password_env"})


class Reach(Table):
    """How hosts are reached, unless a host says otherwise; the options of ``igc run --target`` of the same names."""

    user: str = ""
    password_env: str = ""
    ca: str = ""
    fingerprint: str = ""
    insecure: bool = False
    allow_http: bool = False
    rate: float = Field(default=0.0, ge=0)


class FleetHost(Reach):
    """One host.

    Attributes:
        name: How it is called in tables and files.
        url: Its address.
        capture: File of its capture, relative to the inventory; crawled into it if missing.
    """

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")
    url: str = Field(min_length=1)
    capture: str = ""

    @property
    def access(self) -> Access:
        """How it is reached."""
        return Access(
            url=self.url,
            user=self.user,
            password_variable=self.password_env,
            ca=Path(self.ca) if self.ca else None,
            fingerprint=self.fingerprint,
            insecure=self.insecure,
            plain=self.allow_http,
            rate=self.rate,
        )


class _File(Table):
    version: Version
    defaults: dict[str, Any] = Field(default_factory=dict)
    hosts: Annotated[tuple[dict[str, Any], ...], Field(min_length=1, max_length=100_000, strict=False)]


def read_inventory(path: str | Path) -> tuple[FleetHost, ...]:
    """Read an inventory (TOML): ``version = 1``, a table ``[defaults]``, and a table ``[[hosts]]`` for each host.

    Paths in it are relative to its folder.

    Raises:
        DataError: It cannot be read, is no inventory, names a host twice, gives it no address, or holds a password.
    """
    place = Path(path)
    hosts = read_toml(place, "inventory", partial(_hosts, place), most_bytes=_MOST_BYTES)
    twice = [name for name, count in Counter(host.name for host in hosts).items() if count > 1]
    if twice:
        raise unusable(place, "inventory", f"it names {twice[0]} twice")
    return hosts


def _hosts(path: Path, table: Mapping[str, Any]) -> tuple[FleetHost, ...]:
    _refuse_passwords(path, table)
    file = _File.model_validate(table)
    Reach.model_validate(file.defaults)
    return tuple(_host(path, {**file.defaults, **host}) for host in file.hosts)


def _host(path: Path, values: Mapping[str, Any]) -> FleetHost:
    host = FleetHost.model_validate(values)
    try:
        Origin.parse(host.url)
    except ClientError as error:  # told here, as addresses with passwords would go into results and tables
        raise unusable(path, "inventory", f"{host.name}: {error.message}") from error
    placed = {name: str(path.parent / given) for name in ("capture", "ca") if (given := getattr(host, name))}
    return host.model_copy(update=placed)


def _refuse_passwords(path: Path, table: Mapping[str, Any]) -> None:
    for found in (as_object(table.get("defaults")), *as_objects(table.get("hosts"))):
        for key in found:
            if is_secret_key(key) and key not in _HARMLESS:
                problem = f"{key!r} stands in it; passwords come from variables (password_env) or a keyring"
                raise unusable(path, "inventory", problem)
