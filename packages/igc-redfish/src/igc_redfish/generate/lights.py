"""Locator lights of parts: drives, fans, power supplies and whatever else has one of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

    from igc_redfish.generate.tree import Body, Tree

#: Types whose schema knows the older property too.
_OLD_KINDS = frozenset({"Circuit", "Drive", "Outlet", "Switch"})
_BURNING = 0.15


def add_lights(tree: Tree) -> None:
    """Give the parts that the style names a light, or a share of them."""
    style, rng = tree.style, tree.fork("lights")
    for body in tree.bodies.values() if style.led_parts else ():
        kind = body["@odata.type"].rpartition(".")[2]
        if kind in style.led_parts and rng.random() < style.led_share:
            body.update(_light(rng, kind, style.led))


def _light(rng: Random, kind: str, properties: tuple[str, ...]) -> Body:
    burning = rng.random() < _BURNING
    light: Body = {}
    if kind in _OLD_KINDS and "IndicatorLED" in properties:
        light["IndicatorLED"] = "Lit" if burning else "Off"
    if not light or "LocationIndicatorActive" in properties:
        light["LocationIndicatorActive"] = burning
    return light
