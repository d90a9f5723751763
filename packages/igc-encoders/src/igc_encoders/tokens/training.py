"""A tokenizer trained on rendered resources. Needs no download."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, cast

from igc_encoders.errors import EncoderError
from igc_encoders.extras import extra

if TYPE_CHECKING:
    from collections.abc import Iterable

    from transformers import PreTrainedTokenizerFast

#: Smallest vocabulary: all bytes and the special tokens.
SMALLEST = 256 + 3
#: Pieces that no token crosses. A key comes with its quotes and the structure around it, so that the frequent ones
#: become one token; so does the head of a Redfish path. The lengths are bounded, so that one endless word costs no more
#: than many short ones.
PIECES = (
    r'["\]}]{0,8},?[{\[]{0,8}"[^"\\/\s]{1,80}":[\[{]{0,8}"?'  # a key, with what closes before and opens behind it
    r"|(?:/redfish/v\d)?[/.#_@: -]?\p{L}{1,40}"  # a word, with the mark before it
    r"|[/._:# -]?\p{N}{1,4}"  # digits, likewise
    r'|["\]}\[{,:]{1,16}'  # structure
    r"|\s{1,16}"
    r"|[^\s\p{L}\p{N}]{1,4}"
)


class SpecialToken(StrEnum):
    """Tokens that no text can contain."""

    #: Begins and ends a resource.
    END = "<|endofresource|>"
    #: Fills up batches.
    PAD = "<|pad|>"
    #: Stands in the input where a masking objective hides a token.
    MASK = "<|mask|>"


def train(texts: Iterable[str], size: int) -> PreTrainedTokenizerFast:
    """Train a byte-level byte-pair encoding.

    Args:
        texts: Rendered resources.
        size: Entries of the vocabulary; fewer come about where the texts have no more frequent pairs.

    Raises:
        EncoderError: The vocabulary cannot even hold all bytes.
    """
    with extra("lm", "tokenizers"):
        from tokenizers import AddedToken, Regex, Tokenizer, decoders, pre_tokenizers  # noqa: PLC0415
        from tokenizers.models import BPE  # noqa: PLC0415
        from tokenizers.trainers import BpeTrainer  # noqa: PLC0415
    if size < SMALLEST:
        raise EncoderError(
            f"a vocabulary of {size} entries cannot hold all bytes",
            code="encoder-options",
            hint=f"give at least {SMALLEST}",
        )
    tokenizer = Tokenizer(BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PIECES), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    special = [AddedToken(str(token), special=True, normalized=False) for token in SpecialToken]
    trainer = BpeTrainer(
        vocab_size=size,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        min_frequency=2,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return wrapped(tokenizer)


def wrapped(tokenizer: object) -> PreTrainedTokenizerFast:
    """Give a tokenizer the form in which transformers saves and loads it."""
    with extra("lm", "tokenizers"):
        import transformers  # noqa: PLC0415
    build: Any = transformers.PreTrainedTokenizerFast
    return cast(
        "PreTrainedTokenizerFast",
        build(
            tokenizer_object=tokenizer,
            bos_token=str(SpecialToken.END),
            eos_token=str(SpecialToken.END),
            pad_token=str(SpecialToken.PAD),
            mask_token=str(SpecialToken.MASK),
            clean_up_tokenization_spaces=False,
        ),
    )
