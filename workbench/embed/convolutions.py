"""The network of Universal Sentence Encoder multilingual v3 as an ONNX graph, written from its weights.

Token vectors pass three branches of two convolutions each, over windows of 2, 3 and 5 tokens (Yang et al.
2020, the convolutional variant); what they give is summed over the tokens, divided by the square root of
their number, and passed through four dense layers to a vector of unit length. The input is ``tokens``,
float32 (n_tokens, 512), of one text: nothing is padded, no text has a neighbour.

A convolution is written as shifted copies side by side and one matrix product.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from workbench.embed.writer import GraphWriter

Weights = Mapping[str, NDArray[np.float32]]

GRAPH_VERSION = "1"
"""Raise it whenever a change here changes vectors."""

DIM = 512
_BRANCH = 256
_WINDOWS = {2: 0, 3: 1, 5: 2}
"""Tokens in a window -> how many of them stand before the token itself."""


def build_graph(weights: Weights) -> bytes:
    """Write the network.

    Parameters
    ----------
    weights
        Tensors by the names of the published file; ``eps`` is a number.

    Returns
    -------
    bytes
        A serialised ONNX model with output ``vectors``, float32 (1, 512), a row of unit length.
    """
    writer = _Writer(weights)
    features = writer.features("tokens")
    writer.head(writer.pool(features), "vectors")
    model = writer.model("use", ("tokens", TensorProto.FLOAT, ["n_tokens", DIM]), ("vectors", [1, DIM]))
    return bytes(model.SerializeToString())


class _Writer(GraphWriter):
    """One method per part of the network; each returns the name of what it computes."""

    def __init__(self, weights: Weights) -> None:
        super().__init__()
        self._weights = weights

    def features(self, tokens: str) -> str:
        """Token vectors beside what each branch makes of them: (n_tokens, 1280), normalised."""
        branches = [str(window) for window in _WINDOWS]
        self._join("proj", [f"proj{b}" for b in branches], axis=1)
        self._join("proj.bias", [f"proj_b{b}" for b in branches], axis=0)
        self._join("proj.gain", [f"ln_g{b}" for b in branches], axis=0)
        self._join("proj.shift", [f"ln_b{b}" for b in branches], axis=0)
        projected = self._linear(tokens, "proj", "proj.bias", "projected")
        projected = self._norm(projected, "proj.gain", "proj.shift", "projected.norm")
        parts = [tokens]
        for number, (window, before) in enumerate(_WINDOWS.items()):
            own = self._cut(projected, number * _BRANCH, (number + 1) * _BRANCH, axis=1, name=f"own{window}")
            for step in (1, 2):
                own = self._convolution(own, window, before, step)
            parts.append(own)
        joined = self._node("Concat", parts, "joined", axis=1)
        return self._norm(joined, self._given("ln_g"), self._given("ln_b"), "features")

    def pool(self, features: str) -> str:
        """Sum over the tokens, projected, over the square root of their number: (1, 512)."""
        axes = self._tensor("token.axis", np.array([0], np.int64))
        total = self._node("ReduceSum", [features, axes], "total", keepdims=1)
        product = self._node("MatMul", [total, self._given("cnn_W")], "pooled.product")
        shape = self._node("Shape", [features], "shape", start=0, end=1)
        n_tokens = self._node("Cast", [shape], "n_tokens", to=TensorProto.FLOAT)
        bias = self._node("Mul", [n_tokens, self._given("cnn_b")], "pooled.bias")
        summed = self._node("Add", [product, bias], "pooled.sum")
        return self._node("Div", [summed, self._node("Sqrt", [n_tokens], "root")], "pooled")

    def head(self, pooled: str, output: str) -> None:
        """Four dense layers with two short cuts, and unit length."""
        first = self._relu(self._product(pooled, "d0"), "head0")
        second = self._node("Add", [self._product(pooled, "p1"), self._product(first, "d1")], "head1.sum")
        second = self._relu(second, "head1")
        third = self._relu(self._product(second, "d2"), "head2")
        last = self._node("Add", [self._product(second, "p3"), self._product(third, "d3")], "head3.sum")
        bounded = self._node("Tanh", [last], "head3")
        self._node("LpNormalization", [bounded], output, axis=1, p=2)

    def _convolution(self, own: str, window: int, before: int, step: int) -> str:
        """Add to each token what its window gives: relu(window @ matrix + bias) + token."""
        name = f"conv{window}.{step}"
        pads = self._tensor(f"{name}.pads", np.array([before, 0, window - 1 - before, 0], np.int64))
        padded = self._node("Pad", [own, pads], f"{name}.padded")
        shifted = []
        for offset in range(window):
            # A slice that ends before the last window-1-offset rows; the last one ends with the rows.
            end = offset - window + 1 or np.iinfo(np.int64).max
            shifted.append(self._cut(padded, offset, int(end), axis=0, name=f"{name}.{offset}"))
        windows = self._node("Concat", shifted, f"{name}.windows", axis=1)
        matrix, bias = self._given(f"w{step}_{window}"), self._given(f"b{step}_{window}")
        return self._node(
            "Add", [self._relu(self._linear(windows, matrix, bias, name), name), own], f"{name}.out"
        )

    def _linear(self, values: str, matrix: str, bias: str, name: str) -> str:
        return self._node("Gemm", [values, matrix, bias], f"{name}.linear")

    def _product(self, values: str, matrix: str) -> str:
        return self._node("MatMul", [values, self._given(matrix)], f"{matrix}.product")

    def _relu(self, values: str, name: str) -> str:
        return self._node("Relu", [values], f"{name}.relu")

    def _norm(self, values: str, gain: str, shift: str, name: str) -> str:
        epsilon = float(self._weights["eps"])
        return self._node("LayerNormalization", [values, gain, shift], name, axis=-1, epsilon=epsilon)

    def _cut(self, values: str, start: int, end: int, *, axis: int, name: str) -> str:
        bounds = [
            self._tensor(f"{name}.{part}", np.array([number], np.int64))
            for part, number in (("start", start), ("end", end), ("axis", axis))
        ]
        return self._node("Slice", [values, *bounds], name)

    def _given(self, name: str) -> str:
        return self._tensor(name, self._weights[name].astype(np.float32))

    def _join(self, name: str, parts: list[str], *, axis: int) -> str:
        return self._tensor(name, np.concatenate([self._weights[part] for part in parts], axis=axis))
