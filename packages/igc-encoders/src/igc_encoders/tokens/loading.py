"""Loading a tokenizer out of a folder, or by name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from igc_encoders.errors import EncoderError
from igc_encoders.extras import extra
from igc_encoders.hub import why_absent

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast


def load(source: Path | str) -> PreTrainedTokenizerFast:
    """Load a byte-level tokenizer.

    Args:
        source: A folder that transformers saved, or a name that it knows; code of others is never run.

    Raises:
        EncoderError: There is no such tokenizer, or it would not give each text back exactly.
    """
    with extra("lm", "tokenizers"):
        from transformers import AutoTokenizer  # noqa: PLC0415
    absent = why_absent(source)
    try:
        tokenizer = cast(
            "Any",
            AutoTokenizer.from_pretrained(str(source), trust_remote_code=False, local_files_only=bool(absent)),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise unknown(source, "tokenizer", error, absent) from error
    except Exception as error:
        # The tokenizers library raises bare exceptions for a damaged file.
        if type(error) is not Exception:
            raise
        raise unknown(source, "tokenizer", error) from error
    if not getattr(tokenizer, "is_fast", False) or not _is_exact(cast("PreTrainedTokenizerFast", tokenizer)):
        raise EncoderError(
            f"the tokenizer {source} does not give each text back exactly",
            code="encoder-incompatible",
            hint="choose a byte-level one, such as those of the GPT-2 family",
        )
    return cast("PreTrainedTokenizerFast", tokenizer)


def unknown(source: Path | str, what: str, error: Exception, absent: str = "") -> EncoderError:
    """Say that a tokenizer or model cannot be loaded, on one line.

    Args:
        source: What was to be loaded.
        what: What it is.
        error: What the library says.
        absent: Why nobody else was asked for it, where nobody was.
    """
    first = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    where = f"in the folder {source}" if Path(source).is_dir() else f"called {str(source)!r}"
    return EncoderError(
        f"there is no {what} {where} that can be loaded: {absent or first}",
        code="encoder-corrupt" if Path(source).is_dir() else "encoder-missing",
        hint="give a folder made by igc encoder train lm, or a name that transformers has or can reach",
    )


def _is_exact(tokenizer: PreTrainedTokenizerFast) -> bool:
    from igc_encoders.tokens.encoding import decode, encode_text  # noqa: PLC0415 - encoding imports numpy

    probe = '{"@odata.id":"/redfish/v1","a b":[ 1.5,null],"t\u00e9":"\N{SNOWMAN}  \\n don\'t ."}'
    return decode(tokenizer, encode_text(tokenizer, probe)[0]) == probe
