"""A plan as ``nvidia-smi`` commands: what a person would type, and what the dry run prints."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from igc_core.cli import printable
from igc_mig.errors import MigError
from igc_mig.geometry import gpu

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from igc_mig.geometry import Placement
    from igc_mig.plan_file import PlanFile

#: Numbers of the profiles as ``nvidia-smi mig -lgip`` lists them.
_SEVEN = MappingProxyType({"1g": 19, "2g": 14, "3g": 9, "4g": 5, "7g": 0})
PROFILE_IDS: Mapping[str, Mapping[str, int]] = MappingProxyType(
    {"a30": MappingProxyType({"1g": 14, "2g": 5, "4g": 0}), "a100": _SEVEN, "h100": _SEVEN, "h200": _SEVEN}
)


class Line(NamedTuple):
    """A line of the dry run.

    Attributes:
        at_s: When, in seconds from the beginning.
        text: A command, or a comment.
    """

    at_s: float
    text: str


def dry_run(plan: PlanFile, device: int = 0, tasks: Mapping[str, str] | None = None) -> list[Line]:
    """Spell a plan out, in the order in which things are due.

    A placement is a profile's number and the first *memory* slice: ``9:4`` is a 3g on slices 4 to 7. The driver numbers
    instances as they are made, so commands that remove one name it by a shell variable, which the command that lists
    instances tells the value of.

    Args:
        plan: The plan.
        device: Number of the GPU.
        tasks: Command of each task by its name; None where they are not known.

    Raises:
        MigError: The plan names a GPU or a placement that is not known.
    """
    # A plan is decided in another order than it happens; what is due at once stays as it was decided.
    return sorted(_spelled(plan, device, tasks), key=lambda line: line.at_s)


def _spelled(plan: PlanFile, device: int, tasks: Mapping[str, str] | None) -> Iterator[Line]:
    model, smi = gpu(plan.gpu), f"nvidia-smi mig -i {device}"
    ids = PROFILE_IDS[model.name]
    yield Line(0.0, f"nvidia-smi -i {device} -mig 1")
    bars = plan.timeline().bars
    placements = [model.placements[bar.placement] for bar in bars]
    alive: list[Placement] = []
    for bar, place in zip(bars, placements, strict=True):
        if bar.kind == "task" and place not in alive:
            # Without costs the timeline has no bars for what is made and removed.
            for old in [one for one in alive if one.overlaps(place)]:
                yield from _removal(smi, old, bar.start_s)
                alive.remove(old)
            yield from _creation(smi, ids, place, bar.start_s)
            alive.append(place)
        if bar.kind == "create":
            yield from _creation(smi, ids, place, bar.start_s)
            alive.append(place)
        elif bar.kind == "destroy":
            yield from _removal(smi, place, bar.start_s)
            alive.remove(place)
        else:
            name = plan.tasks[bar.task].name
            command = (tasks or {}).get(name, f"<command of {printable(name)}>")
            yield Line(bar.start_s, f"CUDA_VISIBLE_DEVICES=${_variable(place, 'UUID')} {command} &")
    end = plan.timeline().makespan_s
    for old in alive:
        yield from _removal(smi, old, end)


def demand_known(plan: PlanFile, tasks: Mapping[str, str]) -> None:
    """Make sure that each task of a plan has a command.

    Raises:
        MigError: One has none.
    """
    for task in plan.tasks:
        if task.name not in tasks:
            raise MigError(
                f"the task {task.name!r} of the plan has no command",
                code="mig-options-refused",
                hint="give one in the file of --commands",
            )


def _creation(smi: str, ids: Mapping[str, int], place: Placement, at_s: float) -> Iterator[Line]:
    yield Line(at_s, f"{smi} -cgi {ids[place.profile.name]}:{place.start} -C")
    yield Line(at_s, f"{smi} -lgi; nvidia-smi -L  # tells {_variable(place, 'GI')} and {_variable(place, 'UUID')}")


def _removal(smi: str, place: Placement, at_s: float) -> Iterator[Line]:
    number = f"${_variable(place, 'GI')}"
    yield Line(at_s, f"{smi} -dci -gi {number} && {smi} -dgi -gi {number}")


def _variable(place: Placement, kind: str) -> str:
    return f"{kind}_{place.profile.name.upper()}_{place.start}"
