"""The network that scores any number of candidate actions.

Each distinct row of a batch is embedded once and gathered where it is referred to. Slots that hold nothing are left
out of every computation, so the cost follows the number of legal actions rather than the number of slots.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import torch
from torch import Tensor, nn

from igc_agents.gather import max_pool, mean_embedding, mean_pool, modulated
from igc_agents.row_cache import RowCache
from igc_agents.shape import SLOTS, tables_of
from igc_core.errors import AgentError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from igc_agents.shape import CandidateShape, ColumnShape
    from igc_agents.size import NetworkSize
    from igc_core.tables import Layout

#: Logit of what cannot be chosen; its probability underflows to exactly zero in float32.
IMPOSSIBLE = -1e8
#: Name of the embeddings of rows, beside the views of them.
_ROWS = "rows"
_TYPES = {"tokens": torch.int32, "values": torch.float32}


class RowEncoder(nn.Module):
    """Embeds rows of one table: the mean of each token column's embeddings, and the values, through two layers."""

    def __init__(self, columns: Mapping[str, ColumnShape], size: NetworkSize) -> None:
        super().__init__()
        self.columns = dict(columns)
        inputs = sum(size.token_width if column.kind == "tokens" else column.width for column in columns.values())
        self.layers = nn.Sequential(nn.Linear(inputs, size.width), nn.ReLU(), nn.Linear(size.width, size.width))

    def forward(self, rows: Mapping[str, Tensor], embeddings: nn.ModuleDict) -> Tensor:
        """Embed rows.

        Args:
            rows: The columns' content, each of shape ``(rows, column width)``.
            embeddings: Token embeddings by size of the vocabulary.

        Returns:
            Shape ``(rows, width)``.
        """
        parts = [
            embeddings[str(column.vocabulary)](rows[name]) if column.kind == "tokens" else rows[name]
            for name, column in self.columns.items()
        ]
        embedded: Tensor = self.layers(torch.cat(parts, dim=1))
        return embedded


