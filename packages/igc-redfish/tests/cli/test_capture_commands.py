from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from igc_core.redaction import MASK
from igc_redfish.capture import Capture, CaptureError, Resource
from igc_redfish.cli.capture import app

ROOT = "/redfish/v1"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("IGC_CAPTURES", str(tmp_path))
    system = f"{ROOT}/Systems/1"
    capture = Capture.from_resources(
        "tower",
        [
            Resource(
                ROOT,
                {"@odata.id": ROOT, "@odata.type": "#ServiceRoot.v1_0_0.ServiceRoot", "Systems": {"@odata.id": system}},
            ),
            Resource(
                system,
                {
                    "@odata.id": system,
                    "@odata.type": "#ComputerSystem.v1_0_0.ComputerSystem",
                    "Name": "[bold]\x1b[31mred",
                    "Password": "calvin",
                    "Actions": {
                        "#ComputerSystem.Reset": {"target": f"{system}/Actions/ComputerSystem.Reset"},
                        "Oem": {"#Acme.Blink": {"target": f"{system}/Actions/Acme.Blink"}},
                    },
                },
                methods=["GET", "PATCH"],
            ),
            Resource(
                f"{system}/Oem/[red]/Deep", {"@odata.id": f"{system}/Oem/[red]/Deep", "@odata.type": "#[x].v1_0_0.[x]"}
            ),
        ],
        provenance={"license": "MIT"},
    )
    return capture.export(tmp_path / "tower.jsonl.gz", "jsonl")


def run(*arguments: str | Path, exit_code: int = 0) -> str:
    result = CliRunner(env={"COLUMNS": "200"}).invoke(app, [str(argument) for argument in arguments])
    if isinstance(result.exception, CaptureError):
        raise result.exception
    assert result.exit_code == exit_code, result.output
    return result.output


def test_info_counts_types_methods_and_links(file: Path) -> None:
    output = run("info", file)
    for part in ("tower", "resources", "methods known", "ComputerSystem", "1 distinct", "100.0%", "66.7%"):
        assert part in output
    facts = orjson.loads(run("info", "tower", "--json"))
    assert facts["manifest"]["resources"] == 3
    assert facts["types"]["ComputerSystem"] == 1
    assert facts["connectivity"]["closed_share"] == 1


def test_show_prints_the_tree_with_methods_and_actions(file: Path) -> None:
    output = run("show", "tower")
    assert "Systems/1 ComputerSystem GET PATCH ComputerSystem.Reset, Acme.Blink" in output
    assert "Oem/[red]/Deep [x]" in output


def test_show_stops_at_a_depth_and_says_so(file: Path) -> None:
    output = run("show", "tower", "--depth", "2")
    assert "Deep" not in output
    assert "1 resources lie deeper" in output
    assert [row["uri"] for row in orjson.loads(run("show", "tower", "--depth", "2", "--json"))] == [
        ROOT,
        f"{ROOT}/Systems/1",
    ]


@pytest.mark.parametrize("uri", ["/redfish/v1/Systems/1", "/redfish/v1/systems/1/", "Systems/1"])
def test_show_prints_one_body_without_its_secrets(file: Path, uri: str) -> None:
    output = run("show", "tower", "--uri", uri)
    assert orjson.loads(output)["Password"] == MASK
    assert "calvin" not in output


def test_an_unknown_resource_has_near_misses(file: Path) -> None:
    with pytest.raises(CaptureError, match="did you mean /redfish/v1/Systems/1"):
        run("show", "tower", "--uri", "/redfish/v1/Systems/2")


def test_import_masks_secrets_and_overwrites_nothing(file: Path, tmp_path: Path) -> None:
    destination = tmp_path / "own" / "tower.igc.jsonl.gz"
    assert "3 resources" in run("import", file, destination)
    imported = Capture.open(destination)
    assert imported[f"{ROOT}/Systems/1"].body["Password"] == "<redacted>"
    assert imported.created is not None
    before = destination.read_bytes()
    with pytest.raises(CaptureError, match="exists"):
        run("import", file, destination)
    assert destination.read_bytes() == before
    run("import", file, destination, "--overwrite")


