"""A filter passes what plain Python passes, whichever engine finds the words."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.stores import (
    AT,
    DATASET,
    OTHER_SOURCE,
    PATHS,
    SOURCE,
    add_model,
    add_run,
    batch,
    lay_out,
    message,
    uid,
)
from workbench.domain import (
    MESSAGE_EXTRAS,
    MESSAGE_SCHEMA,
    AddressFilter,
    AttachmentFilter,
    Bounds,
    ExceptionFilter,
    Judgement,
    LabelFilter,
    LabelId,
    Message,
    MessageFilter,
    MessagePart,
    PartText,
    PropertyFilter,
    Stream,
    StreamException,
    StreamId,
    StreamSettings,
    ThreadFilter,
    address_of,
    domain_of,
    occurs,
    parse_text,
    write_parts,
)
from workbench.domain.conditions import lowered
from workbench.store import Store
from workbench.store.repositories import finding
from workbench.store.repositories.finding import Finder

CALM = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
WORDS = (
    "late",
    "LATE parcel",
    "Ärger",
    "A\u0308rger ΟΔΟΣ",
    "lost\nparcel",
    "x%_y it's",
    "",
    "(a) [b]\\c",
    "日本 語",
    "返金して下さい",
    "late\u00a0night",
    "hind\u0940 हिन्दी",
    'say "no" -- OR AB-17',
)
PEOPLE = (
    None,
    "",
    "Kim <KIM@Shop.example>",
    "kim@shop.example",
    "o'hara@b.example",
    "ÄNN@b.example",
    "Bob",
    "x@y@B.example",
)
KINDS = (
    "application/pdf",
    "image/png",
    "IMAGE/jpeg",
    "text/plain",
    ".pdf",
    "",
    "Ärger/Σς",
    "image",
    "x/y",
    "text/html",
)
PART = {3: {}, 5: {"translated_from": "original"}}
N = 24
TAGGED = [
    ("refunds", "No", frozenset(uid(str(i)) for i in range(0, N, 7))),
    ("refunds", "Wrong", frozenset(uid(str(i)) for i in range(1, N, 7))),
    ("late", "Wrong", frozenset(uid(str(i)) for i in range(0, N, 5))),
]
"""Stream, type, and messages that are tagged so."""


@pytest.fixture(scope="module")
def laid_out() -> Iterator[Store]:
    with tempfile.TemporaryDirectory() as name, Store.open(Path(name) / "p.duckdb", n_threads=1) as store:
        with store.write() as session:
            lay_out(session)
        yield store


@pytest.fixture(scope="module")
def varied(laid_out: Store) -> Store:
    """Messages that differ in everything a filter can ask for."""
    rng = np.random.default_rng(3)
    rows = []
    for i in range(N):
        properties: dict[str, object] = {}
        if i % 2:
            properties["string:Team"] = "AB"[i % 3 % 2]
        if i % 5:
            properties["string:Owner"] = ("a", "%", "", "Ann <o'hara@B.example>", "Bob")[i % 5]
        if i % 3:
            properties["number:NPS"] = i % 5 - 0.5
        rows.append(
            message(
                str(i),
                timestamp=AT + timedelta(hours=int(rng.integers(0, 50))),
                thread_id=(None, "t", "u", "t", None, f"alone {i}")[i % 6],
                subject=WORDS[int(rng.integers(len(WORDS)))],
                body=" ".join(WORDS[j] for j in rng.integers(0, len(WORDS), 2)),
                sender=PEOPLE[int(rng.integers(len(PEOPLE)))] or None,
                recipients=[PEOPLE[j] or "-" for j in rng.integers(0, len(PEOPLE), i % 3)],
                language=(None, "en", "de")[int(rng.integers(3))],
                properties=json.dumps(properties),
            )
        )
        files = KINDS[i % 7 : i % 7 + i % 4]
        rows[-1] |= {
            "cc": [PEOPLE[j] or "-" for j in range(i % 4, i % 8)],
            "bcc": [PEOPLE[i % 8] or "-"] if i % 6 == 0 else None,
            "parts": write_parts([MessagePart(body=PartText(text="x", **PART[i % 8]))])
            if i % 8 in PART
            else None,
            "attachments": [
                {"name": f"f{kind}", "size": 1, "content_type": kind, "inline": False} for kind in files
            ],
        }
    found: dict[str, list[str]] = {"text_hash": [], "uid": [], "subject": [], "body": [], "language": []}
    with laid_out.write() as session:
        session.messages.put(
            SOURCE, pa.Table.from_pylist(rows, pa.schema([*MESSAGE_SCHEMA, *MESSAGE_EXTRAS])), at=AT
        )
        keys = session.messages.keys(DATASET)
        hashes = dict(zip(keys["uid"].to_pylist(), keys["text_hash"].to_pylist(), strict=True))
        for i in range(0, N, 5):
            for name, value in (
                ("uid", uid(str(i))),
                ("text_hash", hashes[uid(str(i))]),
                ("language", "de"),
                ("subject", WORDS[(i + 4) % len(WORDS)]),
                ("body", "late parcel (a) [b]" if i % 2 else "返金"),
            ):
                found[name].append(value)
        session.translations.put(pa.table(found), "en", "tester", AT)
        session.messages.put(OTHER_SOURCE, batch(message("0", body="late")), at=AT)
        probabilities = rng.choice([0.0, 0.25, 0.5, 0.75, 1.0], (N, 3))
        add_model(session, 1, {str(i): (1.0, 1.0, 1.0) for i in range(N)})
        add_model(session, 2, {str(i): tuple(probabilities[i]) for i in range(N - 3)})
        add_run(session, "old", {str(i): 5 for i in range(N)})
        add_run(session, "new", {str(i): i % 3 - 1 for i in range(N - 2)})
        given_ = [
            Judgement(
                event_id=f"{i:016x}",
                uid=uid(str(i)),
                assigned=tuple(LabelId(x) for x in (("l1",), ("l2", "l3"), ())[i % 3]),
                dismissed=(LabelId("l2"),) if i % 3 == 0 else (),
                reviewed=i % 4 != 0,
            )
            for i in range(0, N, 2)
        ]
        session.reviews.judge(DATASET, given_, actor="ann", at=AT)
        for name, kind, uids in TAGGED:
            stream = Stream(
                stream_id=StreamId(f"s {name}"), dataset_id=DATASET, name=name, settings=StreamSettings(),
                created_at=AT, updated_at=AT,
            )  # fmt: skip
            session.streams.put(stream)
            session.exceptions.tag(
                stream, [StreamException(uid=one, type=kind) for one in uids], actor="a", at=AT
            )
    laid_out.search.catch_up()
    return laid_out


label_filters = st.builds(
    lambda label_id, status, bounds: LabelFilter(
        label_id=LabelId(label_id), status=status, at_least=min(bounds), at_most=max(bounds)
    ),
    st.sampled_from([*PATHS, "gone"]),
    st.sampled_from(
        ["assigned", "dismissed", "predicted", "present", "absent", "not_assigned", "not_predicted"]
    ),
    st.tuples(*[st.sampled_from([0.0, 0.25, 0.3, 0.5, 0.75, 1.0])] * 2),
)
missing = st.sampled_from(["auto", "auto", "include", "exclude", "only"])
addresses = st.lists(
    st.sampled_from(
        [
            "kim@shop.example",
            "Kim Lee <KIM@shop.EXAMPLE>",
            "O'Hara@b.example",
            "bob",
            "%",
            "",
            "änn@b.example",
        ]
    ),
    max_size=2,
).map(tuple)
domains = st.lists(
    st.sampled_from(["shop.example", "B.example", "example", "", "_.example"]), max_size=2
).map(tuple)
address_filters = st.none() | st.builds(
    AddressFilter,
    one_of=addresses,
    not_one_of=addresses,
    domain_one_of=domains,
    domain_not_one_of=domains,
    missing=missing,
)
property_filters = st.one_of(
    st.builds(
        PropertyFilter,
        name=st.sampled_from(["string:Team", "string:Owner", "string:None"]),
        one_of=st.sampled_from([(), ("A",), ("A", "B"), ("C",), ("a",), ("%",), ("o'hara@b.example", "Bob")]),
        not_one_of=st.sampled_from([(), (), ("A",), ("A", "B"), ("_",)]),
        domain_one_of=st.just(()) | domains,
        domain_not_one_of=st.just(()) | domains,
        missing=missing,
    ),
    st.builds(
        PropertyFilter,
        name=st.sampled_from(["number:NPS", "number:None"]),
        one_of=st.sampled_from([(), (), (0.5,), (1, 2.5, 3.5)]),
        at_least=st.sampled_from([None, 0.0, 1.5]),
        at_most=st.sampled_from([None, 2.5]),
        missing=missing,
    ),
)
searches = st.sampled_from(
    [
        "late",
        "PARCEL late",
        '"lost parcel"',
        "%",
        "ärger",
        "語",
        "日本語",
        "本日",
        "返金",
        "-返金 -late",
        '"(a) [b]\\c"',
        "night",
        "nig*",
        "lat* -night",
        "late OR 返金",
        "οδοσ",
        "hindī",
        "हिन्*",
        "it's",
        "AB-1*",
        '"no or AB"',
        "s",
        "d* OR p*",
    ]
) | st.text(st.sampled_from("late OR ärg\u0308 -\"*日語 x%_'p"), max_size=12)
attachment_filters = st.builds(
    lambda bounds, types: AttachmentFilter(at_least=bounds[0], at_most=bounds[1], types=types),
    st.sampled_from([(0, None), (1, None), (0, 0), (0, 1), (2, 2), (3, 9)]),
    st.sampled_from(
        [(), (), ("application/PDF",), ("image/*",), ("text/plain", "image/png"), ("Ärger/Σς",), ("",)]
    ),
)
counts = (
    st.none()
    | st.none()
    | st.sampled_from(
        [
            Bounds(at_least=2),
            Bounds(at_most=1),
            Bounds(at_least=3, at_most=8),
            Bounds(at_most=9),
            Bounds(at_least=0.5),
        ]
    )
)
spans = (
    st.none()
    | st.none()
    | st.sampled_from(
        [
            Bounds(at_most=0),
            Bounds(at_most=36_000),
            Bounds(at_least=1),
            Bounds(at_least=7_200.5, at_most=180_000),
        ]
    )
)
thread_filters = st.builds(
    ThreadFilter,
    n_messages=counts,
    position=counts,
    duration_s=spans,
    response_s=spans,
    answered=st.sampled_from([None, None, True, False]),
    first_sender=st.none() | address_filters,
)
filters = st.builds(
    lambda times, **values: MessageFilter(since=times[0], until=times[1], **values),
    times=st.sampled_from(
        [
            (None, None),
            (AT + timedelta(hours=9), None),
            (None, AT + timedelta(hours=30)),
            (AT + timedelta(hours=5), AT + timedelta(hours=40)),
        ]
    ),
    text=st.just("") | searches,
    reviewed=st.sampled_from([None, None, True, False]),
    sources=st.sampled_from([(), (), (SOURCE,), (OTHER_SOURCE,)]),
    languages=st.sampled_from([(), (), ("en",), ("en", "de")]),
    thread_id=st.sampled_from([None, None, "t", "v"]),
    thread=st.none() | st.none() | thread_filters,
    sender=st.none() | address_filters,
    recipient=st.none() | address_filters,
    cc=st.none() | st.none() | address_filters,
    bcc=st.none() | st.none() | address_filters,
    attachments=st.none() | attachment_filters,
    translated=st.sampled_from([None, None, True, False]),
    exceptions=st.none()
    | st.builds(
        ExceptionFilter,
        tagged=st.booleans(),
        types=st.sampled_from([(), ("Wrong",), ("No", "Wrong"), ("gone",)]),
        streams=st.sampled_from([(), ("refunds",), ("refunds", "late"), ("gone",)]),
    ),
    text_in=st.sampled_from(["original", "original", "any"]),
    clusters=st.sampled_from([(), (), (0,), (-1,), (-1, 1), (5,)]),
    properties=st.lists(property_filters, max_size=2).map(tuple),
    labels=st.lists(label_filters, max_size=2).map(tuple),
    labels_match=st.sampled_from(["all", "any"]),
    uids=st.sampled_from([None, None, None, (), tuple(uid(str(i)) for i in range(0, N, 3))]),
)


def fits(values: list[str], wanted: AddressFilter, read: Callable[[str], str]) -> bool:
    """What a condition on addresses means, told a second time. ``read`` makes comparable what is equal."""
    if wanted.missing == "only" or not values:
        negative_only = not (wanted.one_of or wanted.domain_one_of) and bool(
            wanted.not_one_of or wanted.domain_not_one_of
        )
        return not values and (
            wanted.missing in ("include", "only") or (wanted.missing == "auto" and negative_only)
        )
    found = {read(value) for value in values}
    found_domains = {domain_of(value) for value in values}
    return (
        (not wanted.one_of or bool(found & {read(value) for value in wanted.one_of}))
        and not found & {read(value) for value in wanted.not_one_of}
        and (not wanted.domain_one_of or bool(found_domains & {d.lower() for d in wanted.domain_one_of}))
        and not found_domains & {d.lower() for d in wanted.domain_not_one_of}
    )


def has_property(found: Message, wanted: PropertyFilter) -> bool:
    value = found.properties.get(wanted.name)
    if isinstance(value, str) or wanted.name.startswith("string:"):
        texts = AddressFilter(
            one_of=tuple(str(one) for one in wanted.one_of),
            not_one_of=wanted.not_one_of,
            domain_one_of=wanted.domain_one_of,
            domain_not_one_of=wanted.domain_not_one_of,
            missing=wanted.missing,
        )
        return fits([] if value is None else [str(value)], texts, str)
    if value is None:
        return wanted.missing in ("include", "only")
    return (
        wanted.missing != "only"
        and (not wanted.one_of or value in wanted.one_of)
        and (wanted.at_least is None or value >= wanted.at_least)
        and (wanted.at_most is None or value <= wanted.at_most)
    )


def has_thread(found: Message, wanted: ThreadFilter) -> bool:
    place = found.thread
    if place is None:
        return False
    numbers = (
        (place.n_messages, wanted.n_messages),
        (place.position, wanted.position),
        (place.duration_s, wanted.duration_s),
        (place.response_s, wanted.response_s),
    )
    starters = [place.first_sender] if place.first_sender else []
    return (
        all(
            bounds is None
            or (
                number is not None
                and (bounds.at_least is None or number >= bounds.at_least)
                and (bounds.at_most is None or number <= bounds.at_most)
            )
            for number, bounds in numbers
        )
        and (wanted.answered is None or wanted.answered == (place.response_s is not None))
        and (wanted.first_sender is None or fits(starters, wanted.first_sender, address_of))
    )


def has_label(found: Message, wanted: LabelFilter, predictions: dict[str, dict[str, float]]) -> bool:
    assigned = wanted.label_id in found.assigned
    probability = predictions.get(found.uid, {}).get(wanted.label_id)
    predicted = (
        not found.reviewed and probability is not None and wanted.at_least <= probability <= wanted.at_most
    )
    return {
        "assigned": assigned,
        "dismissed": wanted.label_id in found.dismissed,
        "predicted": predicted,
        "present": assigned or predicted,
        "absent": not (assigned or predicted),
        "not_assigned": not assigned,
        "not_predicted": not predicted,
    }[wanted.status]


def is_tagged(found: Message, wanted: ExceptionFilter) -> bool:
    return any(
        found.uid in uids
        and (not wanted.types or kind in wanted.types)
        and (not wanted.streams or stream in wanted.streams)
        for stream, kind, uids in TAGGED
    )


def passes(found: Message, where: MessageFilter, predictions: dict[str, dict[str, float]]) -> bool:
    labels = [has_label(found, wanted, predictions) for wanted in where.labels]
    counted = where.attachments
    kinds = {lowered(one.content_type) for one in found.attachments}
    texts = [(found.subject, found.body)]
    if where.text_in == "any" and found.translation is not None:
        texts.append((found.translation.subject, found.translation.body))
    return (
        (where.since is None or found.timestamp >= where.since)
        and (where.until is None or found.timestamp < where.until)
        and any(occurs(parse_text(where.text), text) for text in texts)
        and (where.sender is None or fits([found.sender] if found.sender else [], where.sender, address_of))
        and (where.recipient is None or fits(list(found.recipients), where.recipient, address_of))
        and (where.cc is None or fits(list(found.cc), where.cc, address_of))
        and (where.bcc is None or fits(list(found.bcc), where.bcc, address_of))
        and (where.exceptions is None or is_tagged(found, where.exceptions) == where.exceptions.tagged)
        and (where.translated is None or found.is_translated == where.translated)
        and (
            counted is None
            or (
                counted.at_least <= len(found.attachments)
                and (counted.at_most is None or len(found.attachments) <= counted.at_most)
                and (
                    not counted.types
                    or any(fnmatchcase(kind, lowered(one)) for one in counted.types for kind in kinds)
                )
            )
        )
        and (where.reviewed is None or found.reviewed == where.reviewed)
        and (not where.sources or found.source_id in where.sources)
        and (not where.languages or found.language in where.languages)
        and (where.thread_id is None or found.thread_id == where.thread_id)
        and (where.thread is None or has_thread(found, where.thread))
        and (not where.clusters or found.cluster_id in where.clusters)
        and (where.uids is None or found.uid in where.uids)
        and all(has_property(found, wanted) for wanted in where.properties)
        and (not labels or (all(labels) if where.labels_match == "all" else any(labels)))
    )


@pytest.fixture
def few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Treat 24 messages as many: look at the first few before all of them."""
    monkeypatch.setattr(finding, "SMALL", 3)
    monkeypatch.setattr(finding, "_FIRST_LOOKS", (2, 6))
    monkeypatch.setattr(finding, "_ONE_IN", 2)
    monkeypatch.setattr(finding, "_MOST_HITS", 3)


