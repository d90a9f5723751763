"""What options of an environment may be: a wrong one would give another process, or fail much later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_core.errors import DataError
from igc_core.plugins import suggestion
from igc_mig.errors import MigError

if TYPE_CHECKING:
    from collections.abc import Sequence


def demand_named(field: str, value: str, known: Sequence[str]) -> None:
    """Make sure that an option is one of some names.

    Raises:
        MigError: It is not.
    """
    if value not in known:
        raise MigError(f"the field {field} is {value!r}", hint=suggestion(str(value), known))


def demand_counts(**numbers: int | None) -> None:
    """Make sure that options are numbers from 1 on, or None.

    Raises:
        DataError: One is not; the message names it.
    """
    for field, number in numbers.items():
        if number is not None and number < 1:
            raise DataError(f"the field {field} is {number}, not 1 or more", code="data-invalid")


def demand_range(fewest: int, most: int) -> None:
    """Make sure that batches have some tasks, and at most as many as they may have.

    Raises:
        DataError: They do not.
    """
    demand_counts(tasks=fewest)
    if most < fewest:
        raise DataError(f"the field tasks is ({fewest}, {most}), not the fewest and the most", code="data-invalid")
