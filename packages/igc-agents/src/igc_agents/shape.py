"""What a network must know of a decision process, in a form that fits in a file.

The shapes are the contract between a saved agent and an environment: the same shape means that the weights fit.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

import numpy as np
from gymnasium import spaces
from pydantic import Field

from igc_core.errors import AgentError
from igc_core.models import Model

if TYPE_CHECKING:
    from igc_core.tables import Layout

#: Observation key of the rows that describe the slots, and name of their table.
SLOTS = "candidates"
#: Row numbers and tokens are 32-bit.
_MAX_ROW = np.iinfo(np.int32).max


#: A length of something; far above what any environment has, and little enough to build a network for.
_Length = Annotated[int, Field(ge=0, le=1 << 22)]


class ColumnShape(Model):
    """One column of a table, as :class:`igc_core.tables.Column`."""

    width: _Length
    kind: Literal["tokens", "values"]
    vocabulary: _Length = 0


class ReferenceShape(Model):
    """An observation key that holds row numbers of a table."""

    table: str
    width: _Length


class CandidateShape(Model):
    """Observations that refer to tables; any number of legal actions is described, up to ``slots``.

    Attributes:
        slots: Number of slots.
        tables: Columns of each table.
        references: Keys that hold row numbers. One as wide as there are slots speaks of each slot, any other of the
            whole step.
        values: Keys of float32 values of the whole step, with their widths.
        slot_values: Key of the float32 values of each slot.
        slot_width: Number of these values.
    """

    kind: Literal["candidates"] = "candidates"
    slots: _Length
    tables: dict[str, dict[str, ColumnShape]]
    references: dict[str, ReferenceShape]
    values: dict[str, _Length]
    slot_values: str
    slot_width: _Length

    @classmethod
    def of(cls, layout: Layout, observations: spaces.Dict, actions: spaces.Discrete) -> CandidateShape:
        """Read the shape off an environment's layout and spaces."""
        widths = {key: _shape(space)[-1] for key, space in observations.items()}
        return cls(
            slots=int(actions.n),
            tables=tables_of(layout),
            references={
                key: ReferenceShape(table=table, width=widths[key]) for key, table in layout.references.items()
            },
            values={key: widths[key] for key in layout.values},
            slot_values=layout.slot_values,
            slot_width=widths[layout.slot_values],
        )

    def of_any_slots(self) -> CandidateShape:
        """The same shape with the number of slots left open: weights do not depend on it."""
        references = {
            key: ReferenceShape(table=reference.table, width=0) if key in self.slot_references else reference
            for key, reference in self.references.items()
        }
        return self.model_copy(update={"slots": 0, "references": references})

    @property
    def slot_references(self) -> tuple[str, ...]:
        """Keys that refer to a row for each slot."""
        return tuple(key for key, reference in self.references.items() if reference.width == self.slots)

    @property
    def step_references(self) -> tuple[str, ...]:
        """Keys that refer to rows for the whole step."""
        return tuple(key for key, reference in self.references.items() if reference.width != self.slots)

    def observation_space(self) -> spaces.Dict:
        """The space that the shape was read from."""
        members: dict[str, spaces.Space[Any]] = {
            key: spaces.Box(0, _MAX_ROW, (reference.width,), np.int32) for key, reference in self.references.items()
        }
        members |= {key: _unbounded(width) for key, width in self.values.items()}
        members[self.slot_values] = _unbounded(self.slots, self.slot_width)
        return spaces.Dict(members)


class FlatShape(Model):
    """Observations that are plain arrays; each slot stands for a fixed action.

    Attributes:
        slots: Number of slots.
        arrays: Shape of each observation array, by key.
    """

    kind: Literal["flat"] = "flat"
    slots: _Length
    arrays: dict[str, tuple[_Length, ...]]

    @classmethod
    def of(cls, observations: spaces.Dict, actions: spaces.Discrete) -> FlatShape:
        """Read the shape off an environment's spaces."""
        return cls(slots=int(actions.n), arrays={key: _shape(space) for key, space in observations.items()})

    def observation_space(self) -> spaces.Dict:
        """A space of float32 arrays of these shapes."""
        return spaces.Dict({key: _unbounded(*shape) for key, shape in self.arrays.items()})


AnyShape = Annotated[CandidateShape | FlatShape, Field(discriminator="kind")]


def tables_of(layout: Layout) -> dict[str, dict[str, ColumnShape]]:
    """Describe the columns of a layout's tables."""
    return {
        name: {
            column: ColumnShape.model_validate(
                {"width": found.width, "kind": found.kind, "vocabulary": found.vocabulary}
            )
            for column, found in table.columns.items()
        }
        for name, table in layout.tables.items()
    }


def shape_of(environment: Any) -> CandidateShape | FlatShape:
    """Describe a batched environment.

    Args:
        environment: An :class:`igc_core.protocols.BatchedEnvironment`; its ``layout`` is None, or missing, where the
            observations are plain arrays.

    Raises:
        AgentError: The observations are of a kind that no network here reads.
    """
    observations, actions = spaces_of(environment)
    layout = getattr(environment, "layout", None)
    if layout is None:
        return FlatShape.of(observations, actions)
    if SLOTS not in layout.references or SLOTS not in layout.tables:
        raise AgentError(
            f"the layout has no {SLOTS!r} rows to choose among, only {', '.join(layout.references)}",
            code="agent-incompatible",
        )
    return CandidateShape.of(layout, observations, actions)


def spaces_of(environment: Any) -> tuple[spaces.Dict, spaces.Discrete]:
    """Return the spaces of observations and of actions.

    Raises:
        AgentError: They are not of the kinds that policies here are for.
    """
    observations, actions = environment.observation_space, environment.action_space
    if not (isinstance(observations, spaces.Dict) and isinstance(actions, spaces.Discrete)):
        raise AgentError(
            f"no policy reads {type(cast('object', observations)).__name__} observations with "
            f"{type(cast('object', actions)).__name__} actions",
            code="agent-incompatible",
            hint="use an environment with Dict observations and Discrete actions",
        )
    return cast("tuple[spaces.Dict, spaces.Discrete]", (observations, actions))


class CodecIdentity(Model):
    """What turned views into the observations that an agent learned from.

    Attributes:
        name: Name of the codec.
        fingerprint: Changes whenever the same view would give another observation.
        rows: The same for the rows of the tables alone, as their layout tells it.
    """

    name: str
    fingerprint: str
    rows: str = ""

    @classmethod
    def of(cls, environment: Any) -> CodecIdentity:
        """Identify the codec of a batched environment.

        An environment may tell its ``codec_name`` and ``codec_fingerprint``; the shape counts in any case, but for the
        number of slots where these hold candidates.
        """
        shape = shape_of(environment)
        shape = shape.of_any_slots() if isinstance(shape, CandidateShape) else shape
        own = str(getattr(environment, "codec_fingerprint", ""))
        digest = hashlib.sha256(f"{shape.model_dump_json()}{own}".encode()).hexdigest()
        layout = getattr(environment, "layout", None)
        return cls(
            name=str(getattr(environment, "codec_name", shape.kind)),
            fingerprint=digest[:16],
            rows=layout.fingerprint if layout is not None else "",
        )


def _shape(space: spaces.Space[Any]) -> tuple[int, ...]:
    if space.shape is None or not isinstance(space, spaces.Box | spaces.MultiBinary):
        raise AgentError(f"no policy reads {space} within an observation", code="agent-incompatible")
    return space.shape


def _unbounded(*shape: int) -> spaces.Box:
    return spaces.Box(-np.inf, np.inf, shape, np.float32)
