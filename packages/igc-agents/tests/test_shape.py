from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from gymnasium import spaces
from pydantic import TypeAdapter

from igc_agents.corridor import Corridor
from igc_agents.shape import AnyShape, CandidateShape, CodecIdentity, FlatShape, shape_of
from igc_core.errors import AgentError
from igc_core.tables import Layout, Table


def stub(observations: Any, layout: Any = None) -> Any:
    return SimpleNamespace(observation_space=observations, action_space=spaces.Discrete(3), layout=layout)


@pytest.mark.parametrize("codec", ["candidates", "flat"])
def test_shape_survives_a_file(codec: str) -> None:
    shape = shape_of(Corridor(codec=codec))
    assert TypeAdapter(AnyShape).validate_json(shape.model_dump_json()) == shape


def test_candidate_shape_tells_slots_from_steps() -> None:
    shape = shape_of(Corridor())
    assert isinstance(shape, CandidateShape)
    assert shape.slot_references == ("candidates",)
    assert shape.step_references == ("document", "goal", "history")
    space = shape.observation_space()
    assert {key: one.shape for key, one in space.items()} == {
        key: one.shape for key, one in Corridor().observation_space.items()
    }


def test_flat_shape_is_chosen_without_a_layout() -> None:
    shape = shape_of(Corridor(codec="flat", rooms=4))
    assert isinstance(shape, FlatShape)
    assert shape.arrays == {"observation": (8,)}


def test_observations_that_no_policy_reads_are_refused() -> None:
    with pytest.raises(AgentError, match="no policy reads Box observations"):
        shape_of(stub(spaces.Box(0, 1, (2,), np.float32)))
    with pytest.raises(AgentError, match="no policy reads Text"):
        shape_of(stub(spaces.Dict({"words": spaces.Text(5)})))


def test_layout_without_candidates_is_refused() -> None:
    layout = Layout({"goals": Table({})}, {"goal": "goals"}, (), "slot_values")
    observations = spaces.Dict({"goal": spaces.Box(0, 9, (1,), np.int32)})
    with pytest.raises(AgentError, match="has no 'candidates' rows"):
        shape_of(stub(observations, layout))


def test_codec_identity_changes_with_shape_and_with_what_the_environment_says() -> None:
    base = CodecIdentity.of(Corridor())
    assert base.name == "corridor"
    assert CodecIdentity.of(Corridor(codec="flat")).fingerprint != base.fingerprint
    versioned = Corridor()
    versioned.codec_fingerprint = "v2"  # type: ignore[attr-defined]
    assert CodecIdentity.of(versioned).fingerprint != base.fingerprint
    assert CodecIdentity.of(Corridor(num_envs=7)) == base


def test_codec_identity_leaves_the_number_of_slots_open_and_nothing_else() -> None:
    shape = shape_of(Corridor())
    assert isinstance(shape, CandidateShape)
    wide = {
        key: one.model_copy(update={"width": 99}) if one.width == shape.slots else one
        for key, one in shape.references.items()
    }
    assert shape.model_copy(update={"slots": 99, "references": wide}).of_any_slots() == shape.of_any_slots()
    assert shape.model_copy(update={"slot_width": 5}).of_any_slots() != shape.of_any_slots()
