"""Elements without a browser: traits, and messages in and out."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import traitlets
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import InputError
from workbench.widgets import elements
from workbench.widgets.elements import base

Sent = list[tuple[dict[str, object], list[bytes]]]


def listen(element: elements.Element, monkeypatch: pytest.MonkeyPatch) -> Sent:
    """Collect what an element sends to the browser."""
    sent: Sent = []
    monkeypatch.setattr(
        type(element), "send", lambda _self, content, buffers=None: sent.append((content, buffers or []))
    )
    return sent


def receive(element: elements.Element, content: dict[str, object], *buffers: bytes) -> None:
    """Hand an element a message as if the browser had sent it."""
    element._handle_custom_msg(content, [memoryview(one) for one in buffers])


def all_classes() -> Iterator[type[elements.Element]]:
    for name in elements.__all__:
        one = getattr(elements, name)
        if isinstance(one, type) and issubclass(one, elements.Element) and one is not elements.Element:
            yield one


@pytest.mark.parametrize("cls", list(all_classes()), ids=lambda cls: cls.__name__)
def test_no_element_takes_markup_or_another_host(cls: type[elements.Element]) -> None:
    script = str(cls._esm)
    for forbidden in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "DOMParser",
        "http://www.google",
        "cdn",
    ):
        assert forbidden not in script
    assert "https://" not in script
    assert script.count("export default") == 1


def test_an_answer_and_a_failure_travel_back(monkeypatch: pytest.MonkeyPatch) -> None:
    listing = elements.MessageList(total=500)
    sent = listen(listing, monkeypatch)
    listing.on_page(lambda offset, limit: [{"id": str(i)} for i in range(offset, offset + limit)])
    receive(listing, {"type": "page", "id": "q1", "offset": 120, "limit": 2})
    assert sent[-1][0] == {"type": "reply", "id": "q1", "result": [{"id": "120"}, {"id": "121"}]}

    def broken(offset: int, limit: int) -> list[dict[str, base.JsonValue]]:
        raise InputError("no such source 'x'.", next_step="Pick another.")

    listing.on_page(broken)
    receive(listing, {"type": "page", "id": "q2", "offset": 0, "limit": 2})
    assert sent[-1][0]["error"] == {"title": "no such source 'x'.", "next": "Pick another."}


def test_an_unknown_failure_keeps_its_text_to_itself() -> None:
    words = base.describe_error(RuntimeError("customer wrote: my PIN is 1234"))
    assert "1234" not in str(words)
    assert "RuntimeError" in str(words["title"])


@given(st.lists(st.booleans(), max_size=70))
def test_a_mask_survives_packing(bits: list[bool]) -> None:
    mask = np.array(bits, dtype=np.bool_)
    assert np.array_equal(elements.unpack_mask(elements.pack_mask(mask), len(bits)), mask)
    assert not elements.unpack_mask(b"", len(bits)).any()


def test_map_quantises_within_half_a_step() -> None:
    xy = np.random.default_rng(0).normal(0, 30, (1000, 2)).astype("<f4")
    drawn = elements.MessageMap()
    drawn.set_points(xy, np.arange(1000) % 5 - 1)
    x, y, side = drawn._frame
    back = np.frombuffer(drawn._points, "<u2").reshape(-1, 2) / 65535 * side + [x, y]
    assert np.abs(back - xy).max() <= side / 65535 * 0.51
    assert np.frombuffer(drawn.category, "<u2")[:3].tolist() == [elements.NO_CATEGORY, 0, 1]
    assert drawn.n_points == 1000


@pytest.mark.parametrize("raw", [b"1234567", np.array([[np.nan, 0]], "<f4").tobytes()])
def test_map_refuses_what_is_no_position(raw: bytes) -> None:
    with pytest.raises(traitlets.TraitError, match="float32"):
        elements.MessageMap(xy=raw)


def test_map_takes_a_selection_from_the_browser_as_memoryview() -> None:
    drawn = elements.MessageMap()
    drawn.set_points(np.zeros((20, 2), np.float32))
    heard: list[int] = []
    drawn.on_select(lambda mask: heard.append(int(mask.sum())))
    mask = np.arange(20) % 3 == 0
    drawn.set_state({"selection": memoryview(elements.pack_mask(mask)), "selection_count": 7})
    assert heard == [7]
    assert np.array_equal(drawn.selected(), mask)
    drawn.set_points(np.zeros((5, 2), np.float32))
    assert not drawn.selected().any()


def test_hover_is_answered_only_inside_the_map(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = elements.MessageMap()
    drawn.set_points(np.zeros((3, 2), np.float32))
    drawn.on_hover(lambda index: f"row {index}")
    sent = listen(drawn, monkeypatch)
    for index in (2, 3, -1, "x"):
        receive(drawn, {"type": "hover", "id": "h", "index": index})
    assert [content["result"] for content, _ in sent] == ["row 2", None, None, None]


def judgement(seq: str, **values: object) -> dict[str, object]:
    event = {
        "seq": seq,
        "uid": "s.1",
        "assigned": ["a"],
        "dismissed": [],
        "new": [],
        "reviewed": False,
        "before_revision": 3,
        **values,
    }
    return {"type": "judge", "event": event}


def test_a_repeated_judgement_is_heard_once_and_answered_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    card = elements.AnnotationCard(queue=[{"uid": "s.1"}])
    sent = listen(card, monkeypatch)
    heard: list[elements.JudgementEvent] = []
    card.on_judge(heard.append)
    receive(card, judgement("q"))
    receive(card, judgement("q"))  # repeated before the answer: still at work
    assert sent == []
    card.acknowledge("q", {"assigned": ["a"], "dismissed": [], "reviewed": False, "revision": 4})
    receive(card, judgement("q"))
    assert [one["seq"] for one in heard] == ["q"]
    assert [content["type"] for content, _ in sent] == ["ack", "ack"]


def test_a_judgement_that_fails_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    card = elements.AnnotationCard()
    sent = listen(card, monkeypatch)

    def full(_event: elements.JudgementEvent) -> None:
        raise InputError("the dataset is archived.")

    card.on_judge(full)
    receive(card, judgement("q"))
    assert sent[-1][0] == {
        "type": "refuse",
        "seq": "q",
        "error": {"title": "the dataset is archived.", "next": ""},
    }


def test_remote_changes_and_more_messages_are_kept_for_later_views(monkeypatch: pytest.MonkeyPatch) -> None:
    card = elements.AnnotationCard(queue=[{"uid": "s.1", "assigned": []}])
    sent = listen(card, monkeypatch)
    card.on_need_more(lambda after: card.extend([{"uid": f"after {after}"}]))
    receive(card, {"type": "need_more", "after": "s.1"})
    card.apply_remote("s.1", {"assigned": ["b"], "revision": 9, "by": "Maria"})
    assert card.queue == [
        {"uid": "s.1", "assigned": ["b"], "revision": 9, "by": "Maria"},
        {"uid": "after s.1"},
    ]
    assert [content["type"] for content, _ in sent] == ["extend", "remote"]


def test_list_selection_counts_what_was_never_fetched() -> None:
    listing = elements.MessageList(total=1000)
    listing.select_all()
    listing.excluded_ids = ["a", "b"]
    assert listing.n_selected == 998
    assert not listing.is_selected("a") and listing.is_selected("z")
    listing.select_none()
    assert listing.n_selected == 0


def test_table_sorts_with_missing_last_and_neutralises_csv(monkeypatch: pytest.MonkeyPatch) -> None:
    table = elements.DataTable(columns=[{"key": "n"}, {"key": "t", "title": "=Title"}])
    table.set_rows(
        [{"n": 2, "t": "=1+1"}, {"n": None, "t": "@x"}, {"n": 10, "t": "-5"}, {"n": -1, "t": "fine"}]
    )
    sent = listen(table, monkeypatch)
    receive(table, {"type": "page", "id": "p", "offset": 0, "limit": 9, "sort_key": "n", "descending": True})
    assert [row["n"] for row in sent[-1][0]["result"]] == [10, 2, -1, None]
    table.sort_key = "n"
    rows = list(csv.reader(io.StringIO(table.to_csv())))
    assert rows == [["n", "'=Title"], ["-1", "fine"], ["2", "'=1+1"], ["10", "'-5"], ["", "'@x"]]


def test_charts_carry_no_script_and_share_one_runtime() -> None:
    first, second = elements.Chart(spec="{}"), elements.Chart(spec="{}")
    runtime = elements.PlotlyRuntime.shared()
    assert first._runtime == second._runtime == runtime.model_id
    assert len(str(first._esm)) < 25_000
    assert runtime.source[:2] == b"\x1f\x8b" and len(runtime.source) < 2_000_000
    heard: list[object] = []
    first.on_click(heard.append)
    receive(first, {"type": "click", "trace": 0, "point": 3, "x": "a", "y": 1, "evil": 1})
    assert heard == [{"trace": 0, "point": 3, "x": "a", "y": 1, "customdata": None}]


def test_upload_keeps_order_and_ignores_repeats(monkeypatch: pytest.MonkeyPatch) -> None:
    drop = elements.FileDrop(max_bytes=10)
    sent = listen(drop, monkeypatch)
    got: list[tuple[int, bytes]] = []
    ended: list[tuple[str, str, int]] = []
    cancelled: list[str] = []
    drop.on_piece(lambda _upload, index, piece: got.append((index, piece)))
    drop.on_end(lambda *what: ended.append(what))
    drop.on_cancel(cancelled.append)
    receive(drop, {"type": "start", "id": "1", "upload_id": "u", "name": "a.csv", "n_bytes": 6})
    for index, piece in ((0, b"abc"), (0, b"abc"), (1, b"def")):
        receive(drop, {"type": "piece", "id": "2", "upload_id": "u", "index": index}, piece)
    receive(drop, {"type": "end", "id": "3", "upload_id": "u", "name": "a.csv"})
    assert got == [(0, b"abc"), (1, b"def")]
    assert ended == [("u", "a.csv", 6)]
    assert "error" not in str(sent)
    receive(drop, {"type": "start", "id": "4", "upload_id": "v", "name": "b.csv", "n_bytes": 11})
    assert "error" in sent[-1][0]
    receive(drop, {"type": "start", "id": "5", "upload_id": "w", "name": "c.csv", "n_bytes": 4})
    receive(drop, {"type": "piece", "id": "6", "upload_id": "w", "index": 0}, b"x" * 11)
    assert "error" in sent[-1][0] and cancelled == ["w"]


def test_clusters_apply_to_what_is_selected(monkeypatch: pytest.MonkeyPatch) -> None:
    cards = [{"id": c, "snippets": [{"uid": f"{c}{i}", "text": ""} for i in range(3)]} for c in "pq"]
    grid = elements.ClusterGrid(clusters=cards)
    sent = listen(grid, monkeypatch)
    heard: list[elements.ApplyEvent] = []
    grid.on_apply(heard.append)
    receive(
        grid,
        {
            "type": "apply",
            "id": "1",
            "label": "L",
            "new": False,
            "cluster_ids": ["p", "q", "none"],
            "excluded": ["p0", "q0", "q1", "q2"],
        },
    )
    assert heard == [
        {"label": "L", "new": False, "cluster_ids": ["p"], "uids": ["p1", "p2"], "excluded": ["p0"]}
    ]
    assert sent[-1][0]["result"] == 2


def test_buttons_reach_python() -> None:
    heard: list[str] = []
    job, notice, tree = elements.JobProgress(), elements.Notice(title="x"), elements.TaxonomyTree(error="old")
    job.on_cancel(lambda: heard.append("cancel"))
    job.on_resume(lambda: heard.append("resume"))
    notice.on_dismiss(lambda: heard.append("dismiss"))
    undo = notice.on_action(lambda: heard.append("action"))
    tree.on_rename(lambda label_id, name: heard.append(f"{label_id}={name}"))
    tree.on_new_label(heard.append)
    receive(job, {"type": "cancel"})
    receive(job, {"type": "resume"})
    receive(notice, {"type": "action"})
    undo()
    receive(notice, {"type": "action"})
    receive(notice, {"type": "dismiss"})
    receive(tree, {"type": "rename", "label_id": "a", "name": "b"})
    receive(tree, {"type": "new", "path": "A > B"})
    assert heard == ["cancel", "resume", "action", "dismiss", "a=b", "A > B"]
    assert notice.title == "" and tree.error == ""
    notice.show_error(InputError("gone.", next_step="look."))
    assert (notice.level, notice.title, notice.next_step) == ("error", "gone.", "look.")


def test_rows_open_and_labels_are_renamed_only_where_somebody_listens() -> None:
    table, tree, heard = elements.DataTable(), elements.TaxonomyTree(), list[object]()
    assert not table.opens and not tree.renames
    table.on_open(heard.append)
    tree.on_rename(lambda label_id, name: heard.append((label_id, name)))
    receive(table, {"type": "open", "key": "Refund"})
    receive(tree, {"type": "rename", "label_id": "1", "name": "Late"})
    assert table.opens and tree.renames and heard == ["Refund", ("1", "Late")]


def test_a_job_that_ended_is_put_away_by_the_person() -> None:
    progress, heard = elements.JobProgress(state="failed"), list[int]()
    progress.on_dismiss(lambda: heard.append(1))
    receive(progress, {"type": "dismiss"})
    assert heard == [1]


def test_every_file_of_an_element_is_there() -> None:
    folder = Path(base.__file__).parent
    for cls in all_classes():
        assert (folder / f"{cls.__module__.rsplit('.', 1)[-1]}.py").exists()
    assert {"shared.js", "theme.css", "virtual.js", "typeahead.js"} <= {
        path.name for path in folder.iterdir()
    }
