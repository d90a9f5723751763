"""Every episode of an evaluation, as columns: small in a file, and enough to work out any figure anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from pydantic import model_validator

from igc_agents.evaluation import Result
from igc_core.models import Model

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Stands for what nobody counted.
_UNKNOWN = -1


class Episodes(Model):
    """One entry an episode in each of the columns.

    Attributes:
        families: Names that ``family`` numbers.
        machines: Names that ``machine`` numbers.
        scenarios: Texts of goals that ``scenario`` numbers.
        agent: Number of the agent.
        run: Number of the agent's training.
        seed: Seed of the episodes.
        family: Number of the goal's family.
        machine: Number of the machine.
        scenario: Number of the goal.
        success: 1 where the goal was reached.
        requests: Requests made.
        shortest: The fewest that reach the goal, 0 where unknown.
        refused: Requests that were refused, -1 where nobody counted.
        destructive: Destructive requests that the goal did not ask for, -1 where nobody counted.
        ceiling: The best efficiency that can be expected, or null.
    """

    families: tuple[str, ...] = ()
    machines: tuple[str, ...] = ()
    scenarios: tuple[str, ...] = ()
    agent: tuple[int, ...] = ()
    run: tuple[int, ...] = ()
    seed: tuple[int, ...] = ()
    family: tuple[int, ...] = ()
    machine: tuple[int, ...] = ()
    scenario: tuple[int, ...] = ()
    success: tuple[int, ...] = ()
    requests: tuple[int, ...] = ()
    shortest: tuple[int, ...] = ()
    refused: tuple[int, ...] = ()
    destructive: tuple[int, ...] = ()
    ceiling: tuple[float | None, ...] = ()

    @model_validator(mode="after")
    def _is_rectangular(self) -> Self:
        names = {"families": self.family, "machines": self.machine, "scenarios": self.scenario}
        lengths = {len(column) for name, column in self if name not in names}
        if len(lengths) > 1:
            problem = "the columns have different lengths"
            raise ValueError(problem)
        for name, column in names.items():
            if column and not 0 <= min(column) <= max(column) < len(getattr(self, name)):
                problem = f"a number is outside of {name}"
                raise ValueError(problem)
        return self

    @classmethod
    def of(cls, results: Sequence[Sequence[Result]]) -> Self:
        """Put the episodes of several agents into columns."""
        rows = [(number, found) for number, of_one in enumerate(results) for found in of_one]
        families, machines, scenarios = (
            tuple(dict.fromkeys(getattr(found, key) for _, found in rows)) for key in ("family", "machine", "scenario")
        )
        number = [{name: place for place, name in enumerate(names)} for names in (families, machines, scenarios)]
        return cls(
            families=families,
            machines=machines,
            scenarios=scenarios,
            agent=tuple(agent for agent, _ in rows),
            run=tuple(found.run for _, found in rows),
            seed=tuple(found.seed for _, found in rows),
            family=tuple(number[0][found.family] for _, found in rows),
            machine=tuple(number[1][found.machine] for _, found in rows),
            scenario=tuple(number[2][found.scenario] for _, found in rows),
            success=tuple(int(found.success) for _, found in rows),
            requests=tuple(found.requests for _, found in rows),
            shortest=tuple(found.shortest for _, found in rows),
            refused=tuple(_UNKNOWN if found.refused is None else found.refused for _, found in rows),
            destructive=tuple(_UNKNOWN if found.destructive is None else found.destructive for _, found in rows),
            ceiling=tuple(found.ceiling for _, found in rows),
        )

    def results(self, agent: int) -> list[Result]:
        """Give the episodes of one agent back."""
        return [
            Result(
                family=self.families[self.family[row]],
                machine=self.machines[self.machine[row]],
                success=bool(self.success[row]),
                requests=self.requests[row],
                shortest=self.shortest[row],
                refused=_known(self.refused[row]),
                destructive=_known(self.destructive[row]),
                ceiling=self.ceiling[row],
                scenario=self.scenarios[self.scenario[row]],
                seed=self.seed[row],
                run=self.run[row],
            )
            for row, number in enumerate(self.agent)
            if number == agent
        ]


def _known(count: int) -> int | None:
    return None if count == _UNKNOWN else count
