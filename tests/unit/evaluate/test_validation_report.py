from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from workbench.domain import DatasetId, LabelId, ValidationReport
from workbench.errors import InputError
from workbench.evaluate import (
    Draws,
    ReviewEvidence,
    ap_interval,
    assisted_figures,
    average_precision,
    choose_thresholds,
    disagreement_shares,
    expected_counts,
    inverse_weights,
    precision_recall_curve,
    validate,
)

NOW = datetime(2026, 1, 5, tzinfo=UTC)


def make_case(n: int = 600, n_labels: int = 8, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = rng.random((n, n_labels)) < np.linspace(0.02, 0.3, n_labels)
    scores = np.clip(0.35 * truth + 0.6 * rng.random((n, n_labels)), 0, 1).astype(np.float32)
    return truth, scores, np.arange(n) % 5 == 0


def run(truth: np.ndarray, scores: np.ndarray, is_test: np.ndarray, **more: object) -> ValidationReport:
    n_labels = truth.shape[1]
    return validate(
        truth,
        scores,
        is_test,
        label_ids=[LabelId(f"{n:016x}") for n in range(n_labels)],
        names=[f"Label {n}" for n in range(n_labels)],
        dataset_id=DatasetId("d" * 16),
        version=3,
        created_at=NOW,
        **more,
    )


def test_report_of_an_ordinary_model():
    truth, scores, is_test = make_case()
    report = run(
        truth,
        scores,
        is_test,
        evidence=ReviewEvidence(coverage=0.9, similarity=0.97, mode_shares={"shuffle": 0.5}),
    )
    assert (report.n_train, report.n_test, report.n_reviewed, report.n_labels) == (480, 120, 600, 8)
    eligible = (truth[~is_test].sum(axis=0) >= 20) & (truth[is_test].sum(axis=0) >= 1)
    wanted = np.mean(
        [average_precision(truth[is_test][:, c], scores[is_test][:, c]) for c in np.flatnonzero(eligible)]
    )
    found = report.mean_average_precision
    assert found.value == pytest.approx(wanted)
    assert found.low < found.value < found.high
    assert report.rating.score is not None
    assert len(report.recall_grid) == len(report.mean_precision) == 101
    assert report.mean_precision[0] >= report.mean_precision[-1] > 0
    for label in report.labels:
        assert len(label.thresholds) <= 101
        assert (
            len(
                {
                    len(part)
                    for part in (
                        label.thresholds,
                        label.precisions,
                        label.recalls,
                        label.precision_low,
                        label.precision_high,
                        label.recall_low,
                        label.recall_high,
                    )
                }
            )
            == 1
        )
        assert (np.diff(label.thresholds) > 0).all()
        assert (np.diff(label.recalls) <= 0).all()
        assert (np.array(label.precision_low) <= label.precisions).all()
        assert (np.array(label.recall_high) >= label.recalls).all()
        assert label.n_pins == label.n_train + label.n_test


def test_same_seed_same_report_and_row_order_does_not_move_the_values():
    truth, scores, is_test = make_case()
    report = run(truth, scores, is_test)
    assert report == run(truth, scores, is_test)
    order = np.random.default_rng(1).permutation(len(truth))
    mixed = run(truth[order], scores[order], is_test[order])
    assert [label.average_precision.value for label in mixed.labels] == pytest.approx(
        [label.average_precision.value for label in report.labels]
    )
    assert [label.choices for label in mixed.labels] == [label.choices for label in report.labels]


def test_training_rows_are_not_looked_at():
    truth, scores, is_test = make_case()
    hidden = scores.copy()
    hidden[~is_test] = np.nan
    assert run(truth, hidden, is_test) == run(truth, scores, is_test)


def test_few_test_positives_are_judged_out_of_fold():
    truth, scores, is_test = make_case()
    report = run(truth, scores, is_test, out_of_fold=scores)
    few = truth[is_test].sum(axis=0) < 10
    assert few.any()
    assert not few.all()
    assert [label.average_precision.approximate for label in report.labels] == few.tolist()
    first = report.labels[0].average_precision
    assert first.n == 600
    assert first.value == pytest.approx(average_precision(truth[:, 0], scores[:, 0]))
    assert report.mean_average_precision == run(truth, scores, is_test).mean_average_precision


def test_thresholds_are_chosen_on_the_training_part_and_measured_on_the_test_part():
    truth, scores, is_test = make_case()
    held_out = np.where(is_test[:, None], scores, scores / 2)
    index = 7
    label = run(truth, scores, is_test, out_of_fold=held_out).labels[index]
    assert not label.average_precision.approximate
    wanted = choose_thresholds(
        precision_recall_curve(truth[~is_test][:, index], held_out[~is_test][:, index])
    )
    assert [choice.threshold for choice in label.choices] == [choice.threshold for choice in wanted]
    for choice in label.choices:
        predicted = scores[is_test][:, index] >= choice.threshold
        assert choice.precision == pytest.approx(truth[is_test][predicted, index].mean())
        assert choice.recall == pytest.approx(
            truth[is_test][predicted, index].sum() / truth[is_test][:, index].sum()
        )


def test_threads_widen_the_intervals_and_leave_the_values():
    truth, scores, is_test = (np.repeat(part, 4, axis=0) for part in make_case(300))
    alone = run(truth, scores, is_test)
    together = run(truth, scores, is_test, groups=np.arange(1200) // 4)
    for one, other in zip(alone.labels[5:], together.labels[5:], strict=True):
        assert other.average_precision.value == one.average_precision.value
        widths = [found.high - found.low for found in (one.average_precision, other.average_precision)]
        assert widths[1] > 1.4 * widths[0]
    with pytest.raises(InputError, match="7 groups"):
        run(truth, scores, is_test, groups=np.arange(7))


def test_rows_without_held_out_prediction_are_left_out():
    truth, scores, is_test = make_case()
    held_out = scores.copy()
    held_out[:100] = np.nan
    report = run(truth, scores, is_test, out_of_fold=held_out)
    assert report.labels[0].average_precision.n == 500


@pytest.mark.parametrize("n", [0, 1, 7])
def test_hardly_anything_reviewed_gives_a_report_without_rating(n):
    truth, scores, is_test = make_case(n, 2)
    report = run(truth, scores, is_test)
    assert report.rating.score is None
    assert report.mean_average_precision.value is None
    assert set(report.mean_precision) == {0.0}
    assert {label.state for label in report.labels} <= {"untrained", "gathering"}


def test_no_label_at_all_gives_a_report():
    truth, scores, is_test = make_case(50, 0)
    report = run(truth, scores, is_test)
    assert report.labels == ()
    assert report.rating.score is None


def test_all_positive_label_is_perfect_but_not_certain():
    truth, scores, is_test = make_case()
    truth[:, 2] = True
    found = run(truth, scores, is_test).labels[2].average_precision
    assert found.value == 1.0
    assert found.low < 1.0


def test_untrainable_labels_do_not_count_in_the_rating():
    truth, scores, is_test = make_case()
    evidence = ReviewEvidence(mode_shares={}, trainable=np.arange(8) != 0)
    report = run(truth, scores, is_test, evidence=evidence)
    factor = next(f for f in report.rating.factors if f.name == "underperforming_labels")
    assert "Label 0" not in factor.contributors


def test_contradicted_examples_are_counted():
    truth = np.array([[1], [1], [1], [1], [0], [0], [0], [0]], dtype=bool)
    held_out = np.array([0.9, 0.95, 0.9, 0.01, 0.1, 0.1, 0.1, 0.99])[:, None]
    # One assigned message below the mean of the others, one unassigned above 0.9.
    assert disagreement_shares(truth, held_out).tolist() == [0.5]
    assert disagreement_shares(np.zeros((3, 1), dtype=bool), np.full((3, 1), 0.5)).tolist() == [0.0]


def drawn(scores: np.ndarray, is_test: np.ndarray, *, n_messages: int = 3_000) -> Draws:
    """Every third message came by Shuffle, in an order of its own."""
    n = len(scores)
    return Draws(
        places=np.random.default_rng(4).permutation(n) * 7,
        is_random=np.arange(n) % 3 == 0,
        n_messages=n_messages,
        n_test=n_messages // 5,
    )


def test_corrected_figures_stand_beside_the_raw_ones():
    truth, scores, is_test = make_case()
    draws = drawn(scores, is_test)
    raw, report = run(truth, scores, is_test), run(truth, scores, is_test, draws=draws)
    assert raw.corrected is None
    assert {label.corrected for label in raw.labels} == {None}
    assert report.mean_average_precision == raw.mean_average_precision
    found = report.corrected
    assert (found.n_random, found.n_population) == (40, 600)
    assert 40 <= found.n_effective < 60
    assert "40 test messages" in found.warning
    weights = inverse_weights(draws.is_random[is_test], draws.places[is_test], 600)
    for index, label in enumerate(report.labels):
        held = is_test & truth[:, index]
        wanted = ap_interval(truth[is_test][:, index], scores[is_test][:, index], weights=weights)
        assert label.corrected.average_precision == wanted
        place = next(k for k, threshold in enumerate(label.thresholds) if threshold >= 0.3)
        reached = scores[held][:, index] >= label.thresholds[place]
        mass = weights[truth[is_test][:, index]]
        assert label.corrected.recalls[place] == pytest.approx((mass * reached).sum() / mass.sum())
    values = [label.corrected.average_precision.value for label in report.labels if label.n_train >= 20]
    assert found.mean_average_precision.value == pytest.approx(np.mean(values))


def test_figures_over_all_labels_need_what_the_model_says_of_every_test_message():
    truth, scores, is_test = make_case()
    chances = 1 / (1 + np.exp(-scores))
    draws = drawn(scores, is_test)
    assert run(truth, chances, is_test, draws=draws).corrected.overall is None
    counts = expected_counts(chances[is_test])
    totals = 5 * counts.sum(axis=0)
    report = run(truth, chances, is_test, draws=draws, test_totals=totals)
    weights = inverse_weights(draws.is_random[is_test], draws.places[is_test], 600)
    rows = int(is_test.sum())
    wanted = assisted_figures(
        truth[is_test],
        chances[is_test],
        weights,
        draws.is_random[is_test],
        np.arange(rows),
        counts,
        totals,
    )
    assert report.corrected.overall == wanted
    assert 0 < wanted.precision.low < wanted.precision.value < wanted.precision.high < 1
    assert run(truth, chances, is_test, test_totals=totals).corrected is None


def test_cross_validated_labels_are_corrected_on_all_reviews():
    truth, scores, is_test = make_case()
    draws = drawn(scores, is_test)
    label = run(truth, scores, is_test, out_of_fold=scores, draws=draws).labels[0]
    assert label.average_precision.approximate
    weights = inverse_weights(draws.is_random, draws.places, 3_000)
    assert label.corrected.average_precision == ap_interval(
        truth[:, 0], scores[:, 0], weights=weights, approximate=True
    )


def test_without_a_random_pick_nothing_is_corrected_and_it_says_so():
    truth, scores, is_test = make_case()
    none = Draws(places=np.arange(600), is_random=np.zeros(600, dtype=bool), n_messages=3_000, n_test=600)
    report = run(truth, scores, is_test, draws=none)
    assert report.corrected.mean_average_precision.value is None
    assert report.corrected.warning.endswith("review 250 more messages with Shuffle.")
    assert report.labels[5].corrected.average_precision.value is None
    assert set(report.labels[5].corrected.precisions) == {None}


def test_a_label_whose_examples_were_all_chosen_is_not_corrected():
    truth, scores, is_test = make_case()
    places = np.arange(600)
    is_random = ~truth[:, 6] & (places % 2 == 0)
    draws = Draws(places=places, is_random=is_random, n_messages=3_000, n_test=600)
    report = run(truth, scores, is_test, draws=draws)
    chosen, drawn_too = report.labels[6].corrected, report.labels[7].corrected
    assert chosen.average_precision.value is None
    assert set(chosen.recalls) == {None}
    assert drawn_too.average_precision.value is not None
    values = [label.corrected.average_precision.value for label in report.labels if label.n_train >= 20]
    assert report.corrected.mean_average_precision.value == pytest.approx(
        np.mean([value for value in values if value is not None])
    )


def test_row_order_does_not_move_corrected_figures():
    truth, scores, is_test = make_case()
    draws = drawn(scores, is_test)
    order = np.random.default_rng(1).permutation(len(truth))
    mixed = Draws(places=draws.places[order], is_random=draws.is_random[order], n_messages=3_000, n_test=600)
    report = run(truth, scores, is_test, out_of_fold=scores, draws=draws)
    again = run(truth[order], scores[order], is_test[order], out_of_fold=scores[order], draws=mixed)
    for one, other in zip(report.labels, again.labels, strict=True):
        for here, there in (
            (one.average_precision, other.average_precision),
            (one.corrected.average_precision, other.corrected.average_precision),
            (one.cross_validated, other.cross_validated),
        ):
            assert (here.low, here.value, here.high) == pytest.approx((there.low, there.value, there.high))
        assert one.corrected.recalls == pytest.approx(other.corrected.recalls)
    assert report.corrected.n_effective == pytest.approx(again.corrected.n_effective)


def test_the_lower_bound_on_all_examples_decides_whether_a_label_is_healthy():
    rng = np.random.default_rng(6)
    n = 1_000
    truth = (rng.random(n) < 0.06)[:, None]
    scores = (rng.normal(size=(n, 1)) + 3.4 * truth).astype(np.float32)
    is_test = np.arange(n) % 5 == 0
    few = run(truth, scores, is_test).labels[0]
    every = run(truth, scores, is_test, out_of_fold=scores).labels[0]
    # The test part alone cannot tell; all held-out predictions can.
    assert few.average_precision.value == every.average_precision.value > 0.75
    assert few.average_precision.low < 0.75 < every.cross_validated.low
    assert not every.average_precision.approximate
    assert (few.state, every.state) == ("fair", "healthy")
    assert "may be as low as" in few.warnings[0]
    assert every.warnings == ()


def test_figures_come_with_their_numbers():
    truth, scores, is_test = make_case()
    groups = np.arange(600) // 2
    label = run(truth, scores, is_test, groups=groups).labels[7]
    predicted = [(scores[is_test][:, 7] >= threshold).sum() for threshold in label.thresholds]
    assert list(label.n_predicted) == predicted
    assert 0 < label.average_precision.n_effective <= label.average_precision.n_positive


def test_draws_must_fit():
    truth, scores, is_test = make_case()
    draws = Draws(places=np.arange(3), is_random=np.ones(3, dtype=bool), n_messages=9, n_test=2)
    with pytest.raises(InputError, match="draws of 3 messages came with 600") as caught:
        run(truth, scores, is_test, draws=draws)
    assert caught.value.next_step == "Say of each reviewed message how it was chosen."


def test_shapes_must_fit():
    truth, scores, is_test = make_case()
    with pytest.raises(InputError, match="shapes"):
        run(truth, scores[:, :3], is_test)
    with pytest.raises(InputError, match="NaN"):
        run(truth, np.full_like(scores, np.nan), is_test)
