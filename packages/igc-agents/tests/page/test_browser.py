"""The page in a real browser: a Chromium that is installed, driven by playwright."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from igc_agents.corridor import Corridor
from igc_agents.evaluation import Result
from igc_agents.measuring import Measurement, Plan
from igc_agents.page import build_page
from igc_agents.subjects import Subject
from igc_core.plugins import PluginManager

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from igc_agents.training import Training

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
EVIL = "</script><script>window.broken=1</script><img src=x onerror=window.broken=1>"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium without a window; skipped where there is none, which is a failure in CI."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("the tests of pages need Chromium, and none is installed")
        pytest.skip("no Chromium is installed")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where there is a browser

    with sync_playwright() as playwright:
        # Containers run as root and have a small /dev/shm.
        started = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def path(trained: Training, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page about a trained agent, with one hostile episode."""
    ours = Subject("ours", (str(trained.agent),))
    plan = Plan(lambda seed: Corridor(num_envs=8, seed=seed), episodes=60, traced=True)
    measurement = Measurement([ours, Subject("random", ("random",))], plan, PluginManager.from_environment())
    measurement.run(lambda what, done, total: None)
    measurement.results[ours].append(Result("left", EVIL, False, 9, 3, 1, 0))
    step = measurement.traces[0].steps[0].model_copy(update={"answer": EVIL, "body": EVIL, "uri": EVIL})
    hostile = {"goal": EVIL, "family": "evil", "machine": EVIL, "steps": (step,)}
    measurement.traces.append(measurement.traces[0].model_copy(update=hostile))
    found = tmp_path_factory.mktemp("page") / "page.html"
    found.write_text(build_page(measurement.comparison(environment="corridor")), encoding="utf-8")
    return found


class Opened:
    """A page in a browser, and what went wrong in it."""

    def __init__(self, browser: Browser, path: Path, **options: Any) -> None:
        self.problems: list[str] = []
        self.requests: list[str] = []
        context = browser.new_context(**options)
        self.page: Page = context.new_page()
        self.page.on("console", lambda message: self.problems.append(message.text))
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(path.as_uri())

    def counter(self) -> str:
        return self.page.locator(".episode:visible .counter").inner_text()


@pytest.fixture
def opened(browser: Browser, path: Path) -> Iterator[Opened]:
    found = Opened(browser, path)
    yield found
    found.page.context.close()


def longest(opened: Opened) -> int:
    """Choose the episode with the most requests, and return how many these are."""
    links = opened.page.locator(".chooser a")
    counts: list[int] = opened.page.eval_on_selector_all(
        ".episode", "all => all.map(one => one.querySelectorAll('.step').length)"
    )
    place = counts.index(max(counts))
    links.nth(place).click()
    return counts[place]


def test_page_loads_without_a_complaint_and_without_a_request(opened: Opened, path: Path) -> None:
    assert opened.problems == []
    assert opened.requests == [path.as_uri()]
    assert opened.page.evaluate("window.broken") is None
    assert opened.page.locator(".episode:visible").count() == 1


def test_buttons_step_through_the_requests(opened: Opened) -> None:
    total = longest(opened)
    assert total > 1
    back, on = (
        opened.page.locator(".episode:visible [data-go='-1']"),
        opened.page.locator(".episode:visible [data-go='1']"),
    )
    assert opened.counter() == f"1 of {total}"
    assert back.is_disabled()
    on.click()
    assert opened.counter() == f"2 of {total}"
    assert opened.page.locator(".step:visible").get_attribute("data-step") == "2"
    back.click()
    assert opened.counter() == f"1 of {total}"
    opened.page.locator(".episode:visible [data-to]").last.click()
    assert opened.counter() == f"{total} of {total}"
    assert on.is_disabled()


def test_arrow_keys_step_through_the_requests(opened: Opened) -> None:
    total = longest(opened)
    opened.page.keyboard.press("ArrowRight")
    assert opened.counter() == f"2 of {total}"
    opened.page.keyboard.press("ArrowLeft")
    opened.page.keyboard.press("ArrowLeft")
    assert opened.counter() == f"1 of {total}"


