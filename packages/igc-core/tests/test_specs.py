from __future__ import annotations

import pytest

from igc_core.specs import AgentSpec, ComponentSpec, EncoderSpec, problem_of

GOOD = AgentSpec(name="a-1", factory="a.b:C.d", summary="One line.")


def test_good_spec_has_no_problem() -> None:
    assert problem_of(GOOD, AgentSpec) == ""


@pytest.mark.parametrize(
    ("spec", "problem"),
    [
        (None, "None is not a AgentSpec"),
        (EncoderSpec(name="a", factory="a:b", summary="s"), "is not a AgentSpec"),
        (AgentSpec(name="A", factory="a:b", summary="s"), "the name 'A' is not lower case"),
        (AgentSpec(name="a_b", factory="a:b", summary="s"), "the name 'a_b' is not lower case"),
        (AgentSpec(name="a", factory="a.b", summary="s"), "the factory 'a.b' of 'a' is not of the form"),
        (AgentSpec(name="a", factory="a:b()", summary="s"), "is not of the form"),
        (AgentSpec(name="a", factory="a:b", summary=" "), "the summary of 'a' is not one line"),
        (AgentSpec(name="a", factory="a:b", summary="x\ny"), "the summary of 'a' is not one line"),
    ],
)
def test_bad_spec_is_described(spec: ComponentSpec | None, problem: str) -> None:
    assert problem in problem_of(spec, AgentSpec)
