"""Goals about what a host boots next, and the boot override of every simulated host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from igc_core.models import Goal
from igc_redfish.bodies import as_object, as_texts, has, link_at, value_at
from igc_redfish.facts import facts
from igc_redfish.family import GoalFamily
from igc_redfish.goals.choices import require_choice
from igc_redfish.service.refusal import Refusal
from igc_redfish.service.rules import on_event, on_patch

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from igc_core.protocols import Reader, Survey
    from igc_core.rest import Json, JsonObject
    from igc_redfish.goals.choices import Catalogue
    from igc_redfish.service.transaction import Transaction

TARGET, ENABLED = "BootSourceOverrideTarget", "BootSourceOverrideEnabled"
_MODES = {"once": "Once", "continuous": "Continuous", "disabled": "Disabled"}
#: Sources that need a further value which a goal does not carry.
_NEEDY = frozenset({"None", "UefiTarget", "UefiBootNext"})
#: Sources that example goals prefer, the usual ones first.
_USUAL = ("Pxe", "Cd", "Hdd", "Usb", "BiosSetup", "UefiHttp", "Diags")
_EXAMPLES = 6


class BootFamily(GoalFamily):
    """The host boots from a source once, always, or as its boot order says.

    The target is a system, or the settings object of a system that stages its overrides there.
    """

    family = "boot"
    verbs: ClassVar[Mapping[str, tuple[str, ...]]] = {"once": ("source",), "continuous": ("source",), "disabled": ()}
    transient: ClassVar[frozenset[str]] = frozenset({"once"})

    def targets(self, verb: str, service: Survey) -> Sequence[str]:
        """List the systems and settings objects that show a boot override."""
        return [uri for uri in service.of_type("ComputerSystem") if _MODES[verb] in _modes(service.get(uri))]

    def goals(self, service: Survey) -> Iterable[Goal]:
        """Enumerate up to six sources a verb, and the override switched off."""
        for verb in self.verbs:
            for uri in self.targets(verb, service):
                for source in sources(service, uri)[:_EXAMPLES] if self.verbs[verb] else ("",):
                    arguments: dict[str, Any] = {"source": source} if source else {}
                    yield Goal(family=self.family, verb=verb, target=uri, arguments=arguments)

    def bind(self, goal: Goal, service: Survey) -> Goal:
        """Fill in the target; the only system is meant rather than its settings object."""
        if not goal.target:
            systems = [uri for uri in self.targets(goal.verb, service) if has(service.get(uri), "PowerState")]
            if len(systems) == 1:
                goal = goal.model_copy(update={"target": systems[0]})
        bound = super().bind(goal, service)
        if self.verbs[goal.verb]:
            offered = sources(service, bound.target)
            bound = _spelt(bound, offered)
            require_choice(bound, "source", offered)
        return bound

    def _from_words(self, words: Sequence[str]) -> Goal:
        """Read ``once from PXE`` like ``once source=PXE``."""
        found = list(words)
        if len(found) > 2 and found[1].lower() == "from":  # noqa: PLR2004 - verb, "from", source
            found[1:3] = [f"source={found[2]}"]
        return super()._from_words(found)

    def wanted(self, goal: Goal) -> Mapping[str, Json]:
        """Ask for the override."""
        wanted: dict[str, Json] = {f"Boot/{ENABLED}": _MODES[goal.verb]}
        if "source" in goal.arguments:
            wanted[f"Boot/{TARGET}"] = goal.arguments["source"]
        return wanted

    def observe(self, goal: Goal, now: Reader, before: Reader) -> Mapping[str, Json]:  # noqa: ARG002 - a state
        """Read the override."""
        body = now.get(goal.target)
        return {path: value_at(body, path) for path in self.wanted(goal)}

    def prepare(self, goal: Goal, transaction: Transaction) -> None:
        """Take the override away, or put one there."""
        wanted_off = goal.verb == "disabled"
        found = sources(transaction, goal.target) if wanted_off else []
        transaction.set(goal.target, f"Boot/{ENABLED}", "Once" if wanted_off else "Disabled")
        transaction.set(goal.target, f"Boot/{TARGET}", found[0] if found else "None")

    def payloads(self, goal: Goal) -> Mapping[str, Sequence[JsonObject]]:
        """Source and mode in one PATCH."""
        override = {path.partition("/")[2]: value for path, value in self.wanted(goal).items()}
        return {"patch ComputerSystem": [{"Boot": override}]}

    @on_patch("ComputerSystem")
    def override(self, transaction: Transaction, uri: str, payload: dict[str, Any]) -> None:
        """Complete a change of the override, or refuse what contradicts itself."""
        change = as_object(payload.get("Boot"))
        if not change:
            return
        present = as_object(transaction.value(uri, "Boot"))
        _complete(change, present)
        after = {**present, **change}
        _check(after, change)
        if change.get("BootSourceOverrideMode") == "Legacy":
            secure = link_at(transaction.get(uri), "SecureBoot")
            if secure and transaction.value(secure, "SecureBootEnable") is True:
                raise Refusal("PropertyValueConflict", "BootSourceOverrideMode", "SecureBootEnable")

    @on_event("boot")
    def consume(self, transaction: Transaction, uri: str, _payload: dict[str, Any]) -> None:
        """Use the override: ``Once`` is spent, a continuous one that was staged comes into force."""
        staged = link_at(transaction.get(uri), "@Redfish.Settings/SettingsObject")
        if staged and transaction.value(staged, f"Boot/{ENABLED}") == "Continuous":
            for name in (ENABLED, TARGET):
                if has(transaction.get(uri), f"Boot/{name}") and transaction.value(staged, f"Boot/{name}"):
                    transaction.set(uri, f"Boot/{name}", transaction.value(staged, f"Boot/{name}"))
        for place in (uri, staged):
            if place and transaction.value(place, f"Boot/{ENABLED}") == "Once":
                transaction.set(place, f"Boot/{ENABLED}", "Disabled")
                transaction.set(place, f"Boot/{TARGET}", "None")


def _spelt(goal: Goal, offered: Sequence[str]) -> Goal:
    """Spell the source as the machine does: people write PXE, and the schema ``Pxe``."""
    asked = str(goal.arguments["source"]).casefold()
    own = next((source for source in offered if source.casefold() == asked), None)
    return goal if own is None else goal.model_copy(update={"arguments": {**goal.arguments, "source": own}})


def sources(service: Catalogue, uri: str) -> list[str]:
    """List the sources that an override may name: inline, of the system whose settings these are, or of the schema."""
    body = service.get(uri)
    allowed = as_texts(value_at(body, f"Boot/{TARGET}@Redfish.AllowableValues"))
    for owner in service.of_type("ComputerSystem") if not allowed else ():
        if link_at(service.get(owner), "@Redfish.Settings/SettingsObject").casefold() == uri.casefold():
            allowed = as_texts(value_at(service.get(owner), f"Boot/{TARGET}@Redfish.AllowableValues"))
    if not allowed:
        fact = facts().property("ComputerSystem", f"Boot/{TARGET}")
        allowed = list(fact.enum) if fact is not None else []
    order = {source: index for index, source in enumerate(_USUAL)}
    return sorted((source for source in allowed if source not in _NEEDY), key=lambda item: order.get(item, len(order)))


def _modes(body: JsonObject | None) -> Sequence[str]:
    """List the values that the mode of an override may take; none where a body shows no override."""
    if not has(body, f"Boot/{TARGET}") or not has(body, f"Boot/{ENABLED}"):
        return ()
    return as_texts(value_at(body, f"Boot/{ENABLED}@Redfish.AllowableValues")) or tuple(_MODES.values())


def _complete(change: dict[str, Any], present: Mapping[str, Any]) -> None:
    """Let source and mode follow each other (DSP0266 leaves it open; this is what firmware does)."""
    if ENABLED not in change and TARGET in change and ENABLED in present:
        if change[TARGET] == "None":
            change[ENABLED] = "Disabled"
        elif present[ENABLED] == "Disabled":
            change[ENABLED] = "Once"
    elif change.get(ENABLED) == "Disabled" and TARGET in present:
        change.setdefault(TARGET, "None")


def _check(after: Mapping[str, Any], change: Mapping[str, Any]) -> None:
    """Refuse contradictions (ComputerSystem schema, ``BootSourceOverrideTarget``)."""
    target, enabled = after.get(TARGET), after.get(ENABLED)
    if change.get(TARGET) == "None" and change.get(ENABLED) in {"Once", "Continuous"}:
        raise Refusal("PropertyValueConflict", ENABLED, TARGET, related=[f"#/Boot/{ENABLED}"])
    if target == "UefiBootNext" and enabled == "Continuous":
        raise Refusal("PropertyValueConflict", ENABLED, TARGET, related=[f"#/Boot/{ENABLED}"])
    if change.get(TARGET) == "UefiTarget" and after.get("UefiTargetBootSourceOverride") in {None, "", "None"}:
        raise Refusal("PropertyValueConflict", TARGET, "UefiTargetBootSourceOverride", related=[f"#/Boot/{TARGET}"])
