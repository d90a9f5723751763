"""The ``$filter`` language (DSP0266, "Use of the $filter query parameter")."""

from __future__ import annotations

import re
from operator import eq, ge, gt, le, lt, ne
from typing import TYPE_CHECKING, Any, TypeAlias

import orjson

from igc_redfish.bodies import value_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from igc_core.rest import JsonObject

#: Tells whether a resource passes.
Test: TypeAlias = "Callable[[JsonObject], bool]"

_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {"eq": eq, "ne": ne, "gt": gt, "ge": ge, "lt": lt, "le": le}
_TOKEN = re.compile(r"\s*(?:(?P<mark>[()])|(?P<text>'(?:[^']|'')*')|(?P<word>[^\s()']+))")
_LONGEST = 2000
_DEEPEST = 32


def parse_filter(text: str) -> Test:
    """Compile a filter: ``eq ne gt ge lt le``, ``and``, ``or``, ``not`` and parentheses.

    Raises:
        ValueError: The text is no filter.
    """
    if len(text) > _LONGEST:
        raise ValueError(text[:80])
    parser = _Parser(_tokens(text))
    test = parser.disjunction(0)
    if parser.rest:
        raise ValueError(text)
    return test


class _Parser:
    """Recursive descent; ``not`` binds closest, then ``and``, then ``or``."""

    def __init__(self, tokens: list[str]) -> None:
        self.rest = tokens

    def disjunction(self, depth: int) -> Test:
        tests = [self.conjunction(depth)]
        while self._skip("or"):
            tests.append(self.conjunction(depth))
        return tests[0] if len(tests) == 1 else lambda body: any(test(body) for test in tests)

    def conjunction(self, depth: int) -> Test:
        tests = [self.negation(depth)]
        while self._skip("and"):
            tests.append(self.negation(depth))
        return tests[0] if len(tests) == 1 else lambda body: all(test(body) for test in tests)

    def negation(self, depth: int) -> Test:
        if depth > _DEEPEST:
            raise ValueError("nested too deep")
        if self._skip("not"):
            test = self.negation(depth + 1)
            return lambda body: not test(body)
        if self._skip("("):
            test = self.disjunction(depth + 1)
            if not self._skip(")"):
                raise ValueError("a parenthesis is not closed")
            return test
        return self.comparison()

    def comparison(self) -> Test:
        path, operator, literal = self._next(), self._next(), _literal(self._next())
        compare = _OPERATORS.get(operator)
        if compare is None or path in "()" or path.startswith("'"):
            raise ValueError(operator)
        return lambda body: _holds(compare, value_at(body, path), literal)

    def _next(self) -> str:
        if not self.rest:
            raise ValueError("the filter ends too early")
        return self.rest.pop(0)

    def _skip(self, token: str) -> bool:
        if self.rest and self.rest[0] == token:
            self.rest.pop(0)
            return True
        return False


def _tokens(text: str) -> list[str]:
    tokens: list[str] = []
    position = 0
    while text[position:].strip():
        found = _TOKEN.match(text, position)
        if found is None:
            raise ValueError(text)
        tokens.append(found[0].strip())
        position = found.end()
    return tokens


def _literal(token: str) -> Any:
    if token.startswith("'"):
        return token[1:-1].replace("''", "'")
    value = orjson.loads(token)
    scalar = value is None or isinstance(value, str | bool | int | float)
    if scalar:
        return value
    raise ValueError(token)


def _holds(compare: Callable[[Any, Any], bool], value: Any, literal: Any) -> bool:
    """Compare two values; an order between different types never holds."""
    if isinstance(value, bool) is not isinstance(literal, bool):
        return compare is ne
    try:
        return bool(compare(value, literal))
    except TypeError:
        return False
