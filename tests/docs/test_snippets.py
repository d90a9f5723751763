"""What the documentation shows works: Python is run, commands are run, and what they print is compared.

A comment before a fence says what is special about it: ``<!-- slow -->`` (its options are checked, it is not run),
``<!-- fails: 2 -->`` (the exit code), ``<!-- needs: package -->`` (only where that is installed; always in CI).
"""

from __future__ import annotations

import os
import re
import shlex
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

from igc_core.cli.app import main

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("packages/*/README.md"), *ROOT.glob("examples/**/*.md")])
PAGES += sorted((ROOT / "docs").rglob("*.md"))
_FENCE = re.compile(
    r"(?:<!-- (?P<note>[^\n]*) -->\n)?^(?P<indent> *)```(?P<language>\w+)\n(?P<code>.*?)^ *```$"
    r"(?:\n\n```text\n(?P<output>.*?)^```$)?",
    re.MULTILINE | re.DOTALL,
)
_VARIABLE = re.compile(r"[A-Z_]+=\S*")


@dataclass(frozen=True)
class Snippet:
    """One fence of a page."""

    where: str
    language: str
    code: str
    output: str
    note: str

    def skip_without_package(self) -> None:
        """Skip what needs a package that a user may lack."""
        name = self.note.removeprefix("needs: ") if self.note.startswith("needs: ") else ""
        name = name or ("own_goal_handler" if "own_goal_handler" in self.code and self.language == "python" else "")
        if name and find_spec(name) is None and not os.environ.get("CI"):
            pytest.skip(f"{name} is not installed")


def snippets(language: str) -> list[Snippet]:
    found: list[Snippet] = []
    for page in PAGES:
        text = page.read_text()
        for match in _FENCE.finditer(text):
            if match["language"] == language and "--8<--" not in match["code"]:
                line = text.count("\n", 0, match.start("code"))
                where = f"{page.relative_to(ROOT)}:{line}"
                found.append(Snippet(where, language, match["code"], match["output"] or "", match["note"] or ""))
    return found


def commands(snippet: Snippet) -> list[list[str]]:
    """The words of each call of igc, after its variables."""
    lines = (shlex.split(line, comments=True) for line in snippet.code.replace("\\\n", " ").splitlines())
    bare = ([word for word in words if not _VARIABLE.fullmatch(word)] for words in lines)
    return [words for words in bare if words[:1] == ["igc"]]


PYTHON = snippets("python")
SHELL = [snippet for snippet in snippets("sh") if commands(snippet)]


@pytest.mark.parametrize("snippet", PYTHON, ids=lambda snippet: snippet.where)
def test_python_runs(snippet: Snippet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    snippet.skip_without_package()
    monkeypatch.chdir(tmp_path)
    exec(compile(snippet.code, snippet.where, "exec"), {"__name__": "snippet"})


@pytest.mark.parametrize(
    "snippet", [snippet for snippet in SHELL if snippet.note != "slow"], ids=lambda snippet: snippet.where
)
def test_commands_run_and_print_what_is_shown(
    snippet: Snippet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    snippet.skip_without_package()
    monkeypatch.chdir(tmp_path)
    for variable in re.findall(r"^(IGC_\w+)=(\S*) igc", snippet.code, re.MULTILINE):
        monkeypatch.setenv(*variable)
    expected = int(snippet.note.removeprefix("fails: ")) if snippet.note.startswith("fails: ") else 0
    printed = ""
    for words in commands(snippet):
        assert main(words[1:]) == expected, shlex.join(words)
        printed = "".join(capsys.readouterr())
    if snippet.output:
        assert printed == snippet.output


@pytest.mark.parametrize("snippet", SHELL, ids=lambda snippet: snippet.where)
def test_options_shown_exist(snippet: Snippet) -> None:
    reference = (ROOT / "docs" / "reference" / "cli.md").read_text()
    for words in commands(snippet):
        names = [word for word in words if not word.startswith("-")]
        titles = [" ".join(names[:count]) for count in (4, 3, 2, 1)]
        sections = [reference.partition(f"# {title}\n")[2].partition("\n```\n")[0] for title in titles]
        known = set(re.findall(r"--[a-z-]+", "\n".join(sections)))
        assert any(sections[:3]), f"there is no command {titles[2]!r}"
        assert {word for word in words if word.startswith("--")} <= known, shlex.join(words)


@pytest.mark.slow
def test_lesson_about_agents_works_from_beginning_to_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IGC_PLUGINS_EXACT", "agents,encoders,redfish")
    for snippet in SHELL:
        if "first-agent.md" not in snippet.where:
            continue
        for words in commands(snippet):
            assert main(words[1:]) == 0, shlex.join(words)
        printed = capsys.readouterr().out
        assert not snippet.output or printed == snippet.output


def test_snippets_are_found() -> None:
    assert len(PYTHON) > 15
    assert len(SHELL) > 15
