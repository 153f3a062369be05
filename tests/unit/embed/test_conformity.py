"""Every encoder keeps every promise of the protocol."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.embed import Encoder, encoder_info, encoder_names, load_encoder
from workbench.errors import JobCancelledError, UnknownNameError

TEXTS = [
    "My parcel has not arrived and the tracking page shows nothing since Monday.",
    "Where is my package? It was due three days ago.",
    "Please cancel my insurance policy at the end of the month.",
    "ok",
    "The driver left it in the rain, everything inside is wet and I want my money back.",
]
HOSTILE = [
    "",
    " \n\t ",
    "\ud800",
    "before \udfff after",
    "\x00\x01\x02",
    "\u202eright to left",
    "👩‍👩‍👧‍👦" * 50,
    "e" + "\u0301" * 500,
    "<script>alert(1)</script>",
    "[CLS] [SEP] [MASK] <s> </s>",
    "日本語のテキスト",
    "\uffff\ufffe",
]


def test_vectors_are_float32_of_unit_length(encoder: Encoder) -> None:
    vectors = encoder.encode(TEXTS)
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(TEXTS), encoder.dim)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_no_texts_give_no_rows(encoder: Encoder) -> None:
    vectors = encoder.encode([])
    assert vectors.shape == (0, encoder.dim)
    assert vectors.dtype == np.float32


def test_order_and_neighbours_do_not_matter(encoder: Encoder) -> None:
    together = encoder.encode(TEXTS)
    backwards = encoder.encode(TEXTS[::-1])[::-1]
    alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
    # The 8-bit and table encoders agree to the last bit; 32-bit products may be summed in another order.
    assert np.allclose(together, backwards, rtol=0, atol=1e-6)
    assert np.allclose(together, alone, rtol=0, atol=1e-6)


def test_same_call_twice_is_the_same_to_the_bit(encoder: Encoder) -> None:
    assert np.array_equal(encoder.encode(TEXTS), encoder.encode(TEXTS))


def test_equal_texts_get_equal_vectors(encoder: Encoder) -> None:
    vectors = encoder.encode([TEXTS[0], TEXTS[2], TEXTS[0], TEXTS[0]])
    assert np.array_equal(vectors[0], vectors[2])
    assert np.array_equal(vectors[0], vectors[3])
    assert not np.allclose(vectors[0], vectors[1])


@pytest.mark.parametrize("text", HOSTILE, ids=[ascii(text[:8]) for text in HOSTILE])
def test_hostile_text_gets_a_unit_vector(encoder: Encoder, text: str) -> None:
    vector = encoder.encode([text])
    assert np.isfinite(vector).all()
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


def test_long_text_is_read_from_the_start(encoder: Encoder) -> None:
    start = "parcel delivery late again " * 400
    same, other = encoder.encode([start + "alpha", start + "omega " * 20_000])
    assert np.array_equal(same, other)


def test_close_meaning_is_closer_than_distant_meaning(encoder: Encoder) -> None:
    base, near, far = encoder.encode(
        ["my parcel is late", "the parcel is late again", "reset a password online"]
    )
    assert base @ near > base @ far


def test_progress_ends_at_the_total(encoder: Encoder) -> None:
    seen: list[tuple[int, int]] = []
    encoder.encode([*TEXTS, TEXTS[0]], progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (6, 6)
    assert seen == sorted(seen)


def test_cancelling_raises_and_leaves_the_encoder_usable(encoder: Encoder) -> None:
    with pytest.raises(JobCancelledError):
        encoder.encode(TEXTS, cancelled=lambda: True)
    assert encoder.encode(TEXTS[:1]).shape == (1, encoder.dim)


def test_facts_are_well_formed(encoder: Encoder) -> None:
    assert encoder.name in encoder_names()
    assert len(encoder.encoder_id) == 16
    assert int(encoder.encoder_id, 16) >= 0
    assert encoder.max_tokens > 0


def test_what_is_told_before_loading_is_true(encoder: Encoder) -> None:
    info = encoder_info(encoder.name)
    assert info.name == encoder.name
    assert info.languages == encoder.languages
    assert f"{encoder.dim} numbers" in info.summary
    assert info.installed


def test_ids_differ_between_encoders(installed: list[Encoder]) -> None:
    assert len(installed) > 1
    assert len({encoder.encoder_id for encoder in installed}) == len(installed)


def test_unknown_name_offers_the_nearest(tmp_path_factory: pytest.TempPathFactory) -> None:
    with pytest.raises(UnknownNameError, match="minilm-l6-int8"):
        load_encoder("minilm-l6-int4", cache_dir=tmp_path_factory.mktemp("none"))
