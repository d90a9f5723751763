"""Models on disk: a plain folder of transformers, weights as safetensors."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from igc_encoders.errors import EncoderError
from igc_encoders.extras import extra
from igc_encoders.hub import why_absent
from igc_encoders.tokens import load as load_tokenizer
from igc_encoders.tokens.loading import unknown

if TYPE_CHECKING:
    from collections.abc import Generator

    from transformers import PreTrainedModel, PreTrainedTokenizerFast


def load(source: Path | str) -> tuple[PreTrainedModel, PreTrainedTokenizerFast]:
    """Load a causal language model and its tokenizer.

    Args:
        source: A folder that :func:`save` or transformers wrote; a text may also be a name that transformers knows.
            Weights are taken from safetensors alone, and code of others is never run.

    Returns:
        The model, in float32 and in evaluation mode, and its tokenizer.

    Raises:
        EncoderError: There is no such model or tokenizer, its files are damaged, or they do not belong together.
    """
    with extra("lm", "language models"):
        import torch  # noqa: PLC0415
        from safetensors import SafetensorError  # noqa: PLC0415
        from transformers import AutoModelForCausalLM  # noqa: PLC0415

        from igc_encoders.lm.embedding import rows  # noqa: PLC0415
    if isinstance(source, Path) and not source.is_dir():
        raise EncoderError(
            f"there is no folder {source}",
            code="encoder-missing",
            hint="give the folder of a language model, such as igc encoder train lm makes",
        )
    tokenizer = load_tokenizer(source)
    absent = why_absent(source)
    try:
        with without_bars():
            model: Any = AutoModelForCausalLM.from_pretrained(
                str(source),
                trust_remote_code=False,
                use_safetensors=True,
                dtype=torch.float32,
                local_files_only=bool(absent),
            )
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise unknown(source, "model", error, absent) from error
    known = rows(model)
    if known < len(tokenizer):
        raise EncoderError(
            f"the model {source} knows {known} tokens, its tokenizer {len(tokenizer)}",
            code="encoder-incompatible",
            hint="they do not belong together; take both from one folder",
        )
    return cast("PreTrainedModel", model.eval()), tokenizer


def save(folder: Path, model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast) -> None:
    """Write a model and its tokenizer into a folder, as ``AutoModelForCausalLM.from_pretrained`` reads it.

    Args:
        folder: It is made where it is missing; files of these names in it are replaced.
        model: The model.
        tokenizer: Its tokenizer.

    Raises:
        EncoderError: The folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
    except OSError as error:
        reason = error.strerror or str(error)
        raise EncoderError(f"cannot write the model into {folder}: {reason}", code="encoder-training") from error


@contextmanager
def without_bars() -> Generator[None]:
    """Keep transformers from drawing a bar for each file of weights that it reads."""
    from transformers.utils import logging  # noqa: PLC0415 - an extra

    speaker: Any = logging
    shown = speaker.is_progress_bar_enabled()
    speaker.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            speaker.enable_progress_bar()


def quieten() -> None:
    """Keep transformers from writing to the terminal: commands say themselves what is under way."""
    from transformers.utils import logging  # noqa: PLC0415

    speaker: Any = logging
    speaker.set_verbosity_error()
    speaker.disable_progress_bar()
