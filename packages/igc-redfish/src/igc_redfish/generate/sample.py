"""Draws styles."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from igc_core.errors import DataError
from igc_redfish.generate import naming
from igc_redfish.generate.build import core_size
from igc_redfish.generate.free import BULK, FINER, FREE, LED_PARTS, PARTS, QUIRKS
from igc_redfish.generate.manners import MANNERS
from igc_redfish.generate.style import SIZE_MAX, SIZE_MIN, Style
from igc_redfish.service.profile import Delays, Profile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from random import Random

    from igc_redfish.generate.free import Options
    from igc_redfish.generate.style import Part

#: Chance that a choice of a manner is left to accident after all: no maker is consistent.
_STRAY = 0.08
#: Seeds what is drawn apart from the rest.
_POLISH = "polish"
#: Chance that a machine takes time.
_SLOW = 0.35
#: Least and greatest chance of a quirk, whatever the manner: firmware changes.
_QUIRK_LEAST, _QUIRK_MOST = 0.05, 0.95
#: Chance that parts have locators of their own.
_LIT_PARTS = 0.55
#: Drives of a storage subsystem whose volumes can be created.
_DRIVES_LEAST = 2
#: Types of parts that are no resources where services keep entries of them.
_COOLED = frozenset({"Battery", "Fan", "Heater", "PowerSupply"})
#: Quirks and parts that one manner of building excludes.
_PARTS_OF_HOSTS = frozenset({"bios", "boot", "host-network", "secure-boot", "storage", "volumes"})


def sample_style(seed: int, *, manner: str | None = None, size: int | None = None) -> Style:
    """Draw a style.

    Args:
        seed: The same seed gives the same style.
        manner: One of :data:`MANNERS`; drawn where None.
        size: Number of resources; drawn where None. A size that was drawn and then asked for gives the same style.

    Raises:
        DataError: There is no such manner, or the seed or the size is out of bounds.
    """
    _check(seed, manner, size)
    weights = {name: known.weight for name, known in MANNERS.items()}
    chosen: str = manner or _draw(naming.seeded(seed, "manner"), weights)
    low, high = (math.log(bound) for bound in MANNERS[chosen].size)
    wanted = size or round(math.exp(naming.seeded(seed, chosen, "size").uniform(low, high)))
    rng = naming.seeded(seed, chosen, "style")
    choices = {field: _draw(rng, _options(rng, chosen, field, free)) for field, free in FREE.items()}
    choices["profile"] = _profile(rng, chosen)
    choices["parts"] = tuple(part for part in PARTS if rng.random() < _chance(chosen, part))
    choices["vendor"] = naming.vendor(rng)
    choices |= _finer(naming.seeded(seed, chosen, _POLISH), chosen)
    style = Style(seed=seed, manner=chosen, size=wanted, **_consistent(choices))
    return _trimmed(style, rng)


def _check(seed: int, manner: str | None, size: int | None) -> None:
    if manner is not None and manner not in MANNERS:
        raise DataError(f"no manner {manner!r}", code="data-invalid", hint=f"choose one of: {', '.join(MANNERS)}")
    if seed < 0:
        raise DataError(f"the seed {seed} is negative", code="data-invalid", hint="choose 0 or more")
    if size is not None and not SIZE_MIN <= size <= SIZE_MAX:
        problem = f"a generated service cannot have {size} resources"
        raise DataError(problem, code="data-invalid", hint=f"choose {SIZE_MIN} to {SIZE_MAX}")


def _finer(rng: Random, manner: str) -> dict[str, Any]:
    """Draw what leaves all other choices as they are."""
    choices = {field: _draw(rng, _options(rng, manner, field, free)) for field, free in FINER.items()}
    choices["led_parts"] = _led_parts(rng)
    choices["bulk"] = _bulk(rng, choices["led_parts"])
    return choices


def _draw(rng: Random, options: Options) -> Any:
    return rng.choices(list(options), list(options.values()))[0]


def _options(rng: Random, manner: str, field: str, free: Options) -> Options:
    """Return the manner's options of a field, or the free ones where it leaves that open or by accident."""
    stray = rng.random() < _STRAY
    return free if stray else MANNERS[manner].choices.get(field, free)


def _chance(manner: str, part: str) -> float:
    return MANNERS[manner].parts.get(part, PARTS[part])


def _profile(rng: Random, manner: str) -> Profile:
    chances = {**QUIRKS, **MANNERS[manner].quirks}
    quirks = {quirk: rng.random() < min(max(chances[quirk], _QUIRK_LEAST), _QUIRK_MOST) for quirk in QUIRKS}
    return Profile(**quirks, delays=_delays(rng))


