from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path

import pytest

from igc_core.__main__ import main as program
from igc_core.cli.app import main
from igc_core.cli.running import current, plugin_manager, run

Install = Callable[..., None]

PLUGIN = """
from igc_core.hookspecs import hookimpl
from igc_core.specs import AgentSpec, CommandSpec

@hookimpl
def igc_commands():
    yield CommandSpec(name="greet", factory="toy_greet:app", summary="Greet people.")
    yield CommandSpec(name="lost", factory="toy_greet:nothing", summary="Lead nowhere.")

@hookimpl
def igc_agents():
    yield AgentSpec(name="toy-agent", factory="igc_core.testing.fakes:RandomAgent", summary="Act at random.")
"""
APP = """
import sys, typer, warnings
from igc_core.cli import plugin_manager, show
from igc_core.errors import GoalError

app = typer.Typer(add_completion=False)

@app.callback()
def greet() -> None:
    "Greet people, in several ways."

@app.command()
def hello(names: list[str], loud: bool = False) -> None:
    show([{"name": name, "loud": loud} for name in names], as_json=True)

@app.command()
def fail(how: str = "error") -> None:
    if how == "error":
        raise GoalError("no goal\\n\\x1b[31m'boil'", code="goal-unreadable", hint="try 'heat'")
    if how == "interrupt":
        raise KeyboardInterrupt
    if how == "exit":
        raise typer.Exit(7)
    if how == "text":
        sys.exit("stopped\\nhere")
    if how == "warn":
        warnings.warn("careful", UserWarning)
    raise ZeroDivisionError

@app.command()
def agents() -> None:
    print(list(plugin_manager().specs("agent")))
"""


@pytest.fixture(autouse=True)
def _toy(install: Install, tmp_path: Path) -> None:
    install("toy", PLUGIN)
    (tmp_path / "site" / "toy_greet.py").write_text(APP)


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def igc(capsys: pytest.CaptureFixture[str]) -> Run:
    def igc(*args: str) -> tuple[int, str, str]:
        code = main(args)
        return code, *capsys.readouterr()

    return igc


def test_help_lists_the_commands_of_plugins_without_importing_them(igc: Run) -> None:
    code, out, err = igc("--help")
    assert (code, err) == (0, "")
    assert "Greet people." in out
    assert "plugins" in out
    assert "toy_greet" not in sys.modules


def test_no_arguments_show_the_help(igc: Run) -> None:
    code, out, err = igc()
    assert code == 2
    assert "Greet people." in out + err


def test_arguments_reach_the_command_as_they_were_given(igc: Run) -> None:
    code, out, _ = igc("greet", "hello", "ann", "--loud", "--", "--bob", "-c")
    assert code == 0
    assert [row["name"] for row in json.loads(out)] == ["ann", "--bob", "-c"]
    assert json.loads(out)[0]["loud"] is True


def test_help_of_a_command_is_its_own_and_names_the_program(igc: Run) -> None:
    code, out, _ = igc("greet", "--help")
    assert code == 0
    assert "Usage: igc greet [OPTIONS] COMMAND" in out
    assert "in several ways" in out
    assert "Usage: igc greet hello [OPTIONS]" in igc("greet", "hello", "--help")[1]


def test_wrong_use_of_a_command_exits_2(igc: Run) -> None:
    code, _, err = igc("greet", "hello", "--lud", "ann")
    assert code == 2
    assert "--lud" in err
    assert igc("greet", "helo")[0] == 2
    assert igc("greet", "hello")[0] == 2


def test_error_of_a_command_is_one_line(igc: Run) -> None:
    assert igc("greet", "fail") == (2, "", "error[goal-unreadable]: no goal \\x1b[31m'boil'; try 'heat'\n")


def test_interrupt_is_one_line(igc: Run) -> None:
    assert igc("greet", "fail", "--how", "interrupt") == (130, "", "interrupted\n")


