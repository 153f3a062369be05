"""Translations beside the originals, for sources that ask for them, where a translator is configured."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from workbench.domain import Dataset, DatasetId, Event, JobId, JobKind, Source
from workbench.errors import InputError
from workbench.settings import Settings
from workbench.store import DatasetPlace, Session
from workbench.workspace.context import Caller, Workspace
from workbench.workspace.derived import ensure_room
from workbench.workspace.discovering import dataset_of, spool
from workbench.workspace.following import AfterImport
from workbench.workspace.jobs import JobRun
from workbench.workspace.matrices import write_table

PIECE_ROWS = 256
"""Messages handed to the translator's process at a time; each few that come back are kept at once."""
TRANSLATORS = ("libretranslate", "openai")


def start_translate(caller: Caller, dataset_id: DatasetId) -> JobId:
    """Queue translating what is in another language than the one to read in."""
    check_translator(caller.settings)
    with caller.store.write() as session:
        dataset = session.catalog.find_dataset(dataset_id)
        if not _sources(session, dataset):
            raise InputError(
                f"no source of dataset {dataset.full_name!r} is to be translated.",
                next_step="Set should_translate=True on a source first.",
                details={"dataset": dataset.full_name},
            )
        caller.audit(session, "start_translate", dataset.full_name)
    return caller.submit("translate", {}, dataset_id=dataset.dataset_id, joins=True)


def check_translator(settings: Settings) -> None:
    """Refuse when no translator is configured, or none that is known.

    Raises
    ------
    InputError
        So it is; the text names the setting.
    """
    if settings.translator in TRANSLATORS and settings.translator_url:
        return
    if settings.translator == "off" or not settings.translator:
        problem = "no translator is configured, so no text leaves this machine."
    elif settings.translator not in TRANSLATORS:
        problem = f"the setting 'translator' is {settings.translator!r}, which is unknown."
    else:
        problem = "the setting 'translator_url' is empty."
    raise InputError(
        problem,
        next_step="Set 'translator' ('openai' or 'libretranslate') and 'translator_url' in workbench.toml beside"
        " the workspace file, then start its owner again.",
        details={"translator": settings.translator, "known": list(TRANSLATORS)},
    )


def run_translate(workspace: Workspace, run: JobRun, _parameters: dict[str, Any]) -> object:
    """The job: source by source; what a translator gave is kept as it comes, so that a run goes on later."""
    settings = workspace.settings
    check_translator(settings)
    dataset = dataset_of(workspace, run)
    target, name = settings.translate_into, translator_name(settings)
    with workspace.store.read() as session:
        sources = _sources(session, dataset)
        total = sum(session.translations.n_wanted(source.source_id, target) for source in sources)
    run.stage("translating", total=total, unit="messages")
    done = n_spent = 0
    with spool(workspace, run) as folder:
        for source in sources:
            after = 0
            while True:
                with workspace.store.read() as session:
                    found = session.translations.wanted(source.source_id, target, after, PIECE_ROWS)
                    kept = session.translations.kept(found, target, name) if found.num_rows else {}
                if not found.num_rows:
                    break
                run.stop_if_cancelled()
                after = found.column("upload_seq")[-1].as_py()
                known = [kept.get(key) for key in _keys(found)]
                is_known = pa.array([one is not None for one in known], pa.bool_())
                again = [one for one in known if one is not None]
                _keep(workspace, found.filter(is_known), again, target, name)
                done += len(again)
                run.progress(done, max(done, total))
                asked = found.filter(pc.invert(is_known))
                if not asked.num_rows:
                    continue
                ensure_room(workspace, asked.nbytes)
                write_table(folder / "texts.arrow", asked)
                payload = _payload(workspace, folder / "texts.arrow", n_spent)
                for kind, item in run.work_items("speaking:translate", payload):
                    if kind == "result":
                        n_spent += item
                        break
                    _keep(workspace, asked.take(item["rows"]), item["texts"], target, name)
                    done += len(item["rows"])
                    run.progress(done, max(done, total))
    return {"translated": done, "characters": n_spent}


def translator_name(settings: Settings) -> str:
    """What stands with a translation: who made it."""
    model = f"{settings.translator_model} " if settings.translator == "openai" else "libretranslate "
    return f"{model}{settings.translator_url.rstrip('/')}"


def _sources(session: Session, dataset: Dataset) -> tuple[Source, ...]:
    found = (session.catalog.source(source_id) for source_id in dataset.source_ids)
    return tuple(source for source in found if source.should_translate)


def _keys(found: pa.Table) -> list[tuple[str, str]]:
    return list(zip(found["text_hash"].to_pylist(), found["language"].to_pylist(), strict=True))


def _keep(workspace: Workspace, rows: pa.Table, texts: list[tuple[str, str]], target: str, name: str) -> None:
    if not rows.num_rows:
        return
    made = rows.select(["uid", "text_hash", "language"])
    for place, column in enumerate(("subject", "body")):
        made = made.append_column(column, pa.array([pair[place] for pair in texts], pa.string()))
    with workspace.store.write() as session:
        session.translations.put(made, target, name, workspace.clock())


def _payload(workspace: Workspace, texts: Path, n_spent: int) -> dict[str, Any]:
    settings = workspace.settings
    key_file = settings.translator_key_file
    return {
        "texts": str(texts),
        "target": settings.translate_into,
        "kind": settings.translator,
        "url": settings.translator_url,
        "model": settings.translator_model,
        "key_file": str(workspace.path.parent / key_file) if key_file else "",
        "timeout_s": settings.translator_timeout_s,
        "budget": settings.translate_budget,
        "spent": n_spent,
    }


class Interpreting(AfterImport):
    """Translations follow languages: when those of a source that asks for translations were found."""

    kind: JobKind = "translate"
    excludes: tuple[JobKind, ...] = ("languages", "translate")

    @property
    def quiet_s(self) -> float:
        """As for languages; at once where those are never looked for."""
        return max(0.0, self.workspace.settings.languages_after_s)

    def enabled(self) -> bool:
        """Where a translator is configured."""
        return self.workspace.settings.translator in TRANSLATORS

    def concerns(self, event: Event, dataset: DatasetPlace) -> bool:
        """Messages came with their languages, or those were found."""
        if event.topic == "language":
            return event.dataset_id == dataset.dataset_id
        return super().concerns(event, dataset)

    def is_missing(self, session: Session, dataset_id: DatasetId) -> bool:
        """Whether a message of a source that asks for it has no translation."""
        target = self.workspace.settings.translate_into
        sources = _sources(session, session.catalog.find_dataset(dataset_id))
        return any(session.translations.n_wanted(source.source_id, target) for source in sources)
