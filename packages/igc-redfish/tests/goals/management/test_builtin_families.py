from __future__ import annotations

from igc_core.protocols import GoalHandler
from igc_redfish.goals import FAMILIES, build, builtin_handlers


def test_every_family_is_built_under_its_name() -> None:
    handlers = builtin_handlers()
    assert [handler.family for handler in handlers] == list(FAMILIES)
    assert all(isinstance(handler, GoalHandler) for handler in handlers)


def test_handlers_are_shared() -> None:
    assert build("led") is build("led")
    assert builtin_handlers() == builtin_handlers()


def test_required_families_exist() -> None:
    for handler in builtin_handlers():
        assert set(handler.requires) <= set(FAMILIES)


def test_no_action_or_creation_has_two_answers() -> None:
    answers = [(rule.kind, rule.key) for handler in builtin_handlers() for rule in handler.rules()]
    exclusive = [answer for answer in answers if answer[0] in {"action", "create"}]
    assert len(exclusive) == len(set(exclusive))