def test_exit_code_of_a_command_is_kept(igc: Run) -> None:
    assert igc("greet", "fail", "--how", "exit") == (7, "", "")
    assert igc("greet", "fail", "--how", "text") == (1, "", "stopped here\n")


def test_failure_that_nobody_foresaw_keeps_its_traceback(igc: Run) -> None:
    with pytest.raises(ZeroDivisionError):
        igc("greet", "fail", "--how", "crash")


def test_warnings_of_others_are_shown_as_ever(igc: Run) -> None:
    with pytest.warns(UserWarning, match="careful"), pytest.raises(ZeroDivisionError):
        igc("greet", "fail", "--how", "warn")


def test_command_that_leads_nowhere_is_told(igc: Run) -> None:
    assert igc("lost") == (2, "", "error[loading-failed]: module 'toy_greet' has no 'nothing'\n")


def test_unknown_command_is_told_with_the_nearest(igc: Run) -> None:
    code, out, err = igc("gret")
    assert (code, out) == (2, "")
    assert "No such command 'gret'. Did you mean 'greet'?" in err


def test_version_is_that_of_the_core(igc: Run) -> None:
    assert igc("--version") == (0, f"igc {metadata.version('igc-core')}\n", "")


def test_commands_share_the_program_s_plugins(igc: Run) -> None:
    assert igc("greet", "agents") == (0, "['toy-agent']\n", "")
    assert current.get() is None


def test_broken_plugin_costs_one_line(igc: Run, install: Install) -> None:
    install("other", "import nothing_of_the_kind")
    code, out, err = igc("greet", "hello", "ann")
    assert code == 0
    assert json.loads(out)
    assert err == (
        "warning: the plugin 'other' (igc_other 0.3) is broken: "
        "ModuleNotFoundError: No module named 'nothing_of_the_kind'\n"
    )


def test_broken_plugin_is_fatal_where_strictness_is_asked_for(igc: Run, install: Install) -> None:
    install("other", "import nothing_of_the_kind")
    code, out, err = igc("--strict-plugins", "plugins", "list")
    assert (code, out) == (2, "")
    assert err.startswith("error[plugin-broken]: the plugin 'other'")
    assert err.count("\n") == 1
    assert igc("greet", "hello", "--strict-plugins")[0] == 2, "the flag is the program's, not the command's"


def test_wrong_settings_are_one_line(igc: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IGC_PLUGINS_STRICT", "perhaps")
    code, _, err = igc("--help")
    assert code == 2
    assert err == ("error[settings-invalid]: the setting IGC_PLUGINS_STRICT must be true or false, not 'perhaps'\n")


def test_arguments_of_the_process_are_the_default(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["igc", "--version"])
    assert main() == 0
    assert capsys.readouterr().out.startswith("igc ")


def test_program_is_installed() -> None:
    program = Path(sys.executable).with_name("igc")
    answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    assert answer.stdout.startswith("igc ")


def test_interrupt_before_the_command_is_one_line(igc: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("igc_core.cli.app.compose", interrupted)
    assert igc("plugins") == (130, "", "interrupted\n")


def test_interrupt_while_the_program_is_imported_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Impatient:
        def find_spec(self, name: str, *_: object) -> None:
            if name == "igc_core.cli.app":
                raise KeyboardInterrupt

    monkeypatch.delitem(sys.modules, "igc_core.cli.app")
    monkeypatch.setattr(sys, "meta_path", [Impatient(), *sys.meta_path])
    assert program() == 130
    assert capsys.readouterr() == ("", "interrupted\n")


def test_plain_function_may_be_run_as_a_program() -> None:
    seen: list[object] = []

    def program(*, args: Sequence[str], prog_name: str) -> None:
        seen.extend([args, prog_name])

    assert run(program, ["a"], "toy") == 0
    assert seen == [["a"], "toy"]


def test_command_that_runs_on_its_own_discovers_the_plugins() -> None:
    assert "toy-agent" in plugin_manager().specs("agent")
