"""Writes an ONNX graph node by node; `onnx` is needed only here and in the graphs that derive from it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, helper, numpy_helper

FUSED = "com.microsoft"
"""The domain of the runtime's own operators."""

Array = NDArray[np.float32 | np.int64 | np.int8]


class GraphWriter:
    """Collects nodes and tensors; each method returns the name of what it computes."""

    def __init__(self) -> None:
        self._nodes: list[NodeProto] = []
        self._tensors: list[TensorProto] = []

    def model(
        self, name: str, given: tuple[str, int, list[str | int]], made: tuple[str, list[str | int]]
    ) -> ModelProto:
        """Close the graph.

        Parameters
        ----------
        given
            Name, ONNX element type and shape of the input.
        made
            Name and shape of the float32 output.
        """
        output, shape = made
        graph: GraphProto = helper.make_graph(
            self._nodes,
            name,
            [helper.make_tensor_value_info(*given)],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, shape)],
            self._tensors,
        )
        opsets = [helper.make_opsetid("", 18), helper.make_opsetid(FUSED, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=9)

    def _tensor(self, name: str, array: Array) -> str:
        self._tensors.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def _node(
        self, kind: str, inputs: Sequence[str], output: str, *, domain: str = "", **attributes: float
    ) -> str:
        node = helper.make_node(kind, inputs, [output], domain=domain)
        node.attribute.extend(helper.make_attribute(key, value) for key, value in attributes.items())
        self._nodes.append(node)
        return output
