"""Where PyTorch computes."""

from __future__ import annotations

import torch

from igc_encoders.errors import EncoderError


def demand_device(name: str) -> None:
    """Make sure, before long work, that PyTorch can compute somewhere.

    Args:
        name: A device, as PyTorch names it.

    Raises:
        EncoderError: There is no such device here.
    """
    try:
        torch.empty(1, device=name).cpu()
    except (AssertionError, NotImplementedError, RuntimeError, TypeError) as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise EncoderError(
            f"PyTorch has no device {name!r} here: {reason}",
            code="encoder-options",
            hint="leave the device out to compute on the CPU",
        ) from error
