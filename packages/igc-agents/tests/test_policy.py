from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch

from igc_agents.corridor import Corridor
from igc_agents.policy import CandidatePolicy, FlatPolicy, build_policy, masked_log_softmax
from igc_agents.shape import CandidateShape, shape_of
from igc_agents.size import NetworkSize
from igc_core.errors import AgentError
from igc_core.tables import Column, Layout, Table

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

SLOTS, BATCH = 8, 5


def layout(documents: int = 4) -> Layout:
    random = np.random.default_rng(0)
    tables = {
        "candidates": Table({"tokens": Column(6, "tokens", 50), "match": Column(3, "values")}),
        "documents": Table({"tokens": Column(9, "tokens", 50), "vector": Column(4, "values")}),
        "goals": Table({"tokens": Column(3, "tokens", 20)}),
    }
    counts = {"candidates": 30, "documents": documents, "goals": 3}
    for name, table in tables.items():
        for row in range(counts[name]):
            table.intern(row, {column: _content(found, random) for column, found in table.columns.items()})
    references = {
        "candidates": "candidates",
        "source": "documents",
        "document": "documents",
        "goal": "goals",
        "history": "candidates",
    }
    return Layout(tables, references, ("values",), "slot_values")


def _content(column: Column, random: np.random.Generator) -> NDArray[Any]:
    if column.kind == "tokens":
        return random.integers(1, column.vocabulary, random.integers(1, column.width + 1))
    return random.standard_normal(column.width).astype(np.float32)


def observation(empty: int = 2) -> dict[str, Tensor]:
    random = np.random.default_rng(1)
    candidates = random.integers(1, 31, (BATCH, SLOTS)).astype(np.int32)
    candidates[:, SLOTS - empty :] = 0
    arrays = {
        "candidates": candidates,
        "source": random.integers(0, 5, (BATCH, SLOTS)).astype(np.int32),
        "slot_values": random.standard_normal((BATCH, SLOTS, 2)).astype(np.float32),
        "document": random.integers(1, 5, (BATCH, 1)).astype(np.int32),
        "goal": random.integers(1, 4, (BATCH, 1)).astype(np.int32),
        "history": random.integers(0, 31, (BATCH, 3)).astype(np.int32),
        "values": random.standard_normal((BATCH, 7)).astype(np.float32),
    }
    return {key: torch.from_numpy(array) for key, array in arrays.items()}


def shape() -> CandidateShape:
    widths = {"candidates": SLOTS, "source": SLOTS, "document": 1, "goal": 1, "history": 3}
    found = layout()
    return CandidateShape.model_validate(
        {
            "slots": SLOTS,
            "tables": {
                name: {
                    column: {"width": one.width, "kind": one.kind, "vocabulary": one.vocabulary}
                    for column, one in table.columns.items()
                }
                for name, table in found.tables.items()
            },
            "references": {key: {"table": table, "width": widths[key]} for key, table in found.references.items()},
            "values": {"values": 7},
            "slot_values": "slot_values",
            "slot_width": 2,
        }
    )


@pytest.fixture
def policy() -> CandidatePolicy:
    torch.manual_seed(0)
    built = build_policy(shape(), NetworkSize(width=16, token_width=8, slot_width=8))
    assert isinstance(built, CandidatePolicy)
    torch.nn.init.normal_(built.network.score.weight)  # far from uniform, so that equality says something
    built.bind(layout())
    return built


def test_permuting_the_candidates_permutes_the_probabilities(policy: CandidatePolicy) -> None:
    seen = observation()
    log_probabilities, values = policy.judge(seen)
    order = torch.randperm(SLOTS)
    per_slot = ("candidates", "source", "slot_values")
    shuffled = seen | {key: seen[key][:, order] for key in per_slot}
    permuted, same_values = policy.judge(shuffled)
    assert log_probabilities.exp().std() > 0.01
    torch.testing.assert_close(permuted, log_probabilities[:, order])
    torch.testing.assert_close(same_values, values)


def test_empty_slots_are_never_chosen_and_change_nothing(policy: CandidatePolicy) -> None:
    seen = observation(empty=3)
    log_probabilities, values = policy.judge(seen)
    assert (log_probabilities[:, -3:].exp() == 0).all()
    changed = seen | {"slot_values": seen["slot_values"].clone()}
    changed["slot_values"][:, -3:] = 99
    again, same_values = policy.judge(changed)
    torch.testing.assert_close(again, log_probabilities)
    torch.testing.assert_close(same_values, values)


