from __future__ import annotations

import re

import pytest

from igc_core import errors
from igc_core.errors import GoalError, IgcError

ERRORS = [found for found in vars(errors).values() if isinstance(found, type) and issubclass(found, IgcError)]


def test_first_code_is_the_default() -> None:
    assert GoalError("what").code == GoalError.codes[0]


def test_hint_follows_the_message() -> None:
    error = GoalError("no zone 'x'", code="goal-ambiguous", hint="say which")
    assert str(error) == "no zone 'x'; say which"
    assert (error.message, error.code, error.hint) == ("no zone 'x'", "goal-ambiguous", "say which")


def test_undeclared_code_is_a_programming_error() -> None:
    with pytest.raises(ValueError, match="GoalError has no code 'goal-other'"):
        GoalError("what", code="goal-other")


def test_codes_are_unique_and_lower_case_with_dashes() -> None:
    codes = [code for error in ERRORS for code in error.codes]
    assert len(codes) == len(set(codes))
    assert all(re.fullmatch("[a-z]+(-[a-z]+)+", code) for code in codes)


def test_every_error_is_drawn_in_the_tree() -> None:
    assert all(error.__name__ in (errors.__doc__ or "") for error in ERRORS)
