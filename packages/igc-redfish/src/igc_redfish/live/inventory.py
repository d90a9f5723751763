"""Inventories: which hosts a fleet has, and how each is reached. They hold no password."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, ValidationError

from igc_core.errors import DataError
from igc_core.models import Model
from igc_core.redaction import is_secret_key
from igc_redfish.bodies import as_object, as_objects
from igc_redfish.live.access import Access

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST_BYTES = 16 << 20
#: Keys that speak of passwords and hold none.
_HARMLESS = frozenset({"password_env"})


class Reach(Model):
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


class _File(Model):
    version: Literal[1]
    defaults: dict[str, Any] = Field(default_factory=dict)
    hosts: Annotated[tuple[dict[str, Any], ...], Field(min_length=1, max_length=100_000)]


def read_inventory(path: str | Path) -> tuple[FleetHost, ...]:
    """Read an inventory (TOML): ``version = 1``, a table ``[defaults]``, and a table ``[[hosts]]`` for each host.

    Paths in it are relative to its folder.

    Raises:
        DataError: It cannot be read, is no inventory, names a host twice, or holds a password.
    """
    place = Path(path)
    try:
        content = place.read_bytes()
    except OSError as error:
        raise DataError(f"cannot read the inventory {place}: {error.strerror}", code="data-missing") from error
    if len(content) > _MOST_BYTES:
        raise _invalid(place, f"it has {len(content)} bytes, and {_MOST_BYTES} are read")
    try:
        table = tomllib.loads(content.decode())
        _refuse_passwords(place, table)
        file = _File.model_validate(table)
        Reach.model_validate(file.defaults)
        hosts = tuple(_host({**file.defaults, **host}, place.parent) for host in file.hosts)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _invalid(place, f"it is not TOML: {error}") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise _invalid(place, f"{where}: {first['msg'].lower()}") from error
    twice = [name for name, count in Counter(host.name for host in hosts).items() if count > 1]
    if twice:
        raise _invalid(place, f"it names {twice[0]} twice")
    return hosts


def _host(values: Mapping[str, Any], folder: Path) -> FleetHost:
    host = FleetHost.model_validate(values)
    placed = {name: str(folder / given) for name in ("capture", "ca") if (given := getattr(host, name))}
    return host.model_copy(update=placed)


def _refuse_passwords(path: Path, table: Mapping[str, Any]) -> None:
    for found in (as_object(table.get("defaults")), *as_objects(table.get("hosts"))):
        for key in found:
            if is_secret_key(key) and key not in _HARMLESS:
                raise _invalid(path, f"{key!r} stands in it; passwords come from variables (password_env) or a keyring")


def _invalid(path: Path, problem: str) -> DataError:
    hint = "see the how-to on live hosts for what an inventory may state"
    return DataError(f"the inventory {path} cannot be used: {problem}", code="data-invalid", hint=hint)
