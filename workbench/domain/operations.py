"""``Operations``: everything the workbench can do, one method per operation.

Notebook kernels, panels, the command line and the HTTP door all hold an object of this type; whether it
runs in this process, speaks to the owner over a socket or to a server over HTTP cannot be told apart.
Arguments and results are the types of this room, numbers, text, numpy arrays and Arrow tables.
Every method may raise ``WorkbenchError``; ``AccessError`` and ``ConnectionLostError`` are possible on all.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

import pyarrow as pa

from workbench.domain.audit import AuditOperations
from workbench.domain.bucket_operations import BucketOperations
from workbench.domain.catalog_operations import CatalogOperations
from workbench.domain.charging import ChargingOperations
from workbench.domain.exceptions import ExceptionOperations
from workbench.domain.filter_values import FilterValueOperations
from workbench.domain.filters import MessageFilter
from workbench.domain.guide_operations import GuideOperations
from workbench.domain.ids import DatasetId, JobId, LabelId, SourceId, Uid, UploadId
from workbench.domain.imports import (
    ColumnMapping,
    FilePreview,
    ImportOptions,
    SyncCounts,
)
from workbench.domain.integration_operations import IntegrationOperations
from workbench.domain.jobs import EventPage, JobState
from workbench.domain.judged_operations import JudgedOperations
from workbench.domain.labelling_operations import LabellingOperations
from workbench.domain.languages import LanguageOperations
from workbench.domain.messages import Message, MessageOrder, MessagePage, ThreadLetter
from workbench.domain.model_operations import ModelOperations
from workbench.domain.overlaps import OverlapOperations
from workbench.domain.people_operations import PeopleOperations
from workbench.domain.plan_operations import PlanOperations
from workbench.domain.quotas import QuotaOperations
from workbench.domain.results import (
    BalanceReport,
    ClusterRun,
    DiscoverOptions,
    DriftReport,
    MapData,
    UsageReport,
)
from workbench.domain.retention import RetentionOperations
from workbench.domain.review import Judgement, JudgementReceipt, ReviewBatch, ReviewEvent, ReviewMode, Verdict
from workbench.domain.sentences import SentenceOperations
from workbench.domain.sign_in_operations import SignInOperations
from workbench.domain.source_operations import SourceOperations
from workbench.domain.stream_queue_operations import StreamQueueOperations
from workbench.domain.stream_status import StreamStatusOperations
from workbench.domain.streams import StreamOperations
from workbench.domain.taxonomy_operations import TaxonomyOperations
from workbench.domain.threshold_operations import ThresholdOperations
from workbench.domain.times import Resolution
from workbench.domain.unstored import UnstoredOperations
from workbench.domain.usage_operations import UsageOperations
from workbench.domain.webhooks import WebhookOperations


class Operations(
    AuditOperations,
    BucketOperations,
    CatalogOperations,
    ChargingOperations,
    ExceptionOperations,
    FilterValueOperations,
    GuideOperations,
    IntegrationOperations,
    JudgedOperations,
    LabellingOperations,
    LanguageOperations,
    ModelOperations,
    OverlapOperations,
    PeopleOperations,
    PlanOperations,
    QuotaOperations,
    RetentionOperations,
    SentenceOperations,
    SignInOperations,
    SourceOperations,
    StreamOperations,
    StreamQueueOperations,
    StreamStatusOperations,
    TaxonomyOperations,
    ThresholdOperations,
    UsageOperations,
    UnstoredOperations,
    WebhookOperations,
    Protocol,
):
    """All operations, by theme; those in modules of their own are inherited."""

    # ---- bringing messages in --------------------------------------------------------------------

    def begin_upload(self, upload_id: UploadId, name: str, n_bytes: int) -> int:
        """Open an upload under a client-made id; returns how many pieces are there already (to resume)."""
        ...

    def upload_piece(self, upload_id: UploadId, index: int, piece: bytes) -> None:
        """Hand in piece ``index`` (from 0, at most 1 MiB each); the same piece twice counts once."""
        ...

    def finish_upload(
        self, upload_id: UploadId, n_pieces: int, sha256: str, sheet: str | None = None
    ) -> FilePreview:
        """The end frame: check number and SHA-256 of the pieces, then look at the file (or one of its sheets).

        Asked again it looks again, at another sheet if one is named.
        """
        ...

    def start_import(
        self,
        source_id: SourceId | None,
        upload_id: UploadId,
        mapping: ColumnMapping,
        options: ImportOptions,
    ) -> JobId:
        """Import an uploaded file as a job; its result is an ``ImportReport`` as JSON.

        With ``options.dry_run`` nothing is loaded or charged: the report counts what the import would do.
        Without a source, which only a dry run may be, it does so for a new one.
        """
        ...

    def bad_rows(self, job_id: JobId, after: int = 0, n_rows: int = 16_384) -> pa.Table:
        """Rows that an import or its dry run could not read: row, column, value, problem, in row order.

        Those after the first ``after``, at most ``n_rows`` (1-65,536); empty at the end. Kept are the first
        1,000,000 of a job, for 30 days; a value is "(hidden)" where it could show a sensitive property.
        """
        ...

    def put_messages(
        self,
        source_id: SourceId,
        batch: pa.Table,
        batch_id: str,
        n_rows: int,
        no_charge: bool = False,
        only_new: bool = False,
    ) -> SyncCounts:
        """Store a batch (``MESSAGE_SCHEMA``, at most 16,384 rows) with its ledger rows in one transaction.

        Columns of ``MESSAGE_EXTRAS`` may follow: parts, cc, bcc, sent_at, attachments with their contents.
        ``n_rows`` must equal the rows that arrived; the same ``batch_id`` twice for one source loads once and
        answers the same counts. Times lie in the years 1970 to 2200. ``no_charge`` records the units as not charged
        when an administrator asks for it; anybody else is charged, and the entries say so. ``LimitError`` where the hard limit of a budget has no room: nothing is stored.
        With ``only_new`` a message that is there with another content is a ``ConflictError``, and nothing is stored.
        """
        ...

    # ---- reading messages ------------------------------------------------------------------------

    def count_messages(self, dataset_id: DatasetId, where: MessageFilter) -> int:
        """How many messages pass."""
        ...

    def find_messages(
        self,
        dataset_id: DatasetId,
        where: MessageFilter,
        order: MessageOrder = "recent",
        offset: int = 0,
        limit: int = 20,
        seed: int = 0,
    ) -> MessagePage:
        """One page (limit 1-256) of what passes; ``seed`` fixes the shuffle."""
        ...

    def get_messages(self, dataset_id: DatasetId, uids: tuple[Uid, ...]) -> tuple[Message, ...]:
        """These messages (at most 512), in the order asked; unknown ones are left out."""
        ...

    def attachment_content(self, dataset_id: DatasetId, uid: Uid, position: int) -> bytes:
        """The bytes of attachment ``position`` (from 0) of a message; ``InputError`` when not stored."""
        ...

    def thread(self, dataset_id: DatasetId, thread_id: str) -> tuple[Message, ...]:
        """A thread, oldest first, at most 256."""
        ...

    def thread_letters(self, dataset_id: DatasetId, uids: tuple[Uid, ...]) -> tuple[ThreadLetter, ...]:
        """What stands before and after messages (at most 512) in their threads within their sources, oldest first.

        For each at most the 8 nearest before it and the 8 nearest after it.
        """
        ...

    def unmasked_messages(self, dataset_id: DatasetId, uids: tuple[Uid, ...]) -> tuple[Message, ...]:
        """Messages (at most 256) as they came, also those of masked sources; the audit log says who read which."""
        ...

    def message_uids(self, dataset_id: DatasetId, where: MessageFilter, n_most: int = 1_000_000) -> pa.Table:
        """Column uid of the messages that pass, in order of arrival; nothing else of them is read.

        At most ``n_most`` (1-1,000,000).
        """
        ...

    def messages_table(
        self, dataset_id: DatasetId, where: MessageFilter, n_most: int = 1_000_000
    ) -> pa.Table:
        """Messages that pass, as a table.

        Columns: uid, source, message_id, timestamp, thread_id, subject, body, sender, recipients, language,
        properties (JSON), reviewed, assigned (list of label names), and the message's place in its thread, null
        without one: thread_messages, thread_position, thread_duration_s, thread_response_s, thread_first_sender
        (``ThreadPlace``). Where the dataset has label sentiment, sentiments too: lists beside assigned.
        """
        ...

    def export_piece(
        self,
        dataset_id: DatasetId,
        where: MessageFilter,
        after: int = 0,
        n_rows: int = 16_384,
        version: int | None = None,
    ) -> pa.Table:
        """The next messages that pass, in order of arrival, for exports of any size.

        Ask again with ``after`` = the last ``upload_seq`` until a piece is empty. Each piece shows one moment;
        what changes between two shows from the next on. At most ``n_rows`` (1-65,536) rows are looked at for
        one piece, unless none of them passes. ``version`` None = the newest.

        Columns: upload_seq, uid, source, message_id, timestamp, thread_id, subject, body, signature, full_text,
        sender, recipients, language, properties (JSON), cc, bcc, sent_at, parts (JSON), attachments (lists of
        name, size, content_type, content_hash, inline), declared_language (the one it came with; ``language``
        may be found in the text), reviewed, assigned, dismissed (lists of label names), probabilities (float32,
        one per label, 0 for none), and of the place in its thread what ``messages_table`` has. Where the dataset
        has label sentiment, sentiments (lists beside assigned) and predicted_sentiments (float32 beside
        probabilities, null below 0.05). The schema's metadata holds ``labels`` (the names the probabilities follow)
        and ``properties`` (all names, in the first piece only), both JSON.
        """
        ...

    # ---- discover --------------------------------------------------------------------------------

    def start_embed(self, dataset_id: DatasetId) -> JobId:
        """Embed what has no vector yet."""
        ...

    def start_discover(self, dataset_id: DatasetId, options: DiscoverOptions) -> JobId:
        """Embed if needed, project, cluster, name."""
        ...

    def cluster_run(self, dataset_id: DatasetId) -> ClusterRun | None:
        """The newest finished run, None before the first."""
        ...

    def map_data(self, dataset_id: DatasetId) -> MapData | None:
        """The newest map, None before the first."""
        ...

    # ---- review ----------------------------------------------------------------------------------

    def judge(self, dataset_id: DatasetId, judgements: tuple[Judgement, ...]) -> tuple[JudgementReceipt, ...]:
        """Store judgements (1-5,000) in one transaction; on disk when this returns. Order kept."""
        ...

    def keep_as_is(self, dataset_id: DatasetId, verdict: Verdict) -> None:
        """Store that a label Check or Missed doubts stays as it is on a message; both do not show it again.

        ``InputError`` when the message was judged since, or is not reviewed.
        """
        ...

    def next_batch(
        self,
        dataset_id: DatasetId,
        mode: ReviewMode,
        n: int = 20,
        label_id: LabelId | None = None,
        seed: int | None = None,
        where: MessageFilter | None = None,
    ) -> ReviewBatch:
        """Pick ``n`` (1-256) messages to review by a query strategy; seed None = a new one, reported back.

        Only messages that pass ``where`` are picked; mode ``search`` ranks them by how well they fit its text.
        """
        ...

    def review_events(self, dataset_id: DatasetId) -> pa.Table:
        """Every review event, in order.

        Columns: event_id, uid, at, actor, mode, probability, model_version, assigned, dismissed, reviewed,
        n_population, sentiments (beside assigned; null for a parent that follows from the labels below it).
        """
        ...

    def review_history(self, dataset_id: DatasetId, uid: Uid, n_most: int = 100) -> tuple[ReviewEvent, ...]:
        """What was done to one message, by whom and when: newest first, at most ``n_most`` (1-1,000)."""
        ...

    # ---- models ----------------------------------------------------------------------------------

    def start_train(self, dataset_id: DatasetId) -> JobId:
        """Train a version on all that is reviewed, predict every message, validate."""
        ...

    def label_totals(self, dataset_id: DatasetId, resolution: Resolution = "week") -> pa.Table:
        """period, label, expected (sum of probabilities; 1 or 0 where reviewed), n_messages of the period."""
        ...

    # ---- monitor ---------------------------------------------------------------------------------

    def start_monitor(self, dataset_id: DatasetId) -> JobId:
        """Compute drift and balance."""
        ...

    def drift(self, dataset_id: DatasetId) -> DriftReport | None:
        """The newest drift report, None before the first."""
        ...

    def balance(self, dataset_id: DatasetId) -> BalanceReport | None:
        """The newest balance report, None before the first."""
        ...

    # ---- usage -----------------------------------------------------------------------------------

    def usage(self, since: datetime | None = None, until: datetime | None = None) -> UsageReport:
        """The ledger summed by day, project, source, channel and operation."""
        ...

    def ledger_table(self, since: datetime | None = None) -> pa.Table:
        """Every ledger entry, by time.

        Columns: entry_id, at, project, source, channel, operation, uid, units, charged, actor, rate (platform units
        per unit when it was charged), corrects (the entry it takes back), note.
        """
        ...

    # ---- running ---------------------------------------------------------------------------------

    def jobs(self, dataset_id: DatasetId | None = None) -> tuple[JobState, ...]:
        """Jobs, newest first, at most 100."""
        ...

    def job(self, job_id: JobId) -> JobState:
        """One job; ``UnknownNameError`` when there is none."""
        ...

    def cancel_job(self, job_id: JobId) -> JobState:
        """Ask a job to stop; what it finished stays. Cancelling a finished job changes nothing."""
        ...

    def resume_job(self, job_id: JobId) -> JobId:
        """Queue an interrupted, failed or cancelled job again; it skips what is done."""
        ...

    def wait_events(
        self,
        after: int = 0,
        timeout_s: float = 20.0,
        dataset_id: DatasetId | None = None,
    ) -> EventPage:
        """Long poll: events after ``after``; empty when ``timeout_s`` (0-30) passed. 0 = from now on."""
        ...

    def sql(self, query: str, limit: int = 100_000) -> pa.Table:
        """Run an analyst's read-only SELECT; no files, no settings, time and memory limits."""
        ...

    def publish(self, path: str) -> str:
        """Write a read-only copy of the workspace (temporary name, fsync, rename): snapshot and backup."""
        ...

    def whoami(self) -> str:
        """The caller's name as it is written into review events, ledger and audit."""
        ...

    def health(self) -> dict[str, str]:
        """Version, schema version, path, encoder, language model, uptime, clients, running jobs: for status screens."""
        ...


def operation_methods() -> dict[str, Callable[..., Any]]:
    """Every operation by name, as the protocols declare it."""
    return {
        name: method
        for name, method in inspect.getmembers(Operations, inspect.isfunction)
        if not name.startswith("_")
    }
