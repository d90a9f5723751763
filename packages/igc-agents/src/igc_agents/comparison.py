"""Agents side by side: what ``igc evaluate`` writes, and all that pages and pictures are made of."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from pydantic import Field, JsonValue, ValidationError

from igc_agents.curves import Curve
from igc_agents.episodes import Episodes
from igc_agents.report import Report, summarise, worst_first
from igc_agents.tracing import Trace
from igc_core.errors import DataError
from igc_core.models import Model

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from igc_agents.evaluation import Result
    from igc_agents.subjects import Subject

#: Fields of a report, which stand at the top of the file too.
_FIGURES = frozenset(Report.model_fields)


class Spread(Model):
    """How a figure differs between trainings of one agent.

    Attributes:
        values: The figure of each training.
    """

    values: tuple[float, ...] = Field(min_length=2)

    @property
    def deviation(self) -> float:
        """Sample standard deviation."""
        return float(np.std(self.values, ddof=1))


class Compared(Model):
    """One agent.

    Attributes:
        name: Its name.
        runs: Folders of its trainings, or its name in the catalogue.
        report: How good it is, all trainings taken together.
        spread: Between its trainings, by figure: ``success``, ``efficiency`` and ``refused``; empty for one training.
    """

    name: str
    runs: tuple[str, ...]
    report: Report
    spread: dict[str, Spread] = Field(default_factory=dict)


class Comparison(Model):
    """Agents side by side.

    In the file the figures of the first agent stand at the top as well, as a :class:`~igc_agents.report.Report`.

    Attributes:
        format: Version of the file's form.
        made: When, ISO 8601 in UTC.
        environment: Name of the environment.
        options: What it was built with.
        partial: Whether it was interrupted, so that episodes are missing.
        agents: The agents.
        episodes: Every episode.
        traces: Some episodes request by request.
        curves: How trained agents learned.
    """

    format: Literal[1] = 1
    made: str = Field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    environment: str = ""
    options: dict[str, JsonValue] = Field(default_factory=dict)
    partial: bool = False
    agents: tuple[Compared, ...]
    episodes: Episodes
    traces: tuple[Trace, ...] = ()
    curves: tuple[Curve, ...] = ()

    @classmethod
    def of(cls, results: Mapping[Subject, Sequence[Result]], *, seed: int = 0, **about: Any) -> Self:
        """Take episodes of several agents together.

        Args:
            results: Episodes of each agent; agents without any are left out.
            seed: Seed of the intervals.
            **about: The other attributes.
        """
        tried = {subject: found for subject, found in results.items() if found}
        agents = tuple(_compared(subject.name, subject.runs, found, seed) for subject, found in tried.items())
        return cls(agents=agents, episodes=Episodes.of(list(tried.values())), **about)

    def to_json(self) -> str:
        """Write the file."""
        figures = self.agents[0].report.model_dump_json()[1:-1] if self.agents else ""
        return "{" + (figures + "," if figures else "") + self.model_dump_json()[1:] + "\n"

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what :meth:`to_json` wrote.

        Raises:
            DataError: The file is missing, or is none of these.
        """
        hint = "name a file that `igc evaluate --json` wrote"
        try:
            value: Any = json.loads(path.read_bytes())
            found = cls.model_validate({key: item for key, item in value.items() if key not in _FIGURES})
        except OSError as error:
            raise DataError(f"cannot read {path}: {error.strerror}", code="data-missing", hint=hint) from error
        except ValidationError as error:
            where = ".".join(map(str, error.errors()[0]["loc"]))
            problem = f"{path} holds no evaluation: {where}: {error.errors()[0]['msg']}"
            raise DataError(problem, code="data-invalid", hint=hint) from error
        except (ValueError, AttributeError, RecursionError) as error:
            raise DataError(f"{path} holds no evaluation", code="data-invalid", hint=hint) from error
        if not found.agents:
            raise DataError(f"{path} holds an evaluation of no agent", code="data-invalid", hint=hint)
        return found

    def rows(self) -> list[dict[str, str]]:
        """Give one record an agent, for a table."""
        several = any(agent.spread for agent in self.agents)
        return [
            {"agent": agent.name, **agent.report.overall.cells(), **(_spread_cells(agent) if several else {})}
            for agent in self.agents
        ]

    def rows_by(self, kind: Literal["family", "machine"]) -> list[dict[str, str]]:
        """Give one record a family or machine with success and SPL of every agent; the first agent's worst first."""
        reports = [agent.report for agent in self.agents]
        groups = [report.families if kind == "family" else report.machines for report in reports]
        names = list(dict.fromkeys(name for found in groups for name in worst_first(found)))
        return [
            {kind: name}
            | {
                agent.name: _both(found[name]) if name in found else ""
                for agent, found in zip(self.agents, groups, strict=True)
            }
            for name in names
        ]


def merged(comparisons: Sequence[Comparison], *, seed: int = 0) -> Comparison:
    """Put files together: agents of one name are one agent, whose episodes are those of all files.

    Args:
        comparisons: At least one.
        seed: Seed of the intervals.
    """
    if len(comparisons) == 1:
        return comparisons[0]
    results: dict[str, list[Result]] = {}
    runs: dict[str, dict[str, None]] = {}
    for comparison in comparisons:
        for number, agent in enumerate(comparison.agents):
            results.setdefault(agent.name, []).extend(comparison.episodes.results(number))
            runs.setdefault(agent.name, {}).update(dict.fromkeys(agent.runs))
    first = comparisons[0]
    return Comparison(
        environment=first.environment,
        options={} if any(one.options != first.options for one in comparisons) else first.options,
        partial=any(one.partial for one in comparisons),
        agents=tuple(_compared(name, tuple(runs[name]), found, seed) for name, found in results.items()),
        episodes=Episodes.of(list(results.values())),
        traces=tuple(trace for one in comparisons for trace in one.traces),
        curves=tuple(dict.fromkeys(curve for one in comparisons for curve in one.curves)),
    )


def _compared(name: str, runs: tuple[str, ...], results: Sequence[Result], seed: int) -> Compared:
    return Compared(name=name, runs=runs, report=summarise(results, seed=seed), spread=_spread(results))


def _spread(results: Sequence[Result]) -> dict[str, Spread]:
    """Take the trainings apart: each figure of each."""
    runs = sorted({found.run for found in results})
    if len(runs) < 2:  # noqa: PLR2004 - one training does not differ from itself
        return {}
    groups = [summarise([found for found in results if found.run == run]).overall for run in runs]
    found: dict[str, Spread] = {}
    for name in ("success", "efficiency", "refused"):
        estimates = [getattr(group, name) for group in groups]
        if all(estimates):
            found[name] = Spread(values=tuple(one.mean for one in estimates))
    return found


def _spread_cells(agent: Compared) -> dict[str, str]:
    heads = {"success": "success of runs", "efficiency": "SPL of runs"}
    return {head: _each_and_deviation(agent.spread.get(name)) for name, head in heads.items()}


def _each_and_deviation(spread: Spread | None) -> str:
    if spread is None:
        return ""
    return f"{', '.join(f'{value:.2f}' for value in spread.values)} (sd {spread.deviation:.3f})"


def _both(group: Any) -> str:
    efficiency = f", {group.efficiency.mean:.2f}" if group.efficiency else ""
    return f"{group.success.mean:.2f}{efficiency}"
