"""The batched environments, by what turns views into arrays."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from gymnasium import spaces

from igc_core.errors import PluginError
from igc_redfish.process.batch import BatchedRedfish
from igc_redfish.process.build import DEFAULT_SOURCES, defaults, filled, insist_on_options, supply_of
from igc_redfish.process.curriculum import Curriculum
from igc_redfish.process.disturbance import Disturbance
from igc_redfish.process.flat import FlatTrial
from igc_redfish.process.flat_index import FlatIndex, KnownMachine
from igc_redfish.process.lexicon import FINGERPRINT
from igc_redfish.process.options import checked
from igc_redfish.process.planner import Planner
from igc_redfish.process.recollection import Recollection
from igc_redfish.process.semantics import SLOTS
from igc_redfish.process.serial import SerialBatch
from igc_redfish.process.spaces import observation_space
from igc_redfish.process.supply import Supply, sharded
from igc_redfish.process.trial import Trial
from igc_redfish.sources import listed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from igc_core.protocols import BatchedEnvironment
    from igc_redfish.process.scenario import Scenario

#: What turns views into arrays.
CANDIDATES, FLAT = "candidates", "flat"


@checked
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
        ceilings: Whether ``info`` tells the best SPL that can be expected, for candidates.
        remember: Whether an episode knows where the resources are that earlier ones on its machine read; for
            candidates, stepped one by one then, and without what tells of trouble, fresh machines, a curriculum or
            ceilings.
        shard: ``(rank, processes)`` where several processes share the machines.
        also: Machines whose requests and goals get slots although no episode is about them, for the flat codec: what
            trains on some machines can be tried on others so, whose slots mean nothing to it.
        **options: Those of :func:`build_pool`.

    Raises:
        PluginError: There is no such option, or no such codec, or it has no such option.
        SettingsError: An option has a value that it does not take.
    """
    insist_on_options(options, make_batched)
    only_candidates = {"disturbance": disturbance, "fresh": fresh, "curriculum": curriculum, "ceilings": ceilings}
    _insist_on_codec(codec, also, only_candidates, remember)
    progress = options.pop("progress", None)
    trouble, planner = Disturbance.of(disturbance), Planner() if plan else None
    supply = supply_of(planner=planner, **{**defaults(), **options})
    pool = filled(supply, sharded(sources, shard), progress)
    if codec == FLAT:
        known = [KnownMachine(*found) for found in supply.survey([*listed(sources), *listed(also)])]
        return flat_batch(pool.scenarios, num_envs, planner, known)
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


def _insist_on_codec(codec: str, also: Sequence[str], only_candidates: Mapping[str, Any], remember: bool) -> None:
    """Refuse a codec that does not exist, and options that mean nothing to the chosen one."""
    if codec not in {CANDIDATES, FLAT}:
        raise _refused(f"there is no codec {codec!r}", f"choose {CANDIDATES} or {FLAT}")
    if also and codec != FLAT:
        problem = f"the codec {codec!r} gives no machine's requests slots of their own, so 'also' means nothing to it"
        raise _refused(problem, f"leave it out, or choose the codec {FLAT!r}")
    stated = {**only_candidates, "remember": remember and codec == FLAT}
    given = next((name for name, value in stated.items() if value), None)
    if given is not None and codec == FLAT:
        raise _refused(f"the codec {FLAT!r} has no {given!r}", f"leave it out, or choose the codec {CANDIDATES!r}")
    if given is not None and remember:
        raise _refused(f"episodes that remember have no {given!r}", "leave it out, or 'remember'")


def _refused(problem: str, hint: str) -> PluginError:
    return PluginError(problem, code="plugin-options-refused", hint=hint)


def _fresh(supply: Supply, count: int, seed: int) -> Sequence[Scenario]:
    return supply.fresh(count, seed).scenarios


def remembering_batch(scenarios: Sequence[Scenario], num_envs: int, slots: int, planner: Planner | None) -> SerialBatch:
    """Build a batched environment whose episodes share what they learned about each machine."""

    def anew() -> Callable[[Scenario], Trial]:
        memories: dict[int, Recollection] = {}

        def begin(scenario: Scenario) -> Trial:
            memory = memories.setdefault(id(scenario.engine), Recollection())
            return Trial(scenario, slots=slots, memory=memory)

        return begin

    observations, actions = observation_space(slots), spaces.Discrete(slots)
    layout, codec = scenarios[0].rows.layout, (CANDIDATES, FINGERPRINT)
    return SerialBatch(
        scenarios, num_envs, anew(), observations, actions, planner, layout=layout, codec=codec, anew=anew
    )


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
