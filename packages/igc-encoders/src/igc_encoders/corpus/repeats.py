"""Resources that differ in their numbers alone.

A machine has one resource for each of its hundreds of sensors, cores and slots. More than a few of a shape teach a
model little that it does not know, and cost as much as new ones.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from igc_encoders.rendering import Rendered

#: Decimal and hexadecimal numbers, and identifiers made of them.
_NUMBER = re.compile(r"[0-9A-Fa-f]*[0-9][0-9A-Fa-f]*")


def thinned(resources: Iterable[Rendered], repeats: int) -> Iterator[Rendered]:
    """Yield the first resources of each shape.

    Args:
        resources: Those of one machine.
        repeats: How many of a shape are kept; 0 keeps all.
    """
    seen: Counter[bytes] = Counter()
    for resource in resources:
        if not repeats:
            yield resource
            continue
        shape = _NUMBER.sub("0", resource.text).encode()
        key = hashlib.blake2b(shape, digest_size=16).digest()
        seen[key] += 1
        if seen[key] <= repeats:
            yield resource
