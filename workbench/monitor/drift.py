"""Drift: whether recent windows differ from the reference, and in what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from workbench.domain.results import ClusterChange, DriftTest, ExceptionChange, LabelChange, PhraseChange
from workbench.errors import InputError
from workbench.monitor.exceptions import exception_changes, exception_rate, why_untested
from workbench.monitor.explain import cluster_changes, label_changes, phrase_changes
from workbench.monitor.panel import (
    LEAST_SHARE_CHANGE,
    embedding,
    holm,
    label_mix,
    low_confidence,
)
from workbench.monitor.rates import label_rates, wording
from workbench.monitor.volume import FEWEST_WEEKS, volume
from workbench.monitor.windows import FindPhrases, WindowData
from workbench.monitor.wording import summarise

FEW_MESSAGES = 300
"""Below this many messages in a window the tests see only large changes."""

_SURE = 0.1
_N_PHRASES = 10
_WEEK_DAYS = 7


@dataclass(frozen=True, kw_only=True)
class Drift:
    """The parts of a drift report that follow from the windows alone.

    Attributes
    ----------
    tests
        Up to seven per window, oldest window first.
    labels, phrases, clusters, exceptions
        What explains the difference of the newest window, the strongest first.
    alarm
        Two windows in a row rang, or one with a ``p_adjusted`` below a tenth of the rate.
    summary
        One or two sentences in plain words.
    warnings
        Why the outcome may deserve less trust.
    untested
        What could not be compared in the newest window, and why.
    """

    tests: tuple[DriftTest, ...]
    labels: tuple[LabelChange, ...]
    phrases: tuple[PhraseChange, ...]
    clusters: tuple[ClusterChange, ...]
    alarm: bool
    summary: str
    warnings: tuple[str, ...]
    exceptions: tuple[ExceptionChange, ...]
    untested: tuple[str, ...]


def drift(
    reference: WindowData,
    windows: Sequence[WindowData],
    *,
    label_ids: Sequence[str],
    names: Sequence[str],
    random_state: int,
    false_alarm_rate: float = 0.05,
    n_permutations: int = 1_999,
    find_phrases: FindPhrases | None = None,
) -> Drift:
    """Compare each window with the reference by up to seven tests and explain the newest one.

    Parameters
    ----------
    reference
        Messages of the time that the model is known to fit. Probabilities of messages that the model was trained on
        must be out-of-fold ones: it is surer of what it has seen, so that later windows would look uncertain
        (measured: 700 training messages among 2,000 made two thirds of unchanged windows ring).
    windows
        Recent windows, oldest first, at least one; each and the reference with at least one message.
    label_ids, names
        One per column of the probabilities.
    random_state
        Seed of permutations and groups.
    false_alarm_rate
        Chance in (0, 1) that a window in which nothing changed has an adjusted p-value below it.
    n_permutations
        Permutations of the four tests that need them; the smallest p-value is 1 / (n_permutations + 1). One window can be
        sure only if that, times the number of tests, is below a tenth of the rate.
    find_phrases
        Finds phrases in texts: ``workbench.language.phrases``; None = no phrases.

    Returns
    -------
    Drift
        The tests are ``low_confidence`` (two proportions), ``label_rates`` (largest z over labels,
        permutation), ``label_mix`` (Jensen-Shannon, permutation), ``embedding`` (MMD, permutation), ``wording`` (largest z
        over phrases, permutation), ``volume`` (messages per week) and ``exception_rate`` (two proportions, exact),
        Holm-adjusted within each window. A test rings only if its effect is material too. Wording needs ``find_phrases``,
        volume weekly counts, exceptions that some are tagged; where they are not known the family is the smaller.

    Raises
    ------
    InputError
        No window, an empty one, or windows of different labels.
    """
    _check(reference, windows, label_ids, names)
    tests: list[DriftTest] = []
    for number, window in enumerate(windows):
        random = np.random.default_rng((random_state, number))
        tests.extend(
            compare_window(
                reference,
                window,
                false_alarm_rate=false_alarm_rate,
                n_permutations=n_permutations,
                random=random,
                find_phrases=find_phrases,
            )
        )
    newest = windows[-1]
    table = find_phrases([*reference.texts, *newest.texts]) if find_phrases is not None else None
    labels = label_changes(
        reference,
        newest,
        table=table,
        label_ids=label_ids,
        names=names,
        false_alarm_rate=false_alarm_rate,
        least_change=LEAST_SHARE_CHANGE,
        n_permutations=n_permutations,
        random=np.random.default_rng((random_state, len(windows))),
    )
    is_now = np.arange(len(reference.uids) + len(newest.uids)) >= len(reference.uids)
    phrases = phrase_changes(table, is_now, _N_PHRASES) if table is not None else ()
    clusters = cluster_changes(reference, newest, table=table, random_state=random_state)
    alarm = _alarm(tests, windows, false_alarm_rate)
    return Drift(
        tests=tuple(tests),
        labels=labels,
        phrases=phrases,
        clusters=clusters,
        alarm=alarm,
        summary=summarise(
            newest,
            tests=tests,
            labels=labels,
            clusters=clusters,
            alarm=alarm,
            false_alarm_rate=false_alarm_rate,
        ),
        warnings=_warnings(reference, windows),
        exceptions=exception_changes(reference, newest),
        untested=_untested(reference, newest),
    )


def compare_window(
    reference: WindowData,
    window: WindowData,
    *,
    false_alarm_rate: float,
    n_permutations: int,
    random: np.random.Generator,
    find_phrases: FindPhrases | None = None,
) -> list[DriftTest]:
    """The tests of one window, Holm-adjusted; see :func:`drift`. What else is to be watched joins the family here."""
    outcomes = [
        low_confidence(reference, window),
        label_rates(reference, window, n_permutations=n_permutations, random=random),
        label_mix(reference, window, n_permutations=n_permutations, random=random),
        embedding(reference, window, n_permutations=n_permutations, random=random),
    ]
    if find_phrases is not None:
        outcomes.append(
            wording(
                reference, window, find_phrases=find_phrases, n_permutations=n_permutations, random=random
            )
        )
    watched = (volume(reference, window), exception_rate(reference, window))
    outcomes.extend(found for found in watched if found is not None)
    adjusted = holm([outcome.p_value for outcome in outcomes])
    return [
        DriftTest(
            name=outcome.name,
            window_start=window.start,
            window_end=window.end,
            n=len(window.uids),
            statistic=outcome.statistic,
            p_value=outcome.p_value,
            p_adjusted=float(p),
            effect=outcome.effect,
            effect_unit=outcome.effect_unit,
            material=abs(outcome.effect) >= outcome.least_effect,
            alarm=bool(p < false_alarm_rate and abs(outcome.effect) >= outcome.least_effect),
        )
        for outcome, p in zip(outcomes, adjusted, strict=True)
    ]


def _alarm(tests: Sequence[DriftTest], windows: Sequence[WindowData], rate: float) -> bool:
    rang = [any(test.alarm for test in tests if test.window_start == window.start) for window in windows]
    sure = any(test.alarm and test.p_adjusted < rate * _SURE for test in tests)
    return sure or any(a and b for a, b in pairwise(rang))


def _check(
    reference: WindowData, windows: Sequence[WindowData], label_ids: Sequence[str], names: Sequence[str]
) -> None:
    if not windows:
        raise InputError("there is no window to compare.", next_step="Hand in at least one recent window.")
    for part in (reference, *windows):
        if not part.uids:
            raise InputError(
                f"the window {part.start:%Y-%m-%d} to {part.end:%Y-%m-%d} has no messages.",
                next_step="Choose a longer window or another time.",
            )
        if part.probabilities.shape[1] != len(label_ids) or len(names) != len(label_ids):
            raise InputError(
                f"{part.probabilities.shape[1]} columns of probabilities came with {len(label_ids)} label ids "
                f"and {len(names)} names.",
                next_step="Predict all windows with the same model version.",
            )
        if part.vectors.shape[1] != reference.vectors.shape[1]:
            raise InputError(
                f"vectors have {part.vectors.shape[1]} and {reference.vectors.shape[1]} dimensions.",
                next_step="Embed all windows with the same encoder.",
            )


def _untested(reference: WindowData, newest: WindowData) -> tuple[str, ...]:
    found = [why_untested(reference, newest)]
    if volume(reference, newest) is None:
        found.append(
            f"The volume was not compared: that needs {FEWEST_WEEKS} whole weeks in the reference and one in the window."
        )
    return tuple(text for text in found if text)


def _warnings(reference: WindowData, windows: Sequence[WindowData]) -> tuple[str, ...]:
    found = []
    for name, part in (("reference", reference), *(("window", window) for window in windows)):
        if len(part.uids) < FEW_MESSAGES:
            found.append(
                f"The {name} {part.start:%Y-%m-%d} to {part.end:%Y-%m-%d} has {len(part.uids)} messages; below "
                f"{FEW_MESSAGES} only large changes are seen."
            )
    days = [(part.end - part.start).days for part in (reference, *windows)]
    if any(span % _WEEK_DAYS for span in days):
        found.append("Windows that are no whole weeks mix weekdays unequally, which may look like drift.")
    return tuple(found)
