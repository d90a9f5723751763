"""``igc fleet``: one goal on many real hosts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from igc_core.cli import plugin_manager
from igc_core.errors import SettingsError
from igc_redfish.cli import host_options as opt
from igc_redfish.cli.choices import FleetApprove

app = typer.Typer(help="Reach a goal on many hosts.", no_args_is_help=True, add_completion=False, rich_markup_mode=None)


@app.callback()
def main() -> None:
    """Reach a goal on many hosts."""


@app.command("run")
def run(
    goal: Annotated[str, typer.Argument(help="For example 'power off'; see `igc goals list`.")],
    *,
    inventory: Annotated[Path, typer.Option(metavar="FILE", help="The hosts (TOML); it holds no passwords.")],
    only: Annotated[list[str] | None, typer.Option(metavar="NAME", help="Only this host. Repeatable.")] = None,
    results: Annotated[
        Path,
        typer.Option(metavar="FILE", help="Results, written after each host; what is reached there is not redone."),
    ] = Path("igc-fleet.json"),
    parallel: Annotated[int, typer.Option(min=1, max=256, help="Hosts at a time.")] = 4,
    stop_after: Annotated[int, typer.Option(min=0, help="Failures after which no host is begun; 0 for never.")] = 3,
    agent: opt.AgentName = "",
    seed: opt.Seed = 0,
    allow: opt.Allow = None,
    dry_run: opt.DryRun = False,
    approve: Annotated[
        FleetApprove, typer.Option(help="Who approves changes: you the whole plan, or a policy file.")
    ] = FleetApprove.PLAN,
    policy: opt.PolicyFile = None,
    plan_holds: Annotated[
        float, typer.Option(min=1, help="Seconds after the approval of the plan in which a host may be begun.")
    ] = 900,
    max_writes: opt.MaxWrites = 10,
    max_resets: opt.MaxResets = 2,
    write_interval: opt.WriteInterval = 5,
    settle: opt.Settle = 60,
    reset_settle: opt.ResetSettle = 600,
    journal: opt.JournalFile = opt.JOURNAL,
    as_json: opt.AsJson = False,
) -> None:
    """Reach GOAL on every host of an inventory, and verify it by reading what each host shows.

    Hosts are only read unless --allow says what may be changed. What destroys is refused: that is for `igc run`.
    """
    from igc_redfish.cli.fleet_command import FleetCommand, Selection  # noqa: PLC0415 - help does without
    from igc_redfish.live.fleet_run import FleetRails  # noqa: PLC0415
    from igc_redfish.live.ground import Times  # noqa: PLC0415

    if (approve is FleetApprove.POLICY) != (policy is not None):
        hint = "give both --approve policy and --policy FILE, or neither"
        raise SettingsError("a policy is asked for and not given, or given and not asked for", hint=hint)
    rails = FleetRails(
        allow=allow or (),
        max_writes=max_writes,
        max_resets=max_resets,
        write_interval_s=write_interval,
        plan_holds_s=plan_holds,
        times=Times(settle_s=settle, reset_s=reset_settle),
    )
    selection = Selection(
        inventory=inventory, only=only or (), results=results, parallel=parallel, stop_after=stop_after
    )
    command = FleetCommand(goal, selection, rails, plugin_manager(), agent=agent, seed=seed, as_json=as_json)
    if dry_run:
        command.dry_run(policy)
    else:
        command.run(policy, journal)
