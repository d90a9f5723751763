"""A page that shows an evaluation: one file, which needs nothing from anywhere else."""

from __future__ import annotations

from igc_agents.page.build import build_page

__all__ = ["build_page"]
