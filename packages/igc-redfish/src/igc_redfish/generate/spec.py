"""Texts that name generated services: ``generated:7``, ``generated:7?manner=blade&size=400``."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from igc_core.errors import DataError
from igc_redfish.generate.build import build
from igc_redfish.generate.sample import sample_style
from igc_redfish.machine import Machine

if TYPE_CHECKING:
    from igc_redfish.capture import Capture
    from igc_redfish.generate.style import Style
    from igc_redfish.service.profile import Profile

PREFIX = "generated:"
_USAGE = "write generated:SEED or generated:SEED?manner=MANNER&size=RESOURCES"


def parse_spec(spec: str) -> Style:
    """Read the text that names a generated service.

    Raises:
        DataError: The text cannot be read, or asks for what cannot be.
    """
    seed_text, _, query = spec.removeprefix(PREFIX).partition("?")
    if not spec.startswith(PREFIX):
        raise _unreadable(spec, f"it does not begin with {PREFIX!r}")
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True) if query else []
    except ValueError:
        raise _unreadable(spec, "an option is no name=value") from None
    options = dict(pairs)
    if len(options) < len(pairs):
        raise _unreadable(spec, "an option is stated twice")
    unknown = [name for name in options if name not in {"manner", "size"}]
    if unknown:
        raise _unreadable(spec, f"there is no option {unknown[0]!r}")
    size = _number(spec, "size", options["size"]) if "size" in options else None
    return sample_style(_number(spec, "seed", seed_text), manner=options.get("manner"), size=size)


def generate(spec: str) -> Capture:
    """Build the service that a text names.

    Raises:
        DataError: The text cannot be read, or asks for what cannot be.
    """
    return build(parse_spec(spec))


def profile_of(style: Style) -> Profile:
    """Return the quirks and delays of the services of a style."""
    return style.profile


def machine(seed: int, *, manner: str | None = None, size: int | None = None) -> Machine:
    """Generate a machine, ready to be simulated.

    Args:
        seed: The same arguments give the same machine.
        manner: One of :data:`~igc_redfish.generate.manners.MANNERS`; drawn where None.
        size: Number of resources; drawn where None.
    """
    style = sample_style(seed, manner=manner, size=size)
    return Machine(build(style), profile_of(style))


def _number(spec: str, name: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or len(text) > 18:  # noqa: PLR2004 - more digits are no seed
        raise _unreadable(spec, f"the {name} {text[:40]!r} is no number of at most 18 digits")
    return int(text)


def _unreadable(spec: str, problem: str) -> DataError:
    return DataError(f"cannot read {spec[:80]!r}: {problem}", code="data-invalid", hint=_USAGE)
