"""Find the loud channels of MiniLM: the table in `workbench/embed/loud.py` is this script's output.

A few channels of the network carry values many times larger than the rest, always the same ones whatever
the text. The 8-bit graph divides them by powers of two before quantising. This script runs the 32-bit graph
on real texts, takes each channel's largest absolute value, and prints the channels beyond 1.5 times the
95th percentile of their tensor with the smallest power of two that brings them below it.

Run: python benchmarks/encoder_loud_channels.py [--n 400]
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from encoder_speed import composites, real_messages
from onnx import TensorProto, helper
from safetensors.numpy import load

from workbench.embed.graph import build_graph
from workbench.embed.transformer import load_minilm
from workbench.embed.weights import MINILM_WEIGHTS, read_verified

LIMIT = 1.5
N_LAYERS = 6


def watched() -> list[str]:
    names = ["embed"]
    for layer in range(N_LAYERS):
        names += [f"layer{layer}.a.norm", f"layer{layer}.gelu", f"layer{layer}.b.norm"]
    return names[:-1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=400)
    options = parser.parse_args()
    origin, messages = real_messages()
    texts = composites(messages, options.n, seed=11) + messages[: options.n]

    model = onnx.load_from_string(build_graph(load(read_verified(MINILM_WEIGHTS)), "fp32"))
    names = watched()
    model.graph.output.extend(helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in names)
    settings = onnxruntime.SessionOptions()
    settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    session = onnxruntime.InferenceSession(model.SerializeToString(), settings)
    with tempfile.TemporaryDirectory() as folder:
        encoder = load_minilm("minilm-l6-fp32", "fp32", cache_dir=Path(folder), n_threads=1)
    largest = {name: np.zeros(1, np.float32) for name in names}
    for _, ids in encoder._groups(texts):
        for name, values in zip(names, session.run(names, {"ids": ids}), strict=True):
            peak = np.abs(values).reshape(-1, values.shape[-1]).max(axis=0)
            largest[name] = np.maximum(largest[name], peak)
    print(f"# {origin}, n = {len(texts)} texts")
    for name, peaks in largest.items():
        base = LIMIT * np.percentile(peaks, 95)
        shifts = {int(c): int(np.ceil(np.log2(peaks[c] / base))) for c in np.flatnonzero(peaks > base)}
        print(f'    "{name}": {shifts},')


if __name__ == "__main__":
    main()
