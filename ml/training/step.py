"""One step of gradient descent, and how long it is: what every training here shares."""

import math

import torch

LARGEST_GRADIENT = 1.0

_WARM_UP = 0.1


def take_step(
    optimizer: torch.optim.Optimizer,
    learning_rate: float,
    *,
    largest_gradient: float = LARGEST_GRADIENT,
) -> float:
    """Move the parameters along their gradients, which are then cleared for the next backward pass.

    A gradient longer than `largest_gradient` is shortened to it; its length before is returned.
    """
    parameters = [weight for group in optimizer.param_groups for weight in group["params"]]
    length = torch.nn.utils.clip_grad_norm_(parameters, largest_gradient)
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    optimizer.step()
    optimizer.zero_grad()
    return float(length)


def one_cycle(way: float) -> float:
    """Share of the highest learning rate at `way`, from 0 to 1: up a line, down a cosine."""
    if way < _WARM_UP:
        return 0.04 + 0.96 * way / _WARM_UP
    return max(0.5 * (1 + math.cos(math.pi * (way - _WARM_UP) / (1 - _WARM_UP))), 1e-3)
