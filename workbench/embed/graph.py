"""The MiniLM network as an ONNX graph, written from its weights; `onnx` is needed only here.

Six BERT layers, mean over tokens, unit length. The input is ``ids``, int32 (n_texts, n_tokens), texts of
equal length: without padding there is no mask, and no token is computed in vain.

The 8-bit graph stores every matrix as int8 with one scale per output column and quantises activations at
run time. Weights use 7 bits (-63..63): the AVX2 instruction that multiplies 8-bit pairs saturates beyond
that on processors without VNNI, and one graph for all processors keeps vectors comparable between them.
A few channels are quieted before quantising, see `workbench.embed.loud`.

Layer norms are written as an addition and a LayerNormalization: the runtime's fused SkipLayerNormalization
took three times as long (2.4 against 0.7 ms per 77-token text).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper

from workbench.embed.loud import LOUD
from workbench.embed.writer import FUSED, GraphWriter

Precision = Literal["fp32", "int8"]
Weights = Mapping[str, NDArray[np.float32]]

GRAPH_VERSION = "2"
"""Raise it whenever a change here changes vectors: stored graphs and vectors then count as another's."""

DIM = 384
_N_LAYERS = 6
_N_HEADS = 12
_EPSILON = 1e-12
_INT8_LIMIT = 63


def build_graph(weights: Weights, precision: Precision) -> bytes:
    """Write the network.

    Parameters
    ----------
    weights
        Tensors by the names of the published checkpoint.
    precision
        ``"fp32"`` or ``"int8"``.

    Returns
    -------
    bytes
        A serialised ONNX model with output ``vectors``, float32 (n_texts, 384), rows of unit length.
    """
    writer = _Writer(weights, precision)
    hidden = writer.embed("ids")
    for layer in range(_N_LAYERS):
        hidden = writer.layer(hidden, layer)
    writer.pool(hidden, "vectors")
    shape: list[str | int] = ["n_texts", "n_tokens"]
    model = writer.model("minilm", ("ids", TensorProto.INT32, shape), ("vectors", ["n_texts", DIM]))
    return bytes(model.SerializeToString())


class _Writer(GraphWriter):
    """One method per part of the network; each returns the name of what it computes."""

    def __init__(self, weights: Weights, precision: Precision) -> None:
        super().__init__()
        self._weights = weights
        self._precision = precision

    def embed(self, ids: str) -> str:
        table = "embeddings."
        # Every text is segment 0, so that row is added to the positions once, here.
        positions = (
            self._weights[table + "position_embeddings.weight"]
            + self._weights[table + "token_type_embeddings.weight"][0]
        )
        inputs = [
            ids,
            "",
            self._tensor("words", self._weights[table + "word_embeddings.weight"]),
            self._tensor("positions", positions),
            "",
            self._tensor("embed.gain", self._weights[table + "LayerNorm.weight"]),
            self._tensor("embed.shift", self._weights[table + "LayerNorm.bias"]),
        ]
        self._nodes.append(
            helper.make_node(
                "EmbedLayerNormalization",
                inputs,
                ["embed", "embed.mask"],
                domain=FUSED,
                epsilon=_EPSILON,
            )
        )
        return "embed"

    def layer(self, hidden: str, number: int) -> str:
        source = f"encoder.layer.{number}."
        name = f"layer{number}"
        attended = self._attention(hidden, source + "attention.self.", f"{name}.attention")
        mixed = self._linear(attended, source + "attention.output.dense", f"{name}.mix")
        hidden = self._norm(mixed, hidden, source + "attention.output.LayerNorm", f"{name}.a")
        wide = self._linear(hidden, source + "intermediate.dense", f"{name}.wide")
        wide = self._node("Gelu", [wide], f"{name}.gelu", domain=FUSED)
        narrow = self._linear(wide, source + "output.dense", f"{name}.narrow")
        return self._norm(narrow, hidden, source + "output.LayerNorm", f"{name}.b")

    def pool(self, hidden: str, output: str) -> None:
        axes = self._tensor("token.axis", np.array([1], np.int64))
        mean = self._node("ReduceMean", [hidden, axes], "mean", keepdims=0)
        self._node("LpNormalization", [mean], output, axis=1, p=2)

    def _attention(self, hidden: str, source: str, name: str) -> str:
        parts = ("query", "key", "value")
        matrix = np.concatenate([self._weights[f"{source}{p}.weight"].T for p in parts], axis=1)
        bias = self._tensor(
            f"{name}.bias", np.concatenate([self._weights[f"{source}{p}.bias"] for p in parts])
        )
        if self._precision == "fp32":
            inputs = [hidden, self._tensor(f"{name}.matrix", matrix), bias]
            return self._node("Attention", inputs, name, domain=FUSED, num_heads=_N_HEADS)
        hidden, matrix = self._quieted(hidden, matrix, name)
        codes = [f"{name}.codes", f"{name}.scale", f"{name}.zero"]
        self._nodes.append(helper.make_node("DynamicQuantizeLinear", [hidden], codes))
        values, scales, zeros = self._quantised(matrix, name)
        inputs = [codes[0], values, bias, codes[1], scales, "", codes[2], zeros]
        return self._node("QAttention", inputs, name, domain=FUSED, num_heads=_N_HEADS)

    def _linear(self, hidden: str, source: str, name: str) -> str:
        matrix = self._weights[source + ".weight"].T
        bias = self._tensor(f"{name}.bias", self._weights[source + ".bias"])
        if self._precision == "fp32":
            product = self._node(
                "MatMul", [hidden, self._tensor(f"{name}.matrix", matrix)], f"{name}.product"
            )
            return self._node("Add", [product, bias], name)
        hidden, matrix = self._quieted(hidden, matrix, name)
        inputs = [hidden, *self._quantised(matrix, name), bias]
        return self._node("DynamicQuantizeMatMul", inputs, name, domain=FUSED)

    def _norm(self, new: str, old: str, source: str, name: str) -> str:
        total = self._node("Add", [new, old], f"{name}.sum")
        inputs = [
            total,
            self._tensor(f"{name}.gain", self._weights[source + ".weight"]),
            self._tensor(f"{name}.shift", self._weights[source + ".bias"]),
        ]
        return self._node("LayerNormalization", inputs, f"{name}.norm", axis=-1, epsilon=_EPSILON)

    def _quieted(
        self, hidden: str, matrix: NDArray[np.float32], name: str
    ) -> tuple[str, NDArray[np.float32]]:
        """Divide loud channels by powers of two and scale the matrix rows that read them; exact."""
        loud = LOUD.get(hidden)
        if not loud:
            return hidden, matrix
        gain = np.ones(len(matrix), np.float32)
        gain[list(loud)] = np.exp2(np.fromiter(loud.values(), np.float32, len(loud)))
        quiet = self._node(
            "Mul", [hidden, self._tensor(f"{name}.quiet", np.float32(1) / gain)], f"{name}.quieted"
        )
        return quiet, matrix * gain[:, None]

    def _quantised(self, matrix: NDArray[np.float32], name: str) -> tuple[str, str, str]:
        """Store a matrix as int8 with a scale per column: names of values, scales, zero points."""
        scales = np.abs(matrix).max(axis=0) / np.float32(_INT8_LIMIT)
        scales = np.where(scales > 0, scales, np.float32(1)).astype(np.float32)
        values = np.clip(np.rint(matrix / scales), -_INT8_LIMIT, _INT8_LIMIT).astype(np.int8)
        return (
            self._tensor(f"{name}.values", values),
            self._tensor(f"{name}.scales", scales),
            self._tensor(f"{name}.zeros", np.zeros(scales.shape, np.int8)),
        )
