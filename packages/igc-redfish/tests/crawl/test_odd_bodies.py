from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from igc_redfish.capture import ROOT, Capture
from igc_redfish.client import Bounds, Patience, Transport
from igc_redfish.crawl import CrawlOptions, crawl

#: Keys that a crawler looks at, and one that it does not.
KEYS = st.sampled_from(
    [
        "@odata.id",
        "@odata.type",
        "@odata.etag",
        "@odata.nextLink",
        "Members",
        "Members@odata.nextLink",
        "Members@odata.count",
        "Uri",
        "Location",
        "Actions",
        "target",
        "@Redfish.ActionInfo",
        "@Redfish.Settings",
        "SettingsObject",
        "ProtocolFeaturesSupported",
        "ExpandQuery",
        "NoLinks",
        "Id",
        "Name",
        "Password",
        "UUID",
        "SerialNumber",
        "error",
        "Other",
    ]
)
TEXTS = st.sampled_from(
    [
        "",
        "#",
        "/",
        "//",
        ROOT,
        f"{ROOT}/Systems",
        f"{ROOT}/systems/",
        f"{ROOT}/a b",
        f"{ROOT}/%",
        f"{ROOT}/../..",
        f"{ROOT}?$skip=1",
        "Systems/1",
        "http://[",
        "http://127.0.0.1:99999/",
        "https://192.0.2.1/redfish/v1",
        "javascript:alert(1)",
        "\x00",
        "\ud83d\ude00",
        "#LogEntryCollection.LogEntryCollection",
        "#JsonSchemaFile.v1_0_0.JsonSchemaFile",
    ]
)
BODIES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=25,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(KEYS, BODIES, max_size=8), BODIES)
def test_bodies_of_any_shape_are_crawled_and_kept(web: Any, tmp_path: Path, root: Any, other: Any) -> None:
    web.pages = Everywhere(root, other)
    with Transport(web.url, bounds=Bounds(read_s=2), patience=Patience(attempts=1), connections=2) as transport:
        destination = tmp_path / "x.igc.jsonl.gz"
        options = CrawlOptions(concurrency=2, most_resources=20, most_pages=5, log_entries=2)
        crawled = crawl(transport, destination, options=options, overwrite=True, disguise=True)
    assert Capture.open(destination).digest == crawled.capture.digest


class Everywhere(dict[str, Any]):
    """A root, and the same page at every other path."""

    def __init__(self, root: Any, other: Any) -> None:
        super().__init__({f"{ROOT}/": (200, root, {})})
        self.other = other

    def get(self, key: str, default: Any = None) -> Any:
        everywhere = default if " " in key else (200, self.other, {})
        return super().get(key, everywhere)
