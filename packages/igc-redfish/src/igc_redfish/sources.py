"""From texts to machines and goal handlers: what every command and environment begins with."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from igc_core.errors import DataError, PluginError
from igc_redfish.capture.locate import GENERATED, open_machine_source
from igc_redfish.family import GoalFamily
from igc_redfish.goals.book import GoalBook
from igc_redfish.machine import Machine

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from igc_core.plugins import PluginManager
    from igc_core.protocols import GoalHandler

_RANGE = re.compile(r"generated:(\d{1,18})-(\d{1,18})(\?.*)?")
#: Machines that one text may name.
_MOST = 1_000_000


def machines(sources: Iterable[str]) -> Iterator[Machine]:
    """Open machines one after the other.

    Args:
        sources: Each a path of a capture, the name of one in the captures folder, ``generated:SEED``, or
            ``generated:FIRST-LAST`` for several. A text stands for the only one.

    Raises:
        CaptureError: A capture is missing or cannot be read.
        DataError: A range of seeds is empty, or too long.
    """
    for source in listed(sources):
        for text in _some(source):
            yield Machine(open_machine_source(text))


def identities(source: str) -> dict[str, str]:
    """Tell the machines behind a text: ``generated:SEED`` by all that it is drawn from, captures by their content.

    Args:
        source: As for :func:`machines`.

    Returns:
        From a text of each machine alone to what is equal for the same machines, however they are named.

    Raises:
        CaptureError: A capture is missing or cannot be read.
        DataError: A range of seeds is empty, or too long.
    """
    return {text: _identity(text) for text in _some(source)}


def _identity(text: str) -> str:
    if not text.startswith(GENERATED):
        return open_machine_source(text).digest
    from igc_redfish.generate import parse_spec  # noqa: PLC0415 - the generator is imported by those who use it

    return parse_spec(text).spec


def _some(source: str) -> list[str]:
    """Write a text out, which must name a machine."""
    texts = expanded(source)
    if not texts:
        hint = "the first number is the smaller one"
        raise DataError(f"{source[:80]} names no machine", code="data-invalid", hint=hint)
    return texts


def only_machine(source: str) -> Machine:
    """Open the machine that a text names.

    Raises:
        DataError: The text names several machines, or none.
        CaptureError: The capture is missing or cannot be read.
    """
    texts = expanded(source)
    if len(texts) != 1:
        raise DataError(
            f"{source} names {len(texts)} machines; a goal runs on one",
            code="data-invalid",
            hint=f"choose one, e.g. {texts[0]}" if texts else "the first number is the smaller one",
        )
    return Machine(open_machine_source(texts[0]))


def listed(texts: Iterable[str]) -> list[str]:
    """Take a single text for a list of one, not of its letters."""
    return [texts] if isinstance(texts, str) else list(texts)


def expanded(source: str) -> list[str]:
    """Write ``generated:3-5?size=80`` out as three sources; every other text stands for itself.

    Raises:
        DataError: The range names more than a million machines.
    """
    found = _RANGE.fullmatch(source)
    if found is None:
        return [source]
    first, last, options = int(found[1]), int(found[2]), found[3] or ""
    if last - first >= _MOST:
        hint = f"name {_MOST} at most"
        raise DataError(f"{source[:80]} names {last - first + 1} machines", code="data-invalid", hint=hint)
    return [f"generated:{seed}{options}" for seed in range(first, last + 1)]


def goal_book(plugins: PluginManager | None = None) -> GoalBook:
    """Collect the goal handlers for Redfish: those of the given plugins, or all that are installed.

    Raises:
        PluginError: A handler cannot give a machine its state.
    """
    from igc_core.plugins import PluginManager  # noqa: PLC0415 - only where nobody has one already

    manager = plugins or PluginManager.from_environment()
    return GoalBook([_family(name, handler) for name, handler in manager.goal_handlers("redfish").items()])


def _family(name: str, handler: GoalHandler) -> GoalFamily:
    if not isinstance(handler, GoalFamily):
        problem = f"the goal handler {name!r} is no Redfish goal family"
        raise PluginError(problem, code="plugin-broken", hint="derive it from igc_redfish.family.GoalFamily")
    return handler