def test_import_recovers_a_damaged_capture_when_asked(file: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.jsonl"
    cut.write_bytes(b'{"path": "/redfish/v1", "body": {}}\n{"path": "/redf')
    with pytest.raises(CaptureError, match=r"line 2 of .* is not JSON"):
        run("import", cut, tmp_path / "new.igc.jsonl.gz")
    assert "warning[damage-skipped]" in run("import", cut, tmp_path / "new.igc.jsonl.gz", "--partial")
    assert len(Capture.open(tmp_path / "new.igc.jsonl.gz")) == 1


def test_validate_tells_errors_from_warnings_by_its_exit_code(file: Path, tmp_path: Path) -> None:
    assert "0 errors, 0 warnings" in run("validate", "tower")
    odd = tmp_path / "odd.jsonl"
    odd.write_bytes(b'{"path": "/redfish/v1", "body": {"Systems": {"@odata.id": "/redfish/v1/Systems"}}}')
    output = run("validate", odd)
    assert "link-dangling" in output
    assert "0 errors, 3 warnings" in output
    odd.write_bytes(b'{"path": "/redfish/v1", "body": {}}')
    assert "root-empty" in run("validate", odd, exit_code=1)
    assert {row["code"] for row in orjson.loads(run("validate", odd, "--json", exit_code=1))} >= {"root-empty"}


def test_validate_shows_examples_or_all(tmp_path: Path) -> None:
    links = {f"L{number}": {"@odata.id": f"/redfish/v1/Gone/{number}"} for number in range(9)}
    path = tmp_path / "many.jsonl"
    path.write_bytes(orjson.dumps({"path": ROOT, "body": {"Systems": {"@odata.id": f"{ROOT}/S"}, **links}}))
    assert run("validate", path).count("leads nowhere") == 3
    assert run("validate", path, "--all").count("leads nowhere") == 10


@pytest.mark.parametrize("kind", ["dmtf", "jsonl", "flat"])
def test_export_writes_what_can_be_read_again(file: Path, tmp_path: Path, kind: str) -> None:
    destination = tmp_path / f"out-{kind}.jsonl"
    run("export", "tower", destination, "--format", kind)
    assert Capture.open(destination).digest == Capture.open(file).redacted().digest


@pytest.mark.parametrize("kind", ["dmtf", "jsonl", "flat"])
def test_export_keeps_secrets_only_where_told(file: Path, tmp_path: Path, kind: str) -> None:
    for name, options, password in (("masked", [], MASK), ("whole", ["--with-secrets"], "calvin")):
        run("export", "tower", tmp_path / name, "--format", kind, *options)
        assert Capture.open(tmp_path / name)[f"{ROOT}/Systems/1"].body["Password"] == password


def test_no_markup_or_control_character_of_a_capture_reaches_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "evil.jsonl"
    body = {"@odata.type": "#X.\x1b[31m[red]Evil", "Vendor": "\x1b[2J", "Actions": {"#\x1b]0;x": {}}}
    path.write_bytes(orjson.dumps({"path": ROOT, "body": body}))
    for command in ("info", "show"):
        assert "\x1b" not in run(command, path)
    assert "\x1b" not in run("validate", path, "--all", exit_code=1)


def test_findings_stand_one_a_line_where_they_are_piped(file: Path) -> None:
    long = "x" * 300
    bodies = [{"@odata.id": ROOT, "Systems": {"@odata.id": f"{ROOT}/{long}"}}, {}]
    resources = [Resource(uri, body) for uri, body in zip((ROOT, f"{ROOT}/{long}y"), bodies, strict=True)]
    Capture.from_resources("wide", resources).export(file.with_name("wide.jsonl.gz"), "jsonl")
    lines = run("validate", "wide", "--all").splitlines()
    assert all(line == line.rstrip() for line in lines)
    assert any(f"{ROOT}/{long}y" in line and "@odata.id" in line for line in lines)
    assert any(line.endswith(f"leads nowhere, {ROOT}/{long}") for line in lines)


@pytest.mark.parametrize("name", ["", "  "])
def test_an_empty_name_is_not_the_current_folder(name: str, file: Path) -> None:
    with pytest.raises(CaptureError, match="this is empty; known are tower"):
        run("info", name)
