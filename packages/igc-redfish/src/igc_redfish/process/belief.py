"""What an agent believes of its sub-goals, from its own requests and reads alone.

Sub-goals are bits of an integer. One that is *asked for* had a request accepted that carries its values; it is *closed*
then, unless its values are staged and take a restart first; it is *shown* where its resource was last read with the
wanted values. It is none of these any more once another request has taken back what was asked for, or a start of the
host has used it up (an override for one boot). The others are *open*: candidates and documents are described by the
open sub-goal that they fit best, so that a goal of four parts looks like one of the parts that are left, and what was
learned on single goals serves composites of any depth and order.

All functions take integers or integer arrays alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Bits of one episode, an ``int``, or of many, an int32 array; the operators are the same.
Bits: TypeAlias = Any

#: Sub-goals that are told apart; any further ones share the last bit.
MOST_BITS = 8
#: Bits of an effect that say that the request resets a host, and that it changes anything at all.
RESETS, MUTATES = 1 << (2 * MOST_BITS), 2 << (2 * MOST_BITS)
#: Bits of an effect that say that the request leaves a host on, or off.
TURNS_ON, TURNS_OFF = 4 << (2 * MOST_BITS), 8 << (2 * MOST_BITS)
#: Bit of an effect that says that the request does nothing to a host that is on.
ONLY_IF_OFF = 16 << (2 * MOST_BITS)
#: Where the bits of an effect begin of the sub-goals that it takes back.
_UNDONE = 2 * MOST_BITS + 5
_MASK = (1 << MOST_BITS) - 1
#: Bits beside those of sub-goals in what was shown: the goal's host was last seen on, or off.
HOST_ON, HOST_OFF = 1 << MOST_BITS, 2 << MOST_BITS


@dataclass(slots=True)
class Belief:
    """Bits of the sub-goals, of one episode or of many.

    Attributes:
        asked: Those for which a request was accepted.
        closed: Those that need no further request as far as answers tell.
        shown: Those whose resource was last read with the wanted values; with them whether the host was seen on or off.
    """

    asked: Bits = 0
    closed: Bits = 0
    shown: Bits = 0


def bit(part: int) -> int:
    """Bit of a sub-goal."""
    return 1 << min(part, MOST_BITS - 1)


def bits(parts: Iterable[int]) -> int:
    """Bits of several sub-goals."""
    found = 0
    for part in parts:
        found |= bit(part)
    return found


def effect(
    serves: int, finishes: int, *, undoes: int = 0, resets: bool = False, power: str = "", only_if_off: bool = False
) -> int:
    """Pack what a change does once it is accepted.

    Args:
        serves: Bits of the sub-goals that it asks for.
        finishes: Bits of those that it puts in force.
        undoes: Bits of those that it takes back.
        resets: Whether it resets a host.
        power: ``"On"`` or ``"Off"`` where it leaves the host so, ``""`` where that cannot be told.
        only_if_off: Whether it does nothing to a host that is on already.
    """
    turns = TURNS_ON * (power == "On") | TURNS_OFF * (power == "Off") | ONLY_IF_OFF * only_if_off
    return serves | finishes << MOST_BITS | undoes << _UNDONE | RESETS * resets | turns | MUTATES


def sent(belief: Belief, effects: Bits, accepted: Bits, staged: Bits, spent: Bits) -> Belief:
    """Take in the status of a request.

    Args:
        belief: What was believed before.
        effects: Effect of the request, see :func:`effect`.
        accepted: Whether it was accepted.
        staged: Sub-goals whose values take a restart.
        spent: Sub-goals that a start of the host undoes.
    """
    gained = (effects & _MASK) * accepted
    asked = belief.asked | gained
    idle = ((effects & ONLY_IF_OFF) != 0) & ((belief.shown & HOST_ON) != 0)
    finished = ((effects >> MOST_BITS) & _MASK) * (accepted * (idle == 0)) & asked
    starts = ((effects & RESETS) != 0) & ((effects & TURNS_OFF) == 0) & (idle == 0)
    kept = ~((spent * starts | (effects >> _UNDONE) & _MASK) * accepted)
    # What was seen of a host no longer holds once it was reset; what the reset leaves it in is taken for seen.
    unknown = (HOST_ON | HOST_OFF) * accepted * ((effects & RESETS) != 0)
    turned = (HOST_ON * ((effects & TURNS_ON) != 0) | HOST_OFF * ((effects & TURNS_OFF) != 0)) * accepted
    closed = belief.closed | (gained & ~staged) | finished
    return Belief(asked & kept, closed & kept, (belief.shown & ~unknown | turned) & kept)


def read(belief: Belief, confirms: Bits, refutes: Bits, made: Bits) -> Belief:
    """Take in a document.

    Args:
        belief: What was believed before.
        confirms: Sub-goals that it shows to be reached.
        refutes: Sub-goals that it shows not to be.
        made: Sub-goals that want something new: until that was asked for, what looks like it is something else.
    """
    confirmed = confirms & (belief.asked | ~made)
    return Belief(belief.asked, belief.closed & ~refutes, (belief.shown | confirmed) & ~refutes)


def bit_count(bits: Bits) -> Bits:
    """Count the sub-goals in some bits."""
    return sum((bits >> part) & 1 for part in range(MOST_BITS))


def open_parts(belief: Belief, every: Bits, ordered: Bits) -> Bits:
    """Tell which sub-goals to pursue; at least one.

    Args:
        belief: What is believed.
        every: Bits of all sub-goals.
        ordered: Whether only the first open one counts.
    """
    found = every & ~(belief.closed | belief.shown)
    # Nothing is open and still the goal is not reached: some answer misled.
    found = found | (every & ~belief.shown) * (found == 0)
    found = found | every * (found == 0)
    return found & -found * ordered | found * (1 - ordered)
