"""Which language each message is in: found in its text after it came, unless it says so itself."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from workbench.domain import (
    Dataset,
    DatasetId,
    JobId,
    JobKind,
    LanguageCount,
    LanguageReport,
)
from workbench.language import LanguageFit, language_code, language_fit, language_name
from workbench.store import Session
from workbench.workspace.context import Caller, Workspace
from workbench.workspace.derived import ensure_room
from workbench.workspace.discovering import dataset_of, spool
from workbench.workspace.following import AfterImport
from workbench.workspace.jobs import JobRun
from workbench.workspace.matrices import write_table

PIECE_ROWS = 8_192
"""Messages of one step, which is kept whatever comes after."""


def languages(caller: Caller, dataset_id: DatasetId) -> LanguageReport:
    """The languages of a dataset."""
    with caller.store.read() as session:
        dataset = session.catalog.find_dataset(dataset_id)
        counts = session.languages.of_dataset(dataset.dataset_id)
        n_waiting = session.languages.n_unknown(dataset.dataset_id)
    fit = _fit(counts, dataset.encoder)
    return LanguageReport(
        dataset_id=dataset.dataset_id,
        counts=tuple(
            LanguageCount(language=code, name=language_name(code), n_messages=n) for code, n in counts.items()
        ),
        n_waiting=n_waiting,
        share_foreign=fit.share_foreign,
        warning=fit.warning,
    )


def start_languages(caller: Caller, dataset_id: DatasetId) -> JobId:
    """Queue finding the languages that are not known."""
    with caller.store.write() as session:
        dataset = session.catalog.find_dataset(dataset_id)
        caller.audit(session, "start_languages", dataset.full_name)
    return caller.submit("languages", {}, dataset_id=dataset.dataset_id, joins=True)


def run_languages(workspace: Workspace, run: JobRun, _parameters: dict[str, Any]) -> object:
    """The job: source by source, piece by piece; each piece is kept, so that a run goes on where one stopped."""
    dataset = dataset_of(workspace, run)
    with workspace.store.read() as session:
        total = session.languages.n_unknown(dataset.dataset_id)
    run.stage("finding languages", total=total, unit="messages")
    done = 0
    with spool(workspace, run) as folder:
        texts = folder / "texts.arrow"
        for source_id in dataset.source_ids:
            after = 0
            while True:
                with workspace.store.read() as session:
                    found = session.languages.unknown(source_id, after, PIECE_ROWS)
                    seen = session.languages.of_source(source_id) if found.num_rows else {}
                if not found.num_rows:
                    break
                run.stop_if_cancelled()
                ensure_room(workspace, found.nbytes)
                write_table(texts, found)
                known = {code: n for code, n in seen.items() if code is not None}
                codes = run.work("speaking:detect", {"texts": str(texts), "seen": known})
                with workspace.store.write() as session:
                    session.languages.put(found, codes)
                after = found.column("upload_seq")[-1].as_py()
                done += found.num_rows
                run.progress(done, max(done, total))
    if done:
        workspace.events.publish(
            "language", dataset.dataset_id, dataset_id=dataset.dataset_id, payload={"found": done}
        )
    return {"detected": done}


def with_warning(session: Session, dataset: Dataset) -> Dataset:
    """The dataset, saying whether its encoder knows the languages of its messages."""
    counts = session.languages.of_dataset(dataset.dataset_id)
    return replace(dataset, language_warning=_fit(counts, dataset.encoder).warning)


def _fit(counts: dict[str | None, int], encoder: str) -> LanguageFit:
    from workbench.embed import encoder_info, encoder_names  # noqa: PLC0415 - keeps the owner's start light

    if encoder not in encoder_names():  # of a version that had another one
        return language_fit(counts, None, encoder=encoder)
    spoken: Counter[str | None] = Counter()
    for code, n in counts.items():  # a message may say "pt-BR"
        spoken[code and (language_code(code) or code)] += n
    others = {
        name: encoder_info(name).languages
        for name in encoder_names()
        if name != encoder and encoder_info(name).files
    }
    return language_fit(spoken, encoder_info(encoder).languages, encoder=encoder, others=others)


class Listening(AfterImport):
    """Languages follow messages: when a source has been quiet for a moment."""

    kind: JobKind = "languages"
    excludes: tuple[JobKind, ...] = ("languages",)

    @property
    def quiet_s(self) -> float:
        """As the settings say."""
        return self.workspace.settings.languages_after_s

    def is_missing(self, session: Session, dataset_id: DatasetId) -> bool:
        """Whether the language of some message is not known."""
        return session.languages.n_unknown(dataset_id) > 0
