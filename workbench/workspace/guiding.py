"""The guide: how a dataset stands, the step that is next, and batches of reviews."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from workbench.domain import (
    MIN_EXAMPLES,
    Dataset,
    DatasetId,
    Guide,
    GuidedBatch,
    Label,
    LabelId,
    MessageFilter,
    Rating,
    ReviewMode,
    ValidationReport,
    VersionScore,
)
from workbench.domain.stopping import advise
from workbench.errors import InputError, UnknownNameError
from workbench.review import LabelStanding, PastBatch, Standing
from workbench.store import Session
from workbench.workspace.context import Caller
from workbench.workspace.gains import promised
from workbench.workspace.guide_doubts import doubts
from workbench.workspace.guide_steps import steps
from workbench.workspace.reviewing import next_batch

_FIRST_CLUSTERS = 30
_CLUSTERS_OF_A_BATCH = 5
_NO_RATING = Rating(score=None, band="none", factors=(), reason="There is no validated model version yet.")
_MOST_HEALTH_OF_FEW = 49.0


def guide(caller: Caller, dataset_id: DatasetId) -> Guide:
    """Read how it stands, and let the policy choose."""
    with caller.store.read() as session:
        dataset = session.catalog.counted_dataset(dataset_id)
        labels = session.labels.all(dataset.dataset_id, counted=False)
        report = session.models.validation(dataset.dataset_id)
        batches = session.review_batches.newest(dataset.dataset_id)
        unsure = doubts(caller.workspace, session, dataset.dataset_id)
        standing = _standing(session, dataset, labels, report, batches, unsure)
        is_pinned = report is not None and session.models.version(dataset_id, report.version).pinned
    names = {str(label.label_id): label.name for label in labels}
    first, *others = steps(standing, names=names, is_pinned=is_pinned)
    batches = tuple(replace(one, label=names.get(str(one.label_id), "")) for one in batches)
    mine = (one for one in batches if one.actor == caller.actor and one.finished_at is None)
    return Guide(
        dataset_id=dataset.dataset_id,
        version=report.version if report else 0,
        rating=report.rating if report else _NO_RATING,
        mean_average_precision=report.mean_average_precision.value if report else None,
        n_messages=dataset.n_messages,
        n_reviewed=dataset.n_reviewed,
        n_labels=len(labels),
        n_labels_ready=sum(label.n_assigned >= MIN_EXAMPLES for label in labels),
        seconds_per_message=standing.seconds_per_message,
        recommended=first,
        alternatives=tuple(others),
        last_batch=next((one for one in batches if one.after is not None), None),
        open_batch=next(mine, None),
        advice=advise(report, {label.label_id: label.name for label in labels}),
    )


def begin_batch(
    caller: Caller, dataset_id: DatasetId, mode: ReviewMode, n: int = 20, label_id: LabelId | None = None
) -> GuidedBatch:
    """Pick messages and keep them as the caller's batch."""
    batch_id = caller.made_id("batch")
    with caller.store.read() as session:
        known = session.review_batches.newest(dataset_id, n_most=1)
        if known and known[0].batch_id == batch_id:  # only the reply was lost
            return _named(session, known[0])
        where = _unseen_clusters(session, dataset_id) if mode == "cluster" else None
        report = session.models.validation(dataset_id)
        standing = _standing(
            session,
            session.catalog.counted_dataset(dataset_id),
            session.labels.all(dataset_id, counted=False),
            report,
            session.review_batches.newest(dataset_id),
            {},
        )
    picked = next_batch(caller, dataset_id, mode, n, label_id, None, where)
    if not picked.uids:
        raise InputError(
            f"mode {mode!r} has no message to review.",
            next_step="Choose another mode, or another label.",
            details={"mode": mode, "label_id": label_id},
        )
    pairs = list(zip(picked.uids, picked.probabilities, strict=True))
    with caller.store.write() as session:
        if where is not None and where.clusters:
            place = {cluster: at for at, cluster in enumerate(where.clusters)}
            of = {one.uid: one.cluster_id for one in session.messages.get(dataset_id, picked.uids)}
            pairs.sort(key=lambda pair: place.get(of.get(pair[0], -1), len(place)))
        batch = GuidedBatch(
            batch_id=batch_id,
            dataset_id=dataset_id,
            actor=caller.actor,
            mode=mode,
            label_id=label_id,
            begun_at=caller.workspace.clock(),
            uids=tuple(uid for uid, _ in pairs),
            probabilities=tuple(p for _, p in pairs),
            n_population=picked.n_population,
            before=VersionScore.of(report) if report else None,
            promised=promised(standing, mode, label_id, len(pairs)),
        )
        session.review_batches.begin(batch)
        return _named(session, batch)


