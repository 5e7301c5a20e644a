"""The step of `ml.writing.stepper` in other runtimes: PyTorch, and ONNX Runtime if installed.

The model's input projection is folded into the same table, and names leave the batch as they do
there, so that a table of speeds compares runtimes and nothing else. LSTMs of one layer only.
"""

import importlib
import importlib.util
from collections.abc import Callable
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
import torch

from ml.arrays import Floats, Symbols
from ml.models.model import NameModel

_OPSET = 17


class Steps(Protocol):
    """Names under way, as in `ml.writing.stepper`."""

    def step(self, symbols: Symbols) -> Floats:
        """Feed one symbol a name; the logits of the next one."""

    def keep(self, going_on: npt.NDArray[np.bool_]) -> None:
        """Go on with those names only."""


# Names under way, so many, before their first symbol.
Begin: TypeAlias = Callable[[int], Steps]


def torch_steps(model: NameModel) -> Begin:
    """PyTorch, one operation after the other."""
    weights = {name: torch.from_numpy(weight) for name, weight in _folded(model).items()}
    return lambda batch: _TorchSteps(weights, batch)


def onnx_steps(model: NameModel) -> Begin | None:
    """ONNX Runtime; nothing where it or ``onnx``, which builds the graph, is not installed."""
    if not all(importlib.util.find_spec(name) for name in ("onnx", "onnxruntime")):
        return None
    runtime = importlib.import_module("onnxruntime")
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 1
    weights = _folded(model)
    session = runtime.InferenceSession(_graph(weights), options, providers=["CPUExecutionProvider"])
    return lambda batch: _OnnxSteps(session, len(weights["w_hh"]), batch)


def _folded(model: NameModel) -> dict[str, Floats]:
    weights = model.weights
    biases = weights["cell.bias_ih_l0"] + weights["cell.bias_hh_l0"]
    return {
        "table": weights["embedding.weight"] @ weights["cell.weight_ih_l0"].T + biases,
        "w_hh": np.ascontiguousarray(weights["cell.weight_hh_l0"].T),
        "w_out": np.ascontiguousarray(weights["output.weight"].T),
        "b_out": weights["output.bias"],
    }


class _TorchSteps:
    def __init__(self, weights: dict[str, torch.Tensor], batch: int) -> None:
        self._weights = weights
        self._h = self._c = torch.zeros(batch, len(weights["w_hh"]))

    @torch.inference_mode()
    def step(self, symbols: Symbols) -> Floats:
        weights = self._weights
        inputs = weights["table"][torch.from_numpy(symbols)]
        i, f, g, o = torch.addmm(inputs, self._h, weights["w_hh"]).chunk(4, dim=1)
        self._c = f.sigmoid() * self._c + i.sigmoid() * g.tanh()
        self._h = o.sigmoid() * self._c.tanh()
        logits: Floats = torch.addmm(weights["b_out"], self._h, weights["w_out"]).numpy()
        return logits

    @torch.inference_mode()
    def keep(self, going_on: npt.NDArray[np.bool_]) -> None:
        rows = torch.from_numpy(going_on)
        self._h, self._c = self._h[rows], self._c[rows]


class _OnnxSteps:
    def __init__(self, session: Any, hidden: int, batch: int) -> None:
        self._session = session
        self._h = self._c = np.zeros((batch, hidden), dtype=np.float32)

    def step(self, symbols: Symbols) -> Floats:
        logits: Floats
        logits, self._h, self._c = self._session.run(
            None, {"symbols": symbols, "h": self._h, "c": self._c}
        )
        return logits

    def keep(self, going_on: npt.NDArray[np.bool_]) -> None:
        self._h, self._c = self._h[going_on], self._c[going_on]


def _graph(weights: dict[str, Floats]) -> bytes:
    onnx = importlib.import_module("onnx")
    helper, kinds = onnx.helper, onnx.TensorProto
    hidden, predicted = weights["w_out"].shape

    def value(name: str, *shape: int, kind: int = kinds.FLOAT) -> Any:
        return helper.make_tensor_value_info(name, kind, ["batch", *shape])

    graph = helper.make_graph(
        [
            helper.make_node("Gather", ["table", "symbols"], ["inputs"]),
            helper.make_node("MatMul", ["h", "w_hh"], ["hiddens"]),
            helper.make_node("Add", ["inputs", "hiddens"], ["gates"]),
            helper.make_node("Split", ["gates"], list("ifgo"), axis=1),
            *(helper.make_node("Sigmoid", [gate], [f"open_{gate}"]) for gate in "ifo"),
            helper.make_node("Tanh", ["g"], ["new"]),
            helper.make_node("Mul", ["open_f", "c"], ["kept"]),
            helper.make_node("Mul", ["open_i", "new"], ["written"]),
            helper.make_node("Add", ["kept", "written"], ["next_c"]),
            helper.make_node("Tanh", ["next_c"], ["content"]),
            helper.make_node("Mul", ["open_o", "content"], ["next_h"]),
            helper.make_node("Gemm", ["next_h", "w_out", "b_out"], ["logits"]),
        ],
        "step",
        [value("symbols", kind=kinds.INT64), value("h", hidden), value("c", hidden)],
        [value("logits", predicted), value("next_h", hidden), value("next_c", hidden)],
        [onnx.numpy_helper.from_array(array, name) for name, array in weights.items()],
    )
    opsets = [helper.make_opsetid("", _OPSET)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    serialized: bytes = model.SerializeToString()
    return serialized