@pytest.mark.parametrize("key", ["candidates", "source", "document", "goal", "history", "values", "slot_values"])
def test_every_part_of_the_observation_matters(policy: CandidatePolicy, key: str) -> None:
    seen = observation(empty=0)
    before, value = policy.judge(seen)
    rows = {"goal": 3, "document": 4, "source": 4}
    changed = seen[key] % rows.get(key, 30) + 1 if seen[key].dtype == torch.int32 else seen[key] + 1
    after, other_value = policy.judge(seen | {key: changed})
    assert not torch.allclose(before, after) or not torch.allclose(value, other_value)


def test_batches_do_not_mix(policy: CandidatePolicy) -> None:
    seen = observation()
    together, values = policy.judge(seen)
    for row in range(BATCH):
        alone, value = policy.judge({key: column[row : row + 1] for key, column in seen.items()})
        torch.testing.assert_close(alone[0], together[row])
        torch.testing.assert_close(value[0], values[row])


def test_masked_slots_have_no_probability_and_no_gradient(policy: CandidatePolicy) -> None:
    masks = np.ones((BATCH, SLOTS), np.bool_)
    masks[:, 0] = False
    _, log_probs, entropy = policy.evaluate_actions(observation(), torch.ones(BATCH, dtype=torch.int64), masks)
    assert policy.judge(observation(), masks)[0][:, 0].exp().sum() == 0
    (log_probs.sum() + entropy.sum()).backward()  # type: ignore[no-untyped-call]
    gradients = [parameter.grad for parameter in policy.network.parameters() if parameter.grad is not None]
    assert gradients
    assert all(torch.isfinite(gradient).all() for gradient in gradients)


def test_forward_draws_by_probability(policy: CandidatePolicy) -> None:
    seen = {key: column[:1].expand(4000, *column.shape[1:]) for key, column in observation().items()}
    torch.manual_seed(0)
    with torch.no_grad():
        actions, values, log_probs = policy(seen)
        expected = policy.judge(seen)[0][0].exp()
    drawn = torch.bincount(actions, minlength=SLOTS) / len(actions)
    torch.testing.assert_close(drawn, expected, atol=0.03, rtol=0)
    torch.testing.assert_close(log_probs, expected.log()[actions])
    assert values.shape == (4000, 1)


def test_deterministic_choice_is_the_likeliest(policy: CandidatePolicy) -> None:
    actions, _, _ = policy(observation(), deterministic=True)
    assert actions.tolist() == policy.judge(observation())[0].argmax(1).tolist()
    distribution = policy.get_distribution(observation())
    assert distribution.get_actions(deterministic=True).tolist() == actions.tolist()


def test_tables_may_grow_after_they_are_bound(policy: CandidatePolicy) -> None:
    tables = layout()
    policy.bind(tables)
    before = policy.judge(observation())[0]
    for row in range(1000, 1200):  # enough for the arrays to move
        tables.tables["candidates"].intern(row, {"tokens": np.array([7]), "match": np.ones(3, np.float32)})
    torch.testing.assert_close(policy.judge(observation())[0], before)
    grown = observation() | {"history": torch.full((BATCH, 3), 150, dtype=torch.int32)}
    assert torch.isfinite(policy.judge(grown)[0]).all()


def test_other_tables_are_refused(policy: CandidatePolicy) -> None:
    other = layout()
    other.tables["goals"].columns["tokens"] = Column(4, "tokens", 20)
    with pytest.raises(AgentError, match="use the environment and codec") as caught:
        policy.bind(other)
    assert caught.value.code == "agent-incompatible"


def test_policy_without_tables_says_so() -> None:
    unbound = build_policy(shape(), NetworkSize(width=8, token_width=4, slot_width=4))
    with pytest.raises(AgentError, match="bind it to the layout"):
        unbound.judge(observation())


def test_default_network_is_small() -> None:
    environment = Corridor()
    built = build_policy(shape_of(environment), NetworkSize())
    assert sum(parameter.numel() for parameter in built.parameters()) < 60_000


