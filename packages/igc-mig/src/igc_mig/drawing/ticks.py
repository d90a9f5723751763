"""Round numbers on an axis of time."""

from __future__ import annotations

import math


def ticks(end_s: float, wanted: int = 8) -> list[float]:
    """Choose round seconds from 0 to the end: multiples of 1, 2 or 5 times a power of ten.

    Args:
        end_s: Where the axis ends.
        wanted: About how many.
    """
    if end_s <= 0:
        return [0.0]
    rough = end_s / wanted
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    return [round(step * index, 9) for index in range(int(end_s / step + 1e-9) + 1)]
