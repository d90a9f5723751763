from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from igc_core import settings
from igc_core.errors import SettingsError
from igc_core.settings import Settings


def test_every_setting_has_a_reader() -> None:
    assert set(settings._READERS) == {item.name for item in fields(Settings)}


def test_defaults_stand_where_nothing_is_said() -> None:
    assert Settings.read({}) == Settings()


def test_environment_is_read() -> None:
    read = Settings.read(
        {
            "IGC_PLUGINS_ALLOWED": "redfish, agents,",
            "IGC_PLUGINS_BLOCKED": "toy",
            "IGC_PLUGINS_EXACT": "",
            "IGC_PLUGINS_STRICT": "Yes",
            "IGC_CAPTURES": "~/captures",
            "IGC_RUNS": "/srv/runs",
            "IGC_OPTIONS": "not read from here",
            "IGC_OF_SOMEONE_ELSE": "ignored",
        }
    )
    assert read == Settings(
        plugins_allowed=("redfish", "agents"),
        plugins_blocked=("toy",),
        plugins_exact=(),
        plugins_strict=True,
        captures=Path.home() / "captures",
        runs=Path("/srv/runs"),
    )


def test_file_in_the_working_directory_is_read(tmp_path: Path) -> None:
    (tmp_path / "igc.toml").write_text(
        'plugins_blocked = ["toy"]\nplugins_strict = true\n[options.toy]\ncolour = "red"'
    )
    read = Settings.read({})
    assert read.plugins_blocked == ("toy",)
    assert read.plugins_strict
    assert read.options["toy"] == {"colour": "red"}


def test_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('runs = "a"\ncaptures = "b"')
    read = Settings.read({"IGC_SETTINGS": str(tmp_path / "mine.toml"), "IGC_RUNS": "c"})
    assert (read.runs, read.captures) == (Path("c"), Path("b"))


def test_options_stay_out_of_the_repr() -> None:
    assert "hunter2" not in repr(Settings(options={"toy": {"token": "hunter2"}}))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("runs = 3", r"the setting runs in igc\.toml must be a path, not 3"),
        ("runs = ''", "must be a path"),
        ("runs = '~nobody-of-that-name/runs'", "must be a path below a home that is known"),
        ("plugins_strict = 'perhaps'", "must be true or false, not 'perhaps'"),
        ("plugins_blocked = [1]", "must be a list of names"),
        ("options = {toy = 1}", "must be a table of tables"),
        ("plugin_blocked = []", "unknown setting 'plugin_blocked'; did you mean 'plugins_blocked'"),
        ("wxyz = []", "unknown setting 'wxyz'; known settings are captures, options"),
        ("runs =", r"igc\.toml is not TOML"),
        ("\udcff", r"igc\.toml is not TOML"),
    ],
)
def test_wrong_file_is_told_in_one_line(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "igc.toml").write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(SettingsError, match=complaint) as caught:
        Settings.read({})
    assert caught.value.code == "settings-invalid"


def test_named_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"cannot read the settings file .*none\.toml: No such file"):
        Settings.read({"IGC_SETTINGS": str(tmp_path / "none.toml")})


def test_wrong_variable_is_named() -> None:
    with pytest.raises(SettingsError, match="IGC_PLUGINS_STRICT must be true or false"):
        Settings.read({"IGC_PLUGINS_STRICT": "maybe"})
