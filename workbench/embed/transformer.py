"""The MiniLM encoder: tokenizer, own graph, and threads that each run one text at a time.

Texts are never padded: each goes through the network alone (8 bit) or with others of exactly its length
(32 bit). The 8-bit graph scales activations by the largest value it sees, so a neighbour in a batch would
change a text's vector; alone, it is the same to the last bit in every call. Running texts side by side, one
thread each, was also the fastest way measured (`benchmarks/encoder_speed.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from safetensors.numpy import load
from tokenizers import Tokenizer

from workbench.embed.cache import cached_bytes
from workbench.embed.graph import DIM, GRAPH_VERSION, Precision, build_graph
from workbench.embed.parallel import Group, encode_side_by_side, single_thread_session
from workbench.embed.protocol import Cancelled, Progress
from workbench.embed.text import MAX_CHARS
from workbench.embed.weights import MINILM_TOKENIZER, MINILM_WEIGHTS, read_verified
from workbench.primitives import batched, hex_digest

_MAX_TOKENS = 256
_TOKENIZE_PIECE = 1_024
_FP32_GROUP_TOKENS = 128


def load_minilm(name: str, precision: Precision, *, cache_dir: Path, n_threads: int) -> TransformerEncoder:
    """Check weights and tokenizer, build or reuse the graph, start the runtime."""
    weights = read_verified(MINILM_WEIGHTS)
    tokenizer = Tokenizer.from_str(read_verified(MINILM_TOKENIZER).decode("utf-8"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(_MAX_TOKENS)
    graph_id = hex_digest(MINILM_WEIGHTS.sha256, precision, GRAPH_VERSION, n_digits=16)
    graph = cached_bytes(
        cache_dir / f"{name}-{graph_id}.graph", lambda: build_graph(load(weights), precision)
    )
    encoder_id = hex_digest(
        graph_id,
        MINILM_TOKENIZER.sha256,
        f"{_MAX_TOKENS} tokens, {MAX_CHARS} characters, mean",
        n_digits=16,
    )
    group_tokens = 0 if precision == "int8" else _FP32_GROUP_TOKENS
    return TransformerEncoder(
        name, encoder_id, single_thread_session(graph), tokenizer, n_threads, group_tokens
    )


class TransformerEncoder:
    """all-MiniLM-L6-v2 (Reimers and Gurevych 2019; Wang et al. 2020), mean pooling."""

    languages: frozenset[str] | None = frozenset({"en"})
    max_tokens = _MAX_TOKENS
    dim = DIM

    def __init__(
        self,
        name: str,
        encoder_id: str,
        session: onnxruntime.InferenceSession,
        tokenizer: Tokenizer,
        n_threads: int,
        group_tokens: int,
    ) -> None:
        self.name = name
        self.encoder_id = encoder_id
        self._session = session
        self._tokenizer = tokenizer
        self._n_threads = n_threads
        self._group_tokens = group_tokens

    def encode(
        self,
        texts: Sequence[str],
        *,
        progress: Progress | None = None,
        cancelled: Cancelled | None = None,
    ) -> NDArray[np.float32]:
        """Encode texts; see `Encoder.encode`."""
        return encode_side_by_side(
            texts,
            self._groups,
            self._run,
            dim=DIM,
            n_threads=self._n_threads,
            progress=progress,
            cancelled=cancelled,
        )

    def _run(self, ids: NDArray[np.int32]) -> NDArray[np.float32]:
        vectors: NDArray[np.float32] = self._session.run(None, {"ids": ids})[0]
        return vectors

    def _groups(self, texts: Sequence[str]) -> Iterator[Group]:
        """Tokenise a piece at a time and hand out texts of equal length together."""
        start = 0
        for piece in batched(texts, _TOKENIZE_PIECE):
            encoded = self._tokenizer.encode_batch_fast([text[:MAX_CHARS] for text in piece])
            ids = [encoding.ids for encoding in encoded]
            by_length = sorted(range(len(ids)), key=lambda row: len(ids[row]), reverse=True)
            group: list[int] = []
            for row in by_length:
                n_tokens = len(ids[row])
                if group and (
                    len(ids[group[0]]) != n_tokens or (len(group) + 1) * n_tokens > self._group_tokens
                ):
                    yield _group(group, ids, start)
                    group = []
                group.append(row)
            if group:
                yield _group(group, ids, start)
            start += len(piece)


def _group(rows: Sequence[int], ids: Sequence[Sequence[int]], start: int) -> Group:
    return [start + row for row in rows], np.array([ids[row] for row in rows], np.int32)
