"""A window that is the reference does not differ from it in any part; statistics are never negative."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.language import phrases
from workbench.monitor import Drift, WindowData, drift

START = datetime(2026, 1, 5, tzinfo=UTC)
WORDS = ("refund", "parcel", "late", "customs", "fee", "drone", "", "<b>", "größe", "配送")
KINDS = (("refunds", "No Prediction"), ("refunds", "Wrong"), ("archive", "Wrong"))
PARTS = {"low_confidence", "label_rates", "label_mix", "embedding", "wording", "volume", "exception_rate"}


@st.composite
def windows(draw: st.DrawFn) -> WindowData:
    """Any messages: few or many, alike or not, with and without labels, weeks and exceptions."""
    n = draw(st.integers(1, 120))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n_labels = draw(st.integers(0, 4))
    scale = draw(st.sampled_from((0.0, 1e-6, 1.0, 1e6)))
    sure = draw(st.sampled_from((0.0, 0.3, 1.0)))
    vectors = random.normal(0, 1, (n, draw(st.integers(1, 6)))) * scale
    probabilities = np.where(random.random((n, n_labels)) < sure, random.random((n, n_labels)), sure)
    words = [" ".join(random.choice(WORDS, draw(st.integers(0, 4)))) for _ in range(min(n, 9))]
    exceptions: tuple[tuple[tuple[str, str], ...] | None, ...] = ()
    if draw(st.booleans()):
        rate, early = draw(st.sampled_from((0.0, 0.1, 1.0))), draw(st.sampled_from((0.0, 0.3)))
        exceptions = tuple(
            None if random.random() < early else tuple(one for one in KINDS if random.random() < rate)
            for _ in range(n)
        )
    return WindowData(
        uids=tuple(f"a.{i}" for i in range(n)),
        vectors=vectors.astype(np.float32),
        probabilities=probabilities.astype(np.float32),
        texts=tuple(words[i % len(words)] for i in range(n)),
        start=START,
        end=START + timedelta(weeks=4),
        weekly=tuple(draw(st.lists(st.integers(0, 10**6), max_size=12))),
        exceptions=exceptions,
    )


def compared(reference: WindowData, *others: WindowData, seed: int = 0) -> Drift:
    names = [str(i) for i in range(reference.probabilities.shape[1])]
    return drift(
        reference,
        others,
        label_ids=names,
        names=names,
        random_state=seed,
        n_permutations=19,
        find_phrases=phrases,
    )


@given(part=windows(), seed=st.integers(0, 99), n_windows=st.integers(1, 2))
@settings(max_examples=30, deadline=None)
def test_a_window_that_is_the_reference_does_not_differ_in_any_part(
    part: WindowData, seed: int, n_windows: int
) -> None:
    found = compared(part, *(part for _ in range(n_windows)), seed=seed)
    for test in found.tests:
        assert test.statistic == 0, test.name
        assert test.effect == pytest.approx(0, abs=1e-9), test.name
        assert test.p_value == test.p_adjusted == 1, test.name
        assert not test.alarm, test.name
    assert not found.alarm and not any(one.alarm for one in found.labels)
    assert found.clusters == () and found.phrases == ()
    assert all(one.share_before == one.share_now for one in (*found.labels, *found.exceptions))
    assert "do not differ from the reference" in found.summary


@given(part=windows(), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=15, deadline=None)
def test_nor_does_it_in_another_order(part: WindowData, seed: int) -> None:
    turn = np.random.default_rng(seed).permutation(len(part.uids))
    turned = replace(
        part,
        uids=tuple(part.uids[i] for i in turn),
        texts=tuple(part.texts[i] for i in turn),
        vectors=part.vectors[turn],
        probabilities=part.probabilities[turn],
        weekly=part.weekly[::-1],
        exceptions=tuple(part.exceptions[i] for i in turn) if part.exceptions else (),
    )
    found = compared(part, turned)
    for test in found.tests:
        assert test.statistic == pytest.approx(0, abs=1e-9), test.name
        assert test.effect == pytest.approx(0, abs=1e-6), test.name
        assert not test.alarm, test.name
    assert not found.alarm


@given(part=windows())
@settings(max_examples=15, deadline=None)
def test_every_part_that_is_known_is_compared(part: WindowData) -> None:
    known = replace(part, weekly=(5,) * 6, exceptions=((KINDS[0],),) * len(part.uids))
    found = compared(known, known)
    few = {"exception_rate"} if len(part.uids) < 30 else set()
    assert {test.name for test in found.tests} == PARTS - few
    assert len(found.untested) == len(few)


@given(reference=windows(), other=windows(), seed=st.integers(0, 99))
@settings(max_examples=20, deadline=None)
def test_statistics_are_never_negative(reference: WindowData, other: WindowData, seed: int) -> None:
    n_labels = min(reference.probabilities.shape[1], other.probabilities.shape[1])
    n_numbers = min(reference.vectors.shape[1], other.vectors.shape[1])
    pair = [
        replace(part, probabilities=part.probabilities[:, :n_labels], vectors=part.vectors[:, :n_numbers])
        for part in (reference, replace(other, uids=tuple(f"b.{uid}" for uid in other.uids)))
    ]
    for test in compared(*pair, seed=seed).tests:
        assert test.statistic >= 0, test.name
        assert 0 < test.p_value <= test.p_adjusted <= 1, test.name
        assert np.isfinite(test.effect), test.name