class CandidateNetwork(nn.Module):
    """Scores the candidates of a step and values the step.

    The score of a candidate ``c`` in a step ``s`` is an MLP of ``relu(c * (1 + gate(s)) + shift(s) + flags)``, which is
    feature-wise modulation (Perez et al., 2018); the value is an MLP of ``s`` and of the pooled candidates. Permuting
    the slots permutes the scores and leaves the value alone.
    """

    def __init__(self, shape: CandidateShape, size: NetworkSize) -> None:
        super().__init__()
        self.shape, self.size = shape, size
        self._blank = _checked(size.without, shape)
        self._layout: Layout | None = None
        columns = [column for table in shape.tables.values() for column in table.values()]
        vocabularies = sorted({column.vocabulary for column in columns if column.kind == "tokens"})
        self.tokens = nn.ModuleDict({str(count): _TokenEmbedding(count, size.token_width) for count in vocabularies})
        used = {reference.table for reference in shape.references.values()}
        self.rows = nn.ModuleDict({name: RowEncoder(shape.tables[name], size) for name in sorted(used)})
        referred = sum(shape.references[key].width for key in shape.step_references)
        self.step = nn.Sequential(nn.Linear(referred * size.width + sum(shape.values.values()), size.width), nn.ReLU())
        self.modulation = nn.Linear(size.width, 2 * size.slot_width)
        self.views = nn.ModuleDict({key: nn.Linear(size.width, size.slot_width) for key in shape.slot_references})
        self.flags = nn.Linear(shape.slot_width, size.slot_width)
        self.hidden = nn.Sequential(nn.Linear(size.slot_width, size.slot_width), nn.ReLU())
        self.score = nn.Linear(size.slot_width, 1)
        self.value = nn.Sequential(
            nn.Linear(size.width + 2 * size.slot_width, size.width), nn.ReLU(), nn.Linear(size.width, 1)
        )
        # A nearly uniform first policy, as in stable-baselines3.
        nn.init.orthogonal_(self.score.weight, gain=0.01)
        nn.init.zeros_(self.score.bias)
        self._caches = {name: RowCache(self._makers_of(name)) for name in self.rows}

    def bind(self, layout: Layout) -> None:
        """Take the tables that observations will refer to; they may grow.

        Raises:
            AgentError: The tables have other columns than the network was built for.
        """
        if (found := tables_of(layout)) != self.shape.tables:
            raise AgentError(
                f"the tables do not fit the network: {_difference(self.shape.tables, found)}",
                code="agent-incompatible",
                hint="use the environment and codec that the agent was trained with",
            )
        self._layout = layout
        for cache in self._caches.values():
            cache.clear()

    def forward(self, observation: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        """Score and value a batch of steps.

        Args:
            observation: Tensors of the shapes in :class:`~igc_agents.shape.CandidateShape`, with a batch axis.

        Returns:
            Logits, shape ``(batch, slots)``, :data:`IMPOSSIBLE` where a slot is empty; values, shape ``(batch, 1)``.
        """
        step, hidden, places, owners = self._hidden(observation)
        batch = len(step)
        pooled = [mean_pool(hidden, owners, batch), max_pool(hidden, owners, batch)]
        return self._scored(observation, hidden, places), self.value(torch.cat([step, *pooled], dim=1))

    def logits(self, observation: Mapping[str, Tensor]) -> Tensor:
        """Score a batch of steps as :meth:`forward` does, without valuing them."""
        _, hidden, places, _ = self._hidden(observation)
        return self._scored(observation, hidden, places)

    def _hidden(self, observation: Mapping[str, Tensor]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Embed steps and candidates.

        Returns:
            Steps, shape ``(batch, width)``; candidates, shape ``(n, slot_width)``; their places among the slots of all
            steps, and the steps that they belong to, both of shape ``(n,)``.
        """
        places = torch.nonzero(observation[SLOTS].flatten()).squeeze(1)
        batch, slots = observation[SLOTS].shape
        owners = torch.div(places, slots, rounding_mode="floor")
        whole, each = self._look_up(observation, places)
        step = self.step(torch.cat(whole + [self._seen(key, observation) for key in self.shape.values], dim=1))
        described = self._seen(self.shape.slot_values, observation)
        flags = self.flags(described.reshape(batch * slots, -1).index_select(0, places))
        candidates = modulated(each, self.modulation(step), flags, owners)
        return step, self.hidden(candidates), places, owners

    def _scored(self, observation: Mapping[str, Tensor], hidden: Tensor, places: Tensor) -> Tensor:
        batch, slots = observation[SLOTS].shape
        logits = hidden.new_full((batch * slots,), IMPOSSIBLE).index_copy(0, places, self.score(hidden).squeeze(1))
        return logits.view(batch, slots)

    def _look_up(self, observation: Mapping[str, Tensor], places: Tensor) -> tuple[list[Tensor], Tensor]:
        """Embed what the observation refers to.

        Returns:
            For each reference of the step, shape ``(batch, rows * width)``; and the sum of the references of each
            slot in ``places``, shape ``(len(places), slot_width)``.
        """
        batch = len(observation[SLOTS])
        whole: dict[str, Tensor] = {}
        total: Tensor | None = None
        for table in self.rows:
            keys = [key for key in self._keys_of(table) if key not in self._blank]
            numbers = {key: self._numbers(key, observation[key], places) for key in keys}
            for key, (made, index) in self._embedded(table, numbers).items():
                found = made.index_select(0, index)
                if key in self.views:
                    total = found if total is None else total + found
                else:
                    whole[key] = found.view(batch, -1)
        nothing = observation[self.shape.slot_values].new_zeros
        if total is None:
            total = nothing(len(places), self.size.slot_width)
        widths = {key: self.shape.references[key].width * self.size.width for key in self.shape.step_references}
        return [whole[key] if key in whole else nothing(batch, width) for key, width in widths.items()], total

    def _embedded(self, table: str, numbers: Mapping[str, Tensor]) -> dict[str, tuple[Tensor, Tensor]]:
        """Embed rows of a table: for each key what its rows became, and where in there each of its numbers is."""
        if not numbers:
            return {}
        each = torch.cat(list(numbers.values()))
        if torch.is_grad_enabled() or self._layout is None:
            distinct, index = cast("tuple[Tensor, Tensor]", torch.unique(each, return_inverse=True))
            made: Mapping[str, Tensor] = self._make(table, distinct)
        else:
            length = len(self._layout.tables[table])
            made = self._caches[table].provide(each, length, lambda rows: self._make(table, rows))
            index = each
        places = torch.split(index, [len(part) for part in numbers.values()])
        return {key: (made[_product(key, self.views)], place) for key, place in zip(numbers, places, strict=True)}

    def _make(self, table: str, rows: Tensor) -> dict[str, Tensor]:
        """Compute all that references to rows of a table can ask for: their embeddings, and each view of these."""
        embedded = self.rows[table](self._read(table, rows), self.tokens)
        views = {key: self.views[key](embedded) for key in self._keys_of(table) if key in self.views}
        return {_ROWS: embedded, **views}

    def _keys_of(self, table: str) -> list[str]:
        return [key for key, reference in self.shape.references.items() if reference.table == table]

    def _makers_of(self, table: str) -> list[nn.Parameter]:
        """All weights that decide what rows of a table become."""
        modules = [
            self.tokens,
            self.rows[table],
            *(self.views[key] for key in self._keys_of(table) if key in self.views),
        ]
        return [parameter for module in modules for parameter in module.parameters()]

    def _numbers(self, key: str, observed: Tensor, places: Tensor) -> Tensor:
        flat = observed.flatten()
        return flat.index_select(0, places) if key in self.views else flat

    def _seen(self, key: str, observation: Mapping[str, Tensor]) -> Tensor:
        """Return values of an observation, or zeros in their place."""
        return torch.zeros_like(observation[key]) if key in self._blank else observation[key]

    def _read(self, table: str, rows: Tensor) -> dict[str, Tensor]:
        """Copy rows out of a table. NumPy memory is shared rather than mirrored, so growth costs nothing."""
        if self._layout is None:
            raise AgentError(
                "the policy has no tables to look rows up in",
                code="agent-incompatible",
                hint="bind it to the layout of the environment first",
            )
        source, index = self._layout.tables[table], rows.cpu()
        return {
            name: torch.zeros(len(rows), column.width, dtype=_TYPES[column.kind], device=rows.device)
            if f"{table}.{name}" in self._blank
            else torch.from_numpy(source.array(name)).index_select(0, index).to(rows.device)
            for name, column in source.columns.items()
        }


class _TokenEmbedding(nn.Module):
    def __init__(self, vocabulary: int, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(vocabulary, width))

    def forward(self, tokens: Tensor) -> Tensor:
        return mean_embedding(self.weight, tokens)


def _product(key: str, views: nn.ModuleDict) -> str:
    """Name what a reference asks for."""
    return key if key in views else _ROWS


def _checked(names: Sequence[str], shape: CandidateShape) -> frozenset[str]:
    """Check names of inputs to blank.

    Raises:
        AgentError: There is no such input.
    """
    used = {reference.table for reference in shape.references.values()}
    columns = [f"{table}.{column}" for table in sorted(used) for column in shape.tables[table]]
    known = [*shape.references, *shape.values, shape.slot_values, *columns]
    for name in names:
        if name not in known:
            raise AgentError(
                f"the network cannot do without {name!r}, which it does not read",
                code="agent-incompatible",
                hint=f"it reads {', '.join(known)}",
            )
    return frozenset(names)


def _difference(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    """Name the columns in which two sets of tables differ."""
    ours = {f"{table}.{name}": column for table, columns in wanted.items() for name, column in columns.items()}
    theirs = {f"{table}.{name}": column for table, columns in found.items() for name, column in columns.items()}
    parts = [f"{name} is missing" for name in sorted(ours.keys() - theirs.keys())]
    parts += [f"{name} is unknown to it" for name in sorted(theirs.keys() - ours.keys())]
    parts += [f"{name} has another width" for name in sorted(ours.keys() & theirs.keys()) if ours[name] != theirs[name]]
    return ", ".join(parts)
