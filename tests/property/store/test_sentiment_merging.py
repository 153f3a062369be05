"""Two people's judgements of one message: what each said of a label's sentiment counts, and no label is left without."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.domain import Judgement, LabelId, Sentiment, Uid, whole_marks
from workbench.store.repositories.merging import LabelSets, Taxonomy, judged, merged
from workbench.store.repositories.sentiments import merged_sentiments, said_of

PATHS = {LabelId(name): tuple(name.split()) for name in ("a", "a b", "a b c", "a b d", "a e", "f", "f g")}
TAXONOMY = Taxonomy(PATHS)
WORDS = st.sampled_from(["positive", "negative"])
SAID = st.dictionaries(st.sampled_from(sorted(PATHS)), WORDS, max_size=5)


def judge(seen: LabelSets, said: dict[LabelId, Sentiment], revision: int) -> LabelSets:
    judgement = Judgement(event_id="e", uid=Uid("s.m"), assigned=tuple(said), sentiments=said)
    asked = judged(TAXONOMY, said, ())
    return said_of(TAXONOMY, judgement, seen=seen, asked=asked, revision=revision)


def words(sets: LabelSets) -> dict[LabelId, bool]:
    whole = whole_marks(PATHS, sets.assigned, dict(sets.sentiments))
    return {one: mark > 0 for one, mark in whole.items()}


@settings(max_examples=100, deadline=None)
@given(first=SAID, theirs=SAID, mine=SAID)
def test_merging_keeps_what_each_said(
    first: dict[LabelId, Sentiment], theirs: dict[LabelId, Sentiment], mine: dict[LabelId, Sentiment]
) -> None:
    seen = judge(LabelSets(), first, 1)
    current = judge(seen, theirs, 2)
    asked = judge(seen, mine, 3)
    made = merged(TAXONOMY, seen=seen, current=current, asked=asked)
    found = merged_sentiments(TAXONOMY, seen=seen, current=current, asked=asked, made=made, revision=3)
    assert (found.assigned, found.dismissed) == (made.assigned, made.dismissed)
    for sets, said in ((seen, first), (current, theirs), (asked, mine)):
        assert words(sets).keys() == sets.assigned  # no label is left without a sentiment
        before = words(seen) if sets is not seen else {}
        for (
            one,
            word,
        ) in said.items():  # what was said anew stands; what was left as it was seen may follow a child
            if before.get(one) != (word == "positive"):
                assert words(sets)[one] == (word == "positive")
    after = words(found)
    assert after.keys() == found.assigned
    marks = [dict(sets.sentiments) for sets in (seen, current, asked, found)]
    for one in found.assigned:
        if one in marks[2] and marks[2][one] != marks[0].get(one):
            assert after[one] == words(asked)[one]  # the later judge's explicit word wins
        elif one in marks[1]:
            assert marks[3][one] == marks[1][one]  # everything else stays as it is now
