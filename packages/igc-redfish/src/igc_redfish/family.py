"""Base of the Redfish goal families: one small class each."""

from __future__ import annotations

import difflib
import shlex
from typing import TYPE_CHECKING, Any, ClassVar

import orjson

from igc_core.errors import GoalError
from igc_core.models import Goal
from igc_core.redaction import MASK, is_secret_key
from igc_redfish.service.rules import Rule, marked_rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from igc_core.protocols import Reader, Survey
    from igc_core.rest import Json, JsonObject
    from igc_redfish.service.transaction import Transaction


class GoalFamily:
    """A goal handler for Redfish: what can be wanted, how a machine reacts, and when the goal is reached.

    A subclass sets ``family`` and ``verbs``, and writes :meth:`targets`, :meth:`goals` (or leaves the default for
    verbs without arguments), :meth:`wanted` and :meth:`observe`. Methods marked with ``on_patch``, ``on_action``,
    ``on_create``, ``on_delete`` and ``on_event`` of :mod:`igc_redfish.service.rules` give machines their state.

    Attributes:
        family: Name of the family.
        verbs: For each verb the names of the arguments it must have.
        optional: For each verb the names of the arguments it may have besides; any other is refused.
        about: Names of the arguments that tell, besides the target, what a goal is about (the user of an account).
        marks: For arguments among these the property whose value tells that a resource is the one meant: of an
            account's ``user`` it is ``UserName``. Where none is stated, only resources that an argument names by URI
            count.
        requires: Families whose operations also lead to these goals (a BIOS setting needs a restart).
        creates: Verbs that want something new; what was there before does not show that such a goal is reached.
        deletes: Verbs that may take the deletion of a resource; for all others a DELETE is destructive.
        loses: Operations that the family answers and that lose more than any of its goals asks for; they serve none.
        made_up: Arguments whose values people make up instead of choosing from what a machine offers, each with its
            kind: ``name``, ``id``, ``secret``, ``url`` or ``addresses``. Readers of free text look for them in it.
        transient: Verbs whose state is meant to be used up by what follows in a sequence (an override for one boot).
    """

    family: ClassVar[str] = ""
    verbs: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    optional: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    about: ClassVar[tuple[str, ...]] = ()
    marks: ClassVar[Mapping[str, str]] = {}
    requires: ClassVar[tuple[str, ...]] = ()
    creates: ClassVar[frozenset[str]] = frozenset({"create"})
    deletes: ClassVar[frozenset[str]] = frozenset({"delete"})
    loses: ClassVar[frozenset[str]] = frozenset()
    made_up: ClassVar[Mapping[str, str]] = {}
    transient: ClassVar[frozenset[str]] = frozenset()

    # -- (a) which goals a machine can express ---------------------------------------------------------------------

    def targets(self, verb: str, service: Survey) -> Sequence[str]:
        """List the URIs that goals of this verb may be about on a machine."""
        raise NotImplementedError

    def goals(self, service: Survey) -> Iterable[Goal]:
        """Enumerate the goals that a machine can express, with example values where a person would choose some."""
        for verb, arguments in self.verbs.items():
            if not arguments:
                for uri in self.targets(verb, service):
                    yield Goal(family=self.family, verb=verb, target=uri)

    def bind(self, goal: Goal, service: Survey) -> Goal:
        """Fill in the target: the only one that fits, or the one whose URI or last segment was named."""
        fitting = list(self.targets(goal.verb, service))
        if not fitting:
            problem = f"this machine cannot express {self.family} {goal.verb}"
            raise GoalError(problem, code="goal-not-expressible", hint="see `igc goals list`")
        wanted = goal.target.rstrip("/").casefold()
        named = [uri for uri in fitting if wanted in {uri.casefold(), uri.rpartition("/")[2].casefold()}]
        chosen = named or ([] if wanted else fitting)
        if not chosen:
            # A password with a space in it leaves its end where the target stands.
            shown = "of that name" if any(map(is_secret_key, goal.arguments)) else repr(goal.target)
            problem = f"no resource {shown} for {self.family} {goal.verb}"
            raise GoalError(problem, code="goal-not-expressible", hint=f"choose one of: {', '.join(fitting[:8])}")
        if len(chosen) > 1 and self.must_choose:
            problem = f"{self.family} {goal.verb} could be about {len(chosen)} resources"
            raise GoalError(problem, code="goal-ambiguous", hint=f"name one of: {', '.join(chosen[:8])}")
        return goal.model_copy(update={"target": chosen[0]})

    #: Whether a goal that fits several targets is ambiguous (else the first is meant).
    must_choose: ClassVar[bool] = True

    # -- (b) how a machine reacts ----------------------------------------------------------------------------------

    def rules(self) -> Iterable[Rule]:
        """Yield the operations that this handler answers."""
        return marked_rules(self)

    def prepare(self, goal: Goal, transaction: Transaction) -> None:
        """Bring a machine into a state in which the goal is not yet reached; called only where it is."""

    # -- (c) when a goal is reached --------------------------------------------------------------------------------

    def wanted(self, goal: Goal) -> Mapping[str, Json]:
        """Values that :meth:`observe` shows once the goal is reached."""
        raise NotImplementedError

    def observe(self, goal: Goal, now: Reader, before: Reader) -> Mapping[str, Json]:
        """Present values of the goal's property paths."""
        raise NotImplementedError

    def payloads(self, goal: Goal) -> Mapping[str, Sequence[JsonObject]]:  # noqa: ARG002 - for families to look at
        """Request bodies that carry the goal's values, by the operation they fit.

        Keys are ``"<kind> <key>"`` of rules, e.g. ``"create ManagerAccount"``, ``"patch ManagerNetworkProtocol"``,
        ``"action VirtualMedia.InsertMedia"``. They are the only bodies with free values that an agent can send.
        """
        return {}

    # -- (d) words -------------------------------------------------------------------------------------------------

    def askable(self, service: Survey) -> Iterable[Goal]:
        """Enumerate what people may ask for in free words: more than :meth:`goals` where that gives examples."""
        return self.goals(service)

    def named(self, goal: Goal) -> Mapping[str, str]:
        """Return what people say, besides the verb, to tell which goal they mean; not what they make up."""
        told = ((name, value) for name, value in goal.arguments.items() if name not in self.made_up)
        return {name: value for name, value in told if isinstance(value, str)}

    def called(self, service: Survey) -> Mapping[str, Mapping[str, str]]:  # noqa: ARG002 - for families to look at
        """Return what a machine calls values of :meth:`named` where it shows them to people, by argument and value."""
        return {}

    def text(self, goal: Goal) -> str:
        """Word a goal: family, verb, target, then ``name=value`` pairs (values that are no plain text as JSON)."""
        words = [goal.family, goal.verb, *([goal.target] if goal.target else [])]
        words += [f"{name}={_word(value)}" for name, value in goal.arguments.items()]
        return " ".join(shlex.quote(word) for word in words)

    def parse(self, text: str) -> Goal | None:
        """Read a goal of this family, or return None for a text of another one."""
        try:
            words = shlex.split(text)
        except ValueError as error:
            words = text.split()
            if words and words[0].lower() == self.family:
                raise self._unreadable("".join(words[1:2]), str(error), hint="close every quotation") from error
            return None
        if not words or words[0].lower() != self.family:
            return None
        return self._from_words(words[1:])

    def _from_words(self, words: Sequence[str]) -> Goal:
        verb = words[0].lower() if words else ""
        if verb not in self.verbs:
            raise self._unreadable("", "no verb follows the family", meant=(verb, self.verbs))
        known = (*self.verbs[verb], *self.optional.get(verb, ()))
        plain: list[str] = []
        arguments: dict[str, Any] = {}
        for position, word in enumerate(words[1:], 3):
            name, joint, value = word.partition("=")
            if not joint or word.startswith("/"):
                plain.append(word)
            elif name in arguments:
                raise self._unreadable(verb, f"{name} is given twice")
            elif name in known:
                arguments[name] = self._read_argument(verb, name, value)
            else:
                raise self._unreadable(verb, f"word {position} is no argument of it", meant=(name, known))
        missing = [name for name in self.verbs[verb] if name not in arguments]
        if missing or len(plain) > 1:
            raise self._unreadable(verb, f"{missing[0]} is missing" if missing else "more than one target")
        return Goal(family=self.family, verb=verb, target=plain[0] if plain else "", arguments=arguments)

    def _read_argument(self, verb: str, name: str, word: str) -> Json:
        """Read the value of one argument; lists and objects that lost their quotation are no texts."""
        if MASK in word:
            raise self._unreadable(verb, "a secret is masked", hint="the list masks secrets: give one")
        value = read_value(word)
        if isinstance(value, str) and word.startswith(("[", "{")):
            shown = f"{word[0]}...{']' if word[0] == '[' else '}'}"
            raise self._unreadable(verb, "a value begins as JSON and is none", hint=f"quote it: {name}='{shown}'")
        return value

    def _unreadable(
        self, verb: str, problem: str, *, hint: str = "", meant: tuple[str, Iterable[str]] | None = None
    ) -> GoalError:
        """Make the error about a text. It repeats no word of it but the family and a known verb: any may be a secret.

        Args:
            verb: The second word.
            problem: What is wrong.
            hint: What to do; how goals of the family are worded if empty.
            meant: A word, and those that may stand in its place: the nearest is suggested.
        """
        near = difflib.get_close_matches(meant[0], list(meant[1]), n=1) if meant else []
        suggestion = f"did you mean {near[0]!r}? " if near else ""
        shown = f"{self.family} {verb.lower()}" if verb.lower() in self.verbs else self.family
        return GoalError(
            f"cannot read the goal '{shown} ...': {problem}",
            code="goal-unreadable",
            hint=hint or f"{suggestion}expected: {self.family} ({self._usage()}) [target]",
        )

    def _usage(self) -> str:
        return " | ".join(
            " ".join(
                [verb, *(f"{name}=..." for name in names), *(f"[{name}=...]" for name in self.optional.get(verb, ()))]
            )
            for verb, names in self.verbs.items()
        )


def _word(value: Json) -> str:
    """Write one argument: a text as it is unless it reads as JSON, everything else as JSON."""
    if isinstance(value, str) and not isinstance(read_value(value), str):
        return orjson.dumps(value).decode()
    if isinstance(value, str) and not value.startswith(('"', "[", "{")):
        return value
    return orjson.dumps(value).decode()


def read_value(word: str) -> Json:
    """Read one argument of a goal's text: JSON where it is some, else the text itself."""
    try:
        return orjson.loads(word)  # type: ignore[no-any-return]
    except orjson.JSONDecodeError:
        return word