def test_arrow_keys_are_left_to_what_scrolls(opened: Opened) -> None:
    total = longest(opened)
    opened.page.locator(".map:visible").focus()
    opened.page.keyboard.press("ArrowRight")
    assert opened.counter() == f"1 of {total}"


def test_tree_shows_what_was_read_so_far(opened: Opened) -> None:
    longest(opened)
    first = opened.page.locator(".episode:visible .tree li:visible").count()
    opened.page.locator(".episode:visible [data-to]").last.click()
    assert opened.page.locator(".episode:visible .tree li:visible").count() > first


def test_reasons_are_shown(opened: Opened) -> None:
    longest(opened)
    shown = opened.page.locator(".step:visible .choices li")
    assert shown.count() > 1
    assert opened.page.locator(".step:visible .choices li.chosen").count() == 1


def test_hostile_texts_are_shown_as_texts(opened: Opened) -> None:
    opened.page.locator(".chooser a").filter(has_text="script").first.click()
    assert opened.page.locator(".episode:visible h3").inner_text() == EVIL
    assert opened.page.evaluate("window.broken") is None
    assert opened.problems == []


def test_heat_map_has_a_visible_cell_for_every_machine_and_family(opened: Opened) -> None:
    assert opened.page.locator(".cell:not(.sum):visible").count() == 2 * 3
    opened.page.get_by_text("random: SPL").click()
    assert opened.page.locator(".cell:not(.sum):visible").count() == 3


def test_everything_is_there_without_javascript(browser: Browser, path: Path) -> None:
    found = Opened(browser, path, java_script_enabled=False)
    assert found.page.locator(".episode:visible").count() == found.page.locator(".chooser a").count() > 1
    assert found.page.locator(".step:visible").count() == found.page.locator(".step").count()
    assert found.page.locator("table:visible").count() >= 2
    assert found.page.locator(".controls:visible").count() == 0
    found.page.get_by_text("random: Success").click()
    assert found.page.locator("figure.map:visible").count() == 1
    found.page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_narrow_screens_do_not_scroll_sideways(browser: Browser, path: Path, scheme: str) -> None:
    found = Opened(browser, path, viewport={"width": 360, "height": 740}, color_scheme=scheme)
    assert found.page.evaluate("document.documentElement.scrollWidth") <= 360
    found.page.context.close()


#: WCAG 2.2, 1.4.3 and its definition of relative luminance.
CONTRAST = """
() => {
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (node) => {
    for (let one = node; one; one = one.parentElement) {
      const color = parse(getComputedStyle(one).backgroundColor);
      if (color.length === 3 || color[3] > 0) return color;
    }
    return [255, 255, 255];
  };
  const poor = [];
  const judge = (what, ink, paper) => {
    const [a, b] = [light(ink), light(paper)].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) poor.push(`${what}: ${((a + 0.05) / (b + 0.05)).toFixed(2)}`);
  };
  for (const node of document.querySelectorAll("main *, header *")) {
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
    if (!own || node.closest("svg, [disabled], .unseen, script") || !node.checkVisibility()) continue;
    judge(`${node.tagName}.${node.className}`, parse(getComputedStyle(node).color), ground(node));
  }
  for (const cell of document.querySelectorAll(".cell text")) {
    const [ink, paper] = [cell, cell.parentElement.querySelector("rect")].map((one) => getComputedStyle(one).fill);
    judge(cell.parentElement.className.baseVal, parse(ink), parse(paper));
  }
  return [...new Set(poor)];
}
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(browser: Browser, path: Path, scheme: str) -> None:
    found = Opened(browser, path, color_scheme=scheme)
    assert found.page.evaluate(CONTRAST) == []
    # Every class of colour, whether these figures have it or not.
    cells = "document.querySelectorAll('.cell:not(.none)')"
    found.page.evaluate(f"{cells}.forEach((cell, i) => cell.setAttribute('class', `cell q${{i % 8}}`))")
    assert found.page.evaluate(CONTRAST) == []
    found.page.context.close()
