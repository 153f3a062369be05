"""Reads a SentencePiece unigram model file into a tokenizer, without the sentencepiece library.

The file is a protocol buffer; three of its fields matter: the pieces with their scores, and the normaliser's
compiled character map.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

from workbench.errors import WeightsError

# Numbers of the fields in sentencepiece_model.proto.
_PIECES, _NORMALIZER = 1, 3
_PIECE_TEXT, _PIECE_SCORE, _PIECE_KIND = 1, 2, 3
_CONTROL = b"\x03"
_NORMALIZER_MAP = 2
# Wire types of the protocol buffer encoding.
_VARINT, _EIGHT_BYTES, _COUNTED, _FOUR_BYTES = 0, 1, 2, 5


def read_sentencepiece(content: bytes, *, unknown: str = "<unk>") -> Tokenizer:
    """Build the tokenizer: the model's own normaliser, a space before each text, unigram segmentation.

    No special tokens are added.

    Raises
    ------
    WeightsError
        The content is not a SentencePiece model.
    """
    pieces: list[tuple[str, float]] = []
    character_map = b""
    try:
        for field, value in _fields(content):
            if field == _PIECES:
                parts = dict(_fields(value))
                (score,) = struct.unpack("<f", parts.get(_PIECE_SCORE, bytes(4)))
                # A control piece never stands for text; NUL is a character the normaliser leaves out.
                control = parts.get(_PIECE_KIND) == _CONTROL
                text = f"\0{len(pieces)}" if control else parts[_PIECE_TEXT].decode("utf-8")
                pieces.append((text, score))
            elif field == _NORMALIZER:
                character_map = dict(_fields(value))[_NORMALIZER_MAP]
        unknown_id = [piece for piece, _ in pieces].index(unknown)
    except (IndexError, KeyError, ValueError, struct.error) as problem:
        raise WeightsError(
            f"the tokenizer is not a SentencePiece model ({problem}).",
            next_step="Install the weights again.",
        ) from None
    tokenizer = Tokenizer(models.Unigram(pieces, unknown_id, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            # Compiled maps are applied cluster by cluster, which misses compositions; NFKC makes them.
            normalizers.NFKC(),
            normalizers.Precompiled(character_map),
            normalizers.Strip(left=True, right=True),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always", split=False)
    return tokenizer


def _fields(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Numbers of a message's fields and their values as they stand."""
    at = 0
    while at < len(content):
        tag, at = _varint(content, at)
        kind = tag & 7
        if kind == _VARINT:
            length = _varint(content, at)[1] - at
        elif kind == _COUNTED:
            length, at = _varint(content, at)
        elif kind in (_EIGHT_BYTES, _FOUR_BYTES):
            length = 8 if kind == _EIGHT_BYTES else 4
        else:
            raise ValueError(f"wire type {kind}")
        if at + length > len(content):
            raise ValueError("cut short")
        yield tag >> 3, content[at : at + length]
        at += length


def _varint(content: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = content[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004  the high bit says that more follows
            return value, at
        shift += 7
