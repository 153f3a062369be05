"""Any Unicode survives the way through a file, and the same file gives the same rows."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from pathlib import Path

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.domain import ColumnMapping, ImportOptions, is_message_id, read_properties
from workbench.ingest import clean_mail, read
from workbench.ingest.text import sanitise

MAPPING = ColumnMapping(id="id", timestamp="date", body="text", properties={"note": "string", "n": "number"})
ANY = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=60)
ESCAPED = st.text(st.characters(exclude_characters="\0"), max_size=60)
IDS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=20).filter(
    is_message_id
)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
MAIL = st.lists(
    st.sampled_from(
        ["> old", "On 3 March Jane wrote:", "-- ", "Best regards,", "Jane", "", "From: a", "Sent: b", "To: c", "Hello.",
         "-----Original Message-----", "Sent from my phone", "Am 3.3. schrieb J:", ">100", "This e-mail is confidential"]
    ) | st.text(max_size=20),
    max_size=20,
).map("\n".join)  # fmt: skip


def rows_of(content: bytes) -> pa.Table:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(content)
        batches = read(path, mapping=MAPPING, options=ImportOptions(clean_mail=False), batch_rows=2)
        return pa.concat_tables([batch.table for batch in batches])


def entries(texts: st.SearchStrategy[str]) -> st.SearchStrategy[list[tuple[str, str, str, float]]]:
    filled = texts.filter(lambda text: bool(sanitise(text).strip()))
    return st.lists(st.tuples(IDS, filled, texts, NUMBERS), min_size=1, max_size=6, unique_by=lambda e: e[0])


def assert_same(table: pa.Table, given_entries: list[tuple[str, str, str, float]]) -> None:
    found = table.to_pylist()
    assert [row["message_id"] for row in found] == [entry[0] for entry in given_entries]
    for row, (_, text, note, number) in zip(found, given_entries, strict=True):
        assert row["full_text"] == sanitise(text)
        expected: dict[str, str | float] = {"number:n": number}
        if sanitise(note).strip():
            expected["string:note"] = sanitise(note).strip()
        assert read_properties(row["properties"]) == expected


@settings(deadline=None, max_examples=60)
@given(entries(ANY), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]), st.sampled_from(",\t;"))
def test_csv(found: list[tuple[str, str, str, float]], codec: str, delimiter: str) -> None:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerow(["id", "date", "text", "note", "n"])
    writer.writerows([i, "2026-01-01", text, note, repr(n)] for i, text, note, n in found)
    content = buffer.getvalue().encode(codec)
    table = rows_of(content)
    assert_same(table, found)
    assert table.equals(rows_of(content))


@settings(deadline=None, max_examples=60)
@given(entries(ESCAPED), st.booleans())
def test_jsonl_with_lone_surrogates(found: list[tuple[str, str, str, float]], blank_lines: bool) -> None:
    lines = [
        json.dumps({"id": i, "date": "2026-01-01", "text": text, "note": note, "n": n})
        for i, text, note, n in found
    ]
    table = rows_of(("\n\n" if blank_lines else "\n").join(lines).encode())
    read_back = [(i, json.loads(json.dumps(t)), json.loads(json.dumps(o)), n) for i, t, o, n in found]
    assert_same(table, read_back)


@given(st.text(st.characters()))
def test_sanitising_again_changes_nothing_and_can_be_stored(text: str) -> None:
    once = sanitise(text)
    assert sanitise(once) == once
    once.encode("utf-8")
    assert "\r" not in once
    assert "\0" not in once


@given(MAIL)
def test_cleaning_loses_no_line_and_never_the_whole(text: str) -> None:
    found = clean_mail(text)
    assert bool(found.body.strip()) == bool(text.strip())
    assert clean_mail(text) == found
    parts = f"{found.body}\n{found.signature}\n{found.quoted}".split("\n")
    assert sorted(line.strip() for line in parts if line.strip()) == sorted(
        line.strip() for line in text.split("\n") if line.strip()
    )
