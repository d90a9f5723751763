from __future__ import annotations

import re

import pytest

from igc_core.errors import GoalError
from igc_core.protocols import Phrasebook
from igc_redfish.goals.book import GoalBook
from igc_redfish.reading.phrasebook import Phrases, RedfishPhrasebook, meaning, phrases

#: Words that say nothing by themselves of what is wanted.
STOP = frozenset(
    re.findall(
        r"\w+",
        """the a an it to of for and in on is be with as by at from or not no do does that this its i we you please
        should let make so if but up down out off any more what who him her them his their my me our was were are
        can could will would shall must may has have had when where which there here all only just now then than too
        very into over through until again""",
    )
)
FAMILIES = list(phrases().values())


def content(template: str) -> set[str]:
    found = re.findall(r"[a-z]+", re.sub(r"\{\w+\}", "", template.lower()))
    return {re.sub(r"(ing|ed|es|s)$", "", word) for word in found if word not in STOP}


def by_verb(family: Phrases, *, held_out: bool) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for ask in family.asks:
        found.setdefault(ask.verb, []).extend(text for text, kept in ask.templates if kept == held_out)
    return found


def test_every_verb_of_every_family_is_asked_for_on_both_sides(book: GoalBook) -> None:
    for handler in book:
        for held_out, least in ((False, 12), (True, 4)):
            ways = by_verb(phrases()[handler.family], held_out=held_out)
            lacking = {verb for verb in handler.verbs if verb != "blink" and len(ways.get(verb, ())) < least}
            assert not lacking, f"{handler.family} {lacking}"


def test_files_speak_of_known_families_verbs_and_arguments(book: GoalBook) -> None:
    for name, family in phrases().items():
        handler = book.handler(name)
        for ask in family.asks:
            known = {*handler.verbs[ask.verb], *handler.optional.get(ask.verb, ()), "attribute", "value"}
            for template, _ in ask.templates:
                assert set(re.findall(r"\{(\w+)\}", template)) | ask.values.keys() <= known, template


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.family)
def test_held_out_templates_have_a_word_that_the_others_of_the_verb_lack(family: Phrases) -> None:
    learned = {verb: set().union(*map(content, ways)) for verb, ways in by_verb(family, held_out=False).items()}
    for verb, ways in by_verb(family, held_out=True).items():
        for template in ways:
            assert content(template) - learned[verb], f"{family.family} {verb}: {template!r} says nothing new"


def test_examples_are_not_what_the_grammar_reads(book: GoalBook) -> None:
    for example in RedfishPhrasebook().examples():
        if example.text == example.meaning:
            pytest.fail(f"{example.text!r} is the goal's own text")
        try:
            goal = book.parse(example.text)
        except GoalError:
            continue
        pytest.fail(f"{example.text!r} is read as {goal}")


def test_no_text_is_learned_from_and_judged_by() -> None:
    examples = RedfishPhrasebook().examples()
    learned = {example.text for example in examples if not example.held_out}
    assert learned.isdisjoint(example.text for example in examples if example.held_out)


def test_examples_are_the_same_on_every_call_and_meanings_are_on_both_sides() -> None:
    book = RedfishPhrasebook()
    assert isinstance(book, Phrasebook)
    assert book.examples() == book.examples()
    sides = [{one.meaning for one in book.examples() if one.held_out is side} for side in (False, True)]
    assert sides[0] == sides[1]


def test_meaning_names_values_in_an_order_that_depends_on_nothing() -> None:
    asked = meaning("account", "role", {"user": "{user}", "role": "Operator"})
    assert asked == "account role role=Operator user={user}"


def test_values_of_a_meaning_are_one_word_each() -> None:
    asked = meaning("bios", "set", {"attribute": "Ac Recovery", "value": "On"})
    assert asked == "bios set attribute=AcRecovery value=On"
