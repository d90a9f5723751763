from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest

from igc_core.encoding import named_encoder, same_encoder
from igc_core.errors import AgentError, PluginError
from igc_core.hookspecs import hookimpl
from igc_core.models import EncoderIdentity
from igc_core.plugins import PluginManager
from igc_core.specs import EncoderSpec


class Length:
    """Encodes a body by its number of properties."""

    def __init__(self, scale: int = 1) -> None:
        self.width, self.fingerprint = 1, f"length-{scale}"

    def encode(self, resources: Any) -> Any:
        return [[len(body)] for body in resources]


class Plugin:
    @hookimpl
    def igc_encoders(self) -> Any:
        yield EncoderSpec(name="length", factory="length_encoder:Length", summary="Counts properties.")


@pytest.fixture
def plugins(monkeypatch: pytest.MonkeyPatch) -> PluginManager:
    module = ModuleType("length_encoder")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(module, "Length", Length, raising=False)
    return PluginManager([Plugin()])


def test_a_name_builds_an_encoder_and_tells_how(plugins: PluginManager) -> None:
    encoder, identity = named_encoder("length", plugins)
    assert encoder.encode([{"a": 1}]) == [[1]]
    assert identity == EncoderIdentity(name="length", fingerprint="length-1")


def test_a_table_brings_options(plugins: PluginManager) -> None:
    encoder, identity = named_encoder({"name": "length", "scale": 3}, plugins)
    assert encoder.fingerprint == "length-3"
    assert identity.options == {"scale": 3}
    assert same_encoder(identity, plugins).fingerprint == "length-3"


def test_an_encoder_itself_can_only_be_recognised(plugins: PluginManager) -> None:
    given = Length()
    encoder, identity = named_encoder(given, plugins)
    assert encoder is given
    with pytest.raises(AgentError, match=r"an encoder that has no name \(length-1\)"):
        same_encoder(identity, plugins)


def test_an_encoder_that_changed_is_refused(plugins: PluginManager) -> None:
    identity = EncoderIdentity(name="length", options={"scale": 2}, fingerprint="length-1")
    with pytest.raises(AgentError, match="as length-1, which is now length-2"):
        same_encoder(identity, plugins)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"scale": 1}, "has a name"),
        ({"name": 3}, "has a name"),
        ("lenght", "did you mean 'length'"),
        ({"name": "length", "size": 1}, "cannot be built"),
    ],
)
def test_what_builds_no_encoder_is_refused(plugins: PluginManager, given: Any, words: str) -> None:
    with pytest.raises(PluginError, match=words):
        named_encoder(given, plugins)
