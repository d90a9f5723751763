"""What options of an environment may be: a wrong one would give another process, or fail much later."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from igc_core.errors import DataError
from igc_core.plugins import suggestion
from igc_mig.errors import MigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: The most of what takes memory; of anything else there may be as many as a number of 64 bits counts.
MOST: Final[Mapping[str, int]] = MappingProxyType(
    {
        "tasks": 1_000_000,
        "batches": 10_000,
        "N": 10_000,
        "slots": 1_000_000,
        "M": 10_000,
        "levels": 10_000,
        "num_envs": 100_000,
        "samples": 10_000,
        "imitation": 1_000_000,
    }
)
_COUNTABLE: Final = 2**63 - 1
#: The most tasks that are held at once, of all batches together.
MOST_TASKS: Final = 10_000_000


def demand_named(field: str, value: str, known: Sequence[str]) -> None:
    """Make sure that an option is one of some names.

    Raises:
        MigError: It is not.
    """
    if value not in known:
        raise MigError(f"the field {field} is {value!r}", hint=suggestion(str(value), known))


def demand_counts(**numbers: int | None) -> None:
    """Make sure that options are numbers from 1 on, or None, and that what there are so many of fits into a memory.

    Raises:
        DataError: One is not, or does not; the message names it.
    """
    for field, number in numbers.items():
        if number is not None and number < 1:
            raise DataError(f"the field {field} is {number}, not 1 or more", code="data-invalid")
        most = MOST.get(field, _COUNTABLE)
        if number is not None and number > most:
            raise DataError(f"the field {field} is {number}, more than {most:,}", code="data-invalid")


def demand_together(batches: int, tasks: int) -> None:
    """Make sure that batches fit into a memory together.

    Raises:
        DataError: They do not.
    """
    if batches * tasks > MOST_TASKS:
        problem = f"{batches:,} batches of {tasks:,} tasks are more than {MOST_TASKS:,} tasks at once"
        raise DataError(problem, code="data-invalid", hint="give fewer of either")


def demand_range(fewest: int, most: int) -> None:
    """Make sure that batches have some tasks, and at most as many as they may have.

    Raises:
        DataError: They do not.
    """
    demand_counts(tasks=fewest)
    if most < fewest:
        raise DataError(f"the field tasks is ({fewest}, {most}), not the fewest and the most", code="data-invalid")
