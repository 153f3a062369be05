"""The static encoder: a text is the mean of its tokens' vectors, looked up in one table.

The table (Miller, WordLlama, 2024; MIT) holds token vectors distilled from large language models. Reading
it needs a tokenizer and one sparse product; nothing is computed per word.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load
from scipy.sparse import csr_array
from tokenizers import Tokenizer

from workbench.embed.batches import encode_in_pieces
from workbench.embed.protocol import Cancelled, Progress
from workbench.embed.text import MAX_CHARS
from workbench.embed.weights import WORDLLAMA_TABLE, WORDLLAMA_TOKENIZER, read_verified
from workbench.primitives import hex_digest

_CODE_VERSION = "1"
_MAX_TOKENS = 512
_PIECE = 2_048


def load_static(name: str) -> StaticEncoder:
    """Read and check the table and its tokenizer."""
    table = load(read_verified(WORDLLAMA_TABLE))["embedding.weight"]
    tokenizer = Tokenizer.from_str(read_verified(WORDLLAMA_TOKENIZER).decode("utf-8"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(_MAX_TOKENS)
    return StaticEncoder(name, table.astype(np.float32), tokenizer)


class StaticEncoder:
    """Mean of token vectors, scaled to unit length."""

    languages: frozenset[str] | None = frozenset({"en"})
    max_tokens = _MAX_TOKENS

    def __init__(self, name: str, table: NDArray[np.float32], tokenizer: Tokenizer) -> None:
        self.name = name
        self.dim = int(table.shape[1])
        self.encoder_id = hex_digest(
            WORDLLAMA_TABLE.sha256,
            WORDLLAMA_TOKENIZER.sha256,
            f"static {_CODE_VERSION}, {_MAX_TOKENS} tokens, {MAX_CHARS} characters, mean",
            n_digits=16,
        )
        self._table = table
        self._tokenizer = tokenizer

    def encode(
        self,
        texts: Sequence[str],
        *,
        progress: Progress | None = None,
        cancelled: Cancelled | None = None,
    ) -> NDArray[np.float32]:
        """Encode texts; see `Encoder.encode`."""
        return encode_in_pieces(
            texts, self._piece, dim=self.dim, size=_PIECE, progress=progress, cancelled=cancelled
        )

    def _piece(self, texts: Sequence[str]) -> NDArray[np.float32]:
        encoded = self._tokenizer.encode_batch_fast(
            [text[:MAX_CHARS] for text in texts], add_special_tokens=False
        )
        ids = [encoding.ids for encoding in encoded]
        ends = np.zeros(len(ids) + 1, np.int64)
        np.cumsum([len(row) for row in ids], out=ends[1:])
        flat = np.fromiter((token for row in ids for token in row), np.int32, int(ends[-1]))
        counts = csr_array((np.ones(len(flat), np.float32), flat, ends), shape=(len(ids), len(self._table)))
        # The sum points where the mean points, and only the direction is kept.
        sums: NDArray[np.float32] = counts @ self._table
        return sums
