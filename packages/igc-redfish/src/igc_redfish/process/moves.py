"""What may be done in a world for the sake of a goal."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from igc_core.protocols import Action
from igc_core.rest import Request
from igc_redfish.process.catalogue import Document, flatten, levers
from igc_redfish.process.lexicon import literal, operation_of

if TYPE_CHECKING:
    from igc_redfish.process.scenario import Scenario

#: Resources that offer each change, by the change's number.
Sources = dict[int, frozenset[str]]


class Moves:
    """Changes that may serve the sub-goals of a scenario, world by world."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._captured = [self._bearers(part) for part in range(len(scenario.goal.parts))]
        self._offered: dict[tuple[int, int], tuple[int, ...]] = {}
        self._reads: dict[str, int] = {}
        self._paths = [_paths(scenario, part) for part in range(len(scenario.goal.parts))]

    def changes(self, part: int, world: int) -> Sources:
        """Number the changes that may serve one sub-goal in a world, with the resources that offer them."""
        found: defaultdict[int, list[str]] = defaultdict(list)
        for uri in (*self._captured[part], *self._created(part, world)):
            document = self._scenario.simulated.step(world, self._read(uri)).document
            if document:
                for number in self._serving(part, document):
                    found[number].append(uri)
        return {number: frozenset(uris) for number, uris in found.items()}

    def _read(self, uri: str) -> int:
        number = self._reads.get(uri)
        if number is None:
            number = self._reads[uri] = self._scenario.simulated.number_of(Action(Request("GET", uri)))
        return number

    def _serving(self, part: int, document: int) -> tuple[int, ...]:
        """Changes that a document offers and that may serve a sub-goal."""
        known = self._offered.get((part, document))
        if known is None:
            scenario = self._scenario
            actions = scenario.simulated.actions
            offered: list[int] = scenario.offer(document).actions.tolist()
            known = self._offered[part, document] = tuple(
                number
                for number in offered
                if operation_of(actions[number]) in scenario.operations[part]
                and _serves(actions[number], scenario)
                and not self._is_for_others(actions[number], part)
            )
        return known

    def _is_for_others(self, action: Action, part: int) -> bool:
        """Tell whether a change carries the values of other sub-goals and none of this one's."""
        operation = operation_of(action)
        if action.request.method != "PATCH" or action.request.body not in self._scenario.payloads.get(operation, ()):
            return False
        return self._paths[part].get(operation, frozenset()).isdisjoint(path for path, _ in action.arguments)

    def _bearers(self, part: int) -> list[str]:
        """Captured resources that bear operations for a sub-goal and belong to what it is about."""
        engine = self._scenario.simulated
        found: dict[str, None] = {}
        for operation in sorted(self._scenario.operations[part]):
            found.update(dict.fromkeys(engine.bearers.get(operation, ())))
        return [uri for uri in found if not self._is_foreign(uri, part)]

    def _created(self, part: int, world: int) -> list[str]:
        """The same of what a world has beyond the capture."""
        engine, operations = self._scenario.simulated, self._scenario.operations[part]
        return [
            uri
            for uri, version in engine.worlds[world].changes.items()
            if version.body is not None
            and engine.machine.get(uri) is None
            and operations & set(levers(Document(uri, version.body, ())))
            and not self._is_foreign(uri, part)
        ]

    def _is_foreign(self, uri: str, part: int) -> bool:
        return _foreign(uri, self._scenario.goal.parts[part].target, self._scenario.simulated.wholes)


def _paths(scenario: Scenario, part: int) -> dict[str, frozenset[str]]:
    """Property paths that the payloads of one sub-goal write, by operation."""
    payloads = scenario.book.payloads(scenario.goal.parts[part])
    return {key: frozenset(path for body in bodies for path, _ in flatten(body)) for key, bodies in payloads.items()}


def _serves(action: Action, scenario: Scenario) -> bool:
    """Tell whether a change could bring the goal nearer: it carries a value or a property of it, or no free choice."""
    words = scenario.words
    if action.request.method != "PATCH":
        return True
    return any(
        path.rpartition("/")[2].lower() in words.properties or literal(value) in words.literals
        for path, value in action.arguments
    ) or action.request.body in scenario.payloads.get(operation_of(action), ())


def _foreign(uri: str, target: str, wholes: frozenset[str]) -> bool:
    """Tell whether a resource is part of another whole than the target: of another system, another chassis."""
    mine, theirs = uri.split("/"), target.split("/")
    for index, (left, right) in enumerate(zip(mine, theirs, strict=False)):
        if left != right:
            return {"/".join(mine[: index + 1]), "/".join(theirs[: index + 1])} <= wholes
    return False
