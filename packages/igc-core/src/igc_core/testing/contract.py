"""What all contracts share."""

from __future__ import annotations

from typing import Any


class Contract:
    """A class of standard tests.

    A subclass may add tests. It may replace a standard test, or set it to None, only under
    ``@pytest.mark.xfail(reason=...)``: a component that departs from its contract says so and why.
    """

    def test_no_standard_test_is_silently_replaced(self) -> None:
        replaced = [name for name, standard in _standard_tests(type(self)).items() if self._departs(name, standard)]
        assert not replaced, (
            f"{type(self).__name__} replaces {', '.join(replaced)}; mark the replacement with "
            "@pytest.mark.xfail(reason=...) to say why the component departs from its contract"
        )

    def _departs(self, name: str, standard: object) -> bool:
        found = getattr(type(self), name, None)
        if found is standard:
            return False
        marks: list[Any] = getattr(found, "pytestmark", [])
        return not any(mark.name == "xfail" and mark.kwargs.get("reason") for mark in marks)


def _standard_tests(tested: type) -> dict[str, object]:
    """The tests of the kit's own classes among a class's bases, by name."""
    kit = [base for base in tested.__mro__ if base.__module__.startswith("igc_core.testing.")]
    return {name: member for base in reversed(kit) for name, member in vars(base).items() if name.startswith("test_")}
