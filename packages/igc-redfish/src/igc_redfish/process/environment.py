"""The Redfish environments: single for Gymnasium and for people, batched for training."""

from __future__ import annotations

import inspect
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from gymnasium import spaces
from pydantic import ValidationError

from igc_core.env import GoalEnvironment
from igc_core.errors import GoalError, PluginError, SettingsError
from igc_core.plugins import suggestion
from igc_redfish.process.batch import BatchedRedfish
from igc_redfish.process.curriculum import Curriculum
from igc_redfish.process.disturbance import Disturbance
from igc_redfish.process.flat import FlatTrial
from igc_redfish.process.flat_index import FlatIndex, KnownMachine
from igc_redfish.process.lexicon import FINGERPRINT
from igc_redfish.process.planner import Planner
from igc_redfish.process.pool import PARTS, Pool
from igc_redfish.process.recollection import Recollection
from igc_redfish.process.rows import Rows
from igc_redfish.process.semantics import SLOTS, Rewards
from igc_redfish.process.serial import SerialBatch
from igc_redfish.process.spaces import observation_space
from igc_redfish.process.supply import SLOW, Supply, sharded
from igc_redfish.process.trial import Trial
from igc_redfish.service.profile import Profile
from igc_redfish.sources import goal_book, listed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from igc_core.protocols import BatchedEnvironment, StateEncoder, View
    from igc_redfish.goals.book import GoalBook
    from igc_redfish.process.scenario import Scenario

#: What an environment runs on where nothing else is asked for.
DEFAULT_SOURCES = ("generated:0-3",)
#: What turns views into arrays.
CANDIDATES, FLAT = "candidates", "flat"


class CandidateCodec:
    """The observation that a trial computes, and its slots."""

    def __init__(self, slots: int = SLOTS) -> None:
        self.observation_space = observation_space(slots)
        self.action_space = spaces.Discrete(slots)

    def encode(self, view: View) -> tuple[dict[str, NDArray[Any]], NDArray[np.bool_]]:
        """Return the observation of a view and its mask."""
        return view.observation, view.simulation.action_masks()

    def compute_reward(self, achieved_goal: Any, desired_goal: Any, info: Any) -> Any:
        """Judge achieved against desired goals, one pair or a batch of them.

        Args:
            achieved_goal: int32, shape ``(..., 8)``.
            desired_goal: int32, shape ``(..., 8)``.
            info: The step's info, or as many of them; its ``cost`` (reward apart from success) counts where it is
                given, else the price of one accepted request.

        Returns:
            float, or float32 of shape ``(...)``.
        """
        rewards = Rewards()
        hit = np.all(np.asarray(achieved_goal) == np.asarray(desired_goal), axis=-1)
        if hit.ndim == 0:
            return float(info.get("cost", rewards.request) + rewards.success * hit)
        costs = [one.get("cost", rewards.request) for one in np.ravel(info)]
        return (np.reshape(np.asarray(costs, np.float32), hit.shape) + rewards.success * hit).astype(np.float32)


class RedfishEnvironment(GoalEnvironment):
    """Goals on Redfish machines, one scenario an episode.

    ``reset(options={"scenario": i})`` starts a given scenario; else one is drawn. ``info`` holds ``cost``, the reward
    apart from success, for ``compute_reward``.

    Attributes:
        pool: The scenarios.
    """

    metadata: dict[str, Any] = {"render_modes": ["ansi"], "render_fps": 4}  # noqa: RUF012 - gymnasium declares it so

    def __init__(self, pool: Pool, *, slots: int = SLOTS, render_mode: str | None = None) -> None:
        self.pool = pool
        self._slots = slots
        super().__init__(self._begin, CandidateCodec(slots), render_mode=render_mode)

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Send the request in a slot; see :meth:`igc_core.env.GoalEnvironment.step`."""
        observation, reward, terminated, truncated, info = super().step(action)
        info["cost"] = reward - Rewards().success * terminated
        return observation, reward, terminated, truncated, info

    def _begin(self, seed: int, options: Mapping[str, Any]) -> Trial:
        scenarios = self.pool.scenarios
        index: int = options.get("scenario", seed % len(scenarios))
        return Trial(scenarios[index], slots=self._slots)


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
    encoder: StateEncoder | str | None = None,
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
        encoder: Adds a vector to every document; an encoder, or the name of an installed one.
        progress: Called with the name of each machine before it is looked at.

    Raises:
        SettingsError: The profile has an unknown quirk.
        GoalError: A family is unknown, a goal cannot be understood or expressed, or no scenario came out.
        CaptureError: A source cannot be read.
    """
    supply = _supply(
        book, planner, encoder, seed, goals, profile, delays,
        families=families, per_family=per_family, composites=composites, parts=parts, varied_starts=varied_starts,
    )  # fmt: skip
    return _filled(supply, sources, progress)