@pytest.fixture(scope="module")
def known(varied: Store) -> tuple[tuple[Message, ...], dict[str, dict[str, float]]]:
    """All messages, oldest first, and their probabilities: what plain Python is asked about."""
    with varied.read() as session:
        everything, _ = session.messages.find(DATASET, MessageFilter(), "oldest", 0, N)
        uids, matrix = session.models.predictions(DATASET, 2)
    assert len(everything) == N
    rows = zip(uids, matrix.tolist(), strict=True)
    return tuple(everything), {one: dict(zip(("l0", "l1", "l2"), row, strict=True)) for one, row in rows}


@pytest.mark.nightly
@settings(CALM, max_examples=60)
@given(where=filters, offset=st.integers(0, 4))
def test_a_filter_passes_what_plain_python_passes(
    varied: Store,
    known: tuple[tuple[Message, ...], dict[str, dict[str, float]]],
    few_at_a_time: None,
    where: MessageFilter,
    offset: int,
) -> None:
    everything, predictions = known
    passing = [one.uid for one in everything if passes(one, where, predictions)]
    with varied.read() as session:
        ways = {"sql": Finder(session._cursor)}
        if parse_text(where.text):
            ways["index"] = Finder(session._cursor, session._reading)
            assert (ways["index"]._engine(where) is None) == (where.text_in == "any")
        for finder in ways.values():
            assert finder.count(DATASET, where) == len(passing)
            assert finder.page(DATASET, where, "oldest", 0, N).uids == tuple(passing)
            for order, expected in (("oldest", passing), ("recent", passing[::-1])):
                page = finder.page(DATASET, where, order, offset, 3)
                assert page.uids == tuple(expected[offset : offset + 3])
                if page.is_exact:
                    assert page.n_total == len(passing)
                else:
                    assert offset + 3 < page.n_total <= len(passing)
            for order in ("relevance", "shuffle"):
                # Pages up to the end of what passes, and one more, which is empty.
                starts = range(0, len(passing) + 7, 7)
                pages = [finder.page(DATASET, where, order, start, 7).uids for start in starts]
                assert not pages[-1]
                assert sorted(uid for page in pages for uid in page) == sorted(passing)
        assert sorted(session.messages.table(DATASET, where).column("uid").to_pylist()) == sorted(passing)


THREADS = {
    "all": (ThreadFilter(), 16),
    # Who began "t" is not known, so nobody can be told from them.
    "answered": (ThreadFilter(answered=True), 4),
    "unanswered": (ThreadFilter(answered=False), 12),
    "first": (ThreadFilter(position=Bounds(at_most=1)), 6),
    "alone": (ThreadFilter(n_messages=Bounds(at_most=1)), 4),
}


@pytest.mark.parametrize("name", THREADS)
def test_threads_as_counted_by_hand(varied: Store, name: str) -> None:
    where, n = THREADS[name]
    with varied.read() as session:
        assert session.messages.count(DATASET, MessageFilter(thread=where, sources=(SOURCE,))) == n
