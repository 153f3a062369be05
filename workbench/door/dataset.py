"""A dataset in a notebook: the verbs of the vocabulary, tables as polars frames, charts that give their frame."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from workbench.domain import (
    ClusterRun,
    ColumnMapping,
    DatasetId,
    DiscoverOptions,
    ExportFormat,
    ImportReport,
    Judgement,
    JudgementReceipt,
    LabelId,
    MessageFilter,
    Operations,
    ReviewMode,
    Sentiment,
    Uid,
)
from workbench.domain import Dataset as DatasetInfo
from workbench.door.asking import Asking
from workbench.door.deciding import Deciding
from workbench.door.excepting import Excepting
from workbench.door.guiding import Guiding
from workbench.door.jobs import Job
from workbench.door.judged import Judged
from workbench.door.names import chosen, message_filter
from workbench.door.originals import Originals
from workbench.door.pushing import Pushing
from workbench.door.reporting import Reporting
from workbench.door.reviewing import Reviewing
from workbench.door.show import next_step, table
from workbench.door.speaking import Speaking
from workbench.door.streaming import Streaming
from workbench.door.taxonomy import WithTaxonomy
from workbench.errors import InputError, UnknownNameError

if TYPE_CHECKING:
    import polars as pl


_ALL = MessageFilter()
_NONE_SAID: Mapping[str, Sentiment] = {}


class Dataset(
    Asking,
    Deciding,
    Excepting,
    Guiding,
    Judged,
    Originals,
    Pushing,
    Reporting,
    Reviewing,
    Speaking,
    Streaming,
    WithTaxonomy,
):
    """A dataset of an open workspace.

    Attributes
    ----------
    operations
        Where it lives.
    dataset_id
        Which it is.
    """

    def __init__(self, operations: Operations, dataset_id: DatasetId) -> None:
        self.operations = operations
        self.dataset_id = dataset_id

    @property
    def info(self) -> DatasetInfo:
        """Names and counts of now."""
        return self.operations.dataset(self.dataset_id)

    def __repr__(self) -> str:
        info = self.info
        felt = ", label sentiment" if info.has_sentiment else ""
        return f"<Dataset {info.full_name}: {info.n_messages:,} messages, {info.n_reviewed:,} reviewed{felt}>"

    def _repr_html_(self) -> str:
        """For notebooks: the counts and the next step."""
        info = self.info
        row = (
            info.n_messages,
            info.n_reviewed,
            info.n_labels,
            info.model_version or None,
            None if info.rating is None else round(info.rating),
        )
        header = ("messages", "reviewed", "labels", "model version", "rating")
        felt = ", with label sentiment" if info.has_sentiment else ""
        return table(f"Dataset {info.full_name}{felt}", header, [row], next_step(info))

    # ---- messages

    def import_(
        self,
        path: str | os.PathLike[str],
        *,
        source: str = "",
        mapping: ColumnMapping | None = None,
        on_bad_row: str = "refuse",
        dry_run: bool = False,
        annotate: bool = False,
        sheet: str | None = None,
        clean_mail: bool = True,
        progress: bool = True,
    ) -> ImportReport:
        """Import more messages into a source of this dataset; see ``ws.import_``.

        Parameters
        ----------
        source
            ``project/name``; may be left out while the dataset has one source.
        annotate
            Whether this dataset takes the annotations of a comment file.

        Raises
        ------
        InputError
            The dataset has several sources and none is named, or the one named is not among them.
        """
        from workbench.door.workspace import Workspace  # noqa: PLC0415  (it imports this module)

        mine = self.info.source_ids
        names = [s.full_name for s in self.operations.sources() if s.source_id in mine]
        if not source and len(names) > 1:
            raise InputError(
                f"the dataset has {len(names)} sources.",
                next_step=f"Name one: source={names[0]!r}. Known: {', '.join(names)}.",
            )
        home = source or names[0]
        if home not in names:
            raise UnknownNameError("source of this dataset", home, names)
        taker = self.info.full_name if annotate else ""
        how: dict[str, Any] = {"on_bad_row": on_bad_row, "dry_run": dry_run, "clean_mail": clean_mail}
        return Workspace(self.operations, address="").import_(
            path, source=home, mapping=mapping, annotate=taker, sheet=sheet, progress=progress, **how
        )

    def export(
        self,
        path: str | os.PathLike[str],
        where: MessageFilter = _ALL,
        *,
        format: ExportFormat | None = None,  # noqa: A002  the word people expect
        at_least: float = 0.5,
        version: int | None = None,
        progress: Callable[[int], None] | None = None,
        **conditions: Any,
    ) -> Path:
        """Write messages with what people and the model say of them, however many there are.

        CSV, Parquet and XLSX have one column per user property and one per label (``Parent > Child``, its
        probability, 0 for none); JSONL has comment objects that ``ws.import_`` reads back.

        ``format`` None = by the ending of ``path``; ``version`` None = the newest. Labels with a probability of
        ``at_least``, in (0, 1], stand in the column ``predicted``. ``progress`` is told how many messages were
        written so far. ``InputError`` when the ending says no
        format, the folder does not exist, or there is no such version.
        """
        from workbench.reports import choose_format, export_messages  # noqa: PLC0415 - loads writers

        target = Path(path).expanduser().absolute()
        kind, did = choose_format(target, format), self.dataset_id
        wanted = message_filter(conditions) if conditions else where
        export_messages(
            self.operations,
            did,
            wanted,
            target,
            kind=kind,
            at_least=at_least,
            version=version,
            progress=progress,
        )
        return target

    def publish(self, path: str | os.PathLike[str]) -> Path:
        """Write a copy of the whole workspace, as ``ws.publish`` does."""
        return Path(self.operations.publish(str(Path(path).expanduser().absolute())))

    # ---- discover

    def embed(self, *, progress: bool = True) -> dict[str, Any]:
        """Make the vectors that are missing; returns how many."""
        return Job(self.operations, self.operations.start_embed(self.dataset_id)).wait(progress=progress)

    def discover(self, options: DiscoverOptions | None = None, *, progress: bool = True) -> ClusterRun:
        """Embed what is new, map, cluster and name; waits until done."""
        job_id = self.operations.start_discover(self.dataset_id, options or DiscoverOptions())
        Job(self.operations, job_id).wait(progress=progress)
        run = self.operations.cluster_run(self.dataset_id)
        if run is None:
            raise UnknownNameError("cluster run", self.dataset_id)
        return run

    def clusters(self) -> pl.DataFrame:
        """The newest run: cluster_id, name, phrases, messages, share, reviewed, medoid."""
        import polars as pl  # noqa: PLC0415

        run = self.operations.cluster_run(self.dataset_id)
        rows = [
            (c.cluster_id, c.name, list(c.phrases), c.n_messages, c.share, c.n_reviewed, c.medoid)
            for c in (run.clusters if run else ())
        ]
        schema: dict[str, pl.DataType | type[pl.DataType]] = {
            "cluster_id": pl.Int64,
            "name": pl.String,
            "phrases": pl.List(pl.String),
            "messages": pl.Int64,
            "share": pl.Float64,
            "reviewed": pl.Int64,
            "medoid": pl.String,
        }
        return pl.DataFrame(rows, schema=schema, orient="row")

    # ---- taxonomy and annotation

    def labels(self) -> pl.DataFrame:
        """The taxonomy with counts."""
        import polars as pl  # noqa: PLC0415

        rows = [
            (label.name, label.instructions, label.n_assigned, label.n_predicted, label.label_id)
            for label in self.operations.labels(self.dataset_id)
        ]
        schema = {
            "label": pl.String,
            "instructions": pl.String,
            "assigned": pl.Int64,
            "predicted": pl.Float64,
            "label_id": pl.String,
        }
        return pl.DataFrame(rows, schema=schema, orient="row")

    def annotate(
        self,
        uid: str,
        assigned: str | Iterable[str] = (),
        *,
        dismissed: str | Iterable[str] = (),
        sentiments: Mapping[str, Sentiment] = _NONE_SAID,
        mode: ReviewMode = "recent",
        create: bool = False,
    ) -> JudgementReceipt:
        """Say which labels apply to a message; every other label is thereby said not to.

        Parameters
        ----------
        assigned, dismissed
            Label names, ``Parent > Child``: one, or several.
        sentiments
            Labels that apply with what is said of them, where the dataset has label sentiment:
            ``sentiments={"Delivery": "negative"}``. They need not be named as assigned too.
        mode
            How the message was chosen; ``shuffle`` for one drawn at random.
        create
            Create labels that do not exist; otherwise they raise ``UnknownNameError``.

        Raises
        ------
        UnknownNameError
            There is no such label.
        InputError
            There is no such message in the dataset, or no such mode; a sentiment is missing, or the dataset has none.
        """
        chosen(mode, ReviewMode, "mode", get_args(ReviewMode))
        (seen,) = self.operations.get_messages(self.dataset_id, (Uid(uid),)) or (None,)
        if seen is None:
            raise InputError(
                f"the dataset has no message {uid!r}.",
                next_step="Take a uid from ds.messages(): '<source id>.<message id>'.",
                details={"uid": uid},
            )
        names = (assigned,) if isinstance(assigned, str) else tuple(assigned)
        felt = dict(zip(self.label_ids(sentiments, create=create), sentiments.values(), strict=True))
        given = self.label_ids(names, create=create)
        judgement = Judgement(
            event_id=secrets.token_hex(8),
            uid=Uid(uid),
            assigned=tuple(dict.fromkeys((*given, *felt))),
            dismissed=self.label_ids(dismissed, create=create),
            mode=mode,
            revision=seen.revision,
            sentiments=felt,
        )
        return self.operations.judge(self.dataset_id, (judgement,))[0]

    def label_ids(self, names: str | Iterable[str], *, create: bool = False) -> tuple[LabelId, ...]:
        """Ids of labels by name; a plain text is one name."""
        names = (names,) if isinstance(names, str) else tuple(names)
        known = {label.name: label.label_id for label in self.operations.labels(self.dataset_id)}
        found = []
        for name in names:
            if name not in known and create:
                known[name] = self.create_label(name).label_id
            if name not in known:
                raise UnknownNameError("label", name, known)
            found.append(known[name])
        return tuple(found)
