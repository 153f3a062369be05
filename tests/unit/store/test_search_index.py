"""The index of words follows the messages, is never the only copy, and is never needed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stores import AT, DATASET, SOURCE, batch, fill, message, uid
from workbench.domain import MessageFilter, Project, TextHits
from workbench.store import Store
from workbench.store.repositories import finding
from workbench.store.search import engine, index

TEXTS = ("late parcel", "a refund, late", "返金して下さい", "late late late")


@pytest.fixture(params=["disk", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    file = tmp_path / "s.duckdb"
    with Store.open(file, n_threads=1) as opened:
        if request.param == "memory":
            opened.search = index.SearchIndex(None, opened._reading_messages)
        fill(opened, *(message(str(i), body=text) for i, text in enumerate(TEXTS)))
        yield opened


def found(store: Store, text: str) -> set[str]:
    """Ids found by the index; fails when SQL had to do it."""
    with store.read() as session:
        assert session.messages._finder._engine(MessageFilter(text=text)) is not None
        messages = session.messages.page(DATASET, MessageFilter(text=text)).messages
        assert session.messages.count(DATASET, MessageFilter(text=text)) == len(messages)
        return {one.message_id for one in messages}


def folder(store: Store) -> Path:
    return store.path.with_name(store.path.name + ".workbench") / "search"


def put(store: Store, *rows: dict[str, object]) -> None:
    with store.write() as session:
        session.messages.put(SOURCE, batch(*rows), at=AT)


def test_it_follows_what_is_added_changed_and_removed(store: Store) -> None:
    assert found(store, "late") == {"0", "1", "3"}
    put(store, message("4", body="too LATE"), message("0", body="on time"))
    assert found(store, "late") == {"1", "3", "4"}
    assert found(store, "time") == {"0"}
    with store.write() as session:
        session._cursor._connection.execute("DELETE FROM message WHERE uid = ?", [uid("3")])
    assert found(store, "late") == {"1", "4"}
    assert found(store, "返金") == {"2"}
    assert folder(store).exists() == (store.search._folder is not None)


def test_a_write_that_changes_no_message_costs_the_next_search_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert found(store, "late") == {"0", "1", "3"}
    with monkeypatch.context() as patched:
        patched.setattr(store.search, "_caught_up", lambda *_: pytest.fail("the messages are what they were"))
        with store.write(messages=False) as session:
            session.catalog.add_project(Project(name="other", title="", created_at=AT))
        assert found(store, "late") == {"0", "1", "3"}
    put(store, message("4", body="late again"))
    assert found(store, "late") == {"0", "1", "3", "4"}


def test_a_session_older_than_the_index_does_not_change_it(store: Store) -> None:
    with store.read() as old:
        put(store, message("4", body="too late"))
        assert found(store, "late") == {"0", "1", "3", "4"}
        assert old.messages._finder._engine(MessageFilter(text="late")) is None
        assert old.messages.count(DATASET, MessageFilter(text="late")) == 3
        if store.search._thread is not None:
            store.search._thread.join()
        assert found(store, "late") == {"0", "1", "3", "4"}


def test_deleted_messages_leave_the_index(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    put(store, message("5", body="secretword"))
    assert found(store, "secretword") == {"5"}
    with store.write() as session:
        session._cursor._connection.execute("DELETE FROM message WHERE uid = ?", [uid("5")])
    assert found(store, "secretword") == set()
    engine_ = store.search._engine
    assert engine_ is not None
    assert engine_._index.searcher().terms_with_prefix("body", "secret") == []
    if folder(store).exists():
        assert not [file for file in folder(store).iterdir() if b"secretword" in file.read_bytes()]


def test_a_write_sees_its_own_messages(store: Store) -> None:
    assert found(store, "late") == {"0", "1", "3"}
    with store.write() as session:
        session.messages.put(SOURCE, batch(message("9", body="late too")), at=AT)
        assert session.messages.count(DATASET, MessageFilter(text="late")) == 4


def test_an_index_is_used_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Store.open(tmp_path / "s.duckdb", n_threads=1) as opened:
        fill(opened, message("0", body="late"))
        assert found(opened, "late") == {"0"}
    monkeypatch.setattr(engine.Engine, "write", lambda *_, **__: pytest.fail("nothing is to be written"))
    with Store.open(tmp_path / "s.duckdb", n_threads=1) as opened:
        assert found(opened, "late") == {"0"}


def _gone(where: Path) -> None:
    shutil.rmtree(where)


def _unsigned(where: Path) -> None:
    """As an owner leaves it that was killed while writing."""
    (where / "signature.json").unlink()


def _other_version(where: Path) -> None:
    (where / "signature.json").write_text(json.dumps({"format": 0}), "utf-8")


def _garbage(where: Path) -> None:
    for file in where.iterdir():
        file.write_bytes(b"garbage")


def _no_meta(where: Path) -> None:
    (where / "meta.json").unlink()


def _half(where: Path) -> None:
    stamps = where / "stamps.npy"
    stamps.write_bytes(stamps.read_bytes()[:-8])


@pytest.mark.parametrize("damage", [_gone, _unsigned, _other_version, _garbage, _no_meta, _half])
def test_what_is_damaged_is_made_anew(damage: object, tmp_path: Path) -> None:
    file = tmp_path / "s.duckdb"
    with Store.open(file, n_threads=1) as opened:
        fill(opened, message("0", body="late"))
        assert found(opened, "late") == {"0"}
        where = folder(opened)
    damage(where)
    with Store.open(file, n_threads=1) as opened:
        put(opened, message("1", body="late too"))
        assert found(opened, "late") == {"0", "1"}
        assert (where / "signature.json").exists()


def test_much_is_caught_up_aside_while_sql_searches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Store.open(tmp_path / "s.duckdb", n_threads=1) as opened:
        opened.search._at_once = 2
        fill(opened, *(message(str(i), body=text) for i, text in enumerate(TEXTS)))
        with opened.read() as session:
            page = session.messages.page(DATASET, MessageFilter(text="late"))
        assert {one.message_id for one in page.messages} == {"0", "1", "3"}
        assert opened.search._thread is not None
        opened.search._thread.join()
        assert found(opened, "late") == {"0", "1", "3"}


def test_without_the_extra_sql_searches(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "is_installed", lambda: False)
    store.search.catch_up()
    with store.read() as session:
        assert session.messages._finder._engine(MessageFilter(text="late")) is None
        assert session.messages.count(DATASET, MessageFilter(text="late")) == 3
    assert not folder(store).exists()


def test_an_index_that_cannot_be_written_is_left(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(engine.Engine, "write", fail)
    for _ in range(3):
        with store.read() as session:
            assert session.messages.count(DATASET, MessageFilter(text="late")) == 3
    assert caplog.text.count("SQL searches") == 1
    monkeypatch.undo()
    put(store, message("7", body="late again"))
    assert found(store, "late") == {"0", "1", "3", "7"}


def test_an_index_that_fails_is_passed_by(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise engine.EngineError

    monkeypatch.setattr(engine.Engine, "found", fail)
    monkeypatch.setattr(engine.Engine, "count", fail)
    with store.read() as session:
        assert session.messages.page(DATASET, MessageFilter(text="late")).n_total == 3
        assert session.messages.count(DATASET, MessageFilter(text="refund")) == 1


def test_a_panic_of_the_library_is_an_error_of_the_engine() -> None:
    made = engine.Engine(None)
    with pytest.raises(engine.EngineError):
        made._index.searcher and made.found("no query", 1)


def test_dropping_leaves_no_file(store: Store) -> None:
    assert found(store, "late")
    store.search.drop()
    assert not folder(store).exists()
    assert found(store, "late") == {"0", "1", "3"}


def test_a_snapshot_gets_no_files_beside_it(store: Store, tmp_path: Path) -> None:
    copy = tmp_path / "copy.duckdb"
    store.publish(copy)
    with Store.open(copy, n_threads=1, read_only=True) as opened:
        assert found(opened, "late") == {"0", "1", "3"}
    assert not (tmp_path / "copy.duckdb.workbench").exists()


def test_the_best_comes_first(store: Store) -> None:
    put(store, message("8", subject="late", body="your parcel"))
    with store.read() as session:
        messages = session.messages.page(DATASET, MessageFilter(text="late"), "relevance").messages
    assert messages[0].message_id == "8"
    assert {one.message_id for one in messages[1:]} == {"0", "1", "3"}


def test_a_page_tells_where_the_words_stand(store: Store) -> None:
    with store.read() as session:
        page = session.messages.page(DATASET, MessageFilter(text="late -nothing OR parcel"), "oldest")
        assert (
            page.hits
            == tuple(
                TextHits(body=spans)
                for spans in {
                    "0": ((0, 4), (5, 11)),
                    "1": ((10, 14),),
                    "3": ((0, 4), (5, 9), (10, 14)),
                }.values()
                if spans
            )[: len(page.messages)]
        )
        assert session.messages.page(DATASET, MessageFilter()).hits == ()


def test_counts_are_kept_until_something_is_written(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "SMALL", 1)
    where = MessageFilter(reviewed=False)
    with store.read() as session:
        page = session.messages.page(DATASET, where, limit=2)
        assert (page.n_total, page.n_total_is) == (3, "at_least")
        assert session.messages.count(DATASET, where) == 4
    with store.read() as session:
        page = session.messages.page(DATASET, where, limit=2)
        assert (page.n_total, page.n_total_is) == (4, "exact")
    put(store, message("8"))
    with store.read() as session:
        assert session.messages.page(DATASET, where, limit=2).n_total_is == "at_least"
        assert session.messages.count(DATASET, where) == 5
        assert session.messages.find(DATASET, where, limit=2)[1] == 5


def test_a_page_past_the_end_tells_how_many_there_are(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "SMALL", 1)
    with store.read() as session:
        for where in (MessageFilter(reviewed=False), MessageFilter(text="-nothing"), MessageFilter()):
            page = session.messages.page(DATASET, where, offset=10)
            assert (page.messages, page.n_total, page.n_total_is) == ((), 4, "exact")


def test_lists_for_tuples_do(store: Store) -> None:
    with store.read() as session:
        assert session.messages.page(DATASET, MessageFilter(sources=[SOURCE])).n_total == 4
        assert session.messages.count(DATASET, MessageFilter(languages=["en"])) == 4


def test_times_that_are_equal_keep_the_order_of_arrival(tmp_path: Path) -> None:
    with Store.open(tmp_path / "s.duckdb", n_threads=1) as opened:
        fill(opened, *(message(f"{i:02}", body="late") for i in range(30)))
        where = MessageFilter(text="late")
        for order, ids in (("oldest", range(30)), ("recent", range(29, -1, -1))):
            with opened.read() as session:
                pages = [
                    session.messages.page(DATASET, where, order, start, 7).messages
                    for start in range(0, 30, 7)
                ]
            assert [int(one.message_id) for page in pages for one in page] == list(ids)
