"""The lay of a machine: which systems, chassis and managers there are, and how they belong together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from igc_redfish.generate.spelling import ROOT
from igc_redfish.generate.tree import Tree, link

if TYPE_CHECKING:
    from collections.abc import Mapping

    from igc_redfish.generate.tree import Body

_MODULES_MAX = 40
#: Resources that justify one more module of a modular chassis.
_RESOURCES_PER_MODULE = 25
#: Chassis that one chassis holds where they are in each other.
_BRANCHES = 3


@dataclass(frozen=True, slots=True)
class Site:
    """URIs of the three kinds of things that a service is about.

    Attributes:
        systems: The computer systems.
        chassis: The chassis; the first holds the others where there are several.
        managers: The managers; the first looks after the whole.
        hosts: Those of the systems that can be switched and set up; the others merely show themselves.
        home: Chassis of each system.
        manager_of: Manager of each system.
        locator: State of the locator lights.
    """

    systems: tuple[str, ...]
    chassis: tuple[str, ...]
    managers: tuple[str, ...]
    hosts: tuple[str, ...]
    home: Mapping[str, str]
    manager_of: Mapping[str, str]
    locator: str

    def at_home(self, chassis: str) -> list[str]:
        """List the systems in a chassis."""
        return [system for system in self.systems if self.home[system] == chassis]

    def around(self, nesting: str, chassis: str) -> str:
        """Return the chassis that holds another one, ``""`` for the outermost."""
        index = self.chassis.index(chassis)
        if not index:
            return ""
        return self.chassis[(index - 1) // _BRANCHES if nesting == "deep" else 0]

    def managed_by(self, manager: str) -> list[str]:
        """List the systems of a manager."""
        return [system for system in self.systems if self.manager_of[system] == manager]


def plan(tree: Tree) -> Site:
    """Name the systems, chassis and managers of a style."""
    style = tree.style
    systems = _uris(tree, "Systems", "ComputerSystem", style.system_ids, style.systems)
    several = max(1, len(systems))
    modules = min(_MODULES_MAX, style.size // _RESOURCES_PER_MODULE)
    counts = {"one": 1, "each": several, "enclosure": several + 1, "modules": 1 + modules}
    chassis = _uris(tree, "Chassis", "Chassis", style.chassis_ids, counts[style.chassis])
    managers = _uris(tree, "Managers", "Manager", style.manager_ids, counts[style.managers])
    return Site(
        systems,
        chassis,
        managers,
        hosts=tuple(uri for index, uri in enumerate(systems) if not tree.lacks(index)),
        home=_assign(systems, chassis, shared=style.chassis in {"one", "modules"}),
        manager_of=_assign(systems, managers, shared=style.managers == "one"),
        locator=tree.rng.choices(("Off", "Lit", "Blinking"), (6, 1, 1))[0],
    )


def locator(tree: Tree, site: Site, place: str, index: int) -> Body:
    """Return the locator properties of one of the systems or chassis, if the style has them there."""
    style = tree.style
    if place not in style.led_home or tree.lacks(index):
        return {}
    values = {"IndicatorLED": site.locator, "LocationIndicatorActive": site.locator != "Off"}
    return {key: values[key] for key in style.led}


def links(uris: list[str] | tuple[str, ...]) -> list[Body]:
    """Refer to several resources."""
    return [link(uri) for uri in uris]


def _uris(tree: Tree, segment: str, kind: str, manner: str, count: int) -> tuple[str, ...]:
    collection = tree.at(ROOT, segment)
    return tuple(f"{collection}/{name}" for name in tree.ids.make(manner, kind, count))


def _assign(systems: tuple[str, ...], owners: tuple[str, ...], *, shared: bool) -> dict[str, str]:
    """Give every system the first owner, or one of its own out of the last ones."""
    own = owners[len(owners) - len(systems) :]
    return dict(zip(systems, owners[:1] * len(systems) if shared else own, strict=True))
