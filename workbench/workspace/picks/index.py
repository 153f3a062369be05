"""A dataset as arrays in row order: what the strategies rank by, read once and kept current by judgements."""

from __future__ import annotations

import copy
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from workbench.domain import DatasetId, LabelId
from workbench.review import by_cluster, sureness, typicality
from workbench.store import Session
from workbench.workspace.picks.held_out import HeldOut
from workbench.workspace.picks.places import Places

Key = tuple[str, str]
Part = tuple[np.ndarray, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Rows:
    """The messages, and which of them are reviewed as of review event ``seq``."""

    places: Places
    times: np.ndarray
    reviewed: np.ndarray
    seq: int

    @property
    def n_bytes(self) -> int:
        uids = self.places.among
        return int(uids.nbytes + self.places.n_bytes + self.times.nbytes + self.reviewed.nbytes)


class PickIndex:
    """One dataset, read by one version of what is stored.

    Messages, reviewed flags and times are read at once; each further part (a label's probabilities, how sure a
    prediction is, clusters) when a strategy first needs it. At a million messages the base takes 50 MB and each part
    4 to 12 MB. Only the reviewed flags change: ``follow`` brings them up to date; for all else a new index is made.
    Thread-safe.

    Parameters
    ----------
    session
        An open read.
    dataset_id
        Which dataset.
    held_out
        What the newest validation left.
    vectors
        Given the number of messages, their vectors, float32, (n, d); None = there are none.
    before
        An index of the same messages in the same order; None = read them.
    """

    def __init__(
        self,
        session: Session,
        dataset_id: DatasetId,
        *,
        held_out: HeldOut | None,
        vectors: Callable[[int], np.ndarray | None],
        before: PickIndex | None = None,
    ) -> None:
        self._dataset_id = dataset_id
        self._lock = threading.Lock()
        self._reading = threading.Lock()
        self._parts: OrderedDict[Key, Part] = OrderedDict()
        table = None if before else session.messages.keys(dataset_id)
        if before is not None:
            known, times = before.places, before.times
        else:
            assert table is not None
            known = Places(table.column("uid").combine_chunks())
            times = table.column("timestamp").to_numpy().astype("datetime64[us]").astype(np.int64)
        reviewed = np.zeros(len(known.among), dtype=bool)
        rows = known.of(session.reviews.reviewed(dataset_id).column("uid").combine_chunks())
        reviewed[rows[rows >= 0]] = True
        self._rows = _Rows(
            places=known, times=times, reviewed=reviewed, seq=session.reviews.last_seq(dataset_id)
        )
        self.held_out = held_out
        self.vectors = vectors(len(known.among))
        versions = session.models.versions(dataset_id)
        self._version = versions[0].version if versions else None
        self.label_ids: tuple[LabelId, ...] = (
            session.models.label_ids(dataset_id, self._version) if self._version else ()
        )

    # ---- what is always there --------------------------------------------------------------------

    @property
    def uids(self) -> pa.Array:
        """Uids in row order."""
        return self._rows.places.among

    @property
    def places(self) -> Places:
        """Where a uid stands."""
        return self._rows.places

    @property
    def times(self) -> np.ndarray:
        """int64, (n,), microseconds."""
        return self._rows.times

    @property
    def reviewed(self) -> np.ndarray:
        """bool, (n,); never changed in place."""
        return self._rows.reviewed

    @property
    def has_predictions(self) -> bool:
        """Whether there is a model version."""
        return self._version is not None

    @property
    def n_bytes(self) -> int:
        """Memory it takes."""
        held_out = self.held_out.out_of_fold.nbytes if self.held_out else 0
        with self._lock:
            parts = sum(array.nbytes for part in self._parts.values() for array in part)
        return self._rows.n_bytes + int(held_out) + parts

    def follow(self, session: Session) -> None:
        """Take over what was judged since."""
        events = session.reviews.judged_after(self._dataset_id, self._rows.seq)
        if not events.num_rows:
            return
        with self._lock:
            seqs = events.column("seq").to_numpy()
            fresh = events.slice(int(np.searchsorted(seqs, self._rows.seq, side="right")))
            if not fresh.num_rows:
                return
            state = dict(
                zip(fresh.column("uid").to_pylist(), fresh.column("reviewed").to_pylist(), strict=True)
            )
            rows = self.places.of(pa.array(list(state), pa.string()))
            known = rows >= 0
            reviewed = self._rows.reviewed.copy()
            reviewed[rows[known]] = np.array(list(state.values()), dtype=bool)[known]
            self._rows = replace(self._rows, reviewed=reviewed, seq=int(seqs[-1]))

    # ---- parts -----------------------------------------------------------------------------------

    def wanted(self) -> list[Key]:
        """The parts in memory, the one used last at the end."""
        with self._lock:
            return list(self._parts)

    def shrink(self, n_bytes: int) -> None:
        """Forget the parts not used for longest until the index takes ``n_bytes`` at most."""
        while self.n_bytes > n_bytes:
            with self._lock:
                if not self._parts:
                    return
                self._parts.popitem(last=False)

    def offers(self, key: Key) -> bool:
        """Whether what a part is made of exists."""
        what, label_id = key
        return {
            "label": label_id in self.label_ids,
            "sureness": self.has_predictions,
            "clusters": True,
            "typicality": self.vectors is not None,
            "held_out": self.held_out is not None and label_id in self.held_out.label_ids,
        }[what]

    def prepare(self, session: Session, keys: Iterable[Key]) -> None:
        """Read the parts, those that there still are."""
        for key in keys:
            if self.offers(key):
                self.part(session, key)

    def part(self, session: Session, key: Key) -> Part:
        """A part, read if it is not in memory.

        ``("label", label_id)``: float32, (n,), probabilities, 0 for messages without. ``("sureness", "")``: float32,
        (n,), 0 for messages without. ``("clusters", "")``: int64, (n,), -1 = in none; int32, (n,), the rows cluster by
        cluster, those in none first. ``("typicality", "")``: float32, (n,); int32, (n,), the rows cluster by cluster,
        the most typical first. ``("held_out", label_id)``: int64, (k,),
        ascending, the rows that have one; float32, (k,), their probabilities.
        """
        # Read aside from the lock: neither a page of another mode nor the shelf has to wait for it.
        found = self._held(key)
        if found is None:
            with self._reading:
                found = self._held(key)
                if found is None:
                    found = self._readers[key[0]](self, session, key[1])
                    with self._lock:
                        self._parts[key] = found
        return found

    def holding(self, keys: tuple[Key, ...]) -> PickIndex | None:
        """The index as it stands, with these parts, whatever is forgotten meanwhile; None when one is not in memory.

        For an index that is out of date: a part read now would show another state than the ones before.
        """
        with self._lock:
            if not all(key in self._parts for key in keys):
                return None
            same = copy.copy(self)
            same.__dict__ |= {
                "_lock": threading.Lock(),
                "_reading": threading.Lock(),
                "_parts": OrderedDict((key, self._parts[key]) for key in keys),
            }
            return same

    def _held(self, key: Key) -> Part | None:
        with self._lock:
            found = self._parts.get(key)
            if found is not None:
                self._parts.move_to_end(key)
            return found

    def _read_label(self, session: Session, label_id: str) -> Part:
        assert self._version is not None
        place = self.label_ids.index(LabelId(label_id))
        found = session.models.column(self._dataset_id, self._version, place)
        return (self.aligned(found.column("uid"), found.column("probability").to_numpy(), missing=0.0),)

    def _read_sureness(self, session: Session, _: str) -> Part:
        sure = np.zeros(len(self.uids), dtype=np.float32)
        assert self._version is not None
        informative = self.held_out.informativeness_of(self.label_ids) if self.held_out else None
        begin = 0
        for uids, rows in session.models.pieces(self._dataset_id, self._version):
            at = slice(begin, begin + len(uids))
            # Stored in row order, mostly: then nothing has to be looked up.
            same = self.uids[at].equals(uids)
            where = np.arange(at.start, at.stop) if same else self.places.of(uids)
            inside = where >= 0
            sure[where[inside]] = sureness(rows, informative)[inside]
            begin = at.stop
        return (sure,)

    def _read_clusters(self, session: Session, _: str) -> Part:
        uids, numbers = session.discovery.membership(self._dataset_id)
        clusters = self.aligned(uids, numbers.astype(np.int64), missing=-1)
        return (clusters, by_cluster(clusters))

    def _read_typicality(self, session: Session, _: str) -> Part:
        assert self.vectors is not None
        clusters = (self._held(("clusters", "")) or self._read_clusters(session, ""))[0]
        typical = typicality(clusters, self.vectors)
        return (typical, by_cluster(clusters, typical))

    def _read_held_out(self, _: Session, label_id: str) -> Part:
        assert self.held_out is not None
        place = self.held_out.label_ids.index(label_id)
        scores = self.held_out.out_of_fold[:, place].astype(np.float32)
        rows = self.places.of(self.held_out.uids)
        known = np.flatnonzero(rows >= 0)
        known = known[np.argsort(rows[known])]
        return (rows[known], scores[known])

    _readers: dict[str, Callable[..., Part]] = {  # noqa: RUF012 - never changed
        "label": _read_label,
        "sureness": _read_sureness,
        "clusters": _read_clusters,
        "typicality": _read_typicality,
        "held_out": _read_held_out,
    }

    def aligned(self, uids: pa.Array | pa.ChunkedArray, values: np.ndarray, *, missing: float) -> np.ndarray:
        """Values (k,) brought into row order; ``missing`` for messages that have none."""
        uids = uids.combine_chunks() if isinstance(uids, pa.ChunkedArray) else uids
        if self.uids.equals(uids):
            return values
        made = np.full(len(self.uids), missing, dtype=values.dtype)
        where = self.places.of(uids)
        made[where[where >= 0]] = values[where >= 0]
        return made
