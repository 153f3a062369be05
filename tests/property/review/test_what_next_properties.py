from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.review import LabelStanding, PastBatch, Standing, propose

_shares = st.floats(0, 1)
_maybe_share = st.none() | _shares
_MODES = ("cluster", "shuffle", "teach", "low_confidence", "rebalance", "check", "missed", "search")


@st.composite
def _labels(draw: st.DrawFn) -> tuple[LabelStanding, ...]:
    found = []
    for index in range(draw(st.integers(0, 5))):
        ap = draw(_maybe_share)
        found.append(
            LabelStanding(
                label_id=f"l{index}",
                n_pins=draw(st.integers(0, 60)),
                n_train=draw(st.integers(0, 40)),
                n_test=draw(st.integers(0, 20)),
                average_precision=ap,
                low=None if ap is None else ap * 0.8,
                high=ap,
                health=draw(st.floats(0, 100)),
                state=draw(st.sampled_from(["untrained", "gathering", "poor", "fair", "healthy"])),
                weight=draw(st.floats(0, 3)),
                n_check=draw(st.integers(0, 30)),
                n_missed=draw(st.integers(0, 30)),
            )
        )
    return tuple(found)


@st.composite
def _standings(draw: st.DrawFn) -> Standing:
    has_clusters = draw(st.booleans())
    n_first = draw(st.integers(0, 30)) if has_clusters else 0
    n_messages = draw(st.integers(0, 300))
    batches = st.builds(
        PastBatch,
        mode=st.sampled_from(_MODES),
        label_id=st.sampled_from([None, "l0"]),
        n=st.integers(0, 60),
        before=_maybe_share,
        after=_maybe_share,
    )
    return Standing(
        n_messages=n_messages,
        n_reviewed=draw(st.integers(0, n_messages)),
        has_clusters=has_clusters,
        n_first_clusters=n_first,
        n_first_clusters_reviewed=draw(st.integers(0, n_first)),
        mode_shares=draw(st.dictionaries(st.sampled_from(_MODES), _shares, max_size=3)),
        factors=draw(
            st.dictionaries(st.sampled_from(["balance", "coverage"]), st.none() | st.floats(0, 100))
        ),
        rating=draw(st.none() | st.floats(0, 100)),
        mean_average_precision=draw(_maybe_share),
        labels=draw(_labels()),
        seconds_per_message=draw(st.none() | st.floats(0.1, 300)),
        history=tuple(draw(st.lists(batches, max_size=4))),
        has_model=draw(st.booleans()),
    )


@settings(max_examples=60)
@given(_standings())
def test_every_standing_has_proposals_that_can_be_done(standing):
    found = propose(standing)
    assert found == propose(replace(standing))
    assert len({(one.mode, one.label_id) for one in found}) == len(found)
    labels = {label.label_id: label for label in standing.labels}
    for one in found:
        assert 0 <= one.minutes[0] <= one.minutes[1]
        if one.mode in ("define", "ready"):
            assert one is found[0]
            assert (one.rule, one.n, one.gain) == (one.mode, 0, None)
            continue
        assert one.n > 0
        assert standing.has_clusters or one.mode not in ("cluster", "rebalance")
        assert standing.has_model or one.mode in ("cluster", "rebalance", "shuffle")
        if one.mode in ("check", "missed"):
            label = labels[one.label_id]
            assert one.n <= (label.n_check if one.mode == "check" else label.n_missed)
            continue
        assert one.n <= standing.n_messages - standing.n_reviewed
        assert (one.label_id is None) == (one.mode != "teach")
        if one.mode == "teach":
            assert labels[one.label_id].n_pins > 0
        if one.gain is not None:
            assert -1 <= one.gain.low <= one.gain.value <= one.gain.high <= 1
            assert one.gain.value >= 0
    if standing.labels and standing.n_messages:
        assert found[0].rule != "define"
