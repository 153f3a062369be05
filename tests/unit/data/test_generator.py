"""The sample corpus: repeatable, whole, invented, and telling the story it promises."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random

import polars as pl
import pytest

from data.generator import build, facts, personas, story
from data.generator import labels as taxonomy
from data.generator.build import DEFAULT_SEED, HERE
from data.generator.grammar import Grammar, parse_line, tidy

SAMPLE = HERE.parent / "sample"
IDS = {"mailbox": "id", "reviews": "review_id", "chats": "id"}
TIMES = {"mailbox": "timestamp", "reviews": "posted_at", "chats": "timestamp"}


def read(folder: Path) -> dict[str, pl.DataFrame]:
    return {
        "mailbox": pl.read_csv(folder / "mailbox.csv", infer_schema_length=None),
        "reviews": pl.read_csv(folder / "reviews.csv", infer_schema_length=None),
        "chats": pl.read_ndjson(folder / "chats.jsonl"),
    }


def texts(sources: dict[str, pl.DataFrame]) -> dict[tuple[str, str], str]:
    columns = {"mailbox": ["subject", "body"], "reviews": ["title", "review"], "chats": ["text"]}
    return {
        (name, row[IDS[name]]): " ".join(row[c] or "" for c in columns[name])
        for name, frame in sources.items()
        for row in frame.iter_rows(named=True)
    }


def digests(folder: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.glob("*.*"))}


@pytest.fixture(scope="module")
def sources() -> dict[str, pl.DataFrame]:
    return read(SAMPLE)


@pytest.fixture(scope="module")
def truth() -> pl.DataFrame:
    return pl.read_csv(SAMPLE / "truth.csv")


@pytest.fixture(scope="module")
def story_file() -> dict[str, dict[str, str]]:
    loaded: dict[str, dict[str, str]] = json.loads((SAMPLE / "story.json").read_text())
    return loaded


def test_same_seed_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        build(tmp_path / name, seed=seed, messages=120)
    assert digests(tmp_path / "a") == digests(tmp_path / "b")
    assert digests(tmp_path / "a")["mailbox.csv"] != digests(tmp_path / "c")["mailbox.csv"]


@pytest.mark.slow
def test_shipped_sample_is_what_the_generator_writes(tmp_path: Path) -> None:
    build(tmp_path, seed=DEFAULT_SEED)
    assert digests(tmp_path) == digests(SAMPLE)


def test_counts_size_and_span(sources: dict[str, pl.DataFrame]) -> None:
    assert {name: len(frame) for name, frame in sources.items()} == {
        "mailbox": 3600,
        "reviews": 1320,
        "chats": 1080,
    }
    assert sum(p.stat().st_size for p in SAMPLE.iterdir()) < 8_000_000
    for name, frame in sources.items():
        days = [datetime.fromisoformat(t) for t in frame[TIMES[name]]]
        assert all(d.tzinfo == UTC for d in days)
        assert story.FIRST_DAY <= min(days).date() <= max(days).date() <= story.LAST_DAY
        assert len({(d.year, d.month) for d in days}) == 12


def test_ids_are_unique_and_truth_points_to_messages(
    sources: dict[str, pl.DataFrame], truth: pl.DataFrame
) -> None:
    known = {(name, i) for name, frame in sources.items() for i in frame[IDS[name]]}
    assert len(known) == sum(map(len, sources.values()))
    assert set(truth.select("source", "id").iter_rows()) <= known
    assert truth.is_unique().all()
    copies = pl.read_csv(SAMPLE / "duplicates.csv")
    assert set(copies.select("source", "id").iter_rows()) <= known
    assert set(copies.select("source", "duplicate_of").iter_rows()) <= known


def test_taxonomy_holds_every_label_and_has_two_or_three_levels(truth: pl.DataFrame) -> None:
    rows = pl.read_csv(SAMPLE / "taxonomy.csv")
    assert 35 <= len(rows) <= 50
    assert rows["label"].is_unique().all()
    assert rows["external_id"].is_unique().all()
    assert set(truth["label"]) == set(rows["label"])
    assert {len(label.split(" > ")) for label in rows["label"]} == {2, 3}
    assert rows["description"].str.len_chars().min() > 20


def test_labels_are_skewed_and_several_per_message(truth: pl.DataFrame) -> None:
    counts = truth["label"].value_counts()["count"]
    assert counts.max() > 8 * counts.min()
    assert counts.min() >= 20
    per = truth.group_by("source", "id").len()["len"]
    assert 1.4 < per.mean() < 1.8
    unlabelled = 6000 - len(per)
    assert 100 < unlabelled < 1200


def test_new_topic_is_absent_before_the_last_two_months(
    sources: dict[str, pl.DataFrame], truth: pl.DataFrame, story_file: dict[str, dict[str, str]]
) -> None:
    new = story_file["new_topic"]
    labelled = {
        (s, i) for s, i in truth.filter(pl.col("label") == new["label"]).select("source", "id").iter_rows()
    }
    assert len(labelled) >= 60
    word = re.compile(new["phrase"], re.IGNORECASE)
    all_texts = texts(sources)
    for name, frame in sources.items():
        for row in frame.iter_rows(named=True):
            if row[TIMES[name]][:10] < new["starts"]:
                key = (name, row[IDS[name]])
                assert key not in labelled
                assert not word.search(all_texts[key])


def test_wording_of_the_drifting_label_shifts(
    sources: dict[str, pl.DataFrame], truth: pl.DataFrame, story_file: dict[str, dict[str, str]]
) -> None:
    drift = story_file["drift"]
    keys = set(truth.filter(pl.col("label") == drift["label"]).select("source", "id").iter_rows())
    all_texts = texts(sources)
    old, new = re.compile(r"locker", re.IGNORECASE), re.compile(r"nook", re.IGNORECASE)

    def shares(first: str, last: str) -> tuple[float, float]:
        found = [
            all_texts[name, row[IDS[name]]]
            for name, frame in sources.items()
            for row in frame.iter_rows(named=True)
            if first <= row[TIMES[name]][:10] <= last and (name, row[IDS[name]]) in keys
        ]
        assert len(found) >= 15
        return (
            sum(bool(old.search(t)) for t in found) / len(found),
            sum(bool(new.search(t)) for t in found) / len(found),
        )

    early_old, early_new = shares("2025-11-01", "2026-01-31")
    late_old, late_new = shares("2026-08-15", "2026-10-31")
    assert early_new == 0.0
    assert early_old > 0.8
    assert late_old < 0.3
    assert late_new > 0.75


def test_personal_data_is_invented(sources: dict[str, pl.DataFrame]) -> None:
    everything = "\n".join(texts(sources).values())
    for frame in sources.values():
        for column in {"from", "to", "cc"} & set(frame.columns):
            everything += "\n" + "\n".join(frame[column].drop_nulls())
    domains = set(re.findall(r"@([\w.-]+\w)", everything))
    assert len(domains) > 5
    assert all(re.fullmatch(r"(?i).*(\.example|example\.(com|org|net))", d) for d in domains)
    assert not re.search(r"https?://|www\.", everything)
    everything = re.sub(r"(?i)\b(?:GB|DE)00 [\w ]{18,24}|\bBP ?[\d ]{9,12} ?NG", "", everything)
    spoken = re.findall(r"(?<!\w)(?:\+|0)\d(?:[\d ]{8,})\d", everything)
    assert len(spoken) > 50
    reserved = re.compile(
        r"^(?:(?:\+44|0)7700900\d{3}|02079460\d{3}|01632960\d{3}|\+493023125\d{3}|\+33199\d{6})"
    )
    assert [p for p in spoken if not reserved.match(p.replace(" ", ""))] == []


def test_ibans_fail_their_check() -> None:
    rng = Random(1)
    for _ in range(50):
        number = facts.iban(rng).replace(" ", "")
        moved = number[4:] + number[:4]
        value = int("".join(str(int(c, 36)) for c in moved))
        assert value % 97 != 1


def test_volume_follows_week_and_season(sources: dict[str, pl.DataFrame]) -> None:
    days = sources["mailbox"].filter(pl.col("folder") != "Sent")["timestamp"].str.slice(0, 10).str.to_date()
    week = days.dt.weekday().value_counts().sort("timestamp")["count"]
    assert week[6] < 0.75 * week[0]
    december = days.is_between(date(2025, 12, 8), date(2025, 12, 21)).sum()
    august = days.is_between(date(2026, 8, 3), date(2026, 8, 16)).sum()
    assert december > 1.5 * august


def test_inventory_is_closed_and_covers_every_label() -> None:
    grammar = Grammar.load(HERE / "inventory")
    labels = taxonomy.load(HERE / "taxonomy.toml")
    for label in labels.values():
        if label.mail or label.review or label.chat:
            parts = ("old", "new") if label.key == story.DRIFT_KEY else ("core",)
            assert all(len(grammar.symbols[f"{label.key}.{p}"]) >= 10 for p in parts), label.key
        assert all(k in labels for k in label.with_)
    who = personas.draw(grammar, Random(1))
    known = facts.draw(grammar, who, datetime(2026, 1, 5, tzinfo=UTC), Random(1), agent="A", brand=True)
    assert grammar.undefined(frozenset(known)) == set()


def test_grammar_reads_choices_slots_and_escapes() -> None:
    grammar = Grammar({"s": [parse_line(r"a \(b\) (x|y{n})")]})
    said = {grammar.say("s", {"n": "1"}, Random(i)) for i in range(20)}
    assert said == {"A (b) x", "A (b) y1"}
    assert tidy("a apple , and an  box") == "An apple, and an box"
    for bad in ("(a", "a)", "{a"):
        with pytest.raises(SyntaxError):
            parse_line(bad)


def test_several_never_repeats_an_alternative() -> None:
    grammar = Grammar({"s": [(str(i),) for i in range(10)]})
    for i in range(30):
        said = grammar.several("s", 6, {}, Random(i))
        assert len(said) == len(set(said)) == 6
