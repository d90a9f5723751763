"""``igc run``: one goal, one machine, every request shown."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from igc_core.cli import plugin_manager, show_json
from igc_core.errors import AgentError, PluginError, SettingsError
from igc_core.files import demand_writable
from igc_core.specs import words
from igc_redfish.cli import host_options as opt
from igc_redfish.cli.choices import Approve

if TYPE_CHECKING:
    from igc_core.plugins import PluginManager
    from igc_core.protocols import Agent, GoalReader
    from igc_core.specs import Kind
    from igc_redfish.reading.reading import Reading

_TRAINED, _SCRIPT, _PPO, _SIMILARITY = "default", "script", "ppo", "similarity"
#: Options that simulated machines have a use for, too.
_SHARED = frozenset({"goal", "on", "target", "agent", "reader", "seed", "memory", "as_json"})


class _Options(NamedTuple):
    """What simulated and real runs have in common."""

    seed: int
    memory: Path | None
    reader: GoalReader | None
    as_json: bool


app = typer.Typer(help="Reach a goal on a machine, simulated or real.", add_completion=False, rich_markup_mode=None)


@app.command()
def main(
    ctx: typer.Context,
    goal: Annotated[str, typer.Argument(help="For example 'power off'; see `igc goals list`.")],
    *,
    on: Annotated[str, typer.Option("--on", help="A capture: its path, its name, or generated:SEED.")] = "",
    target: Annotated[str, typer.Option(metavar="URL", help="A real host: https://HOST or https://HOST:PORT.")] = "",
    agent: opt.AgentName = "",
    reader: opt.ReaderName = "",
    seed: opt.Seed = 0,
    memory: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Use what earlier runs learned about the machine; add to it.")
    ] = None,
    as_json: opt.AsJson = False,
    capture: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Capture of the host; the host is crawled into it if missing.")
    ] = None,
    user: opt.User = "",
    password_env: opt.PasswordEnv = "",
    ca: opt.Authorities = None,
    fingerprint: opt.Fingerprint = "",
    insecure: opt.Insecure = False,
    allow_http: opt.AllowHttp = False,
    rate: opt.Rate = 0,
    allow: opt.Allow = None,
    dry_run: opt.DryRun = False,
    approve: Annotated[
        Approve, typer.Option(help="Who approves changes: you each, you the whole plan, or a policy file.")
    ] = Approve.ASK,
    policy: opt.PolicyFile = None,
    max_writes: opt.MaxWrites = 10,
    max_resets: opt.MaxResets = 2,
    write_interval: opt.WriteInterval = 5,
    settle: opt.Settle = 60,
    reset_settle: opt.ResetSettle = 600,
    destructive: Annotated[
        list[str] | None, typer.Option(metavar="HOST", help="Name of the host, for one request that destroys.")
    ] = None,
    journal: opt.JournalFile = opt.JOURNAL,
) -> None:
    """Reach GOAL on a machine, and verify it by reading what the machine shows.

    With --on the machine is simulated in process from its capture: nothing is sent to any host. With --target it is a
    real one, which is only read unless --allow says what may be changed.
    """
    plugins = plugin_manager()
    if bool(on) == bool(target):
        raise SettingsError("a run is on one machine", hint="give --on CAPTURE, or --target URL")
    agent = agent or usual_agent(plugins)
    if memory is not None:
        demand_writable(memory)  # before anything is changed that it shall tell of
    if on:
        _refuse_live_options(ctx)
        _run_simulated(goal, on, agent, plugins, _Options(seed, memory, load_reader(plugins, reader), as_json=as_json))
        return
    from igc_redfish.cli.live import LiveCommand, Rails, Wish  # noqa: PLC0415 - help does without
    from igc_redfish.live.access import Access  # noqa: PLC0415
    from igc_redfish.live.ground import Times  # noqa: PLC0415

    access = Access(
        url=target,
        user=user,
        password_variable=password_env,
        ca=ca,
        fingerprint=fingerprint,
        insecure=insecure,
        plain=allow_http,
        rate=rate,
    )
    rails = Rails(
        allow=allow or (),
        approve=approve,
        policy=policy,
        max_writes=max_writes,
        max_resets=max_resets,
        write_interval_s=write_interval,
        destructive=destructive or (),
        journal=journal,
        times=Times(settle_s=settle, reset_s=reset_settle),
    )
    wish = Wish(
        goal=goal,
        agent=load_agent(plugins, agent),
        agent_name=agent,
        reader=load_reader(plugins, reader),
        seed=seed,
        memory=memory,
    )
    command = LiveCommand(wish, access, rails, plugins, as_json=as_json)
    (command.dry_run if dry_run else command.run)(capture)


def _refuse_live_options(ctx: typer.Context) -> None:
    """Refuse what a simulated machine has no use for: somebody may believe in a guard that is not there.

    Raises:
        SettingsError: Such an option was given.
    """
    given = [
        param.opts[0]
        for param in ctx.command.params
        if (source := ctx.get_parameter_source(param.name or "")) is not None
        and source.name == "COMMANDLINE"
        and param.name not in _SHARED
    ]
    if given:
        verb = "is" if len(given) == 1 else "are"
        hint = "leave it out: nothing is sent to any host; or give --target URL instead of --on"
        raise SettingsError(f"{', '.join(given)} {verb} for real hosts, and --on simulates one", hint=hint)


def _run_simulated(goal: str, on: str, agent: str, plugins: PluginManager, options: _Options) -> None:
    from igc_core.cli.trace import print_outcome  # noqa: PLC0415 - help does without
    from igc_core.episode import run_episode  # noqa: PLC0415
    from igc_redfish.episodes import begin, remember, worded  # noqa: PLC0415
    from igc_redfish.reading.reading import told  # noqa: PLC0415

    chosen = load_agent(plugins, agent)
    readings: list[Reading] = []
    trial = begin(
        goal,
        on,
        plugins=plugins,
        memory=options.memory,
        encoder=getattr(chosen, "encoder", None),
        reader=options.reader,
        understood_as=readings.append,
    )
    for reading in readings:
        print(told(reading, trial.scenario.book), file=sys.stderr if options.as_json else sys.stdout)
    outcome = run_episode(chosen, trial, plugins=plugins, seed=options.seed)
    if options.memory is not None:
        remember(trial, options.memory)
    shown = trial.scenario.book.shown(trial.scenario.goal) if readings else worded(goal, trial)
    if options.as_json:
        show_json({"goal": shown, "machine": on, "agent": agent, **outcome.as_json()})
    else:
        print_outcome(outcome, title=f"{shown}  on {on}, by {agent}")
    if not outcome.success:
        raise typer.Exit(1)


def usual_agent(plugins: PluginManager) -> str:
    """Name the trained agent that igc-agents brings where it is installed, else the script."""
    return _TRAINED if _TRAINED in plugins.specs("agent") else _SCRIPT


def load_reader(plugins: PluginManager, text: str) -> GoalReader | None:
    """Load a trained goal reader from its folder, or build one by name; none for an empty text.

    Raises:
        PluginError: There is no reader of that name, or nothing reads the folder.
        IgcError: It cannot be loaded.
    """
    if not text:
        return None
    if not (Path(text).is_dir() or text != Path(text).name):
        return plugins.build("goal-reader", text)  # type: ignore[no-any-return]
    _demand(plugins, "goal-reader", _SIMILARITY, text, "igc-encoders")
    return plugins.build("goal-reader", _SIMILARITY, text)  # type: ignore[no-any-return]


def load_agent(plugins: PluginManager, text: str) -> Agent:
    """Load a trained agent from its folder, or build one by name.

    Raises:
        AgentError: The text is a path, and no folder is there.
        PluginError: There is no agent of that name.
    """
    folder = Path(text)
    if folder.is_dir():
        _demand(plugins, "agent", _PPO, text, "igc-agents")
        return plugins.build("agent", _PPO, path=folder)  # type: ignore[no-any-return]
    if text != folder.name:
        raise AgentError(f"there is no folder {text[:100]!r}", code="agent-missing", hint="train one: `igc train`")
    return plugins.build("agent", text)  # type: ignore[no-any-return]


def _demand(plugins: PluginManager, kind: Kind, name: str, folder: str, package: str) -> None:
    """Make sure that something loads a folder.

    Raises:
        PluginError: Nothing does, since the package that brings it is not there.
    """
    if name not in plugins.specs(kind):
        raise PluginError(
            f"nothing here loads {folder!r}: no {words(kind)} named {name!r}",
            code="plugin-unknown-component",
            hint=f"pip install {package}",
        )
