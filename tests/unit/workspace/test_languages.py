"""Every message gets a language: its own, or the one its text is in."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stores import batch, message
from workbench.domain import Dataset, Message, MessageFilter, Operations, Source
from workbench.door import Dataset as DatasetDoor
from workbench.door import Job
from workbench.errors import MissingExtraError
from workbench.settings import Settings
from workbench.workspace import languages, open_workspace
from workbench.workspace.opening import OpenedWorkspace

ENGLISH = "my parcel has not arrived and the tracking page shows nothing"
GERMAN = "mein Paket ist noch nicht angekommen und niemand antwortet"
FRENCH = "mon colis n'est toujours pas arrivé et personne ne répond"


def opened_at(path: Path, *, after_s: float = -1.0) -> OpenedWorkspace:
    settings = Settings(
        encoder="minilm-l6-int8", fast_encoder="", retrain_after_reviews=0, languages_after_s=after_s
    )
    return open_workspace(path, settings=settings)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Operations]:
    with opened_at(tmp_path / "w.duckdb") as opened:
        yield opened.operations("tester")


def put(here: Operations, source: Source, *rows: dict[str, object]) -> None:
    here.put_messages(source.source_id, batch(*rows), f"{time.monotonic_ns()}", len(rows))


def laid_out(here: Operations) -> Dataset:
    mail = here.create_source("demo", "mail", language="multilingual")
    put(
        here,
        mail,
        *(message(f"e{n}", body=f"{ENGLISH}, case {n}", language=None) for n in range(5)),
        *(message(f"g{n}", body=f"{GERMAN}, Fall {n}", language=None) for n in range(3)),
        message("said", body=FRENCH, language="it"),
        message("none", body="INV-2041 / 88.20", language=None),
    )
    return here.create_dataset("demo", "all", (mail.source_id,))


def spoken(here: Operations, dataset: Dataset) -> dict[str | None, int]:
    return {one.language: one.n_messages for one in here.languages(dataset.dataset_id).counts}


def find(here: Operations, dataset: Dataset) -> dict[str, object]:
    return Job(here, here.start_languages(dataset.dataset_id)).wait(progress=False)


def named(here: Operations, dataset: Dataset, **conditions: object) -> dict[str, Message]:
    where = MessageFilter(**conditions)  # type: ignore[arg-type]
    found = here.find_messages(dataset.dataset_id, where, limit=50).messages
    return {one.message_id: one for one in found}


def test_languages_are_found_and_what_is_declared_stays(here: Operations) -> None:
    dataset = laid_out(here)
    assert spoken(here, dataset) == {None: 9, "it": 1}
    assert here.languages(dataset.dataset_id).n_waiting == 9
    assert find(here, dataset) == {"detected": 9}
    report = here.languages(dataset.dataset_id)
    assert [(one.language, one.name, one.n_messages) for one in report.counts] == [
        ("en", "English", 5),
        ("de", "German", 3),
        ("it", "Italian", 1),
        (None, "unknown", 1),
    ]
    assert report.n_waiting == 0
    assert set(named(here, dataset, languages=("de",))) == {"g0", "g1", "g2"}
    assert set(named(here, dataset, languages=("it", ""))) == {"said", "none"}
    assert {one.language for one in named(here, dataset, languages=("de",)).values()} == {"de"}
    table = here.messages_table(dataset.dataset_id, MessageFilter(languages=("it",)))
    assert table.column("language").to_pylist() == ["it"]
    piece = here.export_piece(dataset.dataset_id, MessageFilter())
    assert sorted(map(str, piece.column("language").to_pylist())) == ["None", *["de"] * 3, *["en"] * 5, "it"]
    assert find(here, dataset) == {"detected": 0}


def test_a_text_that_changed_is_looked_at_again_and_nothing_else_is(here: Operations) -> None:
    dataset = laid_out(here)
    find(here, dataset)
    (mail,) = here.sources()
    put(
        here,
        mail,
        message("e0", body=f"{GERMAN}, Fall 0", language=None),
        message("e1", body=f"{ENGLISH}, case 1", language=None, properties='{"string:Team": "A"}'),
        message("e2", body=f"{ENGLISH}, case 2", language="nl"),
    )
    assert here.languages(dataset.dataset_id).n_waiting == 1
    assert find(here, dataset) == {"detected": 1}
    assert spoken(here, dataset) == {"de": 4, "en": 3, "it": 1, "nl": 1, None: 1}
    put(here, mail, message("e2", body=f"{ENGLISH}, case 2", language=None))
    assert named(here, dataset, languages=("en",)).keys() == {"e1", "e2", "e3", "e4"}


def test_a_run_goes_on_where_one_stopped(here: Operations, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = laid_out(here)
    monkeypatch.setattr(languages, "PIECE_ROWS", 2)
    monkeypatch.setattr(
        "workbench.workspace.jobs.run.JobRun.cancelled",
        lambda _run: here.languages(dataset.dataset_id).n_waiting < 9,  # once a piece is stored
    )
    job = here.start_languages(dataset.dataset_id)
    while not here.job(job).finished:
        time.sleep(0.02)
    assert here.job(job).status == "cancelled"
    monkeypatch.undo()
    n_left = here.languages(dataset.dataset_id).n_waiting
    assert 0 < n_left < 9
    resumed = here.resume_job(job)
    assert Job(here, resumed).wait(progress=False) == {"detected": n_left}
    assert spoken(here, dataset)["de"] == 3


def test_they_follow_an_import_and_a_new_dataset_by_themselves(tmp_path: Path) -> None:
    with opened_at(tmp_path / "w.duckdb", after_s=0.1) as opened:
        here = opened.operations("tester")
        dataset = laid_out(here)
        _wait(lambda: spoken(here, dataset).get("de") == 3)
        put(here, here.sources()[0], message("late", body=GERMAN, language=None))
        _wait(lambda: spoken(here, dataset).get("de") == 4)
        more = here.create_source("demo", "more", language="multilingual")  # waits while no dataset reads it
        put(here, more, message("more", body=GERMAN, language=None))
        here.add_sources(dataset.dataset_id, (more.source_id,))
        _wait(lambda: spoken(here, dataset).get("de") == 5)


def _wait(is_so: object) -> None:
    deadline = time.monotonic() + 30
    while not is_so():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_dataset_warns_of_languages_its_encoder_does_not_know(here: Operations) -> None:
    dataset = laid_out(here)
    assert dataset.language_warning == ""
    find(here, dataset)
    warning = here.dataset("demo/all").language_warning
    assert warning.startswith(
        "44 % of the messages (4 of 9) are in languages the encoder 'minilm-l6-int8' was not trained on: "
        "German (3), Italian (1)."
    )
    assert "'use-multilingual-v3' knows them all" in warning
    assert here.datasets()[0].language_warning == warning
    assert here.languages(dataset.dataset_id).share_foreign == pytest.approx(4 / 9)
    door = DatasetDoor(here, dataset.dataset_id)
    with pytest.warns(UserWarning, match="was not trained on"):
        frame = door.languages()
    assert frame.to_dicts()[1] == {"language": "de", "name": "German", "messages": 3}


def test_regions_are_the_language_they_belong_to(here: Operations) -> None:
    dataset = laid_out(here)
    put(here, here.sources()[0], message("us", body=ENGLISH, language="en-US"))
    assert here.languages(dataset.dataset_id).share_foreign == pytest.approx(1 / 2)


def test_messages_can_be_deleted_while_languages_are_found(here: Operations) -> None:
    dataset = laid_out(here)
    job = here.start_languages(dataset.dataset_id)
    assert here.delete_dataset(dataset.dataset_id, "demo/all").n_datasets == 1
    assert here.delete_source(here.sources()[0].source_id, "demo/mail").n_messages == 10
    while not here.job(job).finished:
        time.sleep(0.02)
    assert here.sql("SELECT count(*) AS n FROM message")["n"].to_pylist() == [0]


def test_an_encoder_without_weights_is_refused_at_creation(
    here: Operations, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = here.create_source("demo", "mail")

    def missing(_file: object) -> None:
        raise MissingExtraError("the encoder 'use-multilingual-v3'", "make weights-multilingual")

    monkeypatch.setattr("workbench.embed.info.find", missing)
    with pytest.raises(MissingExtraError, match=r"is not installed\. Run: make weights-multilingual"):
        here.create_dataset("demo", "all", (mail.source_id,), encoder="use-multilingual-v3")
    assert here.datasets() == ()
