"""The multilingual encoder: one text at a time through an own graph of Universal Sentence Encoder v3.

The token table is kept as the package stores it, 6 bits a number in 17 pieces with a scale each; the rows of
a text are scaled as they are read, so 128,000 tokens take 65 MB instead of 262. A text is alone in its run,
and a run takes one thread: its vector is the same to the last bit whatever is encoded beside it.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from workbench.embed.convolutions import DIM, GRAPH_VERSION, build_graph
from workbench.embed.info import encoder_info
from workbench.embed.parallel import Group, encode_side_by_side, single_thread_session
from workbench.embed.protocol import Cancelled, Progress
from workbench.embed.sentencepiece import read_sentencepiece
from workbench.embed.text import MAX_CHARS
from workbench.embed.weights import USE_TOKENIZER, USE_WEIGHTS, read_verified
from workbench.primitives import batched, hex_digest

_CODE_VERSION = "1"
_MAX_TOKENS = 256
_TOKENIZE_PIECE = 1_024
_N_PIECES = 17
_BEGIN, _END = 1, 2


def load_multilingual(name: str, *, n_threads: int) -> MultilingualEncoder:
    """Check weights and tokenizer, build the graph, start the runtime."""
    with np.load(io.BytesIO(read_verified(USE_WEIGHTS)), allow_pickle=False) as file:
        table = np.empty((_N_PIECES * len(file["q1"]), DIM), np.uint8)
        for piece in range(_N_PIECES):
            table[piece::_N_PIECES] = file[f"q{piece + 1}"]
        weights = {key: file[key] for key in file.files if not key.startswith("q")}
    tokenizer = read_sentencepiece(read_verified(USE_TOKENIZER))
    tokenizer.enable_truncation(_MAX_TOKENS - 2)
    session = single_thread_session(build_graph(weights))
    return MultilingualEncoder(name, session, tokenizer, table, weights["scale"], weights["lo"], n_threads)


class MultilingualEncoder:
    """Universal Sentence Encoder multilingual, version 3 (Yang et al. 2020)."""

    max_tokens = _MAX_TOKENS
    dim = DIM

    def __init__(
        self,
        name: str,
        session: onnxruntime.InferenceSession,
        tokenizer: Tokenizer,
        table: NDArray[np.uint8],
        scales: NDArray[np.float32],
        lowest: NDArray[np.float32],
        n_threads: int,
    ) -> None:
        self.name = name
        self.languages = encoder_info(name).languages
        self.encoder_id = hex_digest(
            USE_WEIGHTS.sha256,
            USE_TOKENIZER.sha256,
            f"use {GRAPH_VERSION}.{_CODE_VERSION}, {_MAX_TOKENS} tokens, {MAX_CHARS} characters",
            n_digits=16,
        )
        self._session = session
        self._tokenizer = tokenizer
        self._table = table
        self._scales = scales[:, None]
        self._lowest = lowest[:, None]
        self._n_threads = n_threads

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
        (row,) = ids
        piece = row % _N_PIECES
        tokens = self._table[row].astype(np.float32)
        tokens *= self._scales[piece]
        tokens += self._lowest[piece]
        vectors: NDArray[np.float32] = self._session.run(None, {"tokens": tokens})[0]
        return vectors

    def _groups(self, texts: Sequence[str]) -> Iterator[Group]:
        """Tokenise a piece at a time and hand out the texts one by one."""
        start = 0
        for piece in batched(texts, _TOKENIZE_PIECE):
            encoded = self._tokenizer.encode_batch_fast(
                [text[:MAX_CHARS] for text in piece], add_special_tokens=False
            )
            for number, encoding in enumerate(encoded):
                yield [start + number], np.array([[_BEGIN, *encoding.ids, _END]], np.int32)
            start += len(piece)
