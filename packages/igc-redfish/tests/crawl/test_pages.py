from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from igc_redfish.crawl.pages import gathered, next_page, shortened, without_members

LOG = "/redfish/v1/Log/Entries"


def page(*numbers: int, following: str = "", count: int = 0) -> dict[str, Any]:
    members = [{"@odata.id": f"{LOG}/{number}"} for number in numbers]
    return {"Name": "Log", "Members": members, "Members@odata.count": count or len(members)} | (
        {"Members@odata.nextLink": following} if following else {}
    )


@given(st.integers(1, 40), st.integers(1, 7))
def test_pages_are_put_together(members: int, size: int) -> None:
    starts = range(0, members, size)
    pages = {
        f"?{start}": page(
            *range(start, min(start + size, members)),
            following=f"?{start + size}" if start + size < members else "",
            count=members,
        )
        for start in starts
    }
    assert gathered(pages["?0"], pages.get, 1000, None) == page(*range(members), count=members)


def test_circle_of_pages_ends() -> None:
    pages = {"?1": page(2, 3, following="?0"), "?0": page(0, 1, following="?1")}
    assert gathered(pages["?0"], pages.get, 1000, None) == page(0, 1, 2, 3, count=2)


def test_page_that_links_to_itself_ends() -> None:
    first = page(0, 1, following="?0")
    assert gathered(first, {"?0": first}.get, 1000, None) == page(0, 1)


def test_endless_pages_end_and_say_so() -> None:
    read: list[str] = []

    def endless(text: str) -> dict[str, Any]:
        read.append(text)
        return page(len(read), following=f"?{len(read)}")

    found = gathered(page(0, following="?0"), endless, 50, None)
    assert len(read) == 50
    assert next_page(found) == "?50"


def test_page_that_cannot_be_read_stays_linked() -> None:
    first = page(0, following="?1", count=2)
    assert gathered(first, lambda _: None, 1000, None) == first


def test_pages_of_a_long_log_are_not_all_read() -> None:
    read: list[str] = []

    def more(text: str) -> dict[str, Any]:
        read.append(text)
        return page(*range(10 * len(read), 10 * len(read) + 10), following=f"?{len(read)}", count=10_000)

    found = gathered(page(*range(10), following="?0", count=10_000), more, 1000, 25)
    assert len(read) == 2
    assert shortened(found, 25) == (page(*range(25)), 9975)


def test_short_log_stays_as_it_is() -> None:
    assert shortened(page(1, 2), 2) == (page(1, 2), 0)


def test_log_that_lies_about_its_length_is_believed_where_it_claims_more() -> None:
    assert shortened(page(1, 2, count=7), 5) == (page(1, 2), 5)


def test_member_is_left_out_however_it_is_spelt() -> None:
    assert without_members(page(1, 2, 3), [f"{LOG}/2/"]) == page(1, 3)
    assert without_members(page(1, 2), [f"{LOG}/7"]) == page(1, 2)