def finish_batch(caller: Caller, dataset_id: DatasetId, batch_id: str) -> GuidedBatch:
    """End a batch of the caller."""
    with caller.store.write() as session:
        known = session.review_batches.get(dataset_id, batch_id)
        if known.actor != caller.actor:
            mine = session.review_batches.open_ids(dataset_id, caller.actor)
            raise UnknownNameError("batch of reviews", batch_id[:100], mine)
        ended = session.review_batches.finish(dataset_id, batch_id, at=caller.workspace.clock())
        return _named(session, ended)


def _named(session: Session, batch: GuidedBatch) -> GuidedBatch:
    if batch.label_id is None:
        return batch
    labels = session.labels.all(batch.dataset_id, counted=False)
    return replace(batch, label=next((one.name for one in labels if one.label_id == batch.label_id), ""))


def _unseen_clusters(session: Session, dataset_id: DatasetId) -> MessageFilter | None:
    """Five clusters to review: those without reviews first, larger ones before smaller; None without clusters."""
    found = session.review_batches.first_clusters(dataset_id, _FIRST_CLUSTERS)
    is_open = [one for one in found if one[2] < one[1]]
    chosen = sorted(is_open, key=lambda one: one[2] > 0)[
        :_CLUSTERS_OF_A_BATCH
    ]  # stable: size stays the order
    return MessageFilter(clusters=tuple(cluster for cluster, _, _ in chosen)) if chosen else None


def _standing(
    session: Session,
    dataset: Dataset,
    labels: tuple[Label, ...],
    report: ValidationReport | None,
    batches: tuple[GuidedBatch, ...],
    unsure: Mapping[str, tuple[int, int]],
) -> Standing:
    dataset_id = dataset.dataset_id
    clusters = session.review_batches.first_clusters(dataset_id, _FIRST_CLUSTERS)
    modes = session.review_batches.modes(dataset_id)
    n_reviewed = sum(modes.values())
    return Standing(
        n_messages=dataset.n_messages,
        n_reviewed=n_reviewed,
        has_clusters=bool(clusters),
        n_first_clusters=len(clusters),
        n_first_clusters_reviewed=sum(one[2] > 0 for one in clusters),
        mode_shares={mode: n / n_reviewed for mode, n in modes.items()},
        factors={factor.name: factor.score for factor in report.rating.factors} if report else {},
        rating=report.rating.score if report else None,
        mean_average_precision=report.mean_average_precision.value if report else None,
        labels=tuple(_label_standings(labels, report, unsure)),
        seconds_per_message=session.review_batches.pace(dataset_id),
        history=tuple(
            PastBatch(
                mode=one.mode,
                label_id=one.label_id,
                n=len(one.done),
                before=one.before.mean_average_precision if one.before else None,
                after=one.after.mean_average_precision,
            )
            for one in reversed(batches)
            if one.after is not None
        ),
        has_model=bool(dataset.model_version),
    )


def _label_standings(
    labels: tuple[Label, ...], report: ValidationReport | None, unsure: Mapping[str, tuple[int, int]]
) -> list[LabelStanding]:
    """Pins of now; the rest as the newest validated version found it."""
    validated = {one.label_id: one for one in report.labels} if report else {}
    made = []
    for label in labels:
        if not label.trainable:
            continue
        known, n = validated.get(label.label_id), label.n_assigned
        quality = known.average_precision if known else None
        made.append(
            LabelStanding(
                label_id=label.label_id,
                n_pins=n,
                n_train=known.n_train if known else 0,
                n_test=known.n_test if known else 0,
                average_precision=quality.value if quality else None,
                low=quality.low if quality else None,
                high=quality.high if quality else None,
                health=known.health if known else min(_MOST_HEALTH_OF_FEW, 2.0 * n),
                state=known.state if known else "gathering" if n else "untrained",
                n_check=unsure.get(label.label_id, (0, 0))[0],
                n_missed=unsure.get(label.label_id, (0, 0))[1],
            )
        )
    return made
