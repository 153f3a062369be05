"""What rang and why, as HTML; every name, phrase and text in it is escaped."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

from workbench.charts.words import percent, percent_range, points
from workbench.domain import ClusterChange, DriftReport, DriftTest, LabelChange, Message, PhraseChange, Uid
from workbench.widgets.state import short

_MOST_LABELS, _MOST_GROUPS, _MOST_PHRASES, _MOST_QUOTES, _MOST_TYPES = 3, 3, 6, 1, 3
_MORE_COVERED = "<p>The model is surer of what comes in now than of what came before.</p>"
_UNSURE = 0.5
_EXCEPTIONS = "exception_rate"
_QUOTE = 200

_TITLES = {
    "label_rates": "Some labels became more or less frequent",
    "label_mix": "The mix of labels changed",
    "embedding": "Messages are about other things",
    "wording": "People use other words",
}


def newest_alarms(drift: DriftReport) -> list[DriftTest]:
    """The tests of the newest window that ring, the surest first."""
    newest = max((test.window_end for test in drift.tests), default=None)
    rang = [test for test in drift.tests if test.alarm and test.window_end == newest]
    return sorted(rang, key=lambda test: (test.p_adjusted, test.name))


def quoted(drift: DriftReport) -> tuple[Uid, ...]:
    """The messages that ``alarms_html`` quotes."""
    found = [uid for one in _labels(drift) for uid in one.messages[:_MOST_QUOTES]]
    if any(test.name == _EXCEPTIONS for test in newest_alarms(drift)):
        found += [uid for one in drift.exceptions[:_MOST_TYPES] for uid in one.messages[:_MOST_QUOTES]]
    return tuple(dict.fromkeys(Uid(uid) for uid in found))


def alarms_html(drift: DriftReport, messages: Mapping[Uid, Message]) -> str:
    """One sheet per test that rang in the newest window: how large the change is, and what stands behind it."""
    sheets = [_alarm(test, drift, messages) for test in newest_alarms(drift)]
    return f'<div class="wb-alarms">{"".join(sheets)}</div>' if sheets else ""


def _alarm(test: DriftTest, drift: DriftReport, messages: Mapping[Uid, Message]) -> str:
    reasons = {
        "low_confidence": lambda: _uncovered(drift) if test.effect > 0 else _MORE_COVERED,
        "label_rates": lambda: _label_reasons(_labels(drift), messages),
        "label_mix": lambda: _shares(drift.labels),
        "embedding": lambda: _groups(drift.clusters),
        "wording": lambda: _phrases(drift.phrases),
        _EXCEPTIONS: lambda: _types(drift, messages),
    }
    why = reasons[test.name]() if test.name in reasons else ""
    return (
        f'<section class="wb-factor"><h4>{_title(test)}<span class="wb-band wb-band-poor">{_size(test)}</span></h4>'
        f'<p class="wb-status">p = {test.p_adjusted:.2g}, corrected over the tests of the window; n = {test.n:,}</p>'
        f"{why}</section>"
    )


def _title(test: DriftTest) -> str:
    if test.name == "low_confidence":
        return "More messages that no label fits" if test.effect > 0 else "Fewer messages that no label fits"
    if test.name == "volume":
        return "More messages come in" if test.effect > 0 else "Fewer messages come in"
    if test.name == _EXCEPTIONS:
        return f"{'More' if test.effect > 0 else 'Fewer'} messages could not be handled"
    return _TITLES.get(test.name, html.escape(test.name))


def _size(test: DriftTest) -> str:
    if test.name == "volume":
        return f"{'+' if test.effect > 0 else '−'}{percent(abs(test.effect), 0)} a week"
    if test.name == "embedding":
        return f"{percent(test.effect)} of the spread"
    return points(test.effect, 0.0)


def _labels(drift: DriftReport) -> list[LabelChange]:
    """Labels with an alarm, without those of which a child says the same."""
    rang = [one for one in drift.labels if one.alarm]

    def said_by_a_child(one: LabelChange) -> bool:
        rose = one.share_now > one.share_before
        return any(
            other.name.startswith(f"{one.name} > ") and (other.share_now > other.share_before) == rose
            for other in rang
        )

    return [one for one in rang if not said_by_a_child(one)][:_MOST_LABELS]


def _label_reasons(labels: Sequence[LabelChange], messages: Mapping[Uid, Message]) -> str:
    parts = []
    for one in labels:
        with_phrases = f": {_marked(one.phrases)}" if one.phrases else ""
        parts.append(
            f'<p><b dir="auto">{html.escape(one.name)}</b> went from {percent(one.share_before)} to '
            f"{percent(one.share_now)}{with_phrases}</p>"
        )
        parts.append(_quotes(one.messages, messages))
    return "".join(parts)


def _types(drift: DriftReport, messages: Mapping[Uid, Message]) -> str:
    """Exceptions by stream and type, each with a message."""
    parts = [
        f'<p><b dir="auto">{html.escape(one.type)}</b> in stream {html.escape(one.stream)}: {percent(one.share_before)} '
        f"before, {percent(one.share_now)} now ({one.n_now:,} messages)</p>{_quotes(one.messages, messages)}"
        for one in drift.exceptions[:_MOST_TYPES]
    ]
    return "".join(parts) or "<p>They are of streams that you may not ask.</p>"


def _quotes(uids: Sequence[Uid], messages: Mapping[Uid, Message]) -> str:
    return "".join(
        f'<blockquote dir="auto">{html.escape(short(messages[uid].body, _QUOTE))}</blockquote>'
        for uid in uids[:_MOST_QUOTES]
        if uid in messages
    )


def _shares(labels: Sequence[LabelChange]) -> str:
    moved = sorted(labels, key=lambda one: -abs(one.share_now - one.share_before))[: 2 * _MOST_LABELS]
    return "".join(
        f'<p><b dir="auto">{html.escape(one.name)}</b> {percent(one.share_before)} → {percent(one.share_now)}</p>'
        for one in moved
    )


def _uncovered(drift: DriftReport) -> str:
    return _groups([one for one in drift.clusters if one.mean_confidence < _UNSURE])


def _groups(groups: Sequence[ClusterChange]) -> str:
    if not groups:
        return "<p>No single group of messages stands out.</p>"
    return "".join(
        f'<p><b dir="auto">{html.escape(one.name)}</b>: {_new_share(one)}</p>'
        for one in groups[:_MOST_GROUPS]
    )


def _new_share(group: ClusterChange) -> str:
    if not group.share_new_high:  # a report of an older version
        return f"{percent(group.share_before)} before, {percent(group.share_now)} now"
    spread = percent_range(max(0.0, group.share_new_low), group.share_new_high)
    return f"{percent(group.share_new)} of the window are new with its topic (95 % interval {spread})"


def _phrases(phrases: Sequence[PhraseChange]) -> str:
    risen = [one.phrase for one in phrases if one.log_odds > 0][:_MOST_PHRASES]
    fallen = [one.phrase for one in phrases if one.log_odds < 0][:_MOST_PHRASES]
    lines = [("More often", risen), ("Less often", fallen)]
    return "".join(f"<p>{name}: {_marked(found)}</p>" for name, found in lines if found)


def _marked(phrases: Sequence[str]) -> str:
    return ", ".join(f'<i dir="auto">{html.escape(one)}</i>' for one in phrases)
