"""Files that people write for runs on real hosts (TOML): read whole, checked, and refused in one line."""

from __future__ import annotations

import tomllib
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from igc_core.errors import DataError
from igc_core.models import Model
from igc_core.plugins import suggestion
from igc_redfish.bodies import as_object

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Made = TypeVar("Made")
#: Kind of error of a key that is none of a table's.
_UNKNOWN = "unknown_key"
#: What TOML calls what Python has other words for.
_NAMES = {"tuple": "array", "dictionary": "table"}


def _whole(value: Any) -> Any:
    """Take 1 for a version, and neither 1.0 nor true, which equal it."""
    return value if type(value) is int else None


def _filled(text: str) -> str:
    if not text.strip():
        raise PydanticCustomError("blank", "Input should not be empty")
    return text


def _moment(value: Any) -> Any:
    if value is not None and not isinstance(value, datetime):
        problem = "Input should be a date with a time and without quotes, e.g. 2026-12-31T18:00:00Z"
        raise PydanticCustomError("moment", problem)
    return value


#: Version of a format, a text that says something, some of these, and a date with a time.
Version = Annotated[Literal[1], BeforeValidator(_whole)]
Text = Annotated[str, AfterValidator(_filled)]
Texts = Annotated[tuple[Text, ...], Field(min_length=1, strict=False)]
Moment = Annotated[datetime, BeforeValidator(_moment)]


class Table(Model):
    """A table of such a file. A text is no number, no switch and no date: what was meant otherwise is not guessed."""

    model_config = ConfigDict(strict=True)

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown_keys(cls, table: Any) -> Any:
        known = [field.alias or name for name, field in cls.model_fields.items()]
        for key in as_object(table):
            if key not in known:
                hint = suggestion(key, known)
                raise PydanticCustomError(
                    _UNKNOWN, "extra inputs are not permitted: {hint}", {"key": key, "hint": hint}
                )
        return table


def read_toml(path: Path, what: str, make: Callable[[dict[str, Any]], Made], *, most_bytes: int) -> Made:
    """Read a file and make something of its table.

    Args:
        path: The file.
        what: What it is, for messages, e.g. ``"policy"``.
        make: Makes something of the table; a ``ValidationError`` tells what is wrong with it.
        most_bytes: Size of a file that is read.

    Raises:
        DataError: The file is missing, too large, no TOML, or states what it must not.
    """
    try:
        with path.open("rb") as file:
            content = file.read(most_bytes + 1)
    except OSError as error:
        raise DataError(f"cannot read the {what} {path}: {error.strerror}", code="data-missing") from error
    if len(content) > most_bytes:
        raise unusable(path, what, f"it has more than {most_bytes} bytes")
    try:
        return make(tomllib.loads(content.decode()))
    except RecursionError as error:
        raise unusable(path, what, "it is not TOML: it is nested too deeply") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise unusable(path, what, f"it is not TOML: {error}") from error
    except ValidationError as error:
        raise unusable(path, what, _worded(error)) from error


def _worded(error: ValidationError) -> str:
    """Tell the first thing that is wrong: at which key, and what is allowed there."""
    first = error.errors(include_url=False, include_input=False)[0]
    place = [*first["loc"], *([first.get("ctx", {})["key"]] if first["type"] == _UNKNOWN else [])]
    problem = first["msg"][:1].lower() + first["msg"][1:]
    for ours, theirs in _NAMES.items():
        problem = problem.replace(f"valid {ours}", f"valid {theirs}")
    return f"{'.'.join(map(str, place)) or 'the file'}: {problem}"


def unusable(path: Path, what: str, problem: str) -> DataError:
    """Make the error of a file that states what it must not."""
    hint = f"see what the how-to on live hosts says of the {what}"
    return DataError(f"the {what} {path} cannot be used: {problem}", code="data-invalid", hint=hint)
