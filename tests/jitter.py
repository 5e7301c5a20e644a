"""Training as on a machine that rounds otherwise; a plugin of pytest, for ``tests/portable.py``.

Which processors there will be nobody knows. Whatever they do differently shows first in the last
digits of the weights, so here each step of an optimizer changes those a little by chance. The
same training is changed in the same way each time: seeds must go on deciding what they decide.
"""

from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch.optim import Optimizer
from torch.optim.optimizer import register_optimizer_step_post_hook

_SIZE = 1e-6  # a few times what is lost by rounding a float32

_chance: WeakKeyDictionary[Optimizer, torch.Generator] = WeakKeyDictionary()


@torch.no_grad()
def jitter(optimizer: Optimizer, *_: Any) -> None:
    """Change the weights that `optimizer` has just moved."""
    if optimizer not in _chance:
        _chance[optimizer] = torch.Generator().manual_seed(0)
    for group in optimizer.param_groups:
        for weights in group["params"] if group["lr"] else ():
            noise = torch.randn(weights.shape, generator=_chance[optimizer], dtype=weights.dtype)
            weights.mul_(1 + _SIZE * noise)


register_optimizer_step_post_hook(jitter)
