from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from igc_agents.comparison import Comparison
from igc_agents.curves import Curve
from igc_agents.evaluation import Result
from igc_agents.page import build_page
from igc_agents.page.charts import hundredths, level
from igc_agents.page.tree import grown
from igc_agents.subjects import Subject
from igc_agents.tracing import Choice, Trace, TraceStep

EVIL = "</script><script>window.broken=1</script><img src=x onerror=window.broken=1>\"'&{{7*7}}--><!--]]>"


class Outline(HTMLParser):
    """Elements and attributes of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def comparison(text: str = "plain") -> Comparison:
    choice = Choice(probability=0.7, method="GET", uri=text, body=text, relation=text, source=text, chosen=True)
    step = TraceStep(
        method="GET",
        uri=text,
        body=text,
        status=200,
        answer=text,
        read=(f"/redfish/v1/{text}",),
        legal=3,
        choices=(choice,),
    )
    trace = Trace(
        agent=text,
        kind="worst",
        family="power",
        machine=text,
        goal=text,
        success=True,
        shortest=1,
        known=("/redfish/v1",),
        steps=(step, step.model_copy(update={"status": 404, "read": ()})),
    )
    results = [
        Result("power", text, True, 3, 3, 0, 0, 0.9, text),
        Result("bios", text, False, 30, 5, 2, 1, None, text),
        Result("power", "other", True, 6, 3, 0, 0, None, text),
    ]
    curve = Curve(
        run=text, steps=(1000, 2000), seconds=(1, 2), success=(0.2, 0.9), efficiency=(0.1, 0.8), imitated=1000
    )
    tried = {Subject(text, (text,)): results, Subject("script", ("script",)): results[:1]}
    return Comparison.of(tried, environment=text, options={text: text}, traces=(trace,), curves=(curve,))


def test_nothing_that_a_service_says_becomes_markup() -> None:
    plain, hostile = Outline(build_page(comparison(re.sub("[^/]", "x", EVIL)))), Outline(build_page(comparison(EVIL)))
    assert hostile.tags == plain.tags
    assert [name for name, _ in hostile.attributes] == [name for name, _ in plain.attributes]
    assert hostile.tags.count("script") == 1
    assert "{{7*7}}" in hostile.text


def test_page_loads_nothing() -> None:
    outline = Outline(build_page(comparison()))
    assert not {"link", "img", "iframe", "object", "base", "form"} & set(outline.tags)
    assert not {"src", "style", "action", "srcset"} & {name for name, _ in outline.attributes}
    links = [value for name, value in outline.attributes if name in {"href", "xlink:href"}]
    assert links
    assert all(value is not None and value.startswith("#") for value in links)
    (policy,) = (value for name, value in outline.attributes if value and value.startswith("default-src 'none'"))
    assert policy is not None
    assert "unsafe" not in policy


def test_links_lead_somewhere_and_labels_belong_to_something() -> None:
    outline = Outline(build_page(comparison()))
    ids = [value for name, value in outline.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    wanted = {"href", "for", "aria-labelledby"}
    named = [str(value).removeprefix("#") for name, value in outline.attributes if name in wanted]
    assert set(named) <= set(ids)


def test_heat_map_has_a_cell_for_every_machine_and_family() -> None:
    page = build_page(comparison())
    inner = re.findall(r'<g class="cell (?!sum)', page)
    assert len(inner) == 2 * 2 * 2 + 2 * 1 * 1  # two figures of both agents: 2 machines and 2 families, 1 and 1


def test_headings_leave_no_level_out() -> None:
    tags = [tag for tag in Outline(build_page(comparison())).tags if re.fullmatch(r"h\d", tag)]
    assert tags[0] == "h1"
    assert all(int(after[1]) - int(before[1]) <= 1 for before, after in pairwise(tags))


@pytest.mark.parametrize(
    ("share", "text", "number"),
    [(0.0, "0", 0), (0.004, "1", 0), (0.5, "50", 1), (0.979, "98", 5), (0.9999, "99", 6), (1.0, "100", 7)],
)
def test_only_all_reads_as_a_hundred(share: float, text: str, number: int) -> None:
    assert hundredths(share) == text
    assert level(share) == number


def test_tree_grows_with_the_requests() -> None:
    (root,) = grown(comparison("Systems/1").traces[0])
    assert (root.name, root.first, root.reads) == ("/redfish/v1", 0, [0])
    systems = root.children["/Systems"]
    assert (systems.first, systems.reads) == (1, [])
    assert systems.children["/1"].reads == [1]
