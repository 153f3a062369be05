"""One label on messages that a version had not learned from when it judged them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.domain import DatasetId, HeldOutKind, LabelId, MessageFilter
from workbench.errors import ModelError, NotTrainedError, UnknownNameError
from workbench.store import Session
from workbench.workspace.context import Workspace
from workbench.workspace.matrices import held_out_file
from workbench.workspace.picks import HeldOut
from workbench.workspace.reviewed import thread_groups


@dataclass(frozen=True, kw_only=True, eq=False)
class HeldOutRows:
    """Held-out messages of one label.

    Attributes
    ----------
    version
        Whose judgement it is.
    place
        Of the label in the version's order.
    name
        Of the label.
    truth, scores
        bool and float32, (n,): what people say now, a label below it included, and what the version said.
    groups
        int64, (n,): thread-mates under one number.
    random
        bool, (n,): which came by Shuffle from at least four fifths of what was open then. Where a judgement says that
        it came by Shuffle and not from how many, it is taken at its word.
    """

    version: int
    place: int
    name: str
    truth: np.ndarray
    scores: np.ndarray
    groups: np.ndarray
    random: np.ndarray

    def one_of_each_thread(self, seed: int) -> HeldOutRows:
        """One message of each thread, drawn: what is asked of them is asked of messages that know nothing of another."""
        order = np.random.default_rng(seed).permutation(len(self.truth))
        return self.rows(np.sort(order[np.unique(self.groups[order], return_index=True)[1]]))

    def rows(self, chosen: np.ndarray) -> HeldOutRows:
        """Some of them; ``chosen`` is int64, (m,), places."""
        return replace(
            self,
            truth=self.truth[chosen],
            scores=self.scores[chosen],
            groups=self.groups[chosen],
            random=self.random[chosen],
        )


def held_out_rows(
    workspace: Workspace,
    session: Session,
    dataset_id: DatasetId,
    label_id: LabelId,
    version: int | None,
    *,
    kind: HeldOutKind = "test",
) -> HeldOutRows:
    """Read them.

    Raises
    ------
    NotTrainedError
        No version was validated.
    UnknownNameError
        There is no such version, or it does not know the label.
    ModelError
        Cross-validated probabilities are asked of another version than the newest that was validated.
    """
    validated = session.models.validation(dataset_id, None)
    if validated is None:
        raise NotTrainedError(
            "the dataset has no validated model version.", next_step="Review messages and train."
        )
    chosen = validated.version if version is None else version
    label_ids = session.models.label_ids(dataset_id, chosen)
    names = {one.label_id: one for one in session.labels.all(dataset_id, counted=False)}
    if label_id not in label_ids or label_id not in names:
        known = {one: names[one].name for one in label_ids if one in names}
        raise UnknownNameError("label", label_id, known)
    if kind == "test":
        tested = session.models.test_scores(dataset_id, chosen)
        place = label_ids.index(label_id)
        uids, scores = (
            tested.column("uid"),
            pc.list_element(tested.column("scores"), place).combine_chunks().to_numpy(zero_copy_only=False),
        )
    else:
        uids, scores = _cross_validated(workspace, session, dataset_id, label_id, chosen, validated.version)
    path = names[label_id].path
    below = [one.label_id for one in names.values() if one.path[: len(path)] == path]
    reviewed = session.reviews.reviewed(dataset_id)
    places = pc.index_in(uids, value_set=reviewed.column("uid").combine_chunks())
    usable = pc.is_valid(places).to_numpy() & np.isfinite(scores)
    rows = places.fill_null(0).to_numpy()[usable]
    kept = reviewed.take(pa.array(rows))
    assigned = session.reviews.matrix(dataset_id)
    carriers = assigned.filter(pc.is_in(assigned.column("label_id"), pa.array(below, pa.string())))
    return HeldOutRows(
        version=chosen,
        place=label_ids.index(label_id),
        name=names[label_id].name,
        truth=_among(kept.column("uid"), carriers.column("uid")),
        scores=scores[usable].astype(np.float32),
        groups=thread_groups(kept),
        random=_drawn_at_random(session, dataset_id, reviewed)[rows],
    )


def _drawn_at_random(session: Session, dataset_id: DatasetId, reviewed: pa.Table) -> np.ndarray:
    """bool, (n,): of the reviewed messages, see ``HeldOutRows.random``."""
    from workbench.evaluate import random_picks  # noqa: PLC0415

    n_messages = session.messages.count(dataset_id, MessageFilter())
    return random_picks(
        reviewed.column("mode").to_pylist(),
        [1.0] * len(reviewed),
        reviewed.column("n_population").fill_null(n_messages).to_pylist(),
        reviewed.column("first_seq").to_numpy().astype(np.int64),
        n_messages,
    )


def _cross_validated(
    workspace: Workspace,
    session: Session,
    dataset_id: DatasetId,
    label_id: LabelId,
    version: int,
    newest: int,
) -> tuple[pa.ChunkedArray, np.ndarray]:
    held_out = HeldOut.of(held_out_file(workspace, dataset_id))
    repeated = session.models.version(dataset_id, version).rolled_back_from is not None
    if version != newest or repeated or held_out is None or label_id not in held_out.label_ids:
        raise ModelError(
            f"version {version} has no cross-validated probabilities: only the version validated last keeps them.",
            next_step="Use the test part (held_out='test'), or train.",
            details={"version": version, "newest": newest},
        )
    column = held_out.label_ids.index(label_id)
    return pa.chunked_array([held_out.uids]), held_out.out_of_fold[:, column].astype(np.float64)


def _among(uids: pa.ChunkedArray, found: pa.ChunkedArray) -> np.ndarray:
    inside: np.ndarray = pc.is_in(uids, value_set=found.combine_chunks()).to_numpy()
    return inside.astype(bool)
