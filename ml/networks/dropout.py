"""Dropout whose coins are cheap.

`torch.nn.functional.dropout` draws one random number a coin, in one thread; for weight-drop on an
LSTM of 384 that is a fifth of a training step. Here one number is eight coins, a byte each.
"""

import torch
from torch import Tensor

_SIDES = 256


def dropout(values: Tensor, rate: float) -> Tensor:
    """`values` with about `rate` of them 0 and the others scaled up, so that the mean stays.

    The rate is rounded to 1/256. Draws from torch's global generator.
    """
    kept = round(_SIDES * (1 - rate))
    if kept == _SIDES:
        return values
    words = torch.empty(-(-values.numel() // 8), dtype=torch.int64).random_(-(2**63), None)
    coins = words.view(torch.uint8)[: values.numel()].view(values.shape)
    return values * (coins < kept).to(values.dtype).mul_(_SIDES / kept)
