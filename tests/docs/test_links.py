"""Pages lead where they say, also those that mkdocs does not see."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OUTSIDE = sorted([*ROOT.glob("*.md"), *ROOT.glob("packages/*/*.md"), *ROOT.glob("examples/**/*.md")])
INSIDE = sorted((ROOT / "docs").rglob("*.md"))
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def slug(heading: str) -> str:
    """The anchor that Python-Markdown gives a heading."""
    bare = re.sub(r"[^\w\s-]", "", heading.replace("`", "")).strip().lower()
    return re.sub(r"[-\s]+", "-", bare)


def links(page: Path) -> list[str]:
    prose = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    return [link for link in _LINK.findall(prose) if not link.startswith("https://")]


@pytest.mark.parametrize("page", [*OUTSIDE, *INSIDE], ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{link} leads nowhere"
        if anchor:
            assert anchor in map(slug, _HEADING.findall(target.read_text())), f"{link} has no such heading"


@pytest.mark.parametrize("page", INSIDE, ids=lambda page: str(page.relative_to(ROOT)))
def test_included_files_exist(page: Path) -> None:
    for name in re.findall(r'--8<-- "([^"]+)"', page.read_text()):
        assert (ROOT / name).is_file()


def test_every_page_is_in_the_navigation() -> None:
    navigation = (ROOT / "mkdocs.yml").read_text().partition("\nnav:")[2]
    listed = set(re.findall(r"[\w/-]+\.md", navigation))
    assert listed == {str(page.relative_to(ROOT / "docs")) for page in INSIDE}


def test_every_package_tells_what_it_is_and_what_changed() -> None:
    for package in (ROOT / "packages").iterdir():
        assert (package / "README.md").read_text().startswith(f"# {package.name}\n")
        assert (package / "CHANGELOG.md").is_file()
        assert "[tool.towncrier]" in (package / "pyproject.toml").read_text()


def test_changelog_fragments_are_named_and_worded_for_users() -> None:
    fragments = [path for path in ROOT.glob("packages/*/changelog.d/*") if path.name != ".gitignore"]
    assert {path.parts[-3] for path in fragments} <= {package.name for package in (ROOT / "packages").iterdir()}
    for fragment in fragments:
        assert re.fullmatch(r"\d+\.(added|changed|deprecated|removed|fixed)(\.\d+)?\.md", fragment.name)
        (sentence,) = fragment.read_text().splitlines()
        assert sentence.endswith("."), f"{fragment.name} is no full sentence"