def test_flat_policy_judges_plain_arrays() -> None:
    environment = Corridor(num_envs=3, codec="flat")
    built = build_policy(shape_of(environment), NetworkSize(width=8))
    assert isinstance(built, FlatPolicy)
    seen = {key: torch.from_numpy(array) for key, array in environment.reset(0).items()}
    log_probabilities, values = built.judge(seen, environment.action_masks())
    assert log_probabilities.shape == (3, 6)
    assert values.shape == (3, 1)
    assert (log_probabilities.exp().detach().numpy()[~environment.action_masks()] == 0).all()


def test_masked_log_softmax_normalises_over_what_is_legal() -> None:
    logits = torch.tensor([[0.0, 1.0, 2.0]])
    found = masked_log_softmax(logits, np.array([[True, True, False]]))
    torch.testing.assert_close(found[0, :2], torch.log_softmax(torch.tensor([0.0, 1.0]), 0))
    assert found[0, 2].exp() == 0


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("document", ["document"]),
        ("history", ["history"]),
        ("goal", ["goal"]),
        ("candidates", ["candidates"]),
        ("values", ["values"]),
        ("slot_values", ["slot_values"]),
        ("documents.tokens", []),
        ("candidates.match", []),
    ],
)
def test_blanked_inputs_do_not_matter_and_the_others_do(name: str, keys: list[str]) -> None:
    torch.manual_seed(0)
    built = build_policy(shape(), NetworkSize(width=16, token_width=8, slot_width=8, without=(name,)))
    torch.nn.init.normal_(built.network.score.weight)  # type: ignore[union-attr]
    built.bind(layout())
    seen = observation(empty=0)
    before, value = built.judge(seen)
    for key in seen:
        rows = {"goal": 3, "document": 4, "source": 4}
        changed = seen[key] % rows.get(key, 30) + 1 if seen[key].dtype == torch.int32 else seen[key] + 1
        after, other_value = built.judge(seen | {key: changed})
        same = torch.allclose(before, after) and torch.allclose(value, other_value)
        assert same == (key in keys), key


@pytest.mark.parametrize(("name", "column"), [("documents.tokens", "tokens"), ("candidates.match", "match")])
def test_blanked_columns_do_not_matter(name: str, column: str) -> None:
    table = name.partition(".")[0]
    torch.manual_seed(0)
    built = build_policy(shape(), NetworkSize(width=16, token_width=8, slot_width=8, without=(name,)))
    first, second = layout(), layout()
    second.tables[table].array(column)[:] = 1
    built.bind(first)
    before, _ = built.judge(observation())
    built.bind(second)
    torch.testing.assert_close(built.judge(observation())[0], before)


def test_unknown_input_to_blank_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(AgentError, match="cannot do without 'matches'") as caught:
        build_policy(shape(), NetworkSize(without=("matches",)))
    assert "candidates.match" in caught.value.hint
    flat = shape_of(Corridor(codec="flat"))
    with pytest.raises(AgentError, match="plain arrays cannot do without 'goal'"):
        build_policy(flat, NetworkSize(without=("goal",)))


def test_rows_kept_between_calls_change_no_figure(policy: CandidatePolicy) -> None:
    seen = observation()
    expected, values = policy.judge(seen)
    for _ in range(2):
        with torch.inference_mode():
            found, same_values = policy.judge(seen)
        torch.testing.assert_close(found, expected)
        torch.testing.assert_close(same_values, values)
    with torch.no_grad():
        policy.network.rows["candidates"].layers[0].bias.add_(1.0)  # type: ignore[index,union-attr]
        changed, _ = policy.judge(seen)
    torch.testing.assert_close(changed, policy.judge(seen)[0])
    assert not torch.allclose(changed, expected)


@pytest.mark.parametrize("codec", ["candidates", "flat"])
def test_probabilities_alone_are_those_that_come_with_values(codec: str) -> None:
    environment = Corridor(num_envs=3, codec=codec)
    policy = build_policy(shape_of(environment), NetworkSize())
    if environment.layout is not None:
        policy.bind(environment.layout)
    seen = {key: torch.as_tensor(array) for key, array in environment.reset(0).items()}
    masks = environment.action_masks()
    with torch.inference_mode():
        alone, (together, _) = policy.log_probabilities(seen, masks), policy.judge(seen, masks)
    assert torch.equal(alone, together)
