"""A deterministic encoder without weights: each word adds one signed unit to one of 64 places."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from workbench.embed.batches import encode_in_pieces
from workbench.embed.protocol import Cancelled, Progress
from workbench.primitives import hex_digest

_WORD = re.compile(r"\w+")
_DIM = 64
_PIECE = 2_048


class HashEncoder:
    """Feature hashing of lower-cased words (Weinberger et al. 2009): shared words mean similar vectors."""

    name = "hash-test"
    encoder_id = hex_digest("hash-test", "1", n_digits=16)
    dim = _DIM
    languages: frozenset[str] | None = None
    max_tokens = 512

    def __init__(self) -> None:
        self._places: dict[str, tuple[int, int]] = {}

    def encode(
        self,
        texts: Sequence[str],
        *,
        progress: Progress | None = None,
        cancelled: Cancelled | None = None,
    ) -> NDArray[np.float32]:
        """Encode texts; see `Encoder.encode`."""
        return encode_in_pieces(
            texts, self._piece, dim=_DIM, size=_PIECE, progress=progress, cancelled=cancelled
        )

    def _piece(self, texts: Sequence[str]) -> NDArray[np.float32]:
        sums = np.zeros((len(texts), _DIM), np.float32)
        for row, text in enumerate(texts):
            for word in _WORD.findall(text.lower())[: self.max_tokens]:
                place, sign = self._place(word)
                sums[row, place] += sign
        return sums

    def _place(self, word: str) -> tuple[int, int]:
        found = self._places.get(word)
        if found is None:
            raw = hashlib.blake2b(word.encode("utf-8"), digest_size=2).digest()
            found = (raw[0] % _DIM, 1 if raw[1] % 2 else -1)
            self._places[word] = found
        return found
