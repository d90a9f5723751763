"""What ``igc fleet run`` does, from the options to the exit code."""

from __future__ import annotations

import sys
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from igc_core.cli import show, show_json
from igc_core.errors import SettingsError
from igc_core.files import demand_writable
from igc_redfish.cli.run import load_agent, usual_agent
from igc_redfish.cli.speaking import Speaker
from igc_redfish.cli.termination import ending_in_order
from igc_redfish.client.connecting import transport_class
from igc_redfish.episodes import understood
from igc_redfish.live.approval import ByPolicy, FleetApproval
from igc_redfish.live.errors import NotPermittedError
from igc_redfish.live.fleet import Fleet, HostResult, ResultFile
from igc_redfish.live.fleet_run import FleetRails, FleetRun
from igc_redfish.live.inventory import read_inventory
from igc_redfish.live.journal import Journal
from igc_redfish.live.performing import secrets_of
from igc_redfish.live.policy import Policy
from igc_redfish.sources import goal_book

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from igc_core.plugins import PluginManager
    from igc_redfish.live.guards import Guard
    from igc_redfish.live.inventory import FleetHost


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which hosts, and how many at a time; see the options of ``igc fleet run``."""

    inventory: Path
    only: Sequence[str] = ()
    results: Path = Path("igc-fleet.json")
    parallel: int = 4
    stop_after: int = 3


class FleetCommand:
    """One run of the command."""

    def __init__(
        self,
        goal: str,
        selection: Selection,
        rails: FleetRails,
        plugins: PluginManager,
        *,
        agent: str = "",
        seed: int = 0,
        as_json: bool = False,
    ) -> None:
        """Check everything that can be checked before any host hears of it.

        Raises:
            IgcError: The goal, the inventory or an option is wrong.
        """
        transport_class()  # an extra: said once, and not by every host
        self._selection, self._rails, self._plugins = selection, rails, plugins
        self._agent, self._seed, self._as_json = agent or usual_agent(plugins), seed, as_json
        self._speaker = Speaker(sys.stderr if as_json else sys.stdout)
        self._book = goal_book(plugins)
        self._wanted = understood(goal, self._book, plugins)
        self._hosts = _selected(read_inventory(selection.inventory), selection.only)
        load_agent(plugins, self._agent)
        for host in self._hosts:
            host.access.demand_credentials()

    def dry_run(self, policy: Path | None = None) -> None:
        """Rehearse on every twin, and show what would be sent.

        Raises:
            DataError: The policy cannot be used, which the run would tell too late.
            typer.Exit: Some twin does not reach the goal.
        """
        if policy is not None:
            Policy.read(policy)
        with tempfile.TemporaryDirectory() as folder:
            run = self._new_run(Path(folder))
            found = self._rehearsed(run, self._hosts)
        if not self._as_json:
            self._show_plans(run)
        self._end(found, "on the twins; nothing was sent")

    def run(self, policy: Path | None, journal: Path) -> None:
        """Rehearse and have the plan approved, or go by a policy; then perform.

        Raises:
            typer.Exit: Some host does not reach the goal.
        """
        approver = Policy.read(policy) if policy is not None else None
        if journal.resolve() == self._selection.results.resolve():
            raise SettingsError(f"{journal} cannot hold both results and journal", hint="name two files")
        demand_writable(self._selection.results)
        results = ResultFile(self._selection.results, self._book.shown(self._wanted))
        lines = Journal(journal)
        # A result does not tell which password was set: the host itself is asked.
        telling = not secrets_of(self._wanted)
        todo = [host for host in self._hosts if not (telling and results.done(host))]
        with tempfile.TemporaryDirectory() as folder, self._telling(results):
            run = self._new_run(Path(folder))
            if approver is not None:
                fleet, guard = self._new_fleet(todo), self._policed(approver)
            else:
                fleet, guard = self._approved(run, todo, results)

            def job(host: FleetHost) -> HostResult:
                return run.perform(host, guard(host), lines, fleet.halt)

            self._work(fleet, job, "working", results.keep)
        self._end([results.hosts[host.name] for host in self._hosts], f"results are in {results.path}")

    # -- steps -----------------------------------------------------------------------------------------------------

    def _new_run(self, folder: Path) -> FleetRun:
        agent = partial(load_agent, self._plugins, self._agent)
        return FleetRun(self._wanted, self._book, agent, self._rails, folder, plugins=self._plugins, seed=self._seed)

    def _new_fleet(self, hosts: Sequence[FleetHost], ended: Callable[[], str] = str) -> Fleet:
        selection = self._selection
        return Fleet(hosts, parallel=selection.parallel, stop_after=selection.stop_after, ended=ended)

    @staticmethod
    def _policed(policy: Policy) -> Callable[[FleetHost], Guard]:
        return lambda _: ByPolicy(policy)

    def _rehearsed(self, run: FleetRun, hosts: Sequence[FleetHost]) -> list[HostResult]:
        fleet = Fleet(hosts, parallel=self._selection.parallel)
        return self._work(fleet, lambda host: run.rehearse(host, fleet.halt), "rehearsing")

    def _approved(
        self, run: FleetRun, hosts: Sequence[FleetHost], results: ResultFile
    ) -> tuple[Fleet, Callable[[FleetHost], Guard]]:
        """Rehearse, show the plans, and ask once for all; hosts that cannot be rehearsed are left out.

        Returns:
            The hosts to work on, and what gives a host whose turn has come its plan.
        """
        for result in self._rehearsed(run, hosts):
            if result.state != "reached":
                told = result.problem or "the twin does not reach the goal"
                results.keep(result.model_copy(update={"state": "failed", "problem": told}))
        ready = {name: found for name, found in run.rehearsals.items() if found.outcome.success}
        self._show_plans(run)
        changes = sum(len(found.intents) for found in ready.values())
        if changes and not self._speaker.is_person:
            hint = "run it in a terminal, or approve beforehand with a policy file"
            raise NotPermittedError("nobody is there to approve the plan", code="live-not-approved", hint=hint)
        holds_s = self._rails.plan_holds_s
        question = f"send {changes} changes to {len(ready)} hosts, each begun within {holds_s:g} seconds?"
        if changes and not self._speaker.agrees(question):
            raise NotPermittedError("the plan was not approved", code="live-not-approved", hint="nothing was sent")
        approval = FleetApproval(self._speaker.person, holds_s=holds_s)
        fleet = self._new_fleet([host for host in hosts if host.name in ready], approval.ended)
        return fleet, lambda host: approval.plan(ready[host.name].keys)

    def _show_plans(self, run: FleetRun) -> None:
        for name, found in sorted(run.rehearsals.items()):
            self._speaker.say(f"{name}:")
            self._speaker.show_plan(found.intents, name)

    def _work(
        self,
        fleet: Fleet,
        job: Callable[[FleetHost], HostResult],
        what: str,
        keep: Callable[[HostResult], None] = lambda _: None,
    ) -> list[HostResult]:
        """Do a job on every host behind a progress bar."""
        from rich.console import Console  # noqa: PLC0415 - only where it takes long
        from rich.progress import Progress  # noqa: PLC0415

        errors = Console(stderr=True)
        with Progress(console=errors, transient=True, disable=not errors.is_terminal) as bar:
            task = bar.add_task(what, total=fleet.size)

            def done(result: HostResult) -> None:
                keep(result)
                bar.advance(task)

            return fleet.work(job, done)

    @contextmanager
    def _telling(self, results: ResultFile) -> Generator[None]:
        """Where the fleet is stopped from the keyboard, say in what condition it leaves the hosts."""
        try:
            with ending_in_order():
                yield
        except KeyboardInterrupt:
            with suppress(OSError):  # the terminal was closed; the file of results tells the same
                self._show([results.hosts[host.name] for host in self._hosts if host.name in results.hosts])
                self._speaker.say(f"stopped; the same command goes on, results are in {results.path}")
            raise

    def _end(self, results: Sequence[HostResult], closing: str) -> None:
        if self._as_json:
            hosts = [result.model_dump(mode="json") for result in results]
            show_json({"goal": self._book.shown(self._wanted), "hosts": hosts})
        else:
            self._show(results)
            reached = sum(result.state == "reached" for result in results)
            self._speaker.say(f"{reached} of {len(results)} hosts reach the goal; {closing}")
        if any(result.state != "reached" for result in results):
            raise typer.Exit(1)

    def _show(self, results: Sequence[HostResult]) -> None:
        show([_row(result) for result in results], title=self._book.shown(self._wanted))
        pins = [result for result in results if result.fingerprint]
        if pins:
            self._speaker.say(f"compare with what the hosts' consoles show, then pin in {self._selection.inventory}:")
        for result in pins:
            self._speaker.say(f'  {result.name}: fingerprint = "{result.fingerprint}"')


def _row(result: HostResult) -> dict[str, object]:
    unknown = sum(not change.status for change in result.sent)
    return {
        "host": result.name,
        "state": result.state,
        "requests": result.requests,
        "changes": f"{len(result.sent)} ({unknown} unknown)" if unknown else len(result.sent),
        "seconds": f"{result.seconds:.1f}",
        "problem": result.problem,
    }


def _selected(hosts: Sequence[FleetHost], only: Sequence[str]) -> list[FleetHost]:
    unknown = sorted(set(only) - {host.name for host in hosts})
    if unknown:
        raise SettingsError(f"the inventory names no host {unknown[0]!r}", hint="see its [[hosts]]")
    return [host for host in hosts if not only or host.name in only]
