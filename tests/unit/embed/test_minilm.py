"""The own graph: faithful at 32 bit, close at 8 bit, and independent of what runs beside a text."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from workbench.embed import Encoder, load_encoder
from workbench.errors import JobCancelledError

LoadEncoder = Callable[[str], Encoder]

TEXTS = [
    f"{greeting} {matter}, order {number}."
    for number, (greeting, matter) in enumerate(
        (greeting, matter)
        for greeting in ("Hello there,", "Dear team,", "hi", "To whom it may concern:")
        for matter in (
            "my parcel never arrived and nobody answers the phone",
            "I was charged twice for the same delivery last week",
            "please change the address before the driver leaves",
            "great app but it crashes when I open the tracking page on my old phone",
        )
    )
]


@pytest.fixture
def int8(load: LoadEncoder) -> Encoder:
    return load("minilm-l6-int8")


@pytest.fixture
def fp32(load: LoadEncoder) -> Encoder:
    return load("minilm-l6-fp32")


def test_similarities_are_those_of_the_published_model(fp32: Encoder) -> None:
    # The three sentences and similarities of the model's own documentation (sentence-transformers).
    vectors = fp32.encode(
        ["The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."]
    )
    published = [[1.0, 0.6660, 0.1046], [0.6660, 1.0, 0.1411], [0.1046, 0.1411, 1.0]]
    assert np.allclose(vectors @ vectors.T, published, atol=2e-4)


def test_eight_bits_stay_close_to_thirty_two(int8: Encoder, fp32: Encoder) -> None:
    cosines = (int8.encode(TEXTS) * fp32.encode(TEXTS)).sum(axis=1)
    assert cosines.mean() >= 0.995
    assert cosines.min() >= 0.99


def test_an_eight_bit_vector_is_the_same_to_the_bit_in_any_company(int8: Encoder) -> None:
    together = int8.encode(TEXTS)
    assert np.array_equal(together[3], int8.encode([TEXTS[3]])[0])
    loud = ["!!!!" * 200, "\U0001f600" * 40, TEXTS[3], "zq " * 300]
    assert np.array_equal(together[3], int8.encode(loud)[2])


def test_thread_count_does_not_change_vectors(int8: Encoder, tmp_path: Path) -> None:
    one = load_encoder("minilm-l6-int8", cache_dir=tmp_path, n_threads=1)
    assert one.encoder_id == int8.encoder_id
    assert np.array_equal(one.encode(TEXTS), int8.encode(TEXTS))


def test_calls_from_several_threads_do_not_mix(int8: Encoder) -> None:
    expected = int8.encode(TEXTS)
    found: dict[int, bool] = {}

    def call(number: int) -> None:
        part = TEXTS[number::3]
        found[number] = bool(np.array_equal(int8.encode(part), expected[number::3]))

    threads = [threading.Thread(target=call, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {0: True, 1: True, 2: True}


def test_cancelling_in_the_middle_stops_the_threads(int8: Encoder) -> None:
    asked = iter([False, True])
    before = threading.active_count()
    with pytest.raises(JobCancelledError):
        int8.encode([f"text number {n}" for n in range(5_000)], cancelled=lambda: next(asked, True))
    assert threading.active_count() == before


def test_a_failing_listener_stops_the_threads(int8: Encoder) -> None:
    def fail(done: int, total: int) -> None:
        raise RuntimeError("listener")

    before = threading.active_count()
    with pytest.raises(RuntimeError, match="listener"):
        int8.encode(TEXTS, progress=fail)
    assert threading.active_count() == before


def test_graph_is_built_once_and_rebuilt_when_damaged(tmp_path: Path, load: LoadEncoder) -> None:
    load("minilm-l6-int8")
    load_encoder("minilm-l6-int8", cache_dir=tmp_path)
    (graph,) = tmp_path.iterdir()
    content = graph.read_bytes()
    graph.write_bytes(content[: len(content) // 2])
    again = load_encoder("minilm-l6-int8", cache_dir=tmp_path)
    assert graph.read_bytes() == content
    assert again.encode(["works"]).shape == (1, 384)
