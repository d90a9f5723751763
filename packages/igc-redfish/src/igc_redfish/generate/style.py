"""Every choice that distinguishes one generated service from another."""

from __future__ import annotations

from typing import Literal, TypeAlias

from pydantic import Field

from igc_core.models import Model
from igc_redfish.service.profile import Profile

#: Fewest and most resources that a generated service may be asked to have.
SIZE_MIN, SIZE_MAX = 30, 6000

Ids: TypeAlias = Literal[
    "number",
    "zero",
    "padded",
    "word",
    "indexed",
    "dashed",
    "dotted",
    "placed",
    "serial",
    "uuid",
    "name",
    "hex",
    "mixed",
]
Segments: TypeAlias = Literal["canonical", "lower", "leaf", "abbreviated", "renamed"]
Home: TypeAlias = Literal["system", "manager", "chassis"]
Part: TypeAlias = Literal[
    "bios",
    "boot",
    "events",
    "host-network",
    "logs",
    "media",
    "protocol",
    "registries",
    "secure-boot",
    "sessions",
    "storage",
    "tasks",
    "update",
    "volumes",
]


class Style(Model):
    """One way to build a Redfish service. Two equal styles build the same service, byte for byte.

    Attributes:
        seed: Seed of everything that no other field settles: serial numbers, readings, initial states.
        manner: Name of the manner whose correlations the choices follow.
        size: Number of resources.
        vendor: Invented name of the maker.
        era: How old the schemas are.
        versions: Whether all schemas are of that age, or some of them newer.
        systems: Number of computer systems.
        chassis: One for all, one for each system, an enclosure with one for each, or one with many modules.
        nesting: Whether all chassis are in the first one, or in each other.
        managers: One for all, one for each system, or one of an enclosure beside those.
        uneven: Chance that one of several like things lacks what its siblings have: a reset, a light, a name.
        system_ids: How systems are identified.
        chassis_ids: How chassis are identified.
        manager_ids: How managers are identified.
        member_ids: How members of other collections are identified; ``"mixed"`` is each kind in its own way.
        segments: How the segments of URIs are spelt.
        action_paths: Whether targets of actions name the action's type (``ComputerSystem.Reset``), its name alone
            (``Reset``), or are somewhere else altogether.
        accounts_home: Whether accounts live below their service or below a manager.
        media_home: Which resources offer virtual media.
        media_segment: Segment of the virtual media collection.
        logs_home: Which resources have logs.
        logs: Number of logs of each such resource.
        bios_settings: Segment of the resource that takes BIOS changes; ``""`` where the BIOS takes them itself.
        registry_home: Where the BIOS attribute registry is.
        allowable: Whether the values that an action takes are given inline, by ActionInfo, now so and now so, or not at
            all.
        resets: Reset types of systems.
        manager_resets: Reset types of managers.
        chassis_resets: Which chassis can be reset: none, all, or those without a system.
        dates_resets: Whether systems and managers tell when they were last reset.
        boot_sources: Boot sources that may be chosen.
        boot_settings: Whether systems have a settings resource for their boot override.
        users: Number of accounts in use.
        account_ids: Whether accounts are numbered, or identified by their user name.
        account_states: What accounts show of their state.
        slots: Number of account slots, for services that have such.
        parts: The optional parts that exist.
        led: Properties that show and set the locator.
        led_home: Which of systems and chassis have them.
        led_parts: Types of parts that have a locator of their own.
        led_share: Share of these parts that have it indeed.
        ntp: Whether NTP has servers, an empty list of them, a mere switch, or is missing.
        media_slots: What each virtual medium can be.
        media_control: Whether media are inserted by an action or by PATCH.
        bios_names: Manner of BIOS attribute names.
        bios_values: Words for on and off in BIOS attributes.
        bios_attributes: Number of BIOS attributes.
        drives: Number of drives of each system.
        drives_home: Whether drives are below their storage or below a chassis.
        storages: Number of storage subsystems of each system.
        storage_home: Whether storage subsystems are below their system or below the root.
        controllers: Whether storage controllers are part of the subsystem, resources of their own, or both.
        cooling: Whether fans and power supplies are resources, entries of one resource, or both.
        interfaces: Network interfaces of each manager.
        host_interfaces: Network interfaces that each host sees.
        sessions_home: Whether sessions live below their service or below the root.
        references: Chance of each kind of cross-reference, such as a chassis's link to its drives.
        dangling: Share of resources with a link to something that is not there.
        descriptions: Whether resources have a description.
        oem: Share of resources with vendor-specific properties.
        oem_actions: Whether there are vendor-specific actions.
        key_order: Order of properties.
        expanded: Types of members that their collections show whole.
        etags: Whether bodies show ``@odata.etag``.
        contexts: Whether bodies show ``@odata.context``.
        records_methods: Whether the allowed methods of resources are recorded.
        bulk: Kinds of resources that fill the service up to its size, with their weights.
        filler: The kind that takes what the others leave.
        profile: Quirks and delays.
    """

    seed: int = Field(ge=0)
    manner: str
    size: int = Field(ge=SIZE_MIN, le=SIZE_MAX)
    vendor: str = Field(pattern=r"^[A-Z][a-z]+$")
    era: Literal["early", "middle", "late"]
    versions: Literal["even", "mixed"]
    systems: int = Field(ge=0, le=8)
    chassis: Literal["one", "each", "enclosure", "modules"]
    nesting: Literal["flat", "deep"]
    managers: Literal["one", "each", "enclosure"]
    uneven: float = Field(ge=0, le=1)
    system_ids: Ids
    chassis_ids: Ids
    manager_ids: Ids
    member_ids: Ids
    segments: Segments
    action_paths: Literal["qualified", "short", "apart"]
    accounts_home: Literal["service", "manager"]
    media_home: tuple[Home, ...]
    media_segment: str
    logs_home: tuple[Home, ...]
    logs: int = Field(ge=1, le=16)
    bios_settings: str
    registry_home: Literal["file", "bios", "store", "none"]
    allowable: Literal["inline", "info", "mixed", "none"]
    resets: tuple[str, ...]
    manager_resets: tuple[str, ...]
    chassis_resets: Literal["none", "all", "lone"]
    dates_resets: bool
    boot_sources: tuple[str, ...]
    boot_settings: bool
    users: int = Field(ge=1, le=10)
    account_ids: Literal["number", "name"]
    account_states: tuple[str, ...]
    slots: int = Field(ge=8, le=32)
    parts: tuple[Part, ...]
    led: tuple[str, ...]
    led_home: tuple[Home, ...]
    led_parts: tuple[str, ...]
    led_share: float = Field(gt=0, le=1)
    ntp: Literal["servers", "empty", "switch", "none"]
    media_slots: tuple[tuple[str, ...], ...]
    media_control: Literal["actions", "patch"]
    bios_names: Literal["camel", "dotted", "code", "spaced", "snake", "numbered", "dashed", "terse"]
    bios_values: tuple[str, str]
    bios_attributes: int = Field(ge=4, le=400)
    drives: int = Field(ge=0, le=64)
    drives_home: Literal["storage", "chassis"]
    storages: int = Field(ge=1, le=4)
    storage_home: Literal["system", "root"]
    controllers: Literal["inline", "resources", "both"]
    cooling: Literal["entries", "resources", "both"]
    interfaces: int = Field(ge=1, le=8)
    host_interfaces: int = Field(ge=1, le=12)
    sessions_home: Literal["service", "root"]
    references: float = Field(ge=0, le=1)
    dangling: float = Field(ge=0, le=1)
    descriptions: bool
    oem: float = Field(ge=0, le=1)
    oem_actions: bool
    key_order: Literal["identity-first", "identity-last", "alphabetical", "scattered"]
    expanded: tuple[str, ...]
    etags: bool
    contexts: bool
    records_methods: bool
    bulk: tuple[tuple[str, float], ...]
    filler: str
    profile: Profile

    def has(self, part: Part) -> bool:
        """Tell whether an optional part exists."""
        return part in self.parts

    @property
    def spec(self) -> str:
        """The text that :func:`igc_redfish.generate.generate` reads, and the name of what it builds."""
        return f"generated:{self.seed}?manner={self.manner}&size={self.size}"
