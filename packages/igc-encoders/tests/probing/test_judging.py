from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from igc_encoders.baselines.tfidf import TfidfEncoder
from igc_encoders.corpus import Corpus, Record, read
from igc_encoders.errors import EncoderError
from igc_encoders.hashed import HashedTokenEncoder
from igc_encoders.probing import judge, judge_all, table
from igc_encoders.probing.geometry import collisions, neighbours, vendor
from igc_encoders.probing.judging import examine
from igc_encoders.probing.probes import probe
from igc_encoders.probing.samples import by_state, by_type, flags_of, nudged, surveyed, values_of


def system(number: int, power: str) -> dict[str, Any]:
    return {
        "@odata.id": f"/redfish/v1/Systems/{number}",
        "@odata.type": "#ComputerSystem.v1_1_0.ComputerSystem",
        "PowerState": power,
        "HostName": f"host-{number}",
        "SecureBoot": {"Enabled": number % 2 == 0},
    }


def machine(folder: Path, name: str, seed: int) -> None:
    states = ("On", "Off")
    bodies = [system(seed + number, states[number % 2]) for number in range(4)]
    fans = [
        {"@odata.id": f"/redfish/v1/Fans/{number}", "@odata.type": "#Fan.v1_0_0.Fan", "Reading": seed * 100 + number}
        for number in range(3)
    ]
    lines = [{"path": body["@odata.id"], "methods": None, "status": 200, "body": body} for body in [*bodies, *fans]]
    (folder / f"{name}.jsonl").write_text("\n".join(map(json.dumps, lines)))


@pytest.fixture
def corpora(tmp_path: Path) -> tuple[Corpus, Corpus]:
    names = ["acme-1", "acme-2", "bolt-1", "bolt-2", "cray-1", "dell-1"]
    for seed, name in enumerate(names):
        machine(tmp_path, name, seed)
    corpus = Corpus.of([tmp_path])
    return corpus.select(names[:5]), corpus.select(names[5:])


@pytest.fixture
def records(corpora: tuple[Corpus, Corpus]) -> list[Record]:
    return list(corpora[0].records())


def test_all_is_judged_and_tabled(corpora: tuple[Corpus, Corpus]) -> None:
    exam = examine(*corpora)
    encoder = TfidfEncoder.train((record.body for record in corpora[0].records()), width=8)
    hashed = HashedTokenEncoder(64)
    said: list[str] = []
    judged = judge_all({"tfidf": lambda: (encoder, encoder), "hashed": lambda: (hashed, hashed)}, exam, said.append)
    for one in judged:
        assert set(one.probes) == {"type", "power state", "flag SecureBoot/Enabled"}
        assert one.probes["type"].accuracy == 1
        assert one.probes["power state"].balanced == 1
        assert one.neighbours == 1
        assert json.loads(json.dumps(one.as_json()))["probes"]["type"]["judged"] == 7
    # Neither sees digits of a host's name that it has not counted, so states that differ in them coincide.
    assert judged[1].collisions > 0
    rows = table(judged)
    assert rows[0] == ["", "tfidf", "hashed"]
    assert ["width", "8", "64"] in rows
    assert all(len(row) == 3 for row in rows)
    assert any("tfidf: collisions of dell-1" in line for line in said)


def test_an_encoder_that_tells_nothing_is_judged_so(corpora: tuple[Corpus, Corpus]) -> None:
    class Constant:
        width, fingerprint = 4, "constant"

        def encode(self, resources: Sequence[Any]) -> Any:
            return np.full((len(resources), 4), 0.5, np.float32)

    found = judge("constant", Constant(), examine(*corpora))
    assert found.probes["power state"].balanced == 0.5
    assert found.collisions == found.states * (found.states - 1) // 2
    assert found.least == 0


def test_machines_on_both_sides_are_refused(corpora: tuple[Corpus, Corpus]) -> None:
    with pytest.raises(EncoderError, match=r"acme-1, .* on both sides"):
        examine(corpora[0], corpora[0])
    with pytest.raises(EncoderError, match="none on one side"):
        examine(corpora[0], Corpus())


def test_states_are_made_alike_for_each_value(records: list[Record]) -> None:
    resources = surveyed(records)
    values = values_of(resources, "PowerState")
    found = by_state(resources, "PowerState", values, 2)
    assert values == ("Off", "On")
    assert len(found) == 5 * 2 * 2
    assert [body["PowerState"] for body in found.bodies] == found.labels
    assert found.labels.count("On") == found.labels.count("Off")


def test_flags_are_found_where_machines_share_them(records: list[Record]) -> None:
    assert flags_of(surveyed(records)) == ["SecureBoot/Enabled"]
    assert not flags_of(surveyed(records[:7]))


def test_few_resources_of_a_type_count(records: list[Record]) -> None:
    found = by_type([*records, *records], 2)
    assert len(found) == 5 * 2 * 2
    assert set(found.labels) == {"ComputerSystem", "Fan"}


def test_one_value_is_changed(captures: Path) -> None:
    random = np.random.default_rng(0)
    for record in list(read(captures / "dmtf-catfish.jsonl.gz"))[:29]:
        other = nudged(record.body, random)
        assert other is not None
        assert other != record.body
        differing = [key for key in record.body if other[key] != record.body[key]]
        assert len(differing) == 1
    assert nudged({"@odata.id": "/redfish/v1"}, random) is None


def test_collisions_are_counted_in_pairs() -> None:
    vectors = np.eye(4, dtype=np.float32)[[0, 0, 0, 1, 2, 2]]
    assert collisions(vectors) == (4, 0.0)
    assert collisions(np.eye(4, dtype=np.float32))[0] == 0
    assert collisions(vectors[:1]) == (0, np.inf)


def test_neighbours_are_of_other_vendors_and_count_only_where_one_can_be_right() -> None:
    others = np.eye(3, dtype=np.float32)
    share, counted = neighbours(
        others[[0, 1, 2, 0]], ["x", "y", "z", "x"], ["a", "a", "b", "b"], others, ["x", "y", "z"], ["b", "b", "b"]
    )
    assert (share, counted) == (1.0, 2)
    assert vendor("hpe-dl380agen11") == "hpe"


def test_a_probe_leaves_out_what_it_cannot_know() -> None:
    known = np.asarray([[1, 0], [0, 1]] * 5, np.float32)
    found = probe("name", known, ["a", "b"] * 5, np.asarray([[1, 0], [0, 1], [1, 1]], np.float32), ["a", "b", "new"])
    assert found is not None
    assert (found.accuracy, found.balanced, found.judged, found.unknown, found.trained) == (1, 1, 2, 1, 10)
    assert probe("constant", known, ["a"] * 10, known, ["a"] * 10) is None
    assert probe("held out constant", known, ["a", "b"] * 5, known[:1], ["a"]) is None
