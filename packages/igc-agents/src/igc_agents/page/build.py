"""The page, put together."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources
from typing import TYPE_CHECKING, Any

import jinja2
from markupsafe import Markup

from igc_agents.page.charts import LEVELS, METRICS, groups_by_name, heat_map, intervals, plot
from igc_agents.page.tree import grown
from igc_core.rest import WAIT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from igc_agents.comparison import Comparison
    from igc_agents.intervals import Estimate
    from igc_agents.tracing import Trace, TraceStep

_REFUSED = 400
#: Most agents with heat maps: the style sheet has as many tabs.
_MAPPED = 6


def build_page(comparison: Comparison) -> str:
    """Write an evaluation as a page of its own.

    The page loads nothing, and its content security policy forbids that it ever does; what services answered is text
    in it, never markup. Without JavaScript, tables, pictures and episodes are all there, one below the other.

    Args:
        comparison: The evaluation, with at least one agent.

    Returns:
        HTML.
    """
    style, script = (_own(name) for name in ("page.css", "page.js"))
    curves = [curve for curve in comparison.curves if curve.steps]
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            about=comparison,
            agents=comparison.agents,
            first=comparison.agents[0],
            machines=comparison.agents[0].report.machines,
            families=comparison.agents[0].report.families,
            cards=_cards(comparison),
            intervals=[intervals(comparison, metric) for metric in METRICS],
            knows_best=any(agent.report.overall.attained for agent in comparison.agents),
            heat_maps=[
                heat_map(one.name, one.report, metric) for one in comparison.agents[:_MAPPED] for metric in METRICS
            ],
            levels=LEVELS,
            plots=[plot(curves, metric) for metric in METRICS] if curves else [],
            tables=[
                ("family", groups_by_name(comparison, "families")),
                ("machine", groups_by_name(comparison, "machines")),
            ],
            episodes=_by_family(comparison.traces),
            style=Markup(style),  # noqa: S704 - our own file
            script=Markup(script),  # noqa: S704 - our own file
            policy=f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; base-uri 'none'",
        )
    )


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("igc_agents.page", "."),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    filters: dict[str, Any] = environment.filters
    filters |= {"grown": grown, "fate": _fate, "figure": _figure, "percent": _percent}
    return environment


def _own(name: str) -> str:
    return (resources.files("igc_agents.page") / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """Hash inline content as a content security policy names it (CSP level 3, section 2.3.1)."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _cards(comparison: Comparison) -> list[dict[str, str]]:
    """Word the headline figures of the first agent."""
    overall = comparison.agents[0].report.overall
    shown: list[tuple[str, Estimate | None, str, str]] = [
        ("Success", overall.success, ".1%", "of episodes reached their goal"),
        ("SPL", overall.efficiency, ".3f", "success weighted by path length, against the shortest path"),
        ("SPL / best", overall.attained, ".3f", "against the best that can be expected without knowing the machine"),
        ("Requests", overall.requests, ".1f", "an episode"),
        ("Refused", overall.refused, ".2f", "requests an episode"),
        ("Destructive", overall.destructive, ".3f", "requests an episode that no goal asked for"),
    ]
    return [
        {
            "name": name,
            **_figure(found, form),
            "meaning": meaning,
            "alarm": "alarm" if name == "Destructive" and found.mean > 0 else "",
        }
        for name, found, form, meaning in shown
        if found is not None
    ]


def _by_family(traces: Sequence[Trace]) -> list[tuple[str, list[tuple[int, Trace]]]]:
    """Number the episodes, and take those of one family together."""
    found: dict[str, list[Trace]] = {}
    for one in traces:
        found.setdefault(one.family or "all", []).append(one)
    numbers = iter(range(1, len(traces) + 1))
    return [(family, [(next(numbers), one) for one in found[family]]) for family in sorted(found)]


def _fate(step: TraceStep) -> str:
    """Tell how a request fared: ``waited``, ``refused`` or ``fine``."""
    if step.method == WAIT:
        return "waited"
    return "refused" if step.status >= _REFUSED else "fine"


def _figure(found: Estimate | None, form: str = ".2f") -> dict[str, str]:
    if found is None:
        return {"mean": "", "interval": ""}
    mean, low, high = (format(value, form).replace("%", " %") for value in (found.mean, found.low, found.high))
    return {"mean": mean, "interval": f"{low} to {high}"}


def _percent(share: float) -> str:
    """Word a probability; no action that can be chosen has none."""
    if share < 0.0005:  # noqa: PLR2004 - half of the last digit shown
        return "<0.1 %"
    return f"{share:.1%}".replace("%", " %")
