"""Scenarios on machines, from the options that say which are wanted."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from igc_core.encoding import named_encoder
from igc_core.errors import GoalError, PluginError, SettingsError
from igc_core.plugins import suggestion
from igc_redfish.process.options import checked
from igc_redfish.process.pool import PARTS, Pool
from igc_redfish.process.rows import Rows
from igc_redfish.process.supply import SLOW, Supply
from igc_redfish.service.profile import Profile
from igc_redfish.sources import goal_book, listed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from igc_core.models import EncoderIdentity
    from igc_core.protocols import StateEncoder
    from igc_redfish.goals.book import GoalBook
    from igc_redfish.process.planner import Planner

#: What an environment runs on where nothing else is asked for.
DEFAULT_SOURCES = ("generated:0-3",)


@checked
def build_pool(
    sources: Sequence[str] = DEFAULT_SOURCES,
    *,
    book: GoalBook | None = None,
    goals: Sequence[str] = (),
    families: Sequence[str] = (),
    per_family: int = 2,
    composites: int = 0,
    parts: Sequence[int] = PARTS,
    varied_starts: bool = False,
    profile: Mapping[str, Any] | None = None,
    delays: bool = False,
    seed: int = 0,
    planner: Planner | None = None,
    encoder: StateEncoder | str | Mapping[str, Any] | None = None,
    progress: Callable[[str], object] | None = None,
) -> Pool:
    """Make scenarios on machines.

    Args:
        sources: Captures (paths, names or ``generated:...``), or one; see :func:`igc_redfish.sources.machines`.
        book: Goal handlers; all installed ones if None.
        goals: Texts of the only goals wanted; those that the machines can express if empty.
        families: The only families wanted; all if empty.
        per_family: Most scenarios of a family on one machine.
        composites: Most scenarios of composite goals on one machine.
        parts: How many sub-goals these have.
        varied_starts: Whether episodes begin in states that differ from the capture, too.
        profile: Quirks that every machine has instead of its own; see :class:`igc_redfish.service.profile.Profile`.
        delays: Whether power, restarts, tasks and updates take their time on every machine.
        seed: Which goals are drawn.
        planner: Drops scenarios without solution and measures the shortest one.
        encoder: Adds a vector to every document: an encoder, the name of an installed one, or a table of its name and
            its options, e.g. ``{"name": "hashed-tokens", "width": 32}``. Agents keep name and options.
        progress: Called with the name of each machine before it is looked at.

    Raises:
        SettingsError: An option has a value that it does not take, or the profile an unknown quirk.
        GoalError: A family is unknown, a goal cannot be understood or expressed, or no scenario came out.
        CaptureError: A source cannot be read.
    """
    supply = supply_of(
        book, planner, encoder, seed, goals, profile, delays,
        families=families, per_family=per_family, composites=composites, parts=parts, varied_starts=varied_starts,
    )  # fmt: skip
    return filled(supply, sources, progress)


def supply_of(
    book: GoalBook | None,
    planner: Planner | None,
    encoder: StateEncoder | str | Mapping[str, Any] | None,
    seed: int,
    goals: Sequence[str],
    profile: Mapping[str, Any] | None,
    delays: bool,
    **options: Any,
) -> Supply:
    """Check what scenarios are wanted."""
    book = book or goal_book()
    options["families"] = listed(options["families"])
    for family in options["families"]:
        book.handler(family)
    quirks = _profile(profile, delays)
    return Supply(Rows(*_encoder(encoder)), book, planner, listed(goals), quirks, options, seed)


def _profile(stated: Mapping[str, Any] | None, delays: bool) -> Mapping[str, Any]:
    """Check quirks that all machines shall have.

    Raises:
        SettingsError: There is no such quirk, or it has another kind of value.
    """
    quirks = {"delays": SLOW.model_dump()} if delays else {}
    quirks |= stated or {}
    try:
        Profile.model_validate(quirks)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        problem = f"the profile is not valid: {where}: {first['msg']}"
        raise SettingsError(problem, hint=f"it may set {', '.join(Profile.model_fields)}") from error
    return quirks


def filled(supply: Supply, sources: Sequence[str], progress: Callable[[str], object] | None = None) -> Pool:
    """Make scenarios on named machines.

    Raises:
        GoalError: There are none, or a goal cannot be understood or expressed.
        CaptureError: A source cannot be read.
    """
    pool = supply.pool(sources, progress)
    if not pool.scenarios:
        problem = _why_empty(pool, supply.options["families"]) if listed(sources) else "no machine was given"
        raise GoalError(problem, code="goal-not-expressible", hint="see `igc goals list --on CAPTURE`")
    return pool


def _encoder(
    given: StateEncoder | str | Mapping[str, Any] | None,
) -> tuple[StateEncoder, EncoderIdentity] | tuple[None, None]:
    return (None, None) if given is None else named_encoder(given)


def _why_empty(pool: Pool, families: Sequence[str]) -> str:
    unsolved, held = len(pool.unsolved), len(pool.unprepared)
    if unsolved or held:
        return (
            f"no scenario for these machines and goals: {unsolved} goals have no solution, {held} hold from the start"
        )
    of = f" of the family {' or '.join(families)}" if families else ""
    return f"these machines have no goal{of}"


def defaults() -> dict[str, Any]:
    """Defaults of the options of :func:`build_pool` that say which scenarios are wanted."""
    other = {"sources", "progress", "planner"}
    parameters = inspect.signature(build_pool).parameters.values()
    return {one.name: one.default for one in parameters if one.name not in other}


def insist_on_options(options: Mapping[str, Any], factory: Callable[..., object]) -> None:
    """Refuse options that neither a factory nor :func:`build_pool` has."""
    own = [name for name in inspect.signature(factory).parameters if name != "options"]
    passed_on = [name for name in inspect.signature(build_pool).parameters if name not in {*own, "planner"}]
    wrong = next((name for name in options if name not in passed_on), None)
    if wrong is not None:
        problem = f"the environment 'redfish' has no option {wrong!r}"
        hint = suggestion(wrong, [*own, *passed_on])
        raise PluginError(problem, code="plugin-options-refused", hint=hint)