def _delays(rng: Random) -> Delays:
    """Most machines are at once where they are told to go; the others take seconds or minutes."""
    update_s = rng.choice((0.0, 30.0, 60.0, 120.0))
    if rng.random() < 1 - _SLOW:
        return Delays(update_s=update_s)
    return Delays(
        power_s=rng.choice((0.0, 3.0, 10.0)),
        post_s=rng.choice((0.0, 20.0, 60.0)),
        manager_s=rng.choice((0.0, 30.0, 90.0)),
        task_s=rng.choice((0.0, 5.0, 15.0)),
        update_s=update_s,
    )


def _led_parts(rng: Random) -> tuple[str, ...]:
    """Choose the types of parts that have locators; on many machines none has."""
    if rng.random() >= _LIT_PARTS:
        return ()
    return tuple(kind for kind, (chance, _) in LED_PARTS.items() if rng.random() < chance)


def _bulk(rng: Random, led_parts: Sequence[str]) -> tuple[tuple[str, float], ...]:
    """Choose what a machine has besides, what carries its lights included, and how much of each."""
    lit = {LED_PARTS[kind][1] for kind in led_parts}
    kinds = [kind for kind, (chance, _) in BULK.items() if rng.random() < chance or kind in lit]
    weights = {kind: max(BULK[kind][1], float(kind in lit)) for kind in kinds or ["schemas"]}
    return tuple((kind, round(weight * (rng.expovariate(1.0) + 0.05), 3)) for kind, weight in weights.items())


def _consistent(choices: dict[str, Any]) -> Mapping[str, Any]:
    """Take back what the other choices make impossible."""
    parts = set(choices["parts"])
    quirks: dict[str, bool] = {}
    if not choices["systems"]:
        parts -= _PARTS_OF_HOSTS
        choices["chassis"] = "modules" if choices["chassis"] in {"each", "enclosure"} else choices["chassis"]
        choices["managers"] = "one"
    if choices["era"] == "early":
        choices["cooling"] = "entries"
    elif choices["cooling"] == "entries" and _COOLED & set(choices["led_parts"]):
        choices["cooling"] = "both"
    if "storage" not in parts:
        parts.discard("volumes")
    if "volumes" in parts:
        choices["drives"] = max(choices["drives"], _DRIVES_LEAST * choices["storages"])
    if not choices["bios_settings"]:
        quirks |= {"bios_jobs": False, "bios_pending_full": False}
    if choices["profile"].account_slots:
        choices["account_ids"] = "number"
        choices["users"] = min(choices["users"], choices["slots"] // 2 - 1)
    if choices["allowable"] != "info":
        quirks["media_protocol_required"] = False
    profile: Profile = choices["profile"].model_copy(update=quirks)
    if profile.bios_jobs:
        profile = profile.model_copy(update={"delays": profile.delays.model_copy(update={"power_s": 0.0})})
    choices["profile"] = profile
    choices["parts"] = tuple(part for part in PARTS if part in parts)
    return choices


def _trimmed(style: Style, rng: Random) -> Style:
    """Leave out systems, then parts, until the service fits into the size asked for."""
    spare = list(style.parts)
    rng.shuffle(spare)
    while core_size(style) > style.size and (smaller := _smaller(style, spare)):
        style = style.model_copy(update=smaller)
    return style


def _smaller(style: Style, spare: list[Part]) -> dict[str, Any]:
    """Return the next thing to do without, or nothing."""
    slots = style.profile.account_slots
    reductions: tuple[tuple[bool, str, Any], ...] = (
        (style.systems > 1, "systems", style.systems // 2),
        (style.host_interfaces > 1, "host_interfaces", style.host_interfaces // 2),
        (style.interfaces > 1, "interfaces", style.interfaces // 2),
        (style.logs > 1, "logs", style.logs // 2),
        (style.boot_settings, "boot_settings", False),
        (style.storages > 1, "storages", style.storages // 2),
        (style.chassis != "one", "chassis", "one"),
        (style.managers != "one", "managers", "one"),
        (style.has("storage") and style.drives > 1, "drives", style.drives // 2),
        (style.drives_home != "storage", "drives_home", "storage"),
        (style.controllers != "inline", "controllers", "inline"),
        (slots, "profile", style.profile.model_copy(update={"account_slots": False})),
    )
    for applies, field, value in reductions:
        if applies:
            return {field: value}
    if spare:
        dropped = spare.pop()
        return {"parts": tuple(part for part in style.parts if part != dropped)}
    return {"users": style.users // 2} if style.users > 1 else {}
