"""A tiny host and generated machines to decide on."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from igc_redfish.capture import ROOT, Capture, Resource
from igc_redfish.goals import builtin_handlers
from igc_redfish.goals.book import GoalBook
from igc_redfish.machine import Machine
from igc_redfish.process.engine import Engine
from igc_redfish.process.planner import Planner
from igc_redfish.process.pool import Pool
from igc_redfish.process.rows import Rows
from igc_redfish.process.scenario import Scenario
from igc_redfish.service.profile import Delays, Profile
from igc_redfish.sources import machines

SYSTEM, MANAGER, ACCOUNTS = f"{ROOT}/Systems/alpha", f"{ROOT}/Managers/bmc", f"{ROOT}/AccountService/Accounts"
RESETS = ["On", "ForceOff", "GracefulShutdown", "ForceRestart"]
TREE: list[tuple[str, str, dict[str, Any]]] = [
    (
        ROOT,
        "ServiceRoot.v1_15_0",
        {name: {"@odata.id": f"{ROOT}/{name}"} for name in ("Systems", "Managers", "AccountService")},
    ),
    (f"{ROOT}/Systems", "ComputerSystemCollection", {"Members": [{"@odata.id": SYSTEM}]}),
    (
        SYSTEM,
        "ComputerSystem.v1_20_0",
        {
            "PowerState": "On",
            "LastResetTime": "2025-01-01T00:00:00Z",
            "IndicatorLED": "Off",
            "Boot": {
                "BootSourceOverrideEnabled": "Disabled",
                "BootSourceOverrideTarget": "None",
                "BootSourceOverrideTarget@Redfish.AllowableValues": ["None", "Pxe", "Cd"],
            },
            "Bios": {"@odata.id": f"{SYSTEM}/Bios"},
            "Actions": {
                "#ComputerSystem.Reset": {
                    "target": f"{SYSTEM}/Actions/ComputerSystem.Reset",
                    "ResetType@Redfish.AllowableValues": RESETS,
                },
                "Oem": {"#Contoso.Explode": {"target": f"{SYSTEM}/Actions/Oem/Contoso.Explode"}},
            },
        },
    ),
    (
        f"{SYSTEM}/Bios",
        "Bios.v1_2_0",
        {
            "Attributes": {"Turbo": True, "Cores": 4},
            "@Redfish.Settings": {"SettingsObject": {"@odata.id": f"{SYSTEM}/Bios/Settings"}},
        },
    ),
    (f"{SYSTEM}/Bios/Settings", "Bios.v1_2_0", {"Attributes": {}}),
    (f"{ROOT}/Managers", "ManagerCollection", {"Members": [{"@odata.id": MANAGER}]}),
    (
        MANAGER,
        "Manager.v1_20_0",
        {
            "LastResetTime": "2025-01-01T00:00:00Z",
            "Actions": {
                "#Manager.Reset": {
                    "target": f"{MANAGER}/Actions/Manager.Reset",
                    "@Redfish.ActionInfo": f"{MANAGER}/ResetActionInfo",
                }
            },
        },
    ),
    (
        f"{MANAGER}/ResetActionInfo",
        "ActionInfo.v1_1_0",
        {"Parameters": [{"Name": "ResetType", "Required": True, "AllowableValues": ["GracefulRestart"]}]},
    ),
    (f"{ROOT}/AccountService", "AccountService.v1_10_0", {"Accounts": {"@odata.id": ACCOUNTS}}),
    (ACCOUNTS, "ManagerAccountCollection", {"Members": [{"@odata.id": f"{ACCOUNTS}/{n}"} for n in (1, 2)]}),
    (f"{ACCOUNTS}/1", "ManagerAccount.v1_9_0", {"UserName": "root", "RoleId": "Administrator", "Enabled": True}),
    (f"{ACCOUNTS}/2", "ManagerAccount.v1_9_0", {"UserName": "eve", "RoleId": "ReadOnly", "Enabled": True}),
]

BOOK = GoalBook(builtin_handlers())


@cache
def _pool_of(*sources: str, per_family: int = 2, composites: int = 0) -> tuple[Pool, Planner]:
    pool, planner = Pool(), Planner()
    for machine in machines(sources):
        engine = Engine(machine, list(BOOK))
        pool.add_machine(engine, BOOK, per_family=per_family, composites=composites, planner=planner)
    return pool, planner


@pytest.fixture(scope="session")
def pool_of() -> Callable[..., tuple[Pool, Planner]]:
    """Make scenarios on the named machines, with the planner that measured them; built once for all tests."""
    return _pool_of


@pytest.fixture(scope="session")
def book() -> GoalBook:
    """All families."""
    return BOOK


@pytest.fixture
def host() -> Callable[..., Engine]:
    """Build the tiny host; keyword arguments are quirks, or delays where they end in ``_s``."""

    def build(rename: Callable[[str], str] = str, **quirks: Any) -> Engine:
        resources = []
        for uri, kind, body in TREE:
            full = {"@odata.id": uri, "@odata.type": f"#{kind}.{kind.partition('.')[0]}", **body}
            resources.append(Resource(rename(uri), _renamed(full, rename)))
        delays = Delays(**{name: quirks.pop(name) for name in list(quirks) if name.endswith("_s")})
        capture = Capture.from_resources("host", resources)
        return Engine(Machine(capture, Profile(**quirks, delays=delays)), list(BOOK))

    return build


@pytest.fixture
def scenario(host: Callable[..., Engine]) -> Callable[..., Scenario]:
    """Begin a goal, as a text, on the tiny host."""

    def begin(text: str, engine: Engine | None = None, **quirks: Any) -> Scenario:
        engine = engine or host(**quirks)
        return Scenario(engine, BOOK.bind(BOOK.parse(text), engine.reader(0)), BOOK, 0, Rows())

    return begin


def _renamed(value: Any, rename: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {key: _renamed(item, rename) for key, item in value.items()}
    if isinstance(value, list):
        return [_renamed(item, rename) for item in value]
    return rename(value) if isinstance(value, str) and value.startswith("/") else value
