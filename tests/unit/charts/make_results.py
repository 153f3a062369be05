"""Results with every edge a chart must stand: hostile names, missing values, many windows."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa

from workbench.domain import (
    AveragePrecision,
    BalanceGroup,
    BalanceReport,
    Budget,
    Cluster,
    ClusterChange,
    ClusterRun,
    DatasetId,
    DriftReport,
    DriftTest,
    ExceptionChange,
    FieldQuality,
    ForecastSum,
    Label,
    LabelChange,
    LabelComparison,
    LabelExtraction,
    LabelId,
    LabelState,
    LabelValidation,
    LedgerTotal,
    MapData,
    ModelVersion,
    PhraseChange,
    PrecisionPair,
    PropertyBalance,
    Rating,
    RatingFactor,
    RunId,
    ThresholdChoice,
    Uid,
    UncoveredGroup,
    UnitsOfDay,
    UsageForecast,
    UsageReport,
    ValidationReport,
    ValueShare,
    VersionComparison,
)
from workbench.evaluate import FieldCounts, extraction_set, field_quality, field_set

DATASET = DatasetId("d000000000000001")
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
HOSTILE = '<script>alert("x")</script> & =cmd()'
RTL = "شكوى العملاء \u202eevil"
LONG = "Donaudampfschifffahrtsgesellschaftskapitän" * 3
NAMES = (
    "Billing",
    "Billing > Refund",
    "Delivery > Late",
    "Delivery > Damaged",
    "Account > Login",
    HOSTILE,
    RTL,
    "Praise 🎉",
    "Cancellation",
    "Fees > Overdraft",
    LONG[:64],
    "Complaint > Staff",
)
STATES: tuple[LabelState, ...] = ("excellent", "healthy", "fair", "poor", "gathering", "untrained")


def labels() -> tuple[Label, ...]:
    return tuple(
        Label(
            label_id=LabelId(f"a{i:015d}"),
            dataset_id=DATASET,
            path=tuple(name.split(" > ")),
            n_assigned=200 // (i + 1),
            n_predicted=1500.0 / (i + 1),
        )
        for i, name in enumerate(NAMES)
    )


def label_totals(resolution: str = "week", n_periods: int = 12) -> pa.Table:
    step = {"day": 1, "week": 7}[resolution]
    last = date(2026, 11, 16) if resolution == "week" else date(2026, 11, 22)
    rows = []
    for k in range(n_periods):
        period = last - timedelta(days=step * (n_periods - 1 - k))
        n = round((400 + 90 * math.sin(k / 1.7) + 8 * k) * step / 7)
        for i, label in enumerate(labels()):
            share = 0.24 / (i + 1)
            if i == 2 and k >= n_periods - n_periods // 3:
                share *= 2.2
            wave = 1 + 0.12 * math.sin(k + i)
            rows.append(
                {"period": period, "label": label.label_id, "expected": n * share * wave, "n_messages": n}
            )
    return pa.Table.from_pylist(rows)


def label_validation(i: int) -> LabelValidation:
    state = STATES[i % len(STATES)]
    value = {"excellent": 0.94, "healthy": 0.81, "fair": 0.63, "poor": 0.38, "gathering": 0.55}.get(state)
    thresholds = tuple(k / 40 for k in range(41))
    recalls = tuple(max(0.0, 1 - (k / 40) ** 3) for k in range(41))
    precisions = tuple(min(1.0, 0.25 + 0.72 * (k / 40) ** 0.6) for k in range(41))
    return LabelValidation(
        label_id=labels()[i].label_id,
        name=NAMES[i],
        average_precision=AveragePrecision(
            value=value,
            low=None if value is None else value - 0.07,
            high=None if value is None else min(1.0, value + 0.05),
            n_positive=60 // (i + 1),
            n=412,
            approximate=state == "gathering",
        ),
        thresholds=thresholds,
        precisions=precisions,
        recalls=recalls,
        precision_low=tuple(p - 0.08 * (1 + k / 40) / 2 for k, p in enumerate(precisions)),
        precision_high=tuple(min(1.0, p + 0.06) for p in precisions),
        recall_low=tuple(max(0.0, r - 0.06) for r in recalls),
        recall_high=tuple(min(1.0, r + 0.05) for r in recalls),
        choices=(ThresholdChoice(name="balanced", threshold=0.45, precision=0.7, recall=0.9),),
        n_train=max(0, 620 // (i * i + 1)),
        n_test=60 // (i + 1),
        n_pins=680 // (i * i + 1),
        health={"excellent": 96.0, "healthy": 80.0, "fair": 61.0, "poor": 38.0, "gathering": 28.0}.get(
            state, 0.0
        ),
        state=state,
        warnings=("Precision is low: review 10 more with Teach.",) if state in ("fair", "poor") else (),
    )


def rating() -> Rating:
    return Rating(
        score=72.0,
        band="good",
        factors=(
            RatingFactor(
                name="balance", score=64.0, band="average", weight=0.25,
                contributors={"similarity": 0.81, "shuffle share": 0.12}, action="Review 60 messages with Rebalance.",
            ),
            RatingFactor(
                name="coverage", score=83.0, band="good", weight=0.25, contributors={"coverage": 0.79},
                action="Review messages with Low confidence.",
            ),
            RatingFactor(
                name="all_labels", score=77.0, band="good", weight=0.3, contributors={},
                action="Teach 'Delivery > Late'.",
            ),
            RatingFactor(
                name="underperforming_labels", score=None, band="none", weight=0.2, contributors={},
                action="Give every label 25 examples.", reason="fewer than ten labels can be tested",
            ),
        ),
    )  # fmt: skip


def validation() -> ValidationReport:
    grid = tuple(k / 100 for k in range(101))
    return ValidationReport(
        dataset_id=DATASET,
        version=4,
        created_at=NOW - timedelta(hours=5),
        n_train=1650,
        n_test=412,
        n_reviewed=2062,
        n_labels=len(NAMES),
        mean_average_precision=AveragePrecision(value=0.742, low=0.703, high=0.779, n_positive=301, n=412),
        recall_grid=grid,
        mean_precision=tuple(0.97 - 0.55 * r**3 for r in grid),
        labels=tuple(label_validation(i) for i in range(len(NAMES))),
        rating=rating(),
        seed=7,
        general_fields=field_set([field(0), field(1), field(2)]),
        extractions=extraction_set(
            [
                LabelExtraction(
                    whole=field(3, NAMES[i], ""), parts=field_set([field(0, NAMES[i]), field(2, NAMES[i])])
                )
                for i in (1, 5)
            ]
        ),
    )


def field(i: int, label: str = "", name: str | None = None) -> FieldQuality:
    """One that does well, one with few examples and a hostile name, one without a test example, a whole extraction."""
    n_train, n_test, n_predicted, n_matched = (
        (310, 82, 85, 74),
        (9, 3, 7, 2),
        (30, 0, 0, 0),
        (200, 51, 49, 33),
    )[i]
    return field_quality(
        FieldCounts(
            name=("Policy number", HOSTILE, RTL, "")[i] if name is None else name,
            kind=("Policy number", "Money", "Date", "Extraction")[i],
            label=label,
            n_train=n_train,
            n_test=n_test,
            n_predicted=n_predicted,
            n_matched=n_matched,
        )
    )


def comparison() -> VersionComparison:
    """Gained, lost, uncertain, and one that nobody can judge; the names are hostile."""

    def pair(first: float | None, second: float, half: float) -> PrecisionPair:
        judged = [
            AveragePrecision(value=value, low=0.1, high=0.9, n_positive=31, n=412)
            for value in (first, second)
        ]
        difference = None if first is None else second - first
        low, high = (None, None) if difference is None else (difference - half, difference + half)
        return PrecisionPair(
            first=judged[0], second=judged[1], difference=difference, difference_low=low, difference_high=high
        )

    pairs = (pair(0.71, 0.74, 0.05), pair(0.6, 0.82, 0.1), pair(0.9, 0.75, 0.1), pair(None, 0.4, 0.0))
    return VersionComparison(
        dataset_id=DATASET, first=3, second=4, n=412, n_first=420, n_second=412, overall=pair(0.72, 0.75, 0.02),
        labels=tuple(
            LabelComparison(label_id=label.label_id, name=label.name, counts=True, precision=one)
            for label, one in zip(labels()[4:8], pairs, strict=True)
        ),
        only_first=(), only_second=("New",), seed=7,
    )  # fmt: skip


def versions() -> tuple[ModelVersion, ...]:
    """Newest first; the third was not validated."""
    return tuple(
        ModelVersion(
            dataset_id=DATASET,
            version=number,
            created_at=datetime(2026, 11, number, 9, tzinfo=UTC),
            n_reviewed=100 * number,
            n_labels=8,
            encoder="minilm-l6-int8",
            validated=quality is not None,
            rating=None if quality is None else 100 * quality - 8,
            mean_average_precision=quality,
            mean_average_precision_low=None if quality is None else quality - 0.06,
            mean_average_precision_high=None if quality is None else quality + 0.05,
            lineage={},
        )
        for number, quality in ((5, 0.81), (4, 0.78), (3, None), (2, 0.7), (1, 0.52))
    )


def cluster_run() -> ClusterRun:
    names = (
        "parcel / not arrived",
        "refund / still waiting",
        HOSTILE,
        RTL,
        "password reset",
        "thank you 🎉",
        LONG,
    )
    sizes = (640, 455, 301, 190, 122, 87, 45)
    total = 5210
    return ClusterRun(
        run_id=RunId("r000000000000001"),
        dataset_id=DATASET,
        method="fast_hdbscan",
        encoder="small-en",
        seed=7,
        n_messages=total,
        share_unclustered=0.213,
        created_at=NOW,
        clusters=tuple(
            Cluster(
                cluster_id=i,
                name=name,
                phrases=("one", "two"),
                n_messages=size,
                share=size / total,
                n_reviewed=size // 9,
                medoid=Uid(f"s1.m{i}"),
                shown=(Uid(f"s1.m{i}"),),
                x=float(i),
                y=0.5,
            )
            for i, (name, size) in enumerate(zip(names, sizes, strict=True))
        ),
    )


def drift() -> DriftReport:
    tests = []
    for w in range(6):
        start = datetime(2026, 10, 12, tzinfo=UTC) + timedelta(days=7 * w)
        for j, name in enumerate(("low_confidence", "label_mix", "label_rates", "embedding")):
            p = min(1.0, 10 ** -(0.2 + 0.3 * j + (1.6 * (w - 3) if w > 3 and j in (1, 2) else 0.1 * w)))
            tests.append(
                DriftTest(
                    name=name, window_start=start, window_end=start + timedelta(days=7), n=480 + 11 * w,
                    statistic=2.0 + j + w, p_value=p / 4, p_adjusted=p, effect=0.01 * w, effect_unit="share points",
                    material=w > 3, alarm=p < 0.01 and w > 3,
                )
            )  # fmt: skip
    return DriftReport(
        dataset_id=DATASET,
        version=4,
        created_at=NOW,
        reference_start=datetime(2026, 7, 1, tzinfo=UTC),
        reference_end=datetime(2026, 10, 12, tzinfo=UTC),
        n_reference=5100,
        false_alarm_rate=0.01,
        tests=tuple(tests),
        labels=tuple(
            LabelChange(
                label_id=label.label_id, name=label.name, share_before=0.2 / (i + 1),
                share_now=0.2 / (i + 1) * (2.1 if i == 2 else 1 + 0.04 * (-1) ** i), z=6.0 if i == 2 else 0.4,
                p_adjusted=1e-6 if i == 2 else 0.8, alarm=i == 2,
            )
            for i, label in enumerate(labels())
        ),
        phrases=(
            PhraseChange(phrase="strike", share_before=0.001, share_now=0.034, log_odds=3.3),
            PhraseChange(phrase=HOSTILE, share_before=0.002, share_now=0.02, log_odds=2.1),
            PhraseChange(phrase="summer sale", share_before=0.03, share_now=0.004, log_odds=-1.9),
        ),
        clusters=(
            ClusterChange(
                name="strike / no delivery", share_before=0.002, share_now=0.041, residual=9.2,
                mean_confidence=0.44, messages=(Uid("s1.m1"),), phrases=("strike",), seeds=(Uid("s1.m1"), Uid("s1.m2")),
                share_new=0.039, share_new_low=0.022, share_new_high=0.061,
            ),
            ClusterChange(
                name=HOSTILE, share_before=0.01, share_now=0.03, residual=4.0, mean_confidence=0.8,
                messages=(Uid("s1.m3"),), phrases=(),
            ),
        ),
        exceptions=(
            ExceptionChange(
                stream="refunds", type="No Prediction", share_before=0.02, share_now=0.05, n_before=102, n_now=27,
                messages=(Uid("s1.m1"),),
            ),
            ExceptionChange(
                stream="archive", type=HOSTILE, share_before=0.01, share_now=0.004, n_before=51, n_now=2,
                messages=(Uid("s1.m3"),),
            ),
        ),
        untested=("The volume was not compared: that needs 6 whole weeks in the reference and one in the window.",),
        alarm=True,
        summary="The mix of labels changed in the last two windows, mostly Delivery > Late.",
    )  # fmt: skip


def balance() -> BalanceReport:
    names = ("parcel / not arrived", "refund / still waiting", HOSTILE, "password reset", "thank you 🎉")
    return BalanceReport(
        dataset_id=DATASET,
        created_at=NOW,
        n_messages=5210,
        n_reviewed=2062,
        balance=0.71,
        balance_low=0.66,
        balance_high=0.75,
        similarity=0.81,
        band="average",
        groups=tuple(
            BalanceGroup(
                name=name, share_all=0.2 / (i + 1), share_reviewed=0.2 / (i + 1) * (0.6, 1.02, 1.5, 1.0, 0.9)[i],
                low=0.2 / (i + 1) * 0.85, high=0.2 / (i + 1) * 1.15, n_reviewed=400 // (i + 1), messages=(),
            )
            for i, name in enumerate(names)
        ),
        mode_shares={"shuffle": 0.31, "teach": 0.28, "search": 0.22, "cluster": 0.11, "low_confidence": 0.08},
        coverage=0.79,
        share_covered=0.82,
        properties=(
            PropertyBalance(
                name="string:Team", balance=0.62, p_adjusted=0.002,
                values=tuple(
                    ValueShare(
                        value=value, share_all=share, share_reviewed=share * times, low=share * 0.9, high=share * 1.1,
                        n_messages=round(5210 * share), n_reviewed=round(2062 * share * times),
                    )
                    for value, share, times in (("North", 0.5, 1.5), (HOSTILE, 0.3, 0.4), ("(no value)", 0.2, 1.0))
                ),
            ),
            PropertyBalance(name="month", balance=0.99, p_adjusted=0.71, values=()),
        ),
        uncovered=(
            UncoveredGroup(
                name="drone / on the roof", phrases=("drone", "on the roof"), n=420, share=420 / 5210,
                seeds=(Uid("s1.m4"),),
            ),
            UncoveredGroup(name=HOSTILE, phrases=(), n=91, share=91 / 5210, seeds=()),
        ),
    )  # fmt: skip


def map_data() -> MapData:
    """A thousand messages in three heaps; of the second hardly any is reviewed, of the third most."""
    rng = np.random.default_rng(4)
    heap = np.arange(1000) % 3
    return MapData(
        run_id=RunId("r000000000000001"),
        uids=tuple(Uid(f"s1.m{i}") for i in range(1000)),
        xy=(np.array([[0, 0], [8, 1], [3, 7]])[heap] + rng.normal(0, 0.8, (1000, 2))).astype(np.float32),
        cluster=heap.astype(np.int32),
        label=np.full(1000, -1, dtype=np.int32),
        label_ids=(),
        reviewed=rng.random(1000) < np.array([0.3, 0.02, 0.6])[heap],
    )


def usage() -> UsageReport:
    totals = []
    for k in range(28):
        for j, channel in enumerate(("file", "api", "mail")):
            units = (180 + 30 * k % 97) // (j + 1)
            totals.append(
                LedgerTotal(
                    day=date(2026, 10, 26) + timedelta(days=k), project="shop", source="mail", channel=channel,
                    operation="ingest", units=units, n_entries=units,
                )
            )  # fmt: skip
    return UsageReport(totals=tuple(totals), units=sum(t.units for t in totals), platform_units_per_unit=0.2)


def messages_table(n: int = 200) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {
                "uid": f"s1.m{i}",
                "timestamp": datetime(2026, 9, 1, tzinfo=UTC) + timedelta(hours=10 * i),
                "properties": f'{{"number:Stars": {1 + i % 5}, "string:Region": "{("North", "South", "<b>West")[i % 3]}"}}',
                "reviewed": i % 4 == 0,
                "assigned": [NAMES[0]] if i % 8 == 0 else [],
            }
            for i in range(n)
        ]
    )


def predictions_table(n: int = 200) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {"uid": f"s1.m{i}", "label": labels()[0].label_id, "probability": 0.1 + 0.16 * (i % 5)}
            for i in range(n)
        ]
    )


def consumption() -> pa.Table:
    """Ten weeks, nine sources (one of a hostile name), one of them corrected below zero."""
    rows = []
    for week in range(10):
        for j in range(9):
            units = (7 * week + 11 * j) % 40 + 5 if (week, j) != (4, 0) else -3
            rows.append(
                {
                    "period": date(2026, 9, 7) + timedelta(weeks=week), "project": None,
                    "source": f"shop/{HOSTILE if j == 8 else f'mail-{j}'}", "channel": None, "user": None,
                    "operation": None, "units": units, "uncharged_units": j, "platform_units": units * 0.2,
                    "n_entries": abs(units) + j,
                }
            )  # fmt: skip
    kinds = dict.fromkeys(("project", "source", "channel", "user", "operation"), pa.string())
    kinds |= dict.fromkeys(("units", "uncharged_units", "n_entries"), pa.int64())
    kinds |= {"period": pa.date32(), "platform_units": pa.float64()}
    return pa.Table.from_pylist(rows, schema=pa.schema([(name, kinds[name]) for name in rows[0]]))


def usage_forecast() -> UsageForecast:
    """120 days, one of them left out, and 90 days that grow wider."""
    first = date(2026, 7, 10)
    days = [UnitsOfDay(day=first + timedelta(days=k), units=40 + 13 * k % 29) for k in range(120)]
    days[30] = replace(days[30], units=4000)
    sums = tuple(
        ForecastSum(
            n_days=k, expected=54 * k, low=54 * k - 9 * k // 2, high=54 * k + 7 * k, low80=54 * k - 3 * k,
            high80=54 * k + 4 * k,
        )
        for k in range(1, 91)
    )  # fmt: skip
    return UsageForecast(
        from_day=first + timedelta(days=120), history=tuple(days), n_days=120, sums=sums, set_aside=(days[30],),
        platform_units_per_unit=0.2,
    )  # fmt: skip


def budgets() -> tuple[Budget, ...]:
    """One of the workspace that is used up soon, one that lasts, one of a project."""
    start = datetime(2026, 11, 1, tzinfo=UTC)
    one = Budget(
        project="", period="year", soft=None, hard=9000, set_at=start, set_by="al",
        since=datetime(2026, 1, 1, tzinfo=UTC), until=datetime(2027, 1, 1, tzinfo=UTC), used=6400, reserved=100,
    )  # fmt: skip
    lasting = replace(one, period="once", hard=11_500, until=None)
    return (one, lasting, replace(one, project="shop"), replace(one, period="month", hard=None))


def measures() -> pa.Table:
    """Two days of two jobs, a language model and storage."""
    rows = [
        {
            "day": date(2026, 11, 20) + timedelta(days=k), "kind": kind, "subject": subject, "project": "shop",
            "dataset": None, "amount": amount * (k + 1), "n_measures": k + 1,
        }
        for k in range(2)
        for kind, subject, amount in (
            ("compute_seconds", "train", 120.0), ("compute_seconds", "embed", 30.0),
            ("language_model_tokens", HOSTILE, 500.0), ("storage_bytes", "messages", 4e6),
        )
    ]  # fmt: skip
    return pa.Table.from_pylist(rows)
