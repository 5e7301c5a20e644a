"""The steps that ``python -m bench sampling`` compares are steps of the same network."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from bench.sampling_runtimes import Begin, onnx_steps, torch_steps
from ml.models.model import NameModel
from ml.networks.network import network_of
from tests.tiny_model import tiny_model


@pytest.mark.parametrize("runtime", [torch_steps, onnx_steps])
def test_steps_are_those_of_the_network(runtime: Callable[[NameModel], Begin | None]) -> None:
    model = tiny_model()
    begin = runtime(model)
    if begin is None:
        pytest.skip("ONNX Runtime is not installed")
    symbols = np.random.default_rng(0).integers(model.alphabet.read, size=(5, 3))
    with torch.no_grad():
        expected = network_of(model)(torch.from_numpy(symbols))[0].numpy()
    steps = begin(3)
    for time in range(3):
        np.testing.assert_allclose(steps.step(symbols[time]), expected[time], atol=1e-5)
    going_on = np.array([True, False, True])
    steps.keep(going_on)
    for time in range(3, 5):
        logits = steps.step(symbols[time, going_on])
        np.testing.assert_allclose(logits, expected[time, going_on], atol=1e-5)
