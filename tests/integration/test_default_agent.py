"""The agent that comes with igc-agents: what it is, how it was made, and that its recipe makes such agents."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest
import torch

from igc_agents import default_agent, saving
from igc_agents.agents import PolicyAgent
from igc_agents.evaluation import evaluate_batched
from igc_agents.recipe import Recipe
from igc_agents.shape import CodecIdentity
from igc_agents.training import train
from igc_core.cli.app import main
from igc_core.runs import RunFolder, RunManifest
from igc_redfish.process.environment import make_batched

if TYPE_CHECKING:
    from pathlib import Path

    from igc_agents.agents import BatchAgent
    from igc_agents.report import Group

#: Machines that no recipe names: fresh ones have seeds from a million on.
UNSEEN = ["generated:700-705"]
#: What is left out of the recipe so that it takes seconds.
SMALL: dict[str, Any] = {"processes": 1, "steps": 16_000, "warm_start_steps": 10_000, "minutes": None}
SMALL_ENVIRONMENT: dict[str, Any] = {"sources": ["generated:0-5"], "fresh": 0, "composites": 2}


def recipe() -> dict[str, Any]:
    return tomllib.loads((files("igc_agents") / "recipes" / "shipped.toml").read_text())


@pytest.fixture(scope="module")
def environment() -> Any:
    return make_batched(UNSEEN, num_envs=32, per_family=2)


def tried(agent: BatchAgent, environment: Any) -> Group:
    torch.set_num_threads(1)
    return evaluate_batched(agent, environment, 200, seed=5).overall


def test_it_reaches_nearly_every_goal_on_machines_that_it_never_saw(environment: Any) -> None:
    agent = default_agent.load(layout=environment.layout, codec=CodecIdentity.of(environment))
    total = tried(agent, environment)
    assert total.success.mean > 0.97
    assert total.efficiency.mean > 0.85
    assert total.destructive is not None
    assert total.destructive.mean == 0


def test_it_tells_how_it_was_made() -> None:
    manifest = saving.read_manifest(default_agent.folder())
    stated = Recipe.parse({**recipe(), "minutes": manifest.training["recipe"]["minutes"]})  # a limit, and not reached
    assert manifest.training["recipe"] == stated.model_dump(mode="json")
    assert manifest.training["steps"] >= recipe()["steps"]
    assert {"torch", "igc-agents"} <= manifest.versions.keys()


def test_it_is_small() -> None:
    held = [path for path in default_agent.folder().iterdir() if path.name != "__pycache__"]
    assert {path.name for path in held} == {saving.MANIFEST, saving.WEIGHTS}
    assert sum(path.stat().st_size for path in held) < 1_000_000


def test_a_small_training_by_its_recipe_comes_near_it(environment: Any, tmp_path: Path) -> None:
    stated = {**recipe(), **SMALL}
    small = Recipe.parse(stated)
    options = {**stated["environment"], **SMALL_ENVIRONMENT}
    run = RunFolder.create(tmp_path / "run", RunManifest.of_this_process(seeds={"training": 0}))
    training = train(small, make_batched(num_envs=small.n_envs, seed=small.seed, **options), run)
    fitting = {"layout": environment.layout, "codec": CodecIdentity.of(environment)}
    learned, shipped = PolicyAgent.load(training.agent, **fitting), default_agent.load(**fitting)
    few, many = tried(learned, environment), tried(shipped, environment)
    assert few.success.mean > 0.8
    assert many.efficiency.mean > few.efficiency.mean - 0.02


def test_it_is_what_runs_a_goal_where_no_agent_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "power off", "--on", "generated:3"]) == 0
    shown = capsys.readouterr().out
    assert "by default" in shown
    assert "reached and verified: 3 requests, 0 refused" in shown
