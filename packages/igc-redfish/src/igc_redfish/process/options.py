"""The options of the environments: what values each takes."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from reprlib import repr as shortened
from typing import Annotated, Any, Literal, ParamSpec, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from igc_core.errors import SettingsError
from igc_redfish.goals.book import GoalBook
from igc_redfish.process.disturbance import Disturbance
from igc_redfish.process.planner import Planner
from igc_redfish.process.semantics import MOST_PARTS

_P = ParamSpec("_P")
_T = TypeVar("_T")
#: Goals may hold passwords, so what somebody gave for them is not repeated.
_NOT_REPEATED = "goals"


def _one_as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _encodes(value: Any) -> Any:
    if value is not None and not isinstance(value, str | Mapping) and not hasattr(value, "encode"):
        raise ValueError
    return value


def _ranked(shard: tuple[int, int]) -> tuple[int, int]:
    if shard[0] >= shard[1]:
        raise ValueError
    return shard


_Count = Annotated[int, Field(ge=0)]
_Some = Annotated[int, Field(ge=1)]
_Rate = Annotated[float, Field(ge=0, le=1)]
_Texts = Annotated[Sequence[str], BeforeValidator(_one_as_list)]
_Size = Annotated[int, Field(ge=2, le=MOST_PARTS)]
_Shard = Annotated[tuple[_Count, _Some], Field(strict=False), AfterValidator(_ranked)]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, arbitrary_types_allowed=True)


class _Trouble(_Strict):
    """What a disturbance is stated by; see :class:`igc_redfish.process.disturbance.Disturbance`."""

    model_config = ConfigDict(extra="forbid")

    fail: _Rate = 0.0
    drop: _Rate = 0.0
    stale: _Rate = 0.0
    varied: bool = False


class Options(_Strict):
    """Every option of :mod:`igc_redfish.process.environment`; the descriptions say what each takes.

    What has a name that is not here is not looked at.
    """

    sources: _Texts = Field(default=(), description="names of machines, or one")
    num_envs: _Some = Field(default=1, description="a whole number from 1")
    codec: str = Field(default="", description="the name of a codec")
    slots: _Some = Field(default=1, description="a whole number from 1")
    render_mode: Literal["ansi"] | None = Field(default=None, description="'ansi', or nothing")
    plan: bool = Field(default=False, description="true or false")
    disturbance: Disturbance | _Trouble | None = Field(
        default=None, description="a table of fail, drop and stale, each from 0 to 1, and varied, true or false"
    )
    fresh: _Count = Field(default=0, description="a whole number from 0")
    curriculum: bool = Field(default=False, description="true or false")
    ceilings: bool = Field(default=False, description="true or false")
    remember: bool = Field(default=False, description="true or false")
    shard: _Shard | None = Field(default=None, description="a rank from 0, and how many processes there are above it")
    also: _Texts = Field(default=(), description="names of machines, or one")
    book: GoalBook | None = Field(default=None, description="a book of goal handlers, or nothing")
    goals: _Texts = Field(default=(), description="goals as texts, or one")
    families: _Texts = Field(default=(), description="names of goal families, or one")
    per_family: _Count = Field(default=0, description="a whole number from 0")
    composites: _Count = Field(default=0, description="a whole number from 0")
    parts: Sequence[_Size] = Field(
        default=(2,), min_length=1, description=f"a list of whole numbers from 2 to {MOST_PARTS}"
    )
    varied_starts: bool = Field(default=False, description="true or false")
    profile: Mapping[str, Any] | None = Field(default=None, description="a table of quirks")
    delays: bool = Field(default=False, description="true or false")
    seed: _Count = Field(default=0, description="a whole number from 0")
    planner: Planner | None = Field(default=None, description="a planner, or nothing")
    encoder: Annotated[Any, BeforeValidator(_encodes)] = Field(
        default=None, description="an encoder, the name of an installed one, or a table of its name and options"
    )
    progress: Callable[..., object] | None = Field(default=None, description="something to call, or nothing")


def checked(factory: Callable[_P, _T]) -> Callable[_P, _T]:
    """Let a factory begin with a look at all its options.

    Raises:
        SettingsError: On a call: an option has a value that it does not take.
    """
    signature = inspect.signature(factory)

    @wraps(factory)
    def build(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        stated = signature.bind(*args, **kwargs).arguments
        _check({**stated.pop("options", {}), **stated})
        return factory(*args, **kwargs)

    return build


def _check(stated: Mapping[str, Any]) -> None:
    try:
        Options.model_validate(stated)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
    else:
        return
    name = str(first["loc"][0])
    given = "what was given" if name == _NOT_REPEATED else shortened(stated[name])
    takes = Options.model_fields[name].description
    raise SettingsError(f"the option {name!r} cannot be {given}", hint=f"it takes {takes}")