def _supply(
    book: GoalBook | None,
    planner: Planner | None,
    encoder: StateEncoder | str | None,
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
    return Supply(Rows(_encoder(encoder)), book, planner, listed(goals), quirks, options, seed)


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


def _filled(supply: Supply, sources: Sequence[str], progress: Callable[[str], object] | None = None) -> Pool:
    pool = supply.pool(sources, progress)
    if not pool.scenarios:
        problem = _why_empty(pool, supply.options["families"]) if listed(sources) else "no machine was given"
        raise GoalError(problem, code="goal-not-expressible", hint="see `igc goals list --on CAPTURE`")
    return pool


def _encoder(given: StateEncoder | str | None) -> StateEncoder | None:
    if not isinstance(given, str):
        return given
    from igc_core.plugins import PluginManager  # noqa: PLC0415 - only where an encoder is asked for by name

    encoder: StateEncoder = PluginManager.from_environment().build("encoder", given)
    return encoder


def _why_empty(pool: Pool, families: Sequence[str]) -> str:
    unsolved, held = len(pool.unsolved), len(pool.unprepared)
    if unsolved or held:
        return (
            f"no scenario for these machines and goals: {unsolved} goals have no solution, {held} hold from the start"
        )
    of = f" of the family {' or '.join(families)}" if families else ""
    return f"these machines have no goal{of}"


def make(
    sources: Sequence[str] = DEFAULT_SOURCES,
    *,
    codec: str = CANDIDATES,
    slots: int = SLOTS,
    render_mode: str | None = None,
    plan: bool = False,
    **options: Any,
) -> RedfishEnvironment:
    """Build the single environment.

    Args:
        sources: Captures.
        codec: ``"candidates"``, the only one of a single environment.
        slots: Most actions shown at once.
        render_mode: None or ``"ansi"``.
        plan: Whether a planner drops what has no solution.
        **options: Those of :func:`build_pool`.

    Raises:
        PluginError: There is no such option, or no such codec.
    """
    if codec != CANDIDATES:
        problem = f"a single environment has no codec {codec!r}, only {CANDIDATES!r}"
        raise PluginError(problem, code="plugin-options-refused", hint="igc-redfish batches 'flat': make_batched")
    _insist_on_options(options, make)
    pool = build_pool(sources, planner=Planner() if plan else None, **options)
    return RedfishEnvironment(pool, slots=slots, render_mode=render_mode)


def make_batched(
    sources: Sequence[str] = DEFAULT_SOURCES,
    *,
    num_envs: int = 64,
    codec: str = CANDIDATES,
    slots: int = SLOTS,
    plan: bool = True,
    disturbance: Disturbance | Mapping[str, Any] | None = None,
    fresh: int = 0,
    curriculum: bool = False,
    ceilings: bool = False,
    remember: bool = False,
    shard: tuple[int, int] | None = None,
    also: Sequence[str] = (),
    **options: Any,
) -> BatchedEnvironment:
    """Build the batched environment.

    Args:
        sources: Captures.
        num_envs: Episodes at once.
        codec: ``"candidates"`` or ``"flat"``.
        slots: Most actions shown at once, for candidates.
        plan: Whether a planner drops what has no solution, and labels optimal actions.
        disturbance: Random trouble, for candidates.
        fresh: Generated machines that come besides, others at every renewal, for candidates.
        curriculum: Whether composite goals and trouble come in as training goes on, for candidates; see
            :class:`igc_redfish.process.curriculum.Curriculum`.
        ceilings: Whether ``info`` tells the best SPL that can be expected.
        remember: Whether an episode knows where the resources are that earlier ones on its machine read; for
            candidates, and stepped one by one then.
        shard: ``(rank, processes)`` where several processes share the machines.
        also: Machines whose requests and goals get slots although no episode is about them, for the flat codec: what
            trains on some machines can be tried on others so, whose slots mean nothing to it.
        **options: Those of :func:`build_pool`.

    Raises:
        PluginError: There is no such option, or no such codec, or it has no such option.
    """
    if codec not in {CANDIDATES, FLAT}:
        problem = f"there is no codec {codec!r}"
        raise PluginError(problem, code="plugin-options-refused", hint=f"choose {CANDIDATES} or {FLAT}")
    if also and codec != FLAT:
        problem = f"the codec {codec!r} gives no machine's requests slots of their own, so 'also' means nothing to it"
        raise PluginError(problem, code="plugin-options-refused", hint=f"leave it out, or choose the codec {FLAT!r}")
    _insist_on_options(options, make_batched)
    planner = Planner() if plan else None
    supply = _supply(planner=planner, **{**_defaults(), **options})
    progress = options.pop("progress", None)
    pool = _filled(supply, sharded(sources, shard), progress)
    if codec == FLAT:
        known = [KnownMachine(*found) for found in supply.survey([*listed(sources), *listed(also)])]
        return flat_batch(pool.scenarios, num_envs, planner, known)
    trouble = Disturbance.of(disturbance)
    if remember:
        return remembering_batch(pool.scenarios, num_envs, slots, planner)
    return BatchedRedfish(
        pool.scenarios,
        num_envs,
        slots=slots,
        disturbance=None if curriculum else trouble,
        planner=planner,
        fresh=partial(_fresh, supply, fresh) if fresh else None,
        curriculum=Curriculum(disturbance=trouble) if curriculum else None,
        ceilings=ceilings,
    )


def _fresh(supply: Supply, count: int, seed: int) -> Sequence[Scenario]:
    return supply.fresh(count, seed).scenarios


def _defaults() -> dict[str, Any]:
    """Defaults of the options of :func:`build_pool` that say which scenarios are wanted."""
    other = {"sources", "progress", "planner"}
    parameters = inspect.signature(build_pool).parameters.values()
    return {one.name: one.default for one in parameters if one.name not in other}


def _insist_on_options(options: Mapping[str, Any], factory: Callable[..., object]) -> None:
    """Refuse options that neither a factory nor :func:`build_pool` has."""
    own = [name for name in inspect.signature(factory).parameters if name != "options"]
    passed_on = [name for name in inspect.signature(build_pool).parameters if name not in {*own, "planner"}]
    wrong = next((name for name in options if name not in passed_on), None)
    if wrong is not None:
        problem = f"the environment 'redfish' has no option {wrong!r}"
        hint = suggestion(wrong, [*own, *passed_on])
        raise PluginError(problem, code="plugin-options-refused", hint=hint)


def remembering_batch(scenarios: Sequence[Scenario], num_envs: int, slots: int, planner: Planner | None) -> SerialBatch:
    """Build a batched environment whose episodes share what they learned about each machine."""
    memories: dict[int, Recollection] = {}

    def begin(scenario: Scenario) -> Trial:
        memory = memories.setdefault(id(scenario.engine), Recollection())
        return Trial(scenario, slots=slots, memory=memory)

    observations, actions = observation_space(slots), spaces.Discrete(slots)
    layout, codec = scenarios[0].rows.layout, (CANDIDATES, FINGERPRINT)
    return SerialBatch(scenarios, num_envs, begin, observations, actions, planner, layout=layout, codec=codec)


def flat_batch(
    scenarios: Sequence[Scenario], num_envs: int, planner: Planner | None, also: Sequence[KnownMachine] = ()
) -> SerialBatch:
    """Build a batched environment of the flat codec.

    Args:
        scenarios: What episodes are drawn from.
        num_envs: Episodes at once.
        planner: Labels optimal actions; without one there are no labels.
        also: Machines and goals that get slots besides.
    """
    index = FlatIndex(scenarios, also)

    def begin(scenario: Scenario) -> Trial:
        return FlatTrial(scenario, index)

    observations, actions, codec = index.observation_space, index.action_space, (FLAT, index.fingerprint)
    return SerialBatch(scenarios, num_envs, begin, observations, actions, planner, codec=codec)
